"""Makes room for a night where another one lies."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from journeys.errors import JourneysError, UsageError
from journeys.farm.run.night_file import read_night_file


def make_room(output: Path, night: str, *, shards: Sequence[Path], keep: Sequence[Path] = ()) -> None:
    """Empty a folder that holds another night than the one with this id, unless a shard of it lies there.

    Raises `UsageError` where that would take away one of those to keep.
    """
    if _night_in(output) in {None, night} or any(_within(shard, output) for shard in shards):
        return
    for each in keep:
        if _within(each, output):
            raise UsageError(
                f"--output {output}: would be emptied of another night, and holds {each}: name another"
            )
    for each in output.iterdir():
        if each.is_dir() and not each.is_symlink():
            shutil.rmtree(each)
        else:
            each.unlink()


def _night_in(folder: Path) -> str | None:
    """Return the id of the night in a folder; None where there is none that can be read."""
    try:
        return read_night_file(folder)["id"] if folder.is_dir() else None
    except JourneysError:
        return None


def _within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
