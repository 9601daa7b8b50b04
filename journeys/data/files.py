"""Finds scenarios, and the format that a project names for them."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from importlib import import_module
from pathlib import Path

from journeys.data.format import DataFormat
from journeys.errors import SetupError, UsageError


def read_format(name: str | None, root: Path) -> DataFormat:
    """Return the format that a project's configuration names: `module:NAME`, found from its folder.

    Raises `SetupError` where there is none.
    """
    key = f"{root / 'pyproject.toml'}: tool.journeys.data"
    if name is None:
        raise SetupError(f'{key}: is missing: name your DataFormat there, such as data = "kit.data:FORMAT"')
    module, _, attribute = name.partition(":")
    if str(root) not in sys.path:
        sys.path.insert(0, str(root))
    try:
        found = getattr(import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise SetupError(f"{key}: {name!r} can't be had ({error}): write it as module:NAME") from error
    if not isinstance(found, DataFormat):
        raise SetupError(f"{key}: {name!r} is no DataFormat")
    return found


def find_scenarios(paths: Iterable[Path]) -> list[Path]:
    """Return the files that are named, and those in the folders that are; raises `UsageError` for none."""
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            files = sorted(path.rglob("*.toml"))
            if not files:
                raise UsageError(f"{path}: holds no scenario, which is a file called NAME.toml")
            found.update(dict.fromkeys(files))
        elif path.is_file():
            found[path] = None
        else:
            raise UsageError(f"{path}: there is no such file or folder")
    return list(found)
