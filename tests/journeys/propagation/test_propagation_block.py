"""The block in which a change is watched: what it starts it stops, and what makes no sense it refuses."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING

import pytest

from flutter_bridge import AppUnreachable, Interval, now
from journeys.commits import Commit
from journeys.errors import InfrastructureError, UsageError
from journeys.propagation import ObserverError
from journeys.timeline import StreamReopened, Verdict, VerdictReached
from tests.tasks import own_tasks

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig


async def test_its_own_error_passes_through_and_everything_is_stopped(rig: Rig) -> None:
    header = rig.place()
    with own_tasks() as tasks:
        with pytest.raises(LookupError, match="the journey's own"):
            async with rig.change() as change:
                change.expect(rig.new, on=header)
                await change.arm()
                assert header.played_by.streaming == 1
                assert tasks()
                raise LookupError("the journey's own")
        assert not tasks()
    assert header.played_by.streaming == 0
    assert rig.commits.listening == 0
    assert rig.timeline.events_of(VerdictReached) == []


async def test_a_good_end_stops_everything_too(rig: Rig) -> None:
    header = rig.place()
    with own_tasks() as tasks:
        async with rig.change() as change:
            change.expect(rig.new, on=header)
            await change.arm()
            header.played_by.play(rig.act(change), rig.scene("header", rig.new))
        assert not tasks()
    assert (header.played_by.streaming, rig.commits.listening) == (0, 0)


async def test_an_app_that_goes_away_ends_it_at_once(rig: Rig) -> None:
    header = rig.place()
    with pytest.raises(AppUnreachable, match="the browser is gone"):
        async with rig.change() as change:
            change.expect(rig.new, on=header)
            await change.arm()
            header.played_by.failure = AppUnreachable("the browser is gone")
            await asyncio.Event().wait()


async def test_a_stream_that_ends_certifies_nothing(rig: Rig) -> None:
    header = rig.place()
    with pytest.raises(ObserverError, match=r"alice's stream of frames .* ended"):
        async with rig.change() as change:
            change.expect(rig.new, on=header)
            await change.arm()
            rig.act(change)
            header.played_by.ends = True


@pytest.mark.parametrize(("silent", "streams"), [(1, 2), (9, 2)])
async def test_a_stream_that_does_not_begin_is_begun_again_once_and_everyone_is_told(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, silent: int, streams: int
) -> None:
    monkeypatch.setattr("journeys.propagation.propagation._STARTING_S", 0.3)
    header, feed = rig.place(), rig.place("feed", "bob")
    header.played_by.silent = silent
    lasts = pytest.raises(InfrastructureError, match=r"^no frames of alice came in time: the change was not")
    with lasts if silent > streams else nullcontext():
        async with rig.change() as change:
            change.expect(rig.new, on=header)
            change.expect(rig.new, on=feed)
            await change.arm()
            moment = rig.act(change)
            for place, name in ((header, "header"), (feed, "feed")):
                place.played_by.play(moment, rig.scene(name, rig.new))
    (told,) = rig.timeline.events_of(StreamReopened)
    assert told.summary == "alice's frames on rig were asked for again: none came within 0.3 s"
    assert (header.played_by.streams, feed.played_by.streams) == (streams, 1)
    assert header.played_by.streaming == feed.played_by.streaming == rig.commits.listening == 0


async def test_a_backend_that_never_says_that_it_listens_is_no_verdict(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.propagation.propagation._STARTING_S", 0.2)
    monkeypatch.setattr(rig.commits, "listen", _listen_in_vain)
    with pytest.raises(InfrastructureError, match=r"^no word of commits came in time"):
        async with rig.change() as change:
            change.expect(rig.new, on=rig.place())
            await change.arm()


@asynccontextmanager
async def _listen_in_vain(_: str) -> AsyncIterator[AsyncIterator[Commit]]:
    await asyncio.Event().wait()
    yield aiter(())  # type: ignore[arg-type]  # which nobody reaches


async def test_arming_shows_every_surface_once(rig: Rig) -> None:
    header = rig.place()
    async with rig.change() as change:
        change.expect(rig.new, on=header)
        await asyncio.gather(change.arm(), change.arm())
        await change.arm()
        header.played_by.play(rig.act(change), rig.scene("header", rig.new))
    assert header.shown == 1


async def test_what_is_done_to_show_a_surface_neither_arms_nor_counts_as_an_action(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    header = rig.place()
    async with rig.change(commits=None) as change:

        async def show() -> None:
            await change.arm()
            change.record_action(Interval.at(now()))

        monkeypatch.setattr(header, "show", show)
        change.expect(rig.new, on=header)
        await change.arm()
        header.played_by.play(now(), rig.scene("header", rig.new))
        change.record_action(Interval.at(now()))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.verdict is Verdict.PASSED


async def test_expecting_after_the_action_is_refused(rig: Rig) -> None:
    header = rig.place()
    with pytest.raises(UsageError, match="before the first action"):
        async with rig.change() as change:
            change.expect(rig.new, on=header)
            await change.arm()
            change.expect(rig.new, on=header)


async def test_a_block_that_expects_or_does_nothing_is_refused(rig: Rig) -> None:
    with pytest.raises(UsageError, match="nothing is expected"):
        async with rig.change() as change:
            await change.arm()
    with pytest.raises(UsageError, match="nothing was done"):
        async with rig.change() as change:
            change.expect(rig.new, on=rig.place())


@pytest.mark.parametrize("settings", [{"within": 0.0}, {"within": 1.0, "patience": 0.5}])
async def test_a_budget_that_makes_no_sense_is_refused(rig: Rig, settings: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="budget"):
        rig.change(**settings)


@pytest.mark.parametrize("within", [0, -1.0, float("nan"), float("inf"), 10**400])
def test_a_budget_is_a_number_of_seconds_that_somebody_waits(rig: Rig, within: float) -> None:
    with pytest.raises(ValueError, match="a budget is longer than 0 s, and 3,600 s at most"):
        rig.change(within=within)
