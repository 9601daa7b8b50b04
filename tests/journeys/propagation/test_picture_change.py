"""A change is watched on a stage whose truth is known, from the first look to the error a journey sees."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from PIL import Image

from flutter_bridge import Box, Interval, now
from journeys.propagation import BudgetMissed, Inconclusive
from journeys.timeline import Committed, SurfaceChanged, SurfaceState, Verdict, VerdictReached

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Stage


async def test_a_change_in_time_passes_and_its_interval_holds_the_truth(stage: Stage) -> None:
    header = stage.place()
    async with stage.change() as change:
        change.expect(stage.new, on=header)
        await change.arm()
        moment = stage.act(change)
        header.played_by.play(moment + 0.1, stage.scene("header", stage.new))
    (verdict,) = stage.timeline.of(VerdictReached)
    assert verdict.verdict is Verdict.PASSED
    assert (verdict.surface, verdict.actor, verdict.target, verdict.wanted) == (
        "header",
        "alice",
        "stage",
        "new.png",
    )
    measured = verdict.commit_to_visible_s
    assert measured is not None
    assert measured.low <= 0.1 <= measured.high
    assert verdict.source == "scripted"
    assert verdict.distances["first_new"] < verdict.distances["last_old"]


async def test_the_deciding_frames_are_saved_as_they_came(stage: Stage) -> None:
    header = stage.place("profile screen")
    async with stage.change() as change:
        change.expect(stage.new, on=header)
        await change.arm()
        header.played_by.play(stage.act(change) + 0.05, stage.scene("profile screen", stage.new))
    (verdict,) = stage.timeline.of(VerdictReached)
    assert verdict.last_old_frame == stage.evidence / "01-profile-screen-alice-last-old.jpg"
    assert verdict.first_new_frame == stage.evidence / "01-profile-screen-alice-first-new.jpg"
    assert verdict.last_old_frame.read_bytes() == stage.scene("profile screen", stage.old).drawn()
    assert verdict.first_new_frame.read_bytes() == stage.scene("profile screen", stage.new).drawn()


async def test_the_timeline_tells_the_commit_what_changed_and_the_verdict(stage: Stage) -> None:
    header = stage.place()
    async with stage.change() as change:
        change.expect(stage.new, on=header)
        await change.arm()
        header.played_by.play(stage.act(change) + 0.05, stage.scene("header", stage.new))
    assert [type(event) for event in stage.timeline] == [Committed, SurfaceChanged, VerdictReached]
    (changed,) = stage.timeline.of(SurfaceChanged)
    assert (changed.surface, changed.actor, changed.state) == ("header", "alice", SurfaceState.NEW)


async def test_a_late_change_is_timed_and_missed_in_one_line(stage: Stage) -> None:
    feed = stage.place("feed", "bob")
    with pytest.raises(BudgetMissed, match=r"^bob's feed showed the new picture \d+–\d+ ms after the commit"):
        async with stage.change(within=0.1) as change:
            change.expect(stage.new, on=feed)
            await change.arm()
            feed.played_by.play(stage.act(change) + 0.4, stage.scene("feed", stage.new))
    (verdict,) = stage.timeline.of(VerdictReached)
    assert verdict.commit_to_visible_s is not None
    assert verdict.commit_to_visible_s.low <= 0.4 <= verdict.commit_to_visible_s.high


async def test_a_change_that_never_comes_is_missed(stage: Stage) -> None:
    header = stage.place()
    with pytest.raises(BudgetMissed, match="alice's header never showed the new picture"):
        async with stage.change(within=0.05, patience=0.2) as change:
            change.expect(stage.new, on=header)
            await change.arm()
            stage.act(change)
    (verdict,) = stage.timeline.of(VerdictReached)
    assert (verdict.commit_to_visible_s, verdict.fault) == (None, "never appeared")
    assert verdict.last_old_frame is not None
    assert verdict.first_new_frame is None


async def test_a_flash_that_reverts_is_missed(stage: Stage) -> None:
    header = stage.place()
    with pytest.raises(BudgetMissed, match="went back to the old one"):
        async with stage.change(within=0.2, patience=0.4, settle=0.2) as change:
            change.expect(stage.new, on=header)
            await change.arm()
            moment = stage.act(change)
            header.played_by.play(moment + 0.05, stage.scene("header", stage.new))
            header.played_by.play(moment + 0.15, stage.scene("header", stage.old))
    (verdict,) = stage.timeline.of(VerdictReached)
    assert verdict.fault == "reverted"


async def test_a_flash_of_a_single_frame_that_reverts_is_missed_and_named(stage: Stage) -> None:
    header = stage.place()
    with pytest.raises(BudgetMissed, match="went back to the old one"):
        async with stage.change(within=0.2, patience=0.4, settle=0.2) as change:
            change.expect(stage.new, on=header)
            await change.arm()
            stage.act(change)
            header.played_by.flash(stage.scene("header", stage.new))
    (verdict,) = stage.timeline.of(VerdictReached)
    assert verdict.fault == "reverted"


async def test_a_flash_of_a_single_frame_ahead_of_the_change_is_missed_and_named(stage: Stage) -> None:
    header = stage.place()
    with pytest.raises(BudgetMissed, match="the old one again"):
        async with stage.change(settle=0.2) as change:
            change.expect(stage.new, on=header)
            await change.arm()
            moment = stage.act(change)
            header.played_by.flash(stage.scene("header", stage.new))
            header.played_by.play(moment + 0.3, stage.scene("header", stage.new))
    (verdict,) = stage.timeline.of(VerdictReached)
    assert verdict.fault == "alternated"


async def test_a_surface_that_alternates_is_missed_though_it_ends_up_right_in_time(stage: Stage) -> None:
    header = stage.place()
    with pytest.raises(BudgetMissed, match="the old one again"):
        async with stage.change(settle=0.3) as change:
            change.expect(stage.new, on=header)
            await change.arm()
            moment = stage.act(change)
            for after, picture in ((0.05, stage.new), (0.15, stage.old), (0.25, stage.new)):
                header.played_by.play(moment + after, stage.scene("header", picture))
    (verdict,) = stage.timeline.of(VerdictReached)
    assert (verdict.verdict, verdict.fault) == (Verdict.FAILED, "alternated")


async def test_a_cross_fade_that_never_ends_is_missed(stage: Stage) -> None:
    header = stage.place()
    half = Image.blend(stage.old.image, stage.new.image, 0.5)
    with pytest.raises(BudgetMissed, match="neither the old one nor the new picture"):
        async with stage.change(within=0.05, patience=0.2) as change:
            change.expect(stage.new, on=header)
            await change.arm()
            header.played_by.play(stage.act(change) + 0.03, stage.scene("header", half))
    (verdict,) = stage.timeline.of(VerdictReached)
    assert verdict.fault == "never settled"


async def test_a_surface_that_goes_away_is_missed(stage: Stage) -> None:
    header = stage.place()
    with pytest.raises(BudgetMissed, match="gone from the screen"):
        async with stage.change(within=0.05, patience=0.4) as change:
            change.expect(stage.new, on=header)
            await change.arm()
            header.played_by.play(stage.act(change) + 0.03, stage.scene("elsewhere", stage.new))
    (verdict,) = stage.timeline.of(VerdictReached)
    assert verdict.fault == "vanished"


async def test_a_surface_that_moves_while_it_changes_is_followed(stage: Stage) -> None:
    header = stage.place()
    async with stage.change(settle=0.1) as change:
        change.expect(stage.new, on=header)
        await change.arm()
        moment = stage.act(change)
        moved = stage.scene("header", stage.new, box=Box(150, 200, 48, 48))
        header.played_by.play(moment + 0.05, moved)
    (verdict,) = stage.timeline.of(VerdictReached)
    assert verdict.commit_to_visible_s is not None
    assert verdict.commit_to_visible_s.low <= 0.05 <= verdict.commit_to_visible_s.high


async def test_every_surface_is_reported_and_each_that_missed_has_a_line(stage: Stage) -> None:
    header, feed, profile = stage.place(), stage.place("feed", "bob"), stage.place("profile screen", "carol")
    with pytest.raises(BudgetMissed) as missed:
        async with stage.change(within=0.2, patience=0.4) as change:
            for place in (header, feed, profile):
                change.expect(stage.new, on=place)
            await change.arm()
            moment = stage.act(change)
            header.played_by.play(moment + 0.01, stage.scene("header", stage.new))
    assert [verdict.surface for verdict in missed.value.verdicts] == ["header", "feed", "profile screen"]
    assert [line.partition(" never")[0] for line in str(missed.value).splitlines()] == [
        "bob's feed",
        "carol's profile screen",
    ]


async def test_surfaces_of_one_app_share_one_stream(stage: Stage) -> None:
    header = stage.place()
    profile = stage.place("profile screen", app=header.played_by)
    both = stage.scene("header", stage.old)
    both.pictures["profile screen"] = (stage.old.image, Box(60, 100, 120, 120))
    header.played_by.play(now(), both)
    changed = stage.scene("header", stage.new)
    changed.pictures["profile screen"] = (stage.new.image, Box(60, 100, 120, 120))
    async with stage.change() as change:
        change.expect(stage.new, on=header)
        change.expect(stage.new, on=profile)
        await change.arm()
        header.played_by.play(stage.act(change) + 0.05, changed)
    assert header.played_by.streams == 1
    assert len(stage.timeline.of(VerdictReached)) == 2


async def test_a_name_is_timed_by_its_pixels_and_by_its_semantics(stage: Stage) -> None:
    header = stage.place()
    async with stage.change() as change:
        change.expect("Alice B", on=header)
        await change.arm()
        moment = now()
        change.acted(Interval.at(moment))
        stage.commits.commit("alice-id", Interval.at(moment), "name")
        said_only = stage.scene("header", stage.old, said="Alice B", drawn="Alice")
        header.played_by.play(moment + 0.1, said_only)
        header.played_by.play(moment + 0.3, stage.scene("header", stage.old, said="Alice B"))
    (verdict,) = stage.timeline.of(VerdictReached)
    assert verdict.commit_to_visible_s is not None
    assert verdict.commit_to_said_s is not None
    assert verdict.commit_to_visible_s.low <= 0.3 <= verdict.commit_to_visible_s.high
    assert verdict.commit_to_said_s.low <= 0.1 <= verdict.commit_to_said_s.high
    assert (verdict.wanted, verdict.source, verdict.fault) == ("Alice B", "scripted, semantics", None)


async def test_a_commit_of_something_else_is_not_taken_for_this_one(stage: Stage) -> None:
    header = stage.place()
    async with stage.change() as change:
        change.expect(stage.new, on=header)
        await change.arm()
        stage.commits.commit("alice-id", Interval.at(now() - 30), "name")
        stage.commits.commit("bob-id", Interval.at(now() - 30), "avatar")
        header.played_by.play(stage.act(change) + 0.05, stage.scene("header", stage.new))


async def test_without_a_reported_commit_the_time_runs_from_the_tap(stage: Stage) -> None:
    header = stage.place()
    async with stage.change(commits=None) as change:
        change.expect(stage.new, on=header)
        await change.arm()
        moment = now()
        change.acted(Interval.at(moment))
        header.played_by.play(moment + 0.1, stage.scene("header", stage.new))
    (verdict,) = stage.timeline.of(VerdictReached)
    assert verdict.commit_to_visible_s is not None
    assert verdict.commit_to_visible_s.low == 0
    assert verdict.commit_to_visible_s.high >= 0.1
    assert "no commit was reported" in verdict.reason


async def test_a_budget_inside_the_interval_is_inconclusive(stage: Stage) -> None:
    header = stage.place()
    with pytest.raises(Inconclusive, match="alice's header showed the new picture"):
        async with stage.change(within=0.3) as change:
            change.expect(stage.new, on=header)
            await change.arm()
            moment = now()
            change.acted(Interval.at(moment))
            stage.commits.commit("alice-id", Interval(moment, moment + 0.3))
            header.played_by.play(moment + 0.35, stage.scene("header", stage.new))
