"""Says where an output folder may be: never where somebody's own files would be in its way."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from journeys.errors import UsageError

_REPOSITORY = ".git"


def resolve_output(named: str | Path, *, sources: Iterable[Path] = (), option: str = "--output") -> Path:
    """Return the absolute path of an output folder, without links and `..`; it need not be there yet.

    `sources` are folders and files that are read: the project, its tests, its baselines. Raises `UsageError`,
    which names the `option`, where the output would lie around one of them, around the home or the working
    directory, in a Git repository's own folder, or where a file is in the way.
    """
    try:
        # A shell has put the home in the place of `~`; a configuration has not.
        path = Path(named).expanduser().resolve()
        there = next(each for each in (path, *path.parents) if os.path.lexists(each))
        is_folder = there.is_dir()
    except (OSError, RuntimeError, ValueError) as error:
        raise UsageError(f"{option} {str(named)!r}: can't be a folder: {error}: name another") from error
    if not is_folder:
        raise UsageError(f"{option} {named}: {there} is a file: name a folder")
    for source in (Path.cwd(), *_home(), *sources):
        if source.resolve().is_relative_to(path):
            raise UsageError(f"{option} {named}: {path} holds {source}: name a folder of its own for results")
    if _REPOSITORY in path.parts or os.path.lexists(path / _REPOSITORY):
        raise UsageError(
            f"{option} {named}: {path} is a Git repository's: name a folder of its own for results"
        )
    return path


def _home() -> list[Path]:
    try:
        return [Path.home()]
    except RuntimeError:
        return []
