"""The one sentence on what became of a journey."""

from __future__ import annotations

from typing import Any

import pytest

from flutter_bridge import Interval
from journeys import Status, Verdict
from journeys.report import headline_of
from journeys.timeline import CommitUnreported, ScreenCompared, StepEnded
from tests.journeys.report.events_made import RESULTS, record, verdict


def compared(**details: Any) -> ScreenCompared:
    settings: dict[str, Any] = {
        "screen": "profile",
        "actor": "alice",
        "target": "web",
        "theme": "light",
        "status": "changed",
        "summary": "the button Save moved",
        "accepted": False,
        "folder": RESULTS / "screens" / "profile",
    }
    return ScreenCompared(**(settings | details))


def test_of_what_passed_the_last_to_show_the_change_is_named() -> None:
    slow = verdict(surface="feed", actor="bob", commit=Interval(0.214, 0.23))
    assert headline_of(record(verdict(), slow)) == "2 surfaces in time, the last bob's feed after 214–230 ms."


@pytest.mark.parametrize(
    ("of", "told"),
    [
        (
            {"commit": Interval(1.181, 1.335), "reason": "shows it too late"},
            "alice's header showed the change 1181–1335 ms after the commit, and 1,000 ms were allowed.",
        ),
        (
            {"commit": Interval(0.9, 1.1), "verdict": Verdict.INCONCLUSIVE},
            (
                "alice's header showed the change 900–1100 ms after the commit, so that it can't be told "
                "whether that is within 1,000 ms."
            ),
        ),
        (
            {
                "commit": None,
                "tap_to_visible_s": None,
                "fault": "reverted",
                "reason": "showed the text “Bo” and went back to the old one",
            },
            "alice's header showed the text “Bo” and went back to the old one.",
        ),
        (
            {"commit": None, "tap_to_visible_s": None, "fault": "reverted", "reason": ""},
            "alice's header showed the change and went back to the old look.",
        ),
        (
            {"commit": None, "tap_to_visible_s": Interval(1.2, 1.3), "since": "tap"},
            "alice's header showed the change 1200–1300 ms after the tap, and 1,000 ms were allowed.",
        ),
    ],
)
def test_of_surfaces_it_says_what_the_first_did_that_did_not_pass(of: dict[str, Any], told: str) -> None:
    unpassed = verdict(**({"verdict": Verdict.FAILED} | of))
    assert headline_of(record(verdict(surface="feed"), unpassed, status=Status.FAILED)) == told


def test_a_failed_surface_goes_before_what_could_not_be_told_and_the_others_are_counted() -> None:
    unclear = verdict(Verdict.INCONCLUSIVE, surface="feed")
    gone = verdict(Verdict.FAILED, None, tap_to_visible_s=None, fault="vanished", reason="")
    told = "alice's header was gone from the screen when the watch ended, and 1 more surface did not pass."
    assert headline_of(record(unclear, gone, status=Status.FAILED)) == told


def test_where_the_backend_reported_nothing_that_is_said() -> None:
    gone = verdict(Verdict.FAILED, None, tap_to_visible_s=None, fault="never appeared", reason="")
    missed = CommitUnreported(surfaces=("alice's header (key '42')",))
    told = "alice's header never showed the change; the backend reported no commit of it."
    assert headline_of(record(missed, gone, status=Status.FAILED)) == told


def test_a_screen_that_differs_is_named_with_what_is_different() -> None:
    told = "The screen profile (alice, web) differs: the button Save moved, and so do 1 more."
    assert headline_of(record(compared(), compared(screen="feed"), status=Status.FAILED)) == told


def test_of_what_broke_it_names_the_innermost_step_and_the_error() -> None:
    broken = record(
        StepEnded(title="alice signs in", depth=1, duration_s=1.0, error="no answer"),
        StepEnded(title="alice joins", depth=0, duration_s=2.0, error="no answer"),
        status=Status.ERROR,
        error="the backend did not answer; nearest: text 'Try again'; screenshot: /tmp/1.png\nsee its log",
    )
    assert headline_of(broken) == "In the step 'alice signs in': the backend did not answer"


def test_what_only_had_to_be_done_is_counted() -> None:
    assert headline_of(record(StepEnded(title="alice looks", depth=0, duration_s=1.0))) == "1 step done."
    assert headline_of(record(compared(accepted=True, status="same"))) == "1 screen as approved."
