"""Which actions and commits belong to a watched change, and which error its verdicts end in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flutter_bridge import Interval
from journeys.commits import Commit
from journeys.propagation import BudgetMissed, Inconclusive, ObserverError
from journeys.propagation.expectation import Expectation
from journeys.propagation.kinds import text_expectation
from journeys.propagation.moments import Moments
from journeys.propagation.verdict import raise_for
from journeys.timeline import Verdict, VerdictReached

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig


@pytest.fixture
def expectation(rig: Rig) -> Expectation:
    return text_expectation(rig.place(), "Bo", before="Alice", still=0.0)


def committed(moment: Interval, change: str = "name") -> Commit:
    return Commit(change=change, committed=moment, source="event")


def test_the_tap_is_the_last_action_not_after_the_commit(expectation: Expectation) -> None:
    moments = Moments()
    for second in (1, 3, 2, 9):
        moments.record_action(Interval(second, second + 0.5))
    moments.record_commit("alice-id", committed(Interval(4, 4.1)))
    assert moments.tap(expectation) == Interval(3, 3.5)
    assert moments.begin(expectation) == 3


def test_while_no_commit_is_reported_the_tap_is_the_last_action(expectation: Expectation) -> None:
    moments = Moments()
    assert moments.tap(expectation) is None
    assert moments.begin(expectation) == float("-inf")
    moments.record_action(Interval(1, 2))
    assert moments.tap(expectation) == Interval(1, 2)


def test_of_several_steps_without_a_commit_any_may_have_led_to_the_change(
    expectation: Expectation,
) -> None:
    moments = Moments()
    sending, tidying = object(), object()
    for second, step in ((1, sending), (2, sending), (4, tidying)):
        moments.record_action(Interval(second, second + 0.5), step=step)
    assert moments.tap(expectation) == Interval(2, 4.5)


def test_of_several_commits_it_may_be_any(expectation: Expectation) -> None:
    moments = Moments()
    moments.record_commit("alice-id", committed(Interval(4, 4.1)))
    moments.record_commit("alice-id", committed(Interval(6, 6.1)))
    moments.record_commit("bob-id", committed(Interval(1, 1)))
    moments.record_commit("alice-id", committed(Interval(1, 1), "avatar"))
    assert moments.commit(expectation) == Interval(4, 6.1)


def reached(verdict: Verdict) -> VerdictReached:
    return VerdictReached(
        surface="feed",
        actor="bob",
        target="web",
        wanted="a.png",
        budget_s=1,
        verdict=verdict,
        reason=f"is {verdict}",
        commit_to_visible_s=None,
        tap_to_visible_s=None,
    )


@pytest.mark.parametrize(
    ("verdicts", "error"),
    [
        ([Verdict.FAILED], BudgetMissed),
        ([Verdict.INCONCLUSIVE], Inconclusive),
        ([Verdict.ERROR], ObserverError),
        ([Verdict.PASSED, Verdict.INCONCLUSIVE, Verdict.ERROR], ObserverError),
        ([Verdict.INCONCLUSIVE, Verdict.ERROR, Verdict.FAILED], BudgetMissed),
    ],
)
def test_the_firmest_verdict_names_the_error(verdicts: list[Verdict], error: type[Exception]) -> None:
    with pytest.raises(error) as raised:
        raise_for([reached(verdict) for verdict in verdicts])
    assert str(raised.value).splitlines() == [
        f"bob's feed is {verdict}" for verdict in verdicts if verdict is not Verdict.PASSED
    ]


def test_passed_verdicts_raise_nothing() -> None:
    raise_for([reached(Verdict.PASSED)])
