"""The block in which a change is watched: what it starts it stops, and what makes no sense it refuses."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from flutter_bridge import AppUnreachable, Interval, now
from journeys.propagation import ObserverError
from journeys.timeline import Verdict, VerdictReached

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Stage


# In a loop of their own, in which nothing of other tests' fixtures starts tasks meanwhile.
alone = pytest.mark.asyncio(loop_scope="function")


@alone
async def test_its_own_error_passes_through_and_everything_is_stopped(stage: Stage) -> None:
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


@alone
async def test_a_good_end_stops_everything_too(stage: Stage) -> None:
    header = stage.place()
    before = asyncio.all_tasks()
    async with stage.change() as change:
        change.expect(stage.new, on=header)
        await change.arm()
        header.played_by.play(stage.act(change), stage.scene("header", stage.new))
    assert (header.played_by.streaming, stage.commits.listening) == (0, 0)
    assert asyncio.all_tasks() <= before


async def test_an_app_that_goes_away_ends_it_at_once(stage: Stage) -> None:
    header = stage.place()
    with pytest.raises(AppUnreachable, match="the browser is gone"):
        async with stage.change() as change:
            change.expect(stage.new, on=header)
            await change.arm()
            header.played_by.failure = AppUnreachable("the browser is gone")
            await asyncio.Event().wait()


async def test_a_stream_that_ends_certifies_nothing(stage: Stage) -> None:
    header = stage.place()
    with pytest.raises(ObserverError, match=r"alice's stream of frames .* ended"):
        async with stage.change() as change:
            change.expect(stage.new, on=header)
            await change.arm()
            stage.act(change)
            header.played_by.ends = True


async def test_arming_shows_every_surface_once(stage: Stage) -> None:
    header = stage.place()
    async with stage.change() as change:
        change.expect(stage.new, on=header)
        await asyncio.gather(change.arm(), change.arm())
        await change.arm()
        header.played_by.play(stage.act(change), stage.scene("header", stage.new))
    assert header.shown == 1


async def test_what_is_done_to_show_a_surface_neither_arms_nor_counts_as_an_action(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
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


async def test_expecting_after_the_action_is_refused(stage: Stage) -> None:
    header = stage.place()
    with pytest.raises(RuntimeError, match="before the first action"):
        async with stage.change() as change:
            change.expect(stage.new, on=header)
            await change.arm()
            change.expect(stage.new, on=header)


async def test_a_block_that_expects_or_does_nothing_is_refused(stage: Stage) -> None:
    with pytest.raises(RuntimeError, match="nothing is expected"):
        async with stage.change() as change:
            await change.arm()
    with pytest.raises(RuntimeError, match="nothing was done"):
        async with stage.change() as change:
            change.expect(stage.new, on=stage.place())


@pytest.mark.parametrize("settings", [{"within": 0.0}, {"within": 1.0, "patience": 0.5}])
async def test_a_budget_that_makes_no_sense_is_refused(stage: Stage, settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="budget"):
        stage.change(**settings)


@pytest.mark.parametrize("within", [0, -1.0, float("nan"), float("inf"), 10**400])
def test_a_budget_is_a_number_of_seconds_that_somebody_waits(stage: Stage, within: float) -> None:
    with pytest.raises(ValueError, match="a budget is longer than 0 s, and 3,600 s at most"):
        stage.change(within=within)
