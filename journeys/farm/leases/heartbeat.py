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
    reason = ""
    loop = asyncio.get_running_loop()

    async def renew(scope: asyncio.Timeout) -> None:
        nonlocal reason
        # From before the beat was sent: by no clock but one that only counts seconds, and on the safe side.
        renewed = loop.time()
        while not reason:
            await asyncio.sleep(ttl / BEATS)
            sent = loop.time()
            left = renewed + ttl - sent
            try:
                if left <= 0:
                    reason = "no heartbeat came through within its time to live"
                elif await beat(min(left, ttl / BEATS)):
                    renewed = sent
                else:
                    reason = "it was released by force, or given on after its time to live"
            except JourneysError:
                # The database may be back before the time is up.
                continue
        scope.reschedule(loop.time())

    try:
        async with asyncio.timeout(None) as scope:
            beating = asyncio.create_task(renew(scope))
            try:
                yield
            finally:
                beating.cancel()
                await asyncio.wait([beating])
    except TimeoutError:
        if not reason:
            raise
        raise LeaseLost(f"{lease.holder} lost {lease.device} of {lease.pool}: {reason}") from None
