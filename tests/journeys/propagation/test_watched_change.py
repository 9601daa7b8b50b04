"""A change is watched on a stage whose truth is known, from the first look to the error a journey sees."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from PIL import Image

from flutter_bridge import AppUnreachable, Box, Interval, now
from journeys.pictures import TooAlike
from journeys.propagation import BudgetMissed, Inconclusive, ObserverError
from journeys.timeline import Committed, Sight, SightChanged, Verdict, VerdictReached

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Stage


def brightened(image: Image.Image) -> Image.Image:
    return image.point(lambda level: min(255, level + 4))


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
    assert [type(event) for event in stage.timeline] == [Committed, SightChanged, VerdictReached]
    (changed,) = stage.timeline.of(SightChanged)
    assert (changed.surface, changed.actor, changed.sight) == ("header", "alice", Sight.NEW)


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


class TestNegativeControl:
    @pytest.fixture(autouse=True)
    def impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("journeys.propagation.control.PATIENCE", 0.1)

    async def test_an_observer_that_does_not_recognise_the_old_picture_stops_the_change(
        self, stage: Stage
    ) -> None:
        header = stage.place()
        header.played_by.play(now(), stage.scene("header", stage.other))
        acted = False
        with pytest.raises(
            ObserverError, match=r"alice's header was not recognised as it is .* not attempted"
        ):
            async with stage.change() as change:
                change.expect(stage.new, on=header)
                await change.arm()
                acted = True
        assert not acted
        (verdict,) = stage.timeline.of(VerdictReached)
        assert verdict.verdict is Verdict.ERROR
        # What it did show instead is kept, for a person to look at.
        assert verdict.last_old_frame is not None
        assert verdict.last_old_frame.is_file()
        assert header.played_by.streaming == 0

    async def test_what_is_no_surface_is_refused_at_once(self, stage: Stage) -> None:
        with pytest.raises(
            TypeError, match=r"takes a surface such as bob\.feed\.post_by\(alice\), not a str"
        ):
            async with stage.change() as change:
                change.expect(stage.new, on="feed")  # type: ignore[arg-type]  # which is the mistake

    async def test_pictures_that_could_be_taken_for_one_another_stop_the_change(self, stage: Stage) -> None:
        header = stage.place()
        hardly_other = replace(stage.old, name="hardly-other.png", image=brightened(stage.old.image))
        acted = False
        with pytest.raises(TooAlike, match=r"old\.png and hardly-other\.png are too alike"):
            async with stage.change() as change:
                change.expect(hardly_other, on=header)
                await change.arm()
                acted = True
        assert not acted

    async def test_a_surface_that_shows_the_new_picture_already_stops_the_change(self, stage: Stage) -> None:
        header = stage.place()
        header.played_by.play(now(), stage.scene("header", stage.new))
        with pytest.raises(ObserverError, match="shows the new picture before anything was done"):
            async with stage.change() as change:
                change.expect(stage.new, on=header)
                await change.arm()

    async def test_pictures_that_are_one_and_the_same_stop_the_change(self, stage: Stage) -> None:
        header = stage.place()
        with pytest.raises(ObserverError, match="can't be told apart"):
            async with stage.change() as change:
                change.expect(stage.old, on=header)
                await change.arm()

    async def test_a_surface_that_another_one_hides_stops_the_change(self, stage: Stage) -> None:
        header = stage.place()
        feed = stage.place("feed", app=header.played_by)
        with pytest.raises(ObserverError, match="alice's feed was not on screen"):
            async with stage.change() as change:
                change.expect(stage.new, on=header)
                change.expect(stage.new, on=feed)
                await change.arm()

    async def test_an_old_picture_that_is_still_on_its_way_is_waited_for(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("journeys.propagation.control.PATIENCE", 5.0)
        header = stage.place()
        header.played_by.play(now(), stage.scene("header", stage.other))
        header.played_by.play(now() + 0.1, stage.scene("header", stage.old))
        async with stage.change() as change:
            change.expect(stage.new, on=header)
            await change.arm()
            header.played_by.play(stage.act(change) + 0.05, stage.scene("header", stage.new))

    async def test_an_action_right_after_comes_after_the_control_though_frames_are_stamped_ahead(
        self, stage: Stage
    ) -> None:
        header = stage.place()
        header.played_by.ahead = 0.1
        async with stage.change() as change:
            change.expect(stage.new, on=header)
            await change.arm()
            header.played_by.play(stage.act(change) + 0.05, stage.scene("header", stage.new))


class TestBlock:
    async def test_its_own_error_passes_through_and_everything_is_stopped(self, stage: Stage) -> None:
        header = stage.place()
        before = asyncio.all_tasks()
        with pytest.raises(LookupError, match="the journey's own"):
            async with stage.change() as change:
                change.expect(stage.new, on=header)
                await change.arm()
                assert header.played_by.streaming == 1
                raise LookupError("the journey's own")
        assert header.played_by.streaming == 0
        assert stage.commits.listening == 0
        assert asyncio.all_tasks() <= before
        assert stage.timeline.of(VerdictReached) == []

    async def test_a_good_end_stops_everything_too(self, stage: Stage) -> None:
        header = stage.place()
        before = asyncio.all_tasks()
        async with stage.change() as change:
            change.expect(stage.new, on=header)
            await change.arm()
            header.played_by.play(stage.act(change), stage.scene("header", stage.new))
        assert (header.played_by.streaming, stage.commits.listening) == (0, 0)
        assert asyncio.all_tasks() <= before

    async def test_an_app_that_goes_away_ends_it_at_once(self, stage: Stage) -> None:
        header = stage.place()
        with pytest.raises(AppUnreachable, match="the browser is gone"):
            async with stage.change() as change:
                change.expect(stage.new, on=header)
                await change.arm()
                header.played_by.failure = AppUnreachable("the browser is gone")
                await asyncio.Event().wait()

    async def test_a_stream_that_ends_certifies_nothing(self, stage: Stage) -> None:
        header = stage.place()
        with pytest.raises(ObserverError, match=r"alice's stream of frames .* ended"):
            async with stage.change() as change:
                change.expect(stage.new, on=header)
                await change.arm()
                stage.act(change)
                header.played_by.ends = True

    async def test_arming_shows_every_surface_once(self, stage: Stage) -> None:
        header = stage.place()
        async with stage.change() as change:
            change.expect(stage.new, on=header)
            await asyncio.gather(change.arm(), change.arm())
            await change.arm()
            header.played_by.play(stage.act(change), stage.scene("header", stage.new))
        assert header.shown == 1

    async def test_what_is_done_to_show_a_surface_neither_arms_nor_counts_as_an_action(
        self, stage: Stage, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        header = stage.place()
        async with stage.change(commits=None) as change:

            async def show() -> None:
                await change.arm()
                change.acted(Interval.at(now()))

            monkeypatch.setattr(header, "show", show)
            change.expect(stage.new, on=header)
            await change.arm()
            header.played_by.play(now(), stage.scene("header", stage.new))
            change.acted(Interval.at(now()))
        (verdict,) = stage.timeline.of(VerdictReached)
        assert verdict.verdict is Verdict.PASSED

    async def test_expecting_after_the_action_is_refused(self, stage: Stage) -> None:
        header = stage.place()
        with pytest.raises(RuntimeError, match="before the first action"):
            async with stage.change() as change:
                change.expect(stage.new, on=header)
                await change.arm()
                change.expect(stage.new, on=header)

    async def test_a_block_that_expects_or_does_nothing_is_refused(self, stage: Stage) -> None:
        with pytest.raises(RuntimeError, match="nothing is expected"):
            async with stage.change() as change:
                await change.arm()
        with pytest.raises(RuntimeError, match="nothing was done"):
            async with stage.change() as change:
                change.expect(stage.new, on=stage.place())

    @pytest.mark.parametrize("settings", [{"within": 0.0}, {"within": 1.0, "patience": 0.5}])
    async def test_a_budget_that_makes_no_sense_is_refused(
        self, stage: Stage, settings: dict[str, float]
    ) -> None:
        with pytest.raises(ValueError, match="budget"):
            stage.change(**settings)
