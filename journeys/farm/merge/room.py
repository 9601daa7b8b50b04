"""Makes room for a night where another one lies."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from journeys.errors import JourneysError, UsageError
from journeys.farm.run.night_file import NAME, read_night_file
from journeys.output import OutputFolder, list_night_files


def make_room(output: Path, night: str, *, shards: Sequence[Path], keep: Sequence[Path] = ()) -> OutputFolder:
    """Remove from a folder another night than the one with this id, unless a shard of it lies there.

    What no night has written stays. Raises `UsageError` where that would take away one of those to keep, and
    where a night.json lies there that no night has written.
    """
    folder = OutputFolder(output.resolve(), earlier=list_night_files)
    if _night_in(output) not in {None, night} and not any(_within(shard, output) for shard in shards):
        for each in keep:
            if any(_within(each, output / name) for name in folder.names()):
                raise UsageError(
                    f"--output {output}: another night there would be removed, and holds {each}: name another"
                )
        folder.clear()
    folder.claim(NAME)
    folder.claim_free("report")
    return folder


def _night_in(folder: Path) -> str | None:
    """Return the id of the night in a folder; None where there is none that can be read."""
    try:
        return read_night_file(folder)["id"] if folder.is_dir() else None
    except JourneysError:
        return None


def _within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
