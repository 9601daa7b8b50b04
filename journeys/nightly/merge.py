"""Joins what shards have written; one that was lost in mid-run is put together from its journals."""

from __future__ import annotations

import gc
import os
import posixpath
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

from journeys.documents import one_line
from journeys.errors import JourneysError, UsageError
from journeys.nightly.journals import gather_attempts
from journeys.nightly.play import PytestEnd
from journeys.nightly.record import (
    FILE_NAME,
    AttemptRecord,
    CellRecord,
    LogRecord,
    NightRecord,
    TargetRecord,
    read_night_file,
    worst_status,
)
from journeys.nightly.run import finish
from journeys.output import OutputFolder, list_night_files

LOST = "the machine that played it was lost"
"""The error of a night whose end nobody wrote down."""


def read_shard(folder: Path) -> NightRecord:
    """Read what a shard has written into its folder; what was lost with its machine is `not run`.

    Such a shard ended with the last thing that its journals have.
    """
    night = read_night_file(folder)
    if night["finished_at"]:
        return night
    night = gather_attempts(night, folder)
    night = finish(night, LOST, PytestEnd(code=3, message=LOST), at=_last_moment_of(night))
    for cell in night["cells"]:
        if cell["status"] == "not run" and not cell["cause"]:
            cell["cause"] = "infrastructure"
    return night


def _last_moment_of(night: NightRecord) -> datetime:
    """Return when the last attempt of a night was over; where there is none, when the night began."""
    ends = [datetime.fromisoformat(night["started_at"])]
    for attempt in (each for cell in night["cells"] for each in cell["attempts"]):
        if attempt["started_at"]:
            began = datetime.fromisoformat(attempt["started_at"])
            ends.append(began + timedelta(seconds=attempt["duration_s"]))
    return max(ends)


@contextmanager
def _without_garbage_collector() -> Iterator[None]:
    """Keep the garbage collector out: millions of objects are made, none of which goes.

    It would look at all of them again and again, which takes as long as the rest of a merge.
    """
    collects = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collects:
            gc.enable()


@_without_garbage_collector()
def merge_shards(folders: Sequence[Path], output: Path, *, keep: Sequence[Path] = ()) -> NightRecord:
    """Join the shards in some folders into one night whose evidence lies in `output`.

    A folder that lies elsewhere is copied there; another night that is there goes, but never one of the paths
    to `keep`: see `claim_folder`. Of a shard that is there twice the newer one counts. A shard
    that is missing, or whose night.json can't be read, stands in the night's `error`. Raises `UsageError`
    where they are of several nights, and what `read_shard` raises where none can be read.
    """
    nights, unread = _read_shards(folders)
    ids = sorted({night["id"] for _, night in nights})
    if len(ids) != 1:
        raise UsageError(
            f"these are shards of several nights ({one_line(', '.join(ids))}): "
            "set JOURNEYS_NIGHT to the same for all"
        )
    claimed = claim_folder(output, ids[0], shards=folders, keep=keep)
    newest = dict[tuple[int, ...], tuple[Path, NightRecord]]()
    for folder, night in sorted(nights, key=lambda each: each[1]["started_at"]):
        newest[tuple(night["shards"])] = folder, night
    parts = [_move(folder, night, claimed) for folder, night in newest.values()]
    parts.sort(key=lambda night: night["shards"])
    first, cells = parts[0], _join_cells(parts)
    shards = sorted({shard for night in parts for shard in night["shards"]})
    began, ended = min(each["started_at"] for each in parts), max(each["finished_at"] for each in parts)
    night = NightRecord(
        **{
            **first,
            "started_at": began,
            "finished_at": ended,
            "duration_s": _seconds_between(began, ended),
            "status": worst_status(cells),
            "error": "; ".join([*_problems(parts, shards, cells), *unread]),
            "shards": shards,
            "workers": sum(night["workers"] for night in parts),
            "planned_s": max(night["planned_s"] for night in parts),
            "expired": list(dict.fromkeys(line for night in parts for line in night["expired"])),
            "targets": _join_targets(parts),
            "cells": cells,
            "logs": [log for night in parts for log in night["logs"]],
        }
    )
    if "unmatched" in first:
        lines = (line for night in parts for line in night.get("unmatched", ()))
        night["unmatched"] = list(dict.fromkeys(lines))
    if unread or len(shards) < night["shard_count"]:
        night["status"] = "error"
    return night


def _read_shards(folders: Sequence[Path]) -> tuple[list[tuple[Path, NightRecord]], list[str]]:
    """Return the shards that can be read, each with its folder, and the errors of the others."""
    nights, problems = list[tuple[Path, NightRecord]](), list[JourneysError]()
    for folder in folders:
        try:
            nights.append((folder, read_shard(folder)))
        except JourneysError as problem:
            # A user who names what isn't there has made a mistake; what is there may have been lost in part.
            if not folder.exists():
                raise
            problems.append(problem)
    if problems and not nights:
        raise problems[0]
    return nights, [str(problem) for problem in problems]


def _move(folder: Path, night: NightRecord, output: OutputFolder) -> NightRecord:
    """Return a shard's record with its paths as they are seen from the output's folder."""
    folder = (folder if folder.is_dir() else folder.parent).resolve()
    if not folder.is_relative_to(output.path):
        name = f"shard-{'-'.join(map(str, night['shards']))}"
        output.claim(name)
        there = output.path / name
        shutil.copytree(folder, there, dirs_exist_ok=True)
        folder = there
    before = Path(os.path.relpath(folder, output.path)).as_posix()

    def relocate(path: str) -> str:
        return posixpath.join(before, path)

    cells = [
        CellRecord(
            **{
                **cell,
                "attempts": [
                    AttemptRecord(**{**each, "results": relocate(each["results"])})
                    for each in cell["attempts"]
                ],
            }
        )
        for cell in night["cells"]
    ]
    logs = [LogRecord(**{**log, "path": relocate(log["path"])}) for log in night["logs"]]
    return NightRecord(**{**night, "cells": cells, "logs": logs})


def _join_cells(parts: Sequence[NightRecord]) -> list[CellRecord]:
    cells = dict[tuple[str, str], CellRecord]()
    for cell in (cell for night in parts for cell in night["cells"]):
        key = cell["journey"], cell["casting"]
        known = cells.get(key)
        # Planned twice: what was played says more than what was not.
        if known is None or (cell["attempts"] and not known["attempts"]):
            cells[key] = cell
    return list(cells.values())


def _join_targets(parts: Sequence[NightRecord]) -> list[TargetRecord]:
    targets = dict[str, TargetRecord]()
    for target in (target for night in parts for target in night["targets"]):
        known = targets.setdefault(target["name"], target)
        devices = list(dict.fromkeys([*known["devices"], *target["devices"]]))
        targets[target["name"]] = TargetRecord(
            **{**known, "devices": devices, "error": known["error"] or target["error"]}
        )
    return list(targets.values())


def _problems(parts: Sequence[NightRecord], shards: Sequence[int], cells: Sequence[CellRecord]) -> list[str]:
    count, whole = parts[0]["shard_count"], parts[0].get("whole_cells", len(cells))
    missing = sorted(set(range(1, count + 1)) - set(shards))
    problems = [
        (f"shard {night['shards'][0]}: " if count > 1 else "") + night["error"]
        for night in parts
        if night["error"]
    ]
    if missing:
        problems.append(f"{_format_shards(missing)} of {count} can't be found")
    elif len(cells) != whole:
        planned = f"{len(cells)} of {whole} cells were planned"
        problems.append(f"{planned}: the shards were packed by different pasts")
    return problems


def _format_shards(shards: Sequence[int]) -> str:
    *others, last = map(str, shards)
    return f"shards {', '.join(others)} and {last}" if others else f"shard {last}"


def _seconds_between(began: str, ended: str) -> float:
    return round((datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds(), 3)


def claim_folder(
    output: Path, night: str, *, shards: Sequence[Path], keep: Sequence[Path] = ()
) -> OutputFolder:
    """Remove from a folder another night than the one with this id, unless a shard of it lies there.

    What no night has written stays. Raises `UsageError` where that would take away one of those to keep, and
    where a night.json lies there that no night has written.
    """
    folder = OutputFolder(output.resolve(), earlier=list_night_files)
    if _night_in(output) not in {None, night} and not any(_is_within(shard, output) for shard in shards):
        for each in keep:
            if any(_is_within(each, output / name) for name in folder.names()):
                raise UsageError(
                    f"--output {output}: another night there would be removed, and holds {each}: name another"
                )
        folder.clear()
    folder.claim(FILE_NAME)
    folder.claim_free("report")
    return folder


def _night_in(folder: Path) -> str | None:
    """Return the id of the night in a folder; None where there is none that can be read."""
    try:
        return read_night_file(folder)["id"] if folder.is_dir() else None
    except JourneysError:
        return None


def _is_within(path: Path, folder: Path) -> bool:
    return path.resolve().is_relative_to(folder.resolve())
