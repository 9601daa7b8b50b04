"""What a change must come after, and from which moment its budget runs."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from flutter_bridge import Box, Interval, by, now
from journeys import appears, commit, stays, tap
from journeys.commits import CommitOf, Tap
from journeys.errors import UsageError
from journeys.propagation import BudgetMissed, Handle, Inconclusive, ObserverError
from journeys.timeline import Verdict, VerdictReached
from tests.journeys.propagation.conftest import PlainSurface, Scene, ScriptedApp, Thing

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig


def badge_of(actor: str, *, key: str | None = None) -> PlainSurface:
    """Return where a badge comes, in an app of its own that shows none by now."""
    app = ScriptedApp()
    app.play(now() - 1, Scene())
    return PlainSurface("badge", app, by.identifier("thing"), actor=actor, key=key)


def show_badge(badge: PlainSurface, at: float) -> None:
    badge.played_by.play(at, Scene(things=(Thing(),)))


def verdicts(rig: Rig) -> list[VerdictReached]:
    return rig.timeline.events_of(VerdictReached)


async def test_what_comes_after_the_one_before_it_passes(rig: Rig) -> None:
    alice, bob, carol = badge_of("alice"), badge_of("bob"), badge_of("carol")
    async with rig.change(within=2.0) as change:
        change.expect(appears(), on=alice).then(appears(), on=bob).then(appears(), on=carol)
        await change.arm()
        moment = rig.act(change)
        for badge, after in ((alice, 0.1), (bob, 0.4), (carol, 0.7)):
            show_badge(badge, moment + after)
    assert [each.verdict for each in verdicts(rig)] == [Verdict.PASSED] * 3


async def test_what_comes_before_it_has_failed_though_it_came_in_time(rig: Rig) -> None:
    alice, bob = badge_of("alice"), badge_of("bob")
    with pytest.raises(
        BudgetMissed, match=r"bob's badge appeared .* before alice's badge appeared, which must"
    ):
        async with rig.change(within=2.0) as change:
            change.expect(appears(), on=alice).then(appears(), on=bob)
            await change.arm()
            moment = rig.act(change)
            show_badge(bob, moment + 0.1)
            show_badge(alice, moment + 0.6)
    assert [each.verdict for each in verdicts(rig)] == [Verdict.PASSED, Verdict.FAILED]


async def test_what_comes_in_the_same_frame_may_have_come_first(rig: Rig) -> None:
    alice = badge_of("alice")
    other = PlainSurface("other", alice.played_by, by.identifier("other"), actor="alice")
    both = Scene(things=(Thing(), Thing("other", other_place())))
    with pytest.raises(
        Inconclusive, match=r"either may have come first: alice's badge appeared within the same"
    ):
        async with rig.change(within=2.0) as change:
            change.expect(appears(), on=alice).then(appears(), on=other)
            await change.arm()
            alice.played_by.play(rig.act(change) + 0.1, both)


def other_place() -> Box:
    return Box(20, 200, 40, 24)


async def test_without_the_one_before_it_nothing_is_said_of_the_order(rig: Rig) -> None:
    alice, bob = badge_of("alice"), badge_of("bob")
    with pytest.raises(BudgetMissed, match=r"(?s)alice's badge never appeared.*which never appeared"):
        async with rig.change(within=0.3) as change:
            change.expect(appears(), on=alice).then(appears(), on=bob)
            await change.arm()
            show_badge(bob, rig.act(change) + 0.1)
    assert [each.verdict for each in verdicts(rig)] == [Verdict.FAILED, Verdict.INCONCLUSIVE]


async def test_a_budget_may_run_from_what_another_one_saw(rig: Rig) -> None:
    alice, bob = badge_of("alice"), badge_of("bob")
    async with rig.change(within=0.5) as change:
        # Sent late itself, it is there soon after that.
        sent = change.expect(appears(), on=alice, since=commit("never", key="x"))
        change.expect(appears(), on=bob, since=sent)
        await change.arm()
        moment = rig.act(change)
        rig.commits.commit("x", Interval.at(moment + 0.7), "never")
        show_badge(alice, moment + 0.8)
        show_badge(bob, moment + 1.0)
    _, seen = verdicts(rig)
    assert seen.verdict is Verdict.PASSED
    assert seen.since == "alice's badge: appears"
    assert seen.since_to_visible_s is not None
    assert seen.since_to_visible_s.low <= 0.2 <= seen.since_to_visible_s.high
    assert seen.tap_to_visible_s is not None
    assert seen.tap_to_visible_s.low > 0.5
    assert "after alice's badge appeared, budget 500 ms" in seen.reason


async def test_what_is_late_since_another_one_has_failed(rig: Rig) -> None:
    alice, bob = badge_of("alice"), badge_of("bob")
    with pytest.raises(
        BudgetMissed, match=r"bob's badge appeared .* after alice's badge appeared, budget 200 ms"
    ):
        async with rig.change(within=0.2) as change:
            sent = change.expect(appears(), on=alice)
            change.expect(appears(), on=bob, since=sent)
            await change.arm()
            moment = rig.act(change)
            show_badge(alice, moment + 0.05)
            show_badge(bob, moment + 0.6)


async def test_a_budget_may_run_from_one_kind_of_commit_alone(rig: Rig) -> None:
    badge = badge_of("bob", key="alice-id")
    message = commit("message", key="conversation-1")
    async with rig.change(within=0.5, since=message) as change:
        change.expect(appears(), on=badge)
        await change.arm()
        moment = now()
        change.record_action(Interval.at(moment))
        for key, kind, after in (
            ("alice-id", "message", 0.05),
            ("conversation-1", "typing", 0.1),
            ("conversation-1", "message", 0.4),
        ):
            rig.commits.commit(key, Interval.at(moment + after), kind)
        show_badge(badge, moment + 0.6)
    (seen,) = verdicts(rig)
    assert seen.verdict is Verdict.PASSED
    assert seen.since == "commit “message” of conversation-1"
    assert seen.since_to_visible_s is not None
    assert seen.since_to_visible_s.low <= 0.2 <= seen.since_to_visible_s.high
    assert seen.since_to_visible_s.high < 0.4


async def test_a_commit_that_nobody_reports_is_no_beginning(rig: Rig) -> None:
    badge = badge_of("bob")
    with pytest.raises(ObserverError, match="no commit “message” of conversation-1 was reported"):
        async with rig.change(within=0.2) as change:
            change.expect(appears(), on=badge, since=commit("message", key="conversation-1"))
            await change.arm()
            show_badge(badge, rig.act(change) + 0.05)
    assert verdicts(rig)[0].fault == "no action"


async def test_with_the_tap_as_the_beginning_a_commit_is_only_reported(rig: Rig) -> None:
    badge = badge_of("bob", key="alice-id")
    with pytest.raises(BudgetMissed, match=r"after the tap, budget 300 ms"):
        async with rig.change(within=0.3, since=tap) as change:
            change.expect(appears(), on=badge)
            await change.arm()
            moment = now()
            change.record_action(Interval.at(moment))
            rig.commits.commit("alice-id", Interval.at(moment + 0.4))
            show_badge(badge, moment + 0.5)
    (seen,) = verdicts(rig)
    assert seen.commit_to_visible_s is not None
    assert seen.commit_to_visible_s.high < 0.3


async def test_a_surface_without_a_key_is_timed_from_the_tap_and_can_be_late(rig: Rig) -> None:
    badge = badge_of("bob")
    with pytest.raises(BudgetMissed, match=r"after the tap, budget 200 ms"):
        async with rig.change(within=0.2) as change:
            change.expect(appears(), on=badge)
            await change.arm()
            show_badge(badge, rig.act(change) + 0.5)


async def test_what_no_budget_can_run_from_is_refused_at_once(rig: Rig) -> None:
    badge = badge_of("bob")
    elsewhere = rig.change().expect(appears(), on=badge)
    change = rig.change()
    with pytest.raises(UsageError, match="since= has a handle of another block, that of bob's badge"):
        change.expect(appears(), on=badge, since=elsewhere)
    with pytest.raises(UsageError, match=r"then.* has a handle of another block"):
        change.expect(appears(), on=badge, after=elsewhere)
    still = change.expect(stays(), on=badge)
    with pytest.raises(UsageError, match="since= has the handle of what stays"):
        change.expect(appears(), on=badge, since=still)
    with pytest.raises(UsageError, match="what stays comes after nothing"):
        change.expect(appears(), on=badge).then(stays(), on=badge)
    with pytest.raises(TypeError, match="since= takes tap, commit"):
        change.expect(appears(), on=badge, since="tap")  # type: ignore[arg-type]  # which is the mistake


@pytest.mark.parametrize("by_block", [True, False])
async def test_a_commit_without_a_backend_is_refused(rig: Rig, *, by_block: bool) -> None:
    since = commit("message", key="1")
    with pytest.raises(UsageError, match="there is no backend that reports commits"):
        if by_block:
            rig.change(commits=None, since=since)
        else:
            rig.change(commits=None).expect(appears(), on=badge_of("bob"), since=since)


def test_what_a_commit_is_asked_for_by_is_checked() -> None:
    assert isinstance(tap, Tap)
    assert commit("message", key="1") == CommitOf("1", "message")
    with pytest.raises(TypeError, match="takes what changed and what it is about"):
        commit("message", key="")


def test_a_handle_says_what_it_is_of(rig: Rig) -> None:
    handle = rig.change().expect(appears(), on=badge_of("bob"))
    assert isinstance(handle, Handle)
    assert repr(handle) == "<appears on <PlainSurface 'badge' of bob>>"
