"""A night with something of everything, for the nightly report."""

from __future__ import annotations

from journeys.nightly.record import LogRecord, NightRecord, QuarantineRecord
from journeys.nightly.trends import (
    ChangePoint,
    PropagationNight,
    PropagationTrend,
    SlowStep,
    TrendsRecord,
)
from journeys.report import Bounds
from tests.journeys.nightly.sample_nights import cell, night, screen, surface, target
from tests.journeys.nightly.sample_trends import trends

FIRST = "new_avatar_reaches_every_surface[web]"


def some_night() -> NightRecord:
    """A night with something of everything."""
    named = [("web", "bob"), ("pixel", "carol")]
    return night(
        *(cell("failed", on=name, surfaces=[surface(target=name, actor=actor)]) for name, actor in named),
        cell("failed", of="names", surfaces=[surface("failed", "reverted", on="header")]),
        *(cell("failed", of="screens", on=name, screens=[screen("moved 8 px")]) for name, _ in named),
        cell("error", of="crowds", error="socket hang up", failed_tries=["socket hang up"]),
        cell("inconclusive", of="names", on="pixel", surfaces=[surface("inconclusive", None)]),
        cell("not run", of="crowds", on="pixel", error="the 60 minutes allowed were over"),
        cell(
            "failed",
            of="flaky",
            error="flaky again",
            quarantine=QuarantineRecord(owner="ada", reason="the feed scrolls by itself", until="2026-12-01"),
        ),
        cell("passed", of="shaky", failed_tries=["socket hang up"]),
        cell("passed", of="accounts", on="alice=pixel,bob=web"),
        error="shard 2 of 2 can't be found",
        expired=["old: in quarantine until 2026-11-01 (ada: slow): mend it, or give it another date"],
        targets=[target("web"), target("pixel"), target("s25", error="no credentials", provider="cloud")],
        logs=[
            LogRecord(kind="trace", cell=FIRST, path="logs/trace.zip"),
            LogRecord(kind="video", cell=FIRST, path="logs/video.webm"),
            LogRecord(kind="appium", cell="", path="logs/appium.log"),
        ],
    )


def some_trends(of: NightRecord) -> TrendsRecord:
    """Trends with something of everything."""
    record = trends(of, {("new_avatar_reaches_every_surface", "web"): "pppf", ("flaky", "web"): "fpfif"})
    record["cells"][1]["flake_score"] = 0.75
    slow = Bounds(low=0.3, high=0.4)
    record["propagation"] = [
        PropagationTrend(
            surface="feed",
            target="web",
            budget_s=1.0,
            nights=[
                PropagationNight(night=str(n), samples=9, unseen=0, p50_s=slow, p95_s=slow) for n in range(3)
            ],
        )
    ]
    record["steps"] = [
        SlowStep(
            journey="names",
            step="alice signs in",
            castings=["web"],
            runs=3,
            p50_s=4.0,
            p95_s=9.0,
            total_s=20.0,
            share=0.1,
            p50_before_s=None,
        )
    ]
    record["changes"] = [
        ChangePoint(
            measure="step",
            surface="",
            target="",
            journey="names",
            casting="",
            step="alice signs in",
            night="night-3",
            started_at="2026-11-20T02:00:00.000Z",
            revision="abc",
            before=2.0,
            after=4.0,
            p_value=0.01,
            worse=True,
            summary="step “alice signs in” of names: 2 s → 4 s since night-3",
        )
    ]
    return record
