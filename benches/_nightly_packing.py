"""A night of 2,000 journeys on 40 targets, made up: how evenly it is packed, how long plan and merge take."""

from __future__ import annotations

import heapq
import random
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from xdist.scheduler import LoadScheduling  # type: ignore[import-untyped]  # it ships no types

from journeys.nightly.matrix import ListedJourney, MatrixEntry, build_matrix, pack
from journeys.nightly.merge import merge_shards
from journeys.nightly.record import SCHEMA, AttemptRecord, CellRecord, NightRecord, write_night_file
from journeys.report import Bounds, JourneyRecord, StepRecord, SurfaceRecord, record_of

SHARDS = 20


@dataclass(frozen=True)
class Packing:
    """How a made up night was packed; ratios are the longest load over the mean, 1 is best."""

    cells: int
    plan_s: float
    merge_s: float
    night_mb: float
    ratio: float
    """Of the shards."""
    ratio_workers: float
    """Of as many workers of pytest-xdist that take the longest first, one at a time, as a shard's do."""
    ratio_plain: float
    """Of as many workers of plain pytest-xdist, which takes them as they were collected, in chunks."""
    ratio_equal: float
    """Of as many shards of equally many cells."""


def measure_packing(journeys: int = 2000, targets: int = 40, seed: int = 1) -> Packing:
    """Make up a past and a night that differs from it, plan, and merge what the shards would have written."""
    chance = random.Random(seed)  # noqa: S311 - no secret
    listed = [
        ListedJourney(id=f"journey_{number:04}", name=f"Journey {number}", priority="P1")
        for number in range(journeys)
    ]
    castings = [f"target-{number:02}" for number in range(targets)]
    # As journeys are: most take some seconds, a few take minutes, and phones take longer than browsers.
    own = {each.id: chance.lognormvariate(2.5, 0.8) for each in listed}
    speed = {name: chance.uniform(0.7, 2.5) for name in castings}
    past = {(each.id, name): own[each.id] * speed[name] for each in listed for name in castings}
    tonight = {key: seconds * chance.lognormvariate(0, 0.15) for key, seconds in past.items()}

    began = time.perf_counter()
    cells = build_matrix(listed, castings, past)
    shards = pack(cells, SHARDS)
    plan_s = time.perf_counter() - began

    longest_first = pack(cells, 1)[0]
    merge_s, size = _merge(shards, tonight)
    return Packing(
        cells=len(cells),
        plan_s=plan_s,
        merge_s=merge_s,
        night_mb=size / 2**20,
        ratio=_ratio([sum(tonight[cell.key] for cell in shard) for shard in shards]),
        ratio_workers=_ratio(_played_by_xdist([tonight[cell.key] for cell in longest_first], chunk=1)),
        ratio_equal=_ratio(
            [sum(tonight[cell.key] for cell in cells[number::SHARDS]) for number in range(SHARDS)]
        ),
        ratio_plain=_ratio(_played_by_xdist([tonight[cell.key] for cell in cells], chunk=None)),
    )


def _ratio(loads: Sequence[float]) -> float:
    return max(loads) * len(loads) / sum(loads)


class _Node:
    """A worker as pytest-xdist's scheduler sees it."""

    shutting_down = False

    def __init__(self, number: int) -> None:
        self.gateway = SimpleNamespace(id=f"gw{number}", spec=f"{number}")
        self.waiting: list[int] = []

    def send_runtest_some(self, indices: Sequence[int]) -> None:
        self.waiting += indices

    def shutdown(self) -> None:
        self.shutting_down = True


def _played_by_xdist(seconds: Sequence[float], *, chunk: int | None) -> list[float]:
    """Have pytest-xdist's own scheduler give out tests of these durations; return when each worker ends."""
    nodes = [_Node(number) for number in range(SHARDS)]
    options: dict[str, Any] = {"maxschedchunk": chunk, "tx": [f"{SHARDS}*popen"]}
    config = SimpleNamespace(getoption=options.get, option=SimpleNamespace(debug=False), getvalue=options.get)
    scheduler = LoadScheduling(cast(Any, config), log=cast(Any, _Silent()))
    scheduler.numnodes = SHARDS
    names = [str(number) for number in range(len(seconds))]
    for node in nodes:
        scheduler.add_node(cast(Any, node))
    for node in nodes:
        scheduler.add_node_collection(cast(Any, node), names)
    scheduler.schedule()
    ends = [0.0] * SHARDS
    playing = [(seconds[node.waiting[0]], number) for number, node in enumerate(nodes) if node.waiting]
    heapq.heapify(playing)
    while playing:
        now, number = heapq.heappop(playing)
        node, ends[number] = nodes[number], now
        scheduler.mark_test_complete(cast(Any, node), node.waiting.pop(0), duration=0)
        if node.waiting:
            heapq.heappush(playing, (now + seconds[node.waiting[0]], number))
    return ends


class _Silent:
    def __getattr__(self, name: str) -> _Silent:
        return self

    def __call__(self, *_: object) -> None: ...


def _merge(
    shards: Sequence[Sequence[MatrixEntry]], tonight: dict[tuple[str, str], float]
) -> tuple[float, int]:
    """Write what each shard would have, merge it; return how long that took and how large the night is."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for number, shard in enumerate(shards, start=1):
            write_night_file(folder / f"shard-{number}", _night(number, shard, tonight))
        began = time.perf_counter()
        night = merge_shards(sorted(folder.glob("shard-*")), folder)
        file = write_night_file(folder, night)
        took = time.perf_counter() - began
        assert len(night["cells"]) == sum(len(shard) for shard in shards)
        assert not night["error"], night["error"]
        return took, file.stat().st_size


def _night(number: int, shard: Sequence[MatrixEntry], tonight: dict[tuple[str, str], float]) -> NightRecord:
    return NightRecord(
        schema=SCHEMA,
        id="made-up",
        name="nightly",
        started_at="2026-03-02T01:00:00.000Z",
        finished_at="2026-03-02T05:00:00.000Z",
        duration_s=14400.0,
        status="passed",
        error="",
        revision="0" * 40,
        branch="main",
        shards=[number],
        shard_count=SHARDS,
        workers=8,
        planned_s=14000.0,
        whole_cells=len(tonight),
        expired=[],
        targets=[],
        cells=[_cell(cell, tonight[cell.key]) for cell in shard],
        logs=[],
    )


def _cell(cell: MatrixEntry, seconds: float) -> CellRecord:
    record = _record(cell, seconds)
    return CellRecord(
        journey=cell.journey.id,
        name=cell.journey.name,
        priority=cell.journey.priority,
        casting=cell.casting,
        status="passed",
        cause="",
        error="",
        expected_s=cell.expected_s,
        shard=cell.shard,
        quarantine=None,
        attempts=[
            AttemptRecord(
                number=1,
                status="passed",
                cause="",
                error="",
                started_at=record["started_at"],
                duration_s=seconds,
                worker="gw0",
                devices=[f"{cell.casting}-1"],
                results="attempt-1",
                record=record,
            )
        ],
    )


def _record(cell: MatrixEntry, seconds: float) -> JourneyRecord:
    seen = Bounds(low=0.0625, high=0.1144)
    surfaces = [
        SurfaceRecord(
            surface=surface,
            actor="bob",
            target=cell.casting,
            wanted="a fresh picture",
            budget_s=1.0,
            commit_to_visible_s=seen,
            tap_to_visible_s=seen,
            commit_to_said_s=None,
            verdict="passed",
            fault=None,
            reason="showed the new picture 63–114 ms after the commit, budget 1000 ms",
            distances={"last_old": 26, "first_new": 0},
            last_old_frame=f"{cell.journey.id}-{cell.casting}/{surface}-last-old.jpg",
            first_new_frame=f"{cell.journey.id}-{cell.casting}/{surface}-first-new.jpg",
            frames=42,
            source="screencast",
        )
        for surface in ("header", "feed")
    ]
    steps = [
        StepRecord(title=f"alice does the {number}th thing", depth=0, started_s=1.0, duration_s=1.0, error="")
        for number in range(4)
    ]
    blank = record_of([], results=Path())
    made = {"id": cell.journey.id, "name": cell.journey.name, "casting": cell.casting, "status": "passed"}
    more = {"cause": "", "error": "", "duration_s": seconds, "surfaces": surfaces, "steps": steps}
    return JourneyRecord(**{**blank, **made, **more})  # type: ignore[typeddict-item]  # by their names
