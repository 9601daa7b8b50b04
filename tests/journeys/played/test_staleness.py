"""A picture that was replaced is caught in every single frame that shows it, and nothing else is accused."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from flutter_bridge import AppUnreachable, Box
from journeys import ObserverError, Picture, StaleShown, UsageError
from journeys.profile import Member, ProfileCast
from journeys.timeline import StepEnded

if TYPE_CHECKING:
    from tests.journeys.played.conftest import DrawnApp, MemoryStage

HEADER = Box(10, 10, 40, 40)
POST = Box(10, 80, 48, 48)
ELSEWHERE = Box(200, 330, 48, 48)


@pytest.fixture
async def alice(players: ProfileCast, book: list[Picture]) -> Member:
    return await players.member("alice", picture=book[1], posts=["Look at me"])


@pytest.fixture
async def bob(players: ProfileCast) -> Member:
    return await players.member("bob")


@pytest.fixture
async def app(alice: Member, memory: MemoryStage) -> DrawnApp:
    return memory.opened["alice"]


@pytest.fixture
def old(book: list[Picture]) -> Picture:
    return book[0]


async def frames_taken() -> None:
    """Let the frames painted so far be collected."""
    for _ in range(20):
        await asyncio.sleep(0)


async def test_one_single_stale_frame_is_caught_and_kept(
    players: ProfileCast, alice: Member, app: DrawnApp, old: Picture, evidence: Path
) -> None:
    with pytest.raises(StaleShown) as raised:
        async with players.expect_never(old, alice.header):
            app.paint()
            app.flash(old, HEADER)
            await frames_taken()
    kept = evidence / "stale-header-alice.jpg"
    assert str(raised.value) == f"alice's header painted {old.name}, replaced before: see {kept}"
    assert kept.stat().st_size > 0
    assert players.timeline.events_of(StepEnded)[-1].error == str(raised.value)


async def test_fresh_pictures_are_not_accused_nor_is_the_old_one_where_no_surface_is(
    players: ProfileCast, alice: Member, app: DrawnApp, old: Picture, book: list[Picture]
) -> None:
    async with players.expect_never(old, alice.header, alice.profile_screen):
        app.flash(book[2], HEADER)
        app.flash(old, ELSEWHERE)
        await alice.profile_screen.expect(book[1])
        await alice.feed.show()
        await alice.restart_app()
        await frames_taken()
    assert not players.timeline.events_of(StepEnded)[-1].error


async def test_a_surface_shown_only_at_the_end_is_looked_for_in_earlier_frames_too(
    players: ProfileCast, alice: Member, app: DrawnApp, old: Picture
) -> None:
    await alice.profile_screen.show()
    post = alice.feed.post_by(alice)
    with pytest.raises(StaleShown, match="alice's feed painted"):
        async with players.expect_never(old, alice.header, post):
            app.flash(old, POST)
            await alice.feed.show()
            await frames_taken()


async def test_each_onlookers_app_is_watched(
    players: ProfileCast, alice: Member, bob: Member, memory: MemoryStage, old: Picture
) -> None:
    post = bob.feed.post_by(alice)
    with pytest.raises(StaleShown, match=f"bob's feed painted {old.name}"):
        async with players.expect_never(old, alice.header, post):
            await post.show()
            memory.opened["bob"].flash(old, POST)
            await frames_taken()


async def test_a_surface_that_was_never_there_certifies_nothing(
    players: ProfileCast, alice: Member, bob: Member, old: Picture
) -> None:
    with pytest.raises(ObserverError, match=r"nothing was seen of alice's profile screen .* 0 boxes"):
        async with players.expect_never(old, alice.profile_screen):
            await frames_taken()


async def test_frames_that_end_too_soon_certify_nothing(
    players: ProfileCast, alice: Member, app: DrawnApp, old: Picture
) -> None:
    with pytest.raises(ObserverError, match=r"alice's stream of frames \(drawn\) ended while it was watched"):
        async with players.expect_never(old, alice.header):
            app.end_streams()
            await asyncio.Event().wait()


async def test_watching_nothing_is_refused(players: ProfileCast, old: Picture) -> None:
    with pytest.raises(UsageError, match=f"expect_never\\({old.name}\\) watches nothing"):
        async with players.expect_never(old):
            pass


@pytest.mark.parametrize("failure", [AssertionError("it shows nothing"), AppUnreachable("the app went away")])
async def test_what_goes_wrong_inside_is_raised_as_it_is(
    players: ProfileCast, alice: Member, old: Picture, failure: Exception
) -> None:
    with pytest.raises(type(failure)) as raised:
        async with players.expect_never(old, alice.header):
            raise failure
    assert raised.value is failure
    assert players.timeline.events_of(StepEnded)[-1].error == str(failure)


async def test_cancelling_is_passed_on(players: ProfileCast, alice: Member, old: Picture) -> None:
    async def watch() -> None:
        async with players.expect_never(old, alice.header):
            await asyncio.Event().wait()

    watching = asyncio.create_task(watch())
    await frames_taken()
    watching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await watching
