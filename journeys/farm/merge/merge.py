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
from journeys.farm.merge.room import make_room
from journeys.farm.night_record import AttemptRecord, CellRecord, LogRecord, NightRecord, TargetRecord
from journeys.farm.run.gathering import gathered
from journeys.farm.run.night_file import read_night_file
from journeys.farm.run.outcome import overall
from journeys.farm.run.playing import Played
from journeys.farm.run.run import finished
from journeys.output import OutputFolder

LOST = "the machine that played it was lost"
"""What is said of a night whose end nobody wrote down."""


def read_shard(folder: Path) -> NightRecord:
    """Read what a shard has written into its folder; what was lost with its machine is `not run`.

    Such a shard ended with the last thing that its journals have.
    """
    night = read_night_file(folder)
    if night["finished_at"]:
        return night
    night = gathered(night, folder)
    night = finished(night, LOST, Played(code=3, said=LOST), at=_last_known(night))
    for cell in night["cells"]:
        if cell["status"] == "not run" and not cell["cause"]:
            cell["cause"] = "infrastructure"
    return night


def _last_known(night: NightRecord) -> datetime:
    """Return when the last attempt of a night was over; where there is none, when the night began."""
    ends = [datetime.fromisoformat(night["started_at"])]
    for attempt in (each for cell in night["cells"] for each in cell["attempts"]):
        if attempt["started_at"]:
            began = datetime.fromisoformat(attempt["started_at"])
            ends.append(began + timedelta(seconds=attempt["duration_s"]))
    return max(ends)


@contextmanager
def _uncollected() -> Iterator[None]:
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


@_uncollected()
def merged(folders: Sequence[Path], output: Path, *, keep: Sequence[Path] = ()) -> NightRecord:
    """Join the shards in some folders into one night whose evidence lies in `output`.

    A folder that lies elsewhere is copied there; another night that is there goes, but never one of the paths
    to `keep`: see `make_room`. Of a shard that is there twice the newer one counts. A shard
    that is missing, or whose night.json can't be read, is said in the night's `error`. Raises `UsageError`
    where they are of several nights, and what `read_shard` raises where none can be read.
    """
    nights, unread = _read(folders)
    ids = sorted({night["id"] for _, night in nights})
    if len(ids) != 1:
        raise UsageError(
            f"these are shards of several nights ({one_line(', '.join(ids))}): "
            "set JOURNEYS_NIGHT to the same for all"
        )
    room = make_room(output, ids[0], shards=folders, keep=keep)
    newest = dict[tuple[int, ...], tuple[Path, NightRecord]]()
    for folder, night in sorted(nights, key=lambda each: each[1]["started_at"]):
        newest[tuple(night["shards"])] = folder, night
    parts = [_moved(folder, night, room) for folder, night in newest.values()]
    parts.sort(key=lambda night: night["shards"])
    first, cells = parts[0], _cells(parts)
    shards = sorted({shard for night in parts for shard in night["shards"]})
    began, ended = min(each["started_at"] for each in parts), max(each["finished_at"] for each in parts)
    night = NightRecord(
        schema=first["schema"],
        id=first["id"],
        name=first["name"],
        started_at=began,
        finished_at=ended,
        duration_s=_between(began, ended),
        status=overall(cells),
        error="; ".join([*_problems(parts, shards, cells), *unread]),
        revision=first["revision"],
        branch=first["branch"],
        shards=shards,
        shard_count=first["shard_count"],
        workers=sum(night["workers"] for night in parts),
        planned_s=max(night["planned_s"] for night in parts),
        expired=list(dict.fromkeys(line for night in parts for line in night["expired"])),
        targets=_targets(parts),
        cells=cells,
        logs=[log for night in parts for log in night["logs"]],
    )
    if "whole_cells" in first:
        night["whole_cells"] = first["whole_cells"]
    if "targets_file" in first:
        night["targets_file"] = first["targets_file"]
    if "unmatched" in first:
        night["unmatched"] = list(
            dict.fromkeys(line for night in parts for line in night.get("unmatched", ()))
        )
    if unread or len(shards) < night["shard_count"]:
        night["status"] = "error"
    return night


def _read(folders: Sequence[Path]) -> tuple[list[tuple[Path, NightRecord]], list[str]]:
    """Return the shards that can be read, each with its folder, and what is said of the others."""
    nights, problems = list[tuple[Path, NightRecord]](), list[JourneysError]()
    for folder in folders:
        try:
            nights.append((folder, read_shard(folder)))
        except JourneysError as problem:
            # Whoever names what isn't there has made a mistake; what is there may have been lost in part.
            if not folder.exists():
                raise
            problems.append(problem)
    if problems and not nights:
        raise problems[0]
    return nights, [str(problem) for problem in problems]


def _moved(folder: Path, night: NightRecord, room: OutputFolder) -> NightRecord:
    """Return a shard's record with its paths as they are seen from the output's folder."""
    folder, output = (folder if folder.is_dir() else folder.parent).resolve(), room.path
    if not folder.is_relative_to(output):
        name = f"shard-{'-'.join(map(str, night['shards']))}"
        room.claim(name)
        there = output / name
        shutil.copytree(folder, there, dirs_exist_ok=True)
        folder = there
    before = Path(os.path.relpath(folder, output)).as_posix()

    def seen(path: str) -> str:
        return posixpath.join(before, path)

    cells = [
        CellRecord(
            **{
                **cell,
                "attempts": [
                    AttemptRecord(**{**each, "results": seen(each["results"])}) for each in cell["attempts"]
                ],
            }
        )
        for cell in night["cells"]
    ]
    logs = [LogRecord(**{**log, "path": seen(log["path"])}) for log in night["logs"]]
    return NightRecord(**{**night, "cells": cells, "logs": logs})


def _cells(parts: Sequence[NightRecord]) -> list[CellRecord]:
    cells = dict[tuple[str, str], CellRecord]()
    for cell in (cell for night in parts for cell in night["cells"]):
        key = cell["journey"], cell["casting"]
        known = cells.get(key)
        # Planned twice: what was played says more than what was not.
        if known is None or (cell["attempts"] and not known["attempts"]):
            cells[key] = cell
    return list(cells.values())


def _targets(parts: Sequence[NightRecord]) -> list[TargetRecord]:
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
    said = [
        (f"shard {night['shards'][0]}: " if count > 1 else "") + night["error"]
        for night in parts
        if night["error"]
    ]
    if missing:
        said.append(f"{_named(missing)} of {count} can't be found")
    elif len(cells) != whole:
        said.append(f"{len(cells)} of {whole} cells were planned: the shards were packed by different pasts")
    return said


def _named(shards: Sequence[int]) -> str:
    *others, last = map(str, shards)
    return f"shards {', '.join(others)} and {last}" if others else f"shard {last}"


def _between(began: str, ended: str) -> float:
    return round((datetime.fromisoformat(ended) - datetime.fromisoformat(began)).total_seconds(), 3)
