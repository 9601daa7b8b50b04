"""One device for each actor, and a session that outlives its actor but not its device."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import pytest

from flutter_bridge import BridgeError
from flutter_bridge.appium import AppiumSession
from journeys.devices.sessions import DevicePool
from journeys.errors import UsageError


@dataclass
class Session:
    """A session that only knows which device it is with, and whether that is gone."""

    device: str | None
    is_lost: bool = False


class Sessions:
    """Opens sessions, and keeps count of them."""

    def __init__(self) -> None:
        self.opened: list[str | None] = []
        self.open: list[str | None] = []

    @asynccontextmanager
    async def connect(self, device: str | None) -> AsyncIterator[AppiumSession]:
        self.opened.append(device)
        self.open.append(device)
        try:
            yield cast(AppiumSession, Session(device))
        finally:
            self.open.remove(device)


def device_of(session: AppiumSession) -> str | None:
    return cast(Session, session).device


def lose(session: AppiumSession) -> None:
    cast(Session, session).is_lost = True


@pytest.fixture
def sessions() -> Sessions:
    return Sessions()


async def test_actors_at_the_same_time_have_devices_of_their_own(sessions: Sessions) -> None:
    async with (
        DevicePool("android", ["one", "two"], sessions.connect) as pool,
        pool.lease("alice") as hers,
        pool.lease("bob") as his,
    ):
        assert (device_of(hers), device_of(his)) == ("one", "two")
    assert sessions.opened == ["one", "two"]
    assert not sessions.open


async def test_a_session_on_which_no_app_could_be_opened_is_not_kept(sessions: Sessions) -> None:
    async with DevicePool("android", ["one"], sessions.connect) as pool:
        with pytest.raises(BridgeError, match="no screenshot"):
            async with pool.lease("alice"):
                raise BridgeError("no screenshot can be taken")
        assert not sessions.open
        async with pool.lease("bob") as his:
            assert device_of(his) == "one"
    assert sessions.opened == ["one", "one"]


async def test_a_session_is_kept_for_the_next_actor(sessions: Sessions) -> None:
    async with DevicePool("android", ["one"], sessions.connect) as pool:
        async with pool.lease("alice"):
            pass
        async with pool.lease("bob") as his:
            assert device_of(his) == "one"
        assert sessions.open == ["one"]
    assert sessions.opened == ["one"]
    assert not sessions.open


async def test_a_lost_device_gets_a_new_session(sessions: Sessions) -> None:
    async with DevicePool("android", ["one"], sessions.connect) as pool:
        # Whoever holds the lease may end it long after the journey has failed by it, and without an error.
        async with pool.lease("alice") as hers:
            lose(hers)
        assert not sessions.open
        async with pool.lease("bob"):
            pass
    assert sessions.opened == ["one", "one"]


async def test_a_failed_journey_loses_no_session(sessions: Sessions) -> None:
    async with DevicePool("android", ["one"], sessions.connect) as pool:
        with pytest.raises(AssertionError):
            async with pool.lease("alice"):
                raise AssertionError("the app shows the wrong thing")
        async with pool.lease("bob"):
            pass
    assert sessions.opened == ["one"]


async def test_an_actor_too_many_is_told_who_has_the_devices_and_what_to_do(sessions: Sessions) -> None:
    async with (
        DevicePool("android", ["one"], sessions.connect, advice="play bob elsewhere") as pool,
        pool.lease("alice"),
    ):
        with pytest.raises(UsageError) as caught:
            await pool.lease("bob").__aenter__()
    assert str(caught.value) == (
        "bob needs a device of their own, and android has 1 (one with alice): play bob elsewhere"
    )


async def test_a_farm_gives_as_many_devices_as_there_are_actors(sessions: Sessions) -> None:
    async with DevicePool("farm", [], sessions.connect) as pool:
        async with pool.lease("alice"), pool.lease("bob"):
            assert sessions.open == [None, None]
        async with pool.lease("carol"):
            pass
        assert sessions.opened == [None, None]
    assert not sessions.open
