"""A change is watched on a rig whose truth is known, from the first look to the error a journey sees."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from flutter_bridge import Box, Interval, now
from journeys.commits import Tap, tap
from journeys.propagation import BudgetMissed, Inconclusive
from journeys.timeline import (
    Committed,
    CommitUnreported,
    Filmed,
    SurfaceChanged,
    SurfaceState,
    Verdict,
    VerdictReached,
)

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig


async def test_a_change_in_time_passes_and_its_interval_holds_the_truth(rig: Rig) -> None:
    header = rig.place()
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        await change.arm()
        moment = rig.act(change)
        header.played_by.play(moment + 0.1, rig.scene("header", rig.new))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.verdict is Verdict.PASSED
    assert (verdict.surface, verdict.actor, verdict.target, verdict.wanted) == (
        "header",
        "alice",
        "rig",
        "new.png",
    )
    measured = verdict.commit_to_visible_s
    assert measured is not None
    assert measured.low <= 0.1 <= measured.high
    assert verdict.source == "scripted"
    assert verdict.distances["first_new"] < verdict.distances["last_old"]


async def test_the_deciding_frames_are_saved_as_they_came(rig: Rig) -> None:
    header = rig.place("profile screen")
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        await change.arm()
        changed = rig.act(change) + 0.05
        header.played_by.play(changed, rig.scene("profile screen", rig.new))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.shown["last_old"].low <= changed <= verdict.shown["first_new"].high
    assert verdict.last_old_frame == rig.evidence / "01-profile-screen-alice-last-old.jpg"
    assert verdict.first_new_frame == rig.evidence / "01-profile-screen-alice-first-new.jpg"
    assert verdict.last_old_frame.read_bytes() == rig.scene("profile screen", rig.old).drawn()
    assert verdict.first_new_frame.read_bytes() == rig.scene("profile screen", rig.new).drawn()


async def test_the_timeline_tells_the_commit_what_changed_and_the_verdict(rig: Rig) -> None:
    header = rig.place()
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        await change.arm()
        header.played_by.play(rig.act(change) + 0.05, rig.scene("header", rig.new))
    kinds = [type(event) for event in rig.timeline]
    assert kinds == [Committed, SurfaceChanged, VerdictReached, Filmed]
    (changed,) = rig.timeline.events_of(SurfaceChanged)
    assert (changed.surface, changed.actor, changed.state) == ("header", "alice", SurfaceState.NEW)


async def test_a_late_change_is_timed_and_missed_in_one_line(rig: Rig) -> None:
    feed = rig.place("feed", "bob")
    with pytest.raises(BudgetMissed, match=r"^bob's feed showed the new picture \d+–\d+ ms after the commit"):
        async with rig.change(within=0.1) as change:
            change.expect(rig.new, on=feed)
            await change.arm()
            feed.played_by.play(rig.act(change) + 0.4, rig.scene("feed", rig.new))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.commit_to_visible_s is not None
    assert verdict.commit_to_visible_s.low <= 0.4 <= verdict.commit_to_visible_s.high


async def test_a_change_that_never_comes_is_missed(rig: Rig) -> None:
    header = rig.place()
    with pytest.raises(BudgetMissed, match="alice's header never showed the new picture"):
        async with rig.change(within=0.05, patience=0.2) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            rig.act(change)
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert (verdict.commit_to_visible_s, verdict.fault) == (None, "never appeared")
    assert verdict.last_old_frame is not None
    assert verdict.first_new_frame is None


async def test_a_flash_that_reverts_is_missed(rig: Rig) -> None:
    header = rig.place()
    with pytest.raises(BudgetMissed, match="went back to the old one"):
        async with rig.change(within=0.2, patience=0.4, settle=0.2) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            moment = rig.act(change)
            header.played_by.play(moment + 0.05, rig.scene("header", rig.new))
            header.played_by.play(moment + 0.15, rig.scene("header", rig.old))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.fault == "reverted"


async def test_a_flash_of_a_single_frame_that_reverts_is_missed_and_named(rig: Rig) -> None:
    header = rig.place()
    with pytest.raises(BudgetMissed, match="went back to the old one"):
        async with rig.change(within=0.2, patience=0.4, settle=0.2) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            rig.act(change)
            header.played_by.flash(rig.scene("header", rig.new))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.fault == "reverted"


async def test_a_flash_of_a_single_frame_ahead_of_the_change_is_missed_and_named(
    rig: Rig,
) -> None:
    header = rig.place()
    with pytest.raises(BudgetMissed, match="went back to the old one, and"):
        async with rig.change(settle=0.2) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            moment = rig.act(change)
            header.played_by.flash(rig.scene("header", rig.new))
            header.played_by.play(moment + 0.3, rig.scene("header", rig.new))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.fault == "alternated"


async def test_a_surface_that_alternates_is_missed_though_it_ends_up_right_in_time(
    rig: Rig,
) -> None:
    header = rig.place()
    with pytest.raises(BudgetMissed, match="went back to the old one, and"):
        async with rig.change(settle=0.3) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            moment = rig.act(change)
            for after, picture in ((0.05, rig.new), (0.15, rig.old), (0.25, rig.new)):
                header.played_by.play(moment + after, rig.scene("header", picture))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert (verdict.verdict, verdict.fault) == (Verdict.FAILED, "alternated")


async def test_a_cross_fade_that_never_ends_is_missed(rig: Rig) -> None:
    header = rig.place()
    half = Image.blend(rig.old.image, rig.new.image, 0.5)
    with pytest.raises(BudgetMissed, match="neither the old one nor the new picture"):
        async with rig.change(within=0.05, patience=0.2) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            header.played_by.play(rig.act(change) + 0.03, rig.scene("header", half))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.fault == "never settled"


async def test_a_surface_that_goes_away_is_missed(rig: Rig) -> None:
    header = rig.place()
    with pytest.raises(BudgetMissed, match="gone from the screen"):
        async with rig.change(within=0.05, patience=0.4) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            header.played_by.play(rig.act(change) + 0.03, rig.scene("elsewhere", rig.new))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.fault == "vanished"


async def test_a_surface_that_moves_while_it_changes_is_followed(rig: Rig) -> None:
    header = rig.place()
    async with rig.change(settle=0.1) as change:
        change.expect(rig.new, on=header)
        await change.arm()
        moment = rig.act(change)
        moved = rig.scene("header", rig.new, box=Box(150, 200, 48, 48))
        header.played_by.play(moment + 0.05, moved)
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.commit_to_visible_s is not None
    assert verdict.commit_to_visible_s.low <= 0.05 <= verdict.commit_to_visible_s.high


async def test_every_surface_is_reported_and_each_that_missed_has_a_line(rig: Rig) -> None:
    header, feed, profile = rig.place(), rig.place("feed", "bob"), rig.place("profile screen", "carol")
    with pytest.raises(BudgetMissed) as missed:
        async with rig.change(within=0.2, patience=0.4) as change:
            for place in (header, feed, profile):
                change.expect(rig.new, on=place)
            await change.arm()
            moment = rig.act(change)
            header.played_by.play(moment + 0.01, rig.scene("header", rig.new))
    assert [verdict.surface for verdict in missed.value.verdicts] == ["header", "feed", "profile screen"]
    assert [line.partition(" never")[0] for line in str(missed.value).splitlines()] == [
        "bob's feed",
        "carol's profile screen",
    ]


async def test_surfaces_of_one_app_share_one_stream(rig: Rig) -> None:
    header = rig.place()
    profile = rig.place("profile screen", app=header.played_by)
    both = rig.scene("header", rig.old)
    both.pictures["profile screen"] = (rig.old.image, Box(60, 100, 120, 120))
    header.played_by.play(now(), both)
    changed = rig.scene("header", rig.new)
    changed.pictures["profile screen"] = (rig.new.image, Box(60, 100, 120, 120))
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        change.expect(rig.new, on=profile)
        await change.arm()
        header.played_by.play(rig.act(change) + 0.05, changed)
    assert header.played_by.streams == 1
    assert len(rig.timeline.events_of(VerdictReached)) == 2


async def test_a_name_is_timed_by_its_pixels_and_by_its_semantics(rig: Rig) -> None:
    header = rig.place()
    async with rig.change() as change:
        change.expect("Alice B", on=header)
        await change.arm()
        moment = now()
        change.record_action(Interval.at(moment))
        rig.commits.commit("alice-id", Interval.at(moment), "name")
        said_only = rig.scene("header", rig.old, said="Alice B", drawn="Alice")
        header.played_by.play(moment + 0.1, said_only)
        header.played_by.play(moment + 0.3, rig.scene("header", rig.old, said="Alice B"))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.commit_to_visible_s is not None
    assert verdict.commit_to_said_s is not None
    assert verdict.commit_to_visible_s.low <= 0.3 <= verdict.commit_to_visible_s.high
    assert verdict.commit_to_said_s.low <= 0.1 <= verdict.commit_to_said_s.high
    assert (verdict.wanted, verdict.source, verdict.fault) == ("Alice B", "scripted, semantics", None)


async def test_a_commit_of_something_else_is_not_taken_for_this_one(rig: Rig) -> None:
    header = rig.place()
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        await change.arm()
        rig.commits.commit("alice-id", Interval.at(now() - 30), "name")
        rig.commits.commit("bob-id", Interval.at(now() - 30), "avatar")
        header.played_by.play(rig.act(change) + 0.05, rig.scene("header", rig.new))


async def test_without_a_reported_commit_the_time_runs_from_the_tap(rig: Rig) -> None:
    header = rig.place()
    async with rig.change(commits=None) as change:
        change.expect(rig.new, on=header)
        await change.arm()
        moment = now()
        change.record_action(Interval.at(moment))
        header.played_by.play(moment + 0.1, rig.scene("header", rig.new))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.commit_to_visible_s is None
    assert verdict.tap_to_visible_s is not None
    assert verdict.tap_to_visible_s.low <= 0.1 <= verdict.tap_to_visible_s.high
    assert (verdict.since, verdict.since_to_visible_s) == ("tap", verdict.tap_to_visible_s)
    assert "ms after the tap, budget 1000 ms" in verdict.reason


async def test_a_key_that_no_commit_has_is_said_once_for_the_change(rig: Rig) -> None:
    header, badge = rig.place(), rig.place("badge", "bob")
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        change.expect(rig.new, on=badge)
        await change.arm()
        moment = now()
        change.record_action(Interval.at(moment))
        rig.commits.commit("somebody-else", Interval.at(moment))
        for place in (header, badge):
            place.played_by.play(moment + 0.05, rig.scene(place.name, rig.new))
    (missed,) = rig.timeline.events_of(CommitUnreported)
    assert missed.surfaces == ("alice's header (key 'alice-id')", "bob's badge (key 'alice-id')")


@pytest.mark.parametrize("since", [None, tap], ids=["commit", "tap"])
async def test_nothing_is_missed_where_a_commit_came_or_none_was_asked_for(
    rig: Rig, since: Tap | None
) -> None:
    header = rig.place()
    async with rig.change(since=since) as change:
        change.expect(rig.new, on=header)
        await change.arm()
        moment = now()
        change.record_action(Interval.at(moment))
        if since is None:
            rig.commits.commit("alice-id", Interval.at(moment))
        header.played_by.play(moment + 0.05, rig.scene("header", rig.new))
    assert not rig.timeline.events_of(CommitUnreported)


async def test_a_budget_inside_the_interval_is_inconclusive(rig: Rig) -> None:
    header = rig.place()
    with pytest.raises(Inconclusive, match="alice's header showed the new picture"):
        async with rig.change(within=0.3) as change:
            change.expect(rig.new, on=header)
            await change.arm()
            moment = now()
            change.record_action(Interval.at(moment))
            rig.commits.commit("alice-id", Interval(moment, moment + 0.3))
            header.played_by.play(moment + 0.35, rig.scene("header", rig.new))
