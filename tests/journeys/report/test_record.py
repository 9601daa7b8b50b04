"""A journey's events become its record."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from rich.console import Console

from flutter_bridge import Box, Interval, now
from journeys import Status, Verdict
from journeys.report import (
    ConsoleReport,
    properties_of,
    record_of,
)
from journeys.timeline import (
    AppReopened,
    CommitUnreported,
    HostUnreached,
    StepEnded,
)
from tests.journeys.report.events_made import RESULTS, SECONDS, journey_events, record, verdict


def test_it_says_what_was_run_by_whom_and_how_it_went() -> None:
    made = record(status=Status.FAILED, error="late\nlater")
    assert (made["id"], made["name"], made["priority"]) == ("looks", "Alice looks", "P0")
    assert (made["targets"], made["actors"]) == (["web"], {"alice": "web"})
    assert (made["status"], made["error"], made["duration_s"]) == ("failed", "late\nlater", 2.5)


def test_it_says_when_the_first_event_was_by_the_wall_clock() -> None:
    said = record()["started_at"]
    assert said.endswith("Z")
    assert len(said) == len("2026-01-31T12:00:00.000Z")
    ago = datetime.now(UTC) - datetime.fromisoformat(said)
    assert timedelta(seconds=60) <= ago + timedelta(milliseconds=1) < timedelta(seconds=65)


def test_steps_stand_in_the_order_they_began_outer_ones_first() -> None:
    begin = now() - 60

    def ended(title: str, depth: int, start: float, duration: float) -> StepEnded:
        return StepEnded(title=title, depth=depth, duration_s=duration, at=begin + start + duration)

    made = record(
        ended("within", 1, 1.0, 0.5),
        ended("outer", 0, 1.0, 0.75),
        ended("last", 0, 3.0, 0.25),
    )
    assert [(one["title"], one["depth"]) for one in made["steps"]] == [
        ("outer", 0),
        ("within", 1),
        ("last", 0),
    ]
    assert [one["started_s"] for one in made["steps"]] == pytest.approx([1, 1, 3], abs=0.01)
    assert [one["duration_s"] for one in made["steps"]] == [0.75, 0.5, 0.25]


def test_what_was_measured_is_kept_and_frames_are_found_from_the_results_folder() -> None:
    made = record(
        verdict(
            since="tap",
            since_to_visible_s=Interval(0.2, 0.25),
            distances={"last_old": 30, "first_new": 2},
            last_old_frame=RESULTS / "looks" / "old.jpg",
            first_new_frame=RESULTS.parent / "elsewhere" / "new.jpg",
            boxes={"last_old": Box(10.04, 20, 48, 48)},
        )
    )
    assert made["surfaces"] == [
        {
            "surface": "header",
            "actor": "alice",
            "target": "web",
            "wanted": "blobs-1",
            "budget_s": 1.0,
            "commit_to_visible_s": {"low": 0.0821, "high": 0.0989},
            "tap_to_visible_s": {"low": 0.2, "high": 0.25},
            "since": "tap",
            "since_to_visible_s": {"low": 0.2, "high": 0.25},
            "commit_to_said_s": None,
            "fault": None,
            "verdict": "passed",
            "machine_busy": False,
            "reason": "shows it in time",
            "distances": {"last_old": 30, "first_new": 2},
            "last_old_frame": "looks/old.jpg",
            "first_new_frame": "../elsewhere/new.jpg",
            "boxes": {"last_old": [10.0, 20, 48, 48]},
            "frames": 12,
            "source": "screencast",
        }
    ]


def test_what_never_appeared_has_no_latency_and_no_frame() -> None:
    (surface,) = record(verdict(Verdict.FAILED, None, tap_to_visible_s=None))["surfaces"]
    assert surface["commit_to_visible_s"] is None
    assert surface["tap_to_visible_s"] is None
    assert surface["first_new_frame"] is None


def test_an_app_that_was_opened_anew_is_told_wherever_the_journey_is() -> None:
    made = record(AppReopened(actor="alice", target="pixel", why="Appium did not answer in time"))
    line = "alice's app on pixel was opened again: Appium did not answer in time"
    assert made["reopened"] == [line]
    assert ("reopened", line) in properties_of(made)
    printed = io.StringIO()
    ConsoleReport(console=Console(file=printed, width=60)).print_journey(made)
    assert [text.strip() for text in printed.getvalue().splitlines()][1:] == [line]


def test_a_commit_that_was_missed_is_said_though_the_journey_passed() -> None:
    missed = CommitUnreported(surfaces=("alice's header (key '42')", "bob's feed (key '42')"))
    made = record(missed)
    line = (
        "no commit was reported for alice's header (key '42'), bob's feed (key '42'), so that the budget ran "
        "from the tap: check the key, and that the backend reports this change"
    )
    assert made["unreported"] == [line]
    assert ("unreported", line) in properties_of(made)
    printed = io.StringIO()
    ConsoleReport(console=Console(file=printed, width=60)).print_journey(made)
    assert [text.strip() for text in printed.getvalue().splitlines()][1:] == [line]


@pytest.mark.parametrize(
    ("name", "what"),
    [("logo.png", ""), ("roboto.woff2", ", a font: text that is drawn in it has no letters")],
)
def test_what_an_app_could_not_reach_is_told_wherever_the_journey_is(name: str, what: str) -> None:
    made = record(HostUnreached(actor="alice", target="web", address=f"https://cdn.example.com/{name}"))
    line = (
        f"alice's app on web can't reach https://cdn.example.com/{name}{what}: name its host in allow_hosts "
        "of [tool.journeys], or have the app bring it along"
    )
    assert made["unreached"] == [line]
    assert ("unreached", line) in properties_of(made)
    for status, is_told in (("passed", bool(what)), ("failed", True)):
        printed = io.StringIO()
        ConsoleReport(console=Console(file=printed, width=60)).print_journey({**made, "status": status})
        assert (line in printed.getvalue()) is is_told


def test_a_journey_that_did_not_end_is_an_error() -> None:
    made = record_of(journey_events()[:-1], results=RESULTS)
    assert (made["status"], made["error"]) == ("error", "the journey did not end")


@given(SECONDS, SECONDS)
def test_an_interval_is_rounded_outwards_and_by_less_than_a_tenth_of_a_millisecond(
    one: float, other: float
) -> None:
    low, high = sorted((one, other))
    bounds = record(verdict(commit=Interval(low, high)))["surfaces"][0]["commit_to_visible_s"]
    assert bounds is not None
    assert low - 1.0001e-4 < bounds["low"] <= low
    assert high <= bounds["high"] < high + 1.0001e-4
