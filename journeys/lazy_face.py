"""Faces that import what stands behind them only when it is asked for.

pytest loads the plugin in every session, most of which run no journey: it pays for the names it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


def import_on_demand(package: str, homes: Mapping[str, str]) -> Callable[[str], object]:
    """Return the `__getattr__` of a package's face: the names in `homes`, by the module each comes from."""
    home_of = {name: home for home, names in homes.items() for name in names.split()}

    def import_name(name: str) -> object:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(f"{package}.{home_of[name]}"), name)

    return import_name
