"""Nights made up: cells by their outcome, with what was tried and measured in them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TypedDict, Unpack

from journeys.nightly.record import (
    SCHEMA,
    AttemptRecord,
    CellRecord,
    CellStatus,
    LogRecord,
    NightRecord,
    QuarantineRecord,
    TargetRecord,
)
from journeys.report import Bounds, JourneyRecord, ScreenRow, SurfaceRecord, record_of
from journeys.timeline import Cause

TONIGHT = "night-4"
HOSTILE = '<img src=x onerror="document.title=`taken`">\'"</script><script>alert(1)</script>'

_TOO_LATE = Bounds(low=1.2031, high=1.2659)
_SECONDS = 14.2


def surface(
    verdict: str = "failed",
    fault: str | None = "never appeared",
    *,
    on: str = "feed",
    actor: str = "bob",
    target: str = "web",
    seen: Bounds = _TOO_LATE,
) -> SurfaceRecord:
    """What was measured on a surface; `seen` is when, where there is no fault."""
    visible = None if fault is not None else seen
    return SurfaceRecord(
        surface=on,
        actor=actor,
        target=target,
        wanted="a fresh picture",
        budget_s=1.0,
        commit_to_visible_s=visible,
        tap_to_visible_s=visible,
        commit_to_said_s=None,
        verdict=verdict,
        fault=fault,
        reason="",
        distances={},
        last_old_frame=f"{on.replace(' ', '-')}-last-old.png",
        first_new_frame=None if fault == "never appeared" else f"{on.replace(' ', '-')}-first-new.png",
        frames=40,
        source="screencast",
    )


def screen(summary: str, *, name: str = "profile", status: str = "changed") -> ScreenRow:
    """A screen that is not as its baseline."""
    return ScreenRow(
        screen=name,
        actor="alice",
        target="web-chromium-1x",
        theme="light",
        status=status,
        accepted=False,
        summary=summary,
        folder="screens/3f2a9c01d4e7",
    )


def journey(
    status: CellStatus = "passed",
    *,
    of: str,
    on: str = "web",
    cause: Cause | None = None,
    error: str = "",
    surfaces: Sequence[SurfaceRecord] = (),
    screens: Sequence[ScreenRow] = (),
) -> JourneyRecord:
    """A journey's record with what was measured in it."""
    record = record_of([], results=Path())
    record["id"], record["casting"], record["status"], record["error"] = of, on, status, error
    record["cause"] = _cause(status, screens) if cause is None else cause
    record["surfaces"], record["screens"] = list(surfaces), list(screens)
    return record


def cell(
    status: CellStatus = "passed",
    *,
    of: str = "new_avatar_reaches_every_surface",
    on: str = "web",
    priority: str = "P0",
    cause: Cause | None = None,
    error: str = "",
    surfaces: Sequence[SurfaceRecord] = (),
    screens: Sequence[ScreenRow] = (),
    quarantine: QuarantineRecord | None = None,
    failed_tries: Sequence[str] = (),
    reopened: Sequence[str] = (),
    seconds: float = _SECONDS,
) -> CellRecord:
    """One cell; `failed_tries` are the errors of the tries before the last one, by the infrastructure.

    Its cause follows from its status, unless it is given.
    """
    cause = _cause(status, screens) if cause is None else cause
    attempts = [
        _attempt(number, "error", "infrastructure", said, of, on)
        for number, said in enumerate(failed_tries, start=1)
    ]
    if status != "not run":
        last = _attempt(len(attempts) + 1, status, cause, error, of, on, seconds)
        record = journey(status, of=of, on=on, cause=cause, error=error, surfaces=surfaces, screens=screens)
        record["reopened"] = list(reopened)
        last["record"] = record
        attempts.append(last)
    return CellRecord(
        journey=of,
        name=of.replace("_", " ").capitalize(),
        priority=priority,
        casting=on,
        status=status,
        cause=cause,
        error=error,
        expected_s=12.0,
        shard=1,
        quarantine=quarantine,
        attempts=attempts,
    )


class NightFields(TypedDict, total=False):
    """What a test may say of a night besides its cells."""

    id: str
    name: str
    started_at: str
    finished_at: str
    duration_s: float
    error: str
    revision: str
    branch: str
    shards: list[int]
    shard_count: int
    planned_s: float
    whole_cells: int
    targets_file: str
    expired: list[str]
    unmatched: list[str]
    targets: list[TargetRecord]
    logs: list[LogRecord]


def night(*cells: CellRecord, **fields: Unpack[NightFields]) -> NightRecord:
    """A night with these cells, all of its shards there."""
    statuses = {each["status"] for each in cells}
    gravest: Sequence[CellStatus] = ("error", "failed", "inconclusive", "passed")
    castings = dict.fromkeys(each["casting"] for each in cells)
    record = NightRecord(
        schema=SCHEMA,
        id=TONIGHT,
        name="nightly",
        started_at="2026-11-21T02:00:00.000Z",
        finished_at="2026-11-21T03:12:30.000Z",
        duration_s=4350.0,
        status=next((status for status in gravest if status in statuses), "error"),
        error="",
        revision="8c1f0d2e7a9b4c5d6e7f",
        branch="main",
        shards=[1],
        shard_count=1,
        workers=4,
        planned_s=4200.0,
        expired=[],
        targets=[target(name) for name in castings if "=" not in name],
        cells=list(cells),
        logs=[],
    )
    return NightRecord(**{**record, **fields})


def target(name: str, *, error: str = "", provider: str = "", devices: Sequence[str] = ()) -> TargetRecord:
    """A target of a night."""
    platform = "web" if name.startswith("web") else "android"
    return TargetRecord(name=name, platform=platform, provider=provider, devices=list(devices), error=error)


def _cause(status: CellStatus, screens: Sequence[ScreenRow] = ()) -> Cause:
    if screens:
        return "screen"
    match status:
        case "passed" | "not run":
            return ""
        case "error":
            return "infrastructure"
        case "failed" | "inconclusive":
            return "verdict"


def _attempt(
    number: int, status: str, cause: Cause, error: str, of: str, on: str, seconds: float = _SECONDS
) -> AttemptRecord:
    return AttemptRecord(
        number=number,
        status=status,
        cause=cause,
        error=error,
        started_at="2026-11-21T02:10:00.000Z",
        duration_s=seconds,
        worker="gw0",
        devices=[],
        results=f"results/{of}-{on}-{number}",
        record=None,
    )
