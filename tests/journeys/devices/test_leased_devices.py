"""Devices that others have, too, leased for as long as an actor plays; and what becomes of a lost lease."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

import pytest

from flutter_bridge.appium import AppiumSession
from journeys.devices.leases import Lease, LeaseLost, Leases
from journeys.devices.sessions import DevicePool, Leasing
from journeys.errors import InfrastructureError, UsageError


class Shelf:
    """Leases in memory: who has which device, and a way to take one by force."""

    def __init__(self) -> None:
        self.holders: dict[str, str] = {}
        self.taken: dict[str, asyncio.Event] = {}

    @asynccontextmanager
    async def lease(
        self, pool: str, devices: Sequence[str], *, holder: str, patience: float | None
    ) -> AsyncIterator[Lease]:
        device = next((each for each in devices if each not in self.holders), None)
        if device is None:
            raise InfrastructureError(f"no device of {pool} got free within {patience} s")
        self.holders[device], self.taken[device] = holder, asyncio.Event()
        try:
            async with asyncio.TaskGroup() as group:
                watching = group.create_task(self._until_taken(device))
                yield Lease(pool=pool, device=device, holder=holder, term=1)
                watching.cancel()
        except* LeaseLost as lost:
            raise lost.exceptions[0] from None
        finally:
            del self.holders[device]

    async def _until_taken(self, device: str) -> None:
        await self.taken[device].wait()
        raise LeaseLost(f"{device} was taken away")


@asynccontextmanager
async def connect(device: str | None) -> AsyncIterator[AppiumSession]:
    yield cast(AppiumSession, device)


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


def pool_of(shelf: Shelf, *devices: str, played: list[str] | None = None) -> tuple[DevicePool, Leasing]:
    leasing = Leasing(cast(Leases, shelf), holder="a night gw0")
    noted = played if played is not None else []
    return DevicePool("phone", devices, connect, leasing=leasing, shared="here", noted=noted.append), leasing


async def test_a_device_is_leased_while_an_actor_plays_and_no_longer(shelf: Shelf) -> None:
    played: list[str] = []
    pool, _ = pool_of(shelf, "one", "two", played=played)
    async with pool.lease("alice") as hers, pool.lease("bob") as his:
        assert (cast(str, hers), cast(str, his)) == ("one", "two")
        assert shelf.holders == {"one": "a night gw0", "two": "a night gw0"}
    assert (shelf.holders, played) == ({}, ["one", "two"])


async def test_what_somebody_else_has_is_passed_over(shelf: Shelf) -> None:
    shelf.holders["one"] = "another machine"
    pool, _ = pool_of(shelf, "one", "two")
    async with pool.lease("alice") as hers:
        assert cast(str, hers) == "two"
    with pytest.raises(InfrastructureError, match="got free"):
        async with pool.lease("alice"), pool.lease("bob"):
            pass
    assert shelf.holders == {"one": "another machine"}


async def test_more_actors_than_devices_is_nothing_to_wait_for(shelf: Shelf) -> None:
    pool, _ = pool_of(shelf, "one")
    with pytest.raises(UsageError, match="bob needs a device of their own"):
        async with pool.lease("alice"), pool.lease("bob"):
            pass
    assert not shelf.holders


async def test_a_device_that_is_taken_away_is_said_to_whoever_watches(shelf: Shelf) -> None:
    pool, leasing = pool_of(shelf, "one")
    async with pool.lease("alice"):
        shelf.taken["one"].set()
        with pytest.raises(LeaseLost, match="one was taken away"):
            async with asyncio.timeout(20):
                await leasing.watch()
    assert not shelf.holders


async def test_an_app_may_be_closed_in_another_task_than_it_was_opened_in(shelf: Shelf) -> None:
    pool, _ = pool_of(shelf, "one")
    leased = pool.lease("alice")
    await asyncio.create_task(leased.__aenter__())
    assert shelf.holders == {"one": "a night gw0"}
    await asyncio.create_task(leased.__aexit__(None, None, None))
    assert not shelf.holders
