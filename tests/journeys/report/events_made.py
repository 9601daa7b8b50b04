"""Events of one journey, and the record they make."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from flutter_bridge import Interval, now
from journeys import Event, Status, Verdict
from journeys.report import (
    JourneyRecord,
    record_of,
)
from journeys.timeline import (
    ActorJoined,
    JourneyEnded,
    JourneyStarted,
    VerdictReached,
)

RESULTS = Path("/project/test-results")
SECONDS = st.floats(-10, 10_000, allow_nan=False)


def journey_events(
    *between: Event,
    identifier: str = "looks",
    name: str = "Alice looks",
    status: Status = Status.PASSED,
    error: str = "",
    target: str = "web",
) -> list[Event]:
    """Return the events of a journey that began a minute ago."""
    began = now() - 60
    return [
        JourneyStarted(id=identifier, name=name, priority="P0", targets=(target,), at=began),
        ActorJoined(actor="alice", target=target, at=began + 0.1),
        *between,
        JourneyEnded(id=identifier, status=status, duration_s=2.5, error=error),
    ]


def verdict(
    verdict: Verdict = Verdict.PASSED,
    commit: Interval | None = Interval(0.0821, 0.0989),  # noqa: B008 - it is frozen
    **details: Any,
) -> VerdictReached:
    settings: dict[str, Any] = {
        "surface": "header",
        "actor": "alice",
        "target": "web",
        "wanted": "blobs-1",
        "budget_s": 1.0,
        "reason": "shows it in time",
        "tap_to_visible_s": Interval(0.2, 0.25),
        "frames": 12,
        "source": "screencast",
    }
    return VerdictReached(verdict=verdict, commit_to_visible_s=commit, **(settings | details))


def record(*between: Event, **details: Any) -> JourneyRecord:
    return record_of(journey_events(*between, **details), results=RESULTS)
