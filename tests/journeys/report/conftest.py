"""Runs as their records have them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flutter_bridge import Interval
from journeys.report import JourneyRecord, Run, SurfaceRecord

Seen = Callable[..., SurfaceRecord]
Ran = Callable[..., Run]


def seen_(
    commit: Interval | None = Interval(0.08, 0.1),  # noqa: B008 - it is frozen
    *,
    tap: Interval | None = None,
    actor: str = "alice",
    surface: str = "header",
    verdict: str = "passed",
    reason: str = "showed the new picture",
    **details: Any,
) -> SurfaceRecord:
    def bounds(interval: Interval | None) -> Any:
        return None if interval is None else {"low": interval.low, "high": interval.high}

    record: Any = {
        "surface": surface,
        "actor": actor,
        "target": "web",
        "budget_s": 1.0,
        "commit_to_visible_s": bounds(commit),
        "tap_to_visible_s": bounds(tap),
        "verdict": verdict,
        "reason": reason,
        "fault": None,
    }
    made: SurfaceRecord = record | details
    return made


def ran_(
    number: int, *surfaces: SurfaceRecord, status: str = "passed", error: str = "", journey: str = "looks"
) -> Run:
    return Run(
        number,
        JourneyRecord(
            id=journey,
            name=f"Somebody {journey}",
            priority="P1",
            targets=["web"],
            casting="web",
            status=status,
            cause="" if status == "passed" else "verdict",
            started_at="2026-01-31T12:00:00.000Z",
            duration_s=1.0,
            error=error,
            actors={"alice": "web"},
            steps=[],
            surfaces=list(surfaces),
            screens=[],
        ),
    )


@pytest.fixture(scope="session")
def seen() -> Seen:
    """Give a maker of what was measured on a surface."""
    return seen_


@pytest.fixture(scope="session")
def ran() -> Ran:
    """Give a maker of a run in which some surfaces were measured."""
    return ran_
