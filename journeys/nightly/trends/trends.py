"""Makes the record of trends from what the database has of the last nights."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from math import isinf
from typing import Any

from journeys.nightly.record import STATUS_LETTERS
from journeys.nightly.trends.changes import change_points, median_or_none, series_of
from journeys.nightly.trends.recent_nights import RecentNights
from journeys.nightly.trends.record import (
    SCHEMA,
    CellTrend,
    NightRow,
    PropagationNight,
    PropagationTrend,
    Since,
    SlowStep,
    TrendsRecord,
)
from journeys.report import Bounds

_STATUSES = {letter: status for status, letter in STATUS_LETTERS.items()}


def trends_of(recent: RecentNights) -> TrendsRecord:
    """Return what the recent nights say together."""
    ids = {row["number"]: row["id"] for row in recent.nights}
    since = {(row["journey"], row["casting"]): _read_since(row) for row in recent.since}
    return TrendsRecord(
        schema=SCHEMA,
        name=recent.name,
        branch=recent.branch,
        nights=_nights(recent),
        cells=[_cell(row, list(ids), since.get((row["journey"], row["casting"]))) for row in recent.cells],
        propagation=_propagation(recent, ids),
        steps=_steps(recent),
        changes=change_points(series_of(recent), recent.nights),
    )


def _nights(recent: RecentNights) -> list[NightRow]:
    counts: defaultdict[int, dict[str, int]] = defaultdict(dict)
    for row in recent.counts:
        counts[row["night"]][_STATUSES[row["outcome"]]] = row["cells"]
    return [
        NightRow(
            id=row["id"],
            started_at=row["started_at"],
            revision=row["revision"],
            branch=row["branch"],
            status=row["status"],
            duration_s=row["duration_s"],
            counts={
                status: counts[row["number"]][status]
                for status in _STATUSES.values()
                if status in counts[row["number"]]
            },
        )
        for row in recent.nights
    ]


def _cell(row: Any, nights: list[int], since: Since | None) -> CellTrend:
    by_night = dict(zip(row["nights"], row["outcomes"], strict=True))
    outcomes = "".join(by_night.get(night, "-") for night in nights)
    played = len(outcomes) - outcomes.count("-") - outcomes.count("n")
    passed = outcomes.count("p")
    tries = "".join(row["tries"])
    known = [seconds for seconds in row["durations"] if seconds is not None]
    return CellTrend(
        journey=row["journey"],
        name=row["name"],
        casting=row["casting"],
        priority=row["priority"],
        outcomes=outcomes,
        played=played,
        passed=passed,
        pass_rate=round(passed / played, 4) if played else None,
        flake_score=flake_score(tries),
        infrastructure=tries.count("x"),
        expected_s=median_or_none(known[-10:]),
        since=since,
    )


def flake_score(tries: str) -> float | None:
    """Return how often a try went another way than the one before: 0 never, 1 always; None for one or none.

    Each letter is a try: `p` passed, `x` was spoiled by the infrastructure and says nothing of the journey,
    all others did not pass. What broke and stays broken changes once, and so hardly counts.
    """
    passed = [letter == "p" for letter in tries if letter != "x"]
    if len(passed) < 2:
        return None
    changed = sum(before != after for before, after in pairwise(passed))
    return round(changed / (len(passed) - 1), 4)


def _read_since(row: Any) -> Since:
    return Since(
        night=row["id"],
        started_at=row["started_at"],
        revision=row["revision"],
        nights=row["nights"],
        passed_last=row["passed_last"],
        passed_revision=row["passed_revision"],
    )


def _propagation(recent: RecentNights, ids: dict[int, str]) -> list[PropagationTrend]:
    trends: dict[tuple[str, str], PropagationTrend] = {}
    for row in recent.propagation:
        trend = trends.setdefault(
            (row["surface"], row["target"]),
            PropagationTrend(surface=row["surface"], target=row["target"], budget_s=0.0, nights=[]),
        )
        trend["budget_s"] = row["budget_s"]
        trend["nights"].append(
            PropagationNight(
                night=ids[row["night"]],
                samples=row["samples"],
                unseen=row["unseen"],
                p50_s=_bounds(row["p50_low_s"], row["p50_high_s"]),
                p95_s=_bounds(row["p95_low_s"], row["p95_high_s"]),
            )
        )
    return list(trends.values())


def _bounds(low: float, high: float) -> Bounds | None:
    return None if isinf(high) else Bounds(low=low, high=high)


def _steps(recent: RecentNights) -> list[SlowStep]:
    before: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    newest = recent.nights[-1]["number"] if recent.nights else 0
    for row in recent.steps:
        if row["night"] != newest:
            before[row["journey"], row["title"]].append(row["p50_s"])
    return [
        SlowStep(
            journey=row["journey"],
            step=row["title"],
            castings=list(row["castings"]),
            runs=row["runs"],
            p50_s=round(row["p50_s"], 4),
            p95_s=round(row["p95_s"], 4),
            total_s=round(row["total_s"], 4),
            share=round(row["share"], 4),
            p50_before_s=median_or_none(before[row["journey"], row["title"]]),
        )
        for row in recent.slowest
    ]
