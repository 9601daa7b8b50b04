"""Faces that import what stands behind them only when it is asked for.

pytest loads the plugin in every session, most of which run no journey: it pays for the names it uses.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module


def import_on_demand(
    package: str, homes: Mapping[str, str], *, elsewhere: Mapping[str, str] | None = None
) -> Callable[[str], object]:
    """Return the `__getattr__` of a package's face.

    `homes` has the names by the module of the package that each comes from, `elsewhere` those of others.
    """
    modules = {f"{package}.{home}": names for home, names in homes.items()} | dict(elsewhere or {})
    home_of = {name: module for module, names in modules.items() for name in names.split()}

    def import_name(name: str) -> object:
        if name not in home_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(import_module(home_of[name]), name)

    return import_name
