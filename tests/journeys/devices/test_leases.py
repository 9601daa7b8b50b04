"""Leases: a device is one holder's at a time, and free again whatever becomes of its holder."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from journeys.devices.leases import HeldLease, Lease, LeaseLost, Leases
from journeys.devices.leases.leases import keep_alive
from journeys.errors import InfrastructureError

SOON = 20.0
"""Seconds that no test needs; what doesn't happen within them never does."""

HOLDER = """
import asyncio, sys
from pathlib import Path
from journeys.devices.leases import Leases, open_database

async def hold():
    async with open_database(sys.argv[1], Path()) as database:
        async with Leases(database).lease("phones", ["pixel"], holder="killed", ttl=float(sys.argv[2])):
            print("has it", flush=True)
            await asyncio.Event().wait()

asyncio.run(hold())
"""


@asynccontextmanager
async def holding(leases: Leases, who: str, *devices: str, ttl: float = 30.0) -> AsyncIterator[Lease]:
    async with leases.lease("phones", devices or ("pixel",), holder=who, ttl=ttl, patience=SOON) as lease:
        yield lease


async def test_a_device_is_given_to_the_next_one_once_it_is_given_back(leases: Leases) -> None:
    async with holding(leases, "alice") as first:
        waiting = asyncio.ensure_future(holding(leases, "bob").__aenter__())
        await asyncio.wait([waiting], timeout=0.1)
        assert not waiting.done()
    second = await waiting

    assert (first.holder, second.holder) == ("alice", "bob")
    assert second.term == first.term + 1


async def test_many_who_ask_at_once_never_have_the_same_device(leases: Leases) -> None:
    in_use: set[str] = set()
    all_three = asyncio.Barrier(3)

    async def use(number: int) -> None:
        async with holding(leases, f"runner {number}", "a", "b", "c") as lease:
            assert lease.device not in in_use
            in_use.add(lease.device)
            await asyncio.wait_for(all_three.wait(), SOON)
            in_use.remove(lease.device)

    await asyncio.gather(*(use(number) for number in range(12)))

    assert await leases.list_held() == []


async def test_who_gets_no_device_in_time_is_told_who_has_it(leases: Leases) -> None:
    async with holding(leases, "night 7 gw0"):
        with pytest.raises(
            InfrastructureError, match=r"bob got no device of phones within 0.1 s \(pixel with night 7 gw0\)"
        ):
            async with leases.lease("phones", ["pixel"], holder="bob", patience=0.1):
                pass


async def test_the_device_of_a_killed_process_is_free_after_its_time_to_live(
    leases: Leases, own_database: str
) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLDER, own_database, "0.4", stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"has it\n"
    process.kill()
    await process.wait()
    (dead,) = await leases.list_held()

    async with holding(leases, "bob") as lease:
        assert (dead.holder, dead.device, lease.device) == ("killed", "pixel", "pixel")


async def test_a_heartbeat_keeps_a_device_for_longer_than_its_time_to_live(leases: Leases) -> None:
    ttl = 0.5
    async with holding(leases, "alice", ttl=ttl), asyncio.timeout(SOON):
        while (await only_lease(leases)).age_s < 3 * ttl:
            with pytest.raises(InfrastructureError):
                async with leases.lease("phones", ["pixel"], holder="bob", patience=0.05):
                    pass


async def test_a_device_that_is_released_by_force_ends_what_its_holder_does_with_it(leases: Leases) -> None:
    begun = asyncio.Event()

    async def play() -> None:
        async with holding(leases, "alice", ttl=1.0):
            begun.set()
            await asyncio.Event().wait()

    playing = asyncio.create_task(play())
    await begun.wait()
    taken = await leases.release("phones", "pixel")

    assert taken is not None
    assert taken.holder == "alice"
    with pytest.raises(LeaseLost, match="alice lost pixel of phones: it was released by force"):
        await asyncio.wait_for(playing, SOON)
    assert await leases.release("phones", "pixel") is None


async def test_who_loses_a_device_does_not_give_back_what_is_another_ones(leases: Leases) -> None:
    async def play() -> None:
        async with holding(leases, "alice", ttl=1.0):
            await leases.release("phones", "pixel")
            await bobs.__aenter__()
            await asyncio.Event().wait()

    bobs = holding(leases, "bob")
    with pytest.raises(LeaseLost):
        await play()

    assert (await only_lease(leases)).holder == "bob"
    await bobs.__aexit__(None, None, None)


async def test_a_holder_whose_heartbeats_do_not_come_through_gives_up_in_time() -> None:
    async def cut_off(_: float) -> bool:
        raise InfrastructureError("the store can't be reached")

    lease = Lease(pool="phones", device="pixel", holder="alice", term=1)
    with pytest.raises(LeaseLost, match="no heartbeat came through within its time to live"):
        async with keep_alive(lease, 0.1, cut_off):
            await asyncio.Event().wait()


async def test_a_heartbeat_that_breaks_ends_the_block_too() -> None:
    async def broken(_: float) -> bool:
        raise ZeroDivisionError

    lease = Lease(pool="phones", device="pixel", holder="alice", term=1)
    with pytest.raises(ZeroDivisionError):
        async with keep_alive(lease, 0.1, broken):
            await asyncio.Event().wait()


async def test_one_lost_heartbeat_costs_nobody_a_device() -> None:
    beats = 0
    enough = asyncio.Event()

    async def every_other(_: float) -> bool:
        nonlocal beats
        beats += 1
        if beats % 2:
            raise InfrastructureError("the store can't be reached")
        if beats == 4:
            enough.set()
        return True

    lease = Lease(pool="phones", device="pixel", holder="alice", term=1)
    async with keep_alive(lease, 2.0, every_other):
        await asyncio.wait_for(enough.wait(), SOON)


async def test_what_a_block_raises_comes_out_of_it_as_it_is(leases: Leases) -> None:
    with pytest.raises(TimeoutError, match="of the block's own"):
        async with holding(leases, "alice"):
            raise TimeoutError("of the block's own")

    assert await leases.list_held() == []


async def test_a_machine_whose_clock_is_a_day_ahead_neither_keeps_nor_takes_more(
    leases: Leases, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with holding(leases, "alice"):
        monkeypatch.setattr(time, "time", lambda now=time.time: now() + 86_400)
        with pytest.raises(InfrastructureError, match="pixel with alice"):
            async with leases.lease("phones", ["pixel"], holder="skewed", patience=0.05):
                pass
    async with holding(leases, "skewed", ttl=30.0):
        lease = await only_lease(leases)

    assert lease.age_s < SOON
    assert lease.left_s <= 30.0


async def test_who_is_cancelled_leaves_no_device_leased(leases: Leases) -> None:
    """Cancelled at any step on the way to a device and back: Ctrl-C waits for none of them."""

    async def use() -> None:
        async with holding(leases, "gone"):
            pass

    for moment in range(30):
        using = asyncio.ensure_future(use())
        await asyncio.sleep(moment * 0.0005)
        using.cancel()
        await asyncio.wait([using])
        assert await leases.list_held() == []


async def test_pools_are_apart(leases: Leases) -> None:
    async with holding(leases, "alice"), leases.lease("tablets", ["pixel"], holder="bob", patience=SOON):
        assert [(one.pool, one.holder) for one in await leases.list_held()] == [
            ("phones", "alice"),
            ("tablets", "bob"),
        ]


async def only_lease(leases: Leases) -> HeldLease:
    (lease,) = await leases.list_held()
    return lease
