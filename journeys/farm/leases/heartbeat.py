"""Renews a lease while its block runs, and ends the block where the lease is lost."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from journeys.errors import JourneysError
from journeys.farm.leases.lease import Lease, LeaseLost

BEATS = 4
"""How often a lease is renewed within its time to live, so that a few may get lost."""


@asynccontextmanager
async def kept_alive(
    lease: Lease, ttl: float, beat: Callable[[float], Awaitable[bool]]
) -> AsyncIterator[None]:
    """Call `beat` again and again while the context is open; it says whether its holder still has the lease.

    `beat` is given the seconds within which it has to answer. Where it says no, or did not come through for
    as long as the time to live, the block is cancelled and `LeaseLost` raised: somebody else may have the
    device.
    """
    loop = asyncio.get_running_loop()

    async def renew() -> str:
        """Return why the lease is lost, as soon as it is."""
        # From before the beat was sent: by no clock but one that only counts seconds, and on the safe side.
        renewed = loop.time()
        while True:
            await asyncio.sleep(ttl / BEATS)  # a heartbeat is about time itself
            sent = loop.time()
            left = renewed + ttl - sent
            if left <= 0:
                return "no heartbeat came through within its time to live"
            try:
                if not await beat(min(left, ttl / BEATS)):
                    return "it was released by force, or given on after its time to live"
                renewed = sent
            except JourneysError:
                # The database may be back before the time is up.
                continue

    def end(beating: asyncio.Task[str]) -> None:
        # However the heartbeat ends: without one nobody may go on.
        if not beating.cancelled():
            scope.reschedule(loop.time())

    beating = asyncio.create_task(renew())
    try:
        async with asyncio.timeout(None) as scope:
            beating.add_done_callback(end)
            try:
                yield
            finally:
                beating.cancel()
                await asyncio.wait([beating])
    except TimeoutError:
        if beating.cancelled():
            raise  # the block's own
        raise LeaseLost(f"{lease.holder} lost {lease.device} of {lease.pool}: {beating.result()}") from None
