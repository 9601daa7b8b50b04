"""Gives devices to holders on many machines; times are the database's, never a machine's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from journeys.devices.leases.database import StoreDatabase
from journeys.errors import InfrastructureError, JourneysError

RELEASE_TIMEOUT_S = 5.0
"""Within that a device is given back; after it its time to live has to do it."""

MIN_PAUSE_S, MAX_PAUSE_S = 0.05, 0.5
"""Between two looks for a free device."""

BEATS = 4
"""How often a lease is renewed within its time to live, so that a few may get lost."""

_TAKE = """
    UPDATE leases
    SET holder = $3, term = term + 1, taken_at = clock_timestamp(),
        expires_at = clock_timestamp() + make_interval(secs => $4)
    WHERE pool = $1 AND device = (
        SELECT device FROM leases
        WHERE pool = $1 AND device = ANY($2) AND (holder IS NULL OR expires_at <= clock_timestamp())
        ORDER BY array_position($2, device)
        LIMIT 1
        -- Somebody else who takes one now gets another one.
        FOR UPDATE SKIP LOCKED
    )
    RETURNING device, term
"""

_HELD = """
    SELECT pool, device, holder, term,
        extract(epoch FROM clock_timestamp() - taken_at)::double precision AS age_s,
        extract(epoch FROM expires_at - clock_timestamp())::double precision AS left_s
    FROM leases WHERE holder IS NOT NULL
"""


class LeaseLost(InfrastructureError):
    """A device was taken from its holder: by force, or because no heartbeat came within its time to live."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """A device of a pool that is its holder's; `term` counts its leases, so that no two are alike."""

    pool: str
    device: str
    holder: str
    term: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldLease(Lease):
    """A device that somebody has: for `age_s` seconds by now, and for `left_s` more without a heartbeat.

    `left_s` is below 0 where the holder has gone: the next one who asks gets the device.
    """

    age_s: float
    left_s: float


class Leases:
    """Gives devices to holders who share a database, each device to one at a time."""

    def __init__(self, database: StoreDatabase) -> None:
        self._database = database

    @asynccontextmanager
    async def lease(
        self,
        pool: str,
        devices: Sequence[str],
        *,
        holder: str,
        ttl: float = 30.0,
        patience: float | None = None,
    ) -> AsyncIterator[Lease]:
        """Hold one of the pool's `devices`, the first that is free, while the context is open.

        Its time to live is `ttl` seconds; a heartbeat renews it in this scope. Waits up to `patience` seconds
        for a device, None: for as long as it takes. Raises `InfrastructureError` where none got free. Where
        the device was taken away meanwhile, the block is cancelled and `LeaseLost` raised.
        """
        lease = await self._wait_for_one(pool, list(dict.fromkeys(devices)), holder, ttl, patience)
        try:
            async with keep_alive(lease, ttl, lambda within: self._beat(lease, ttl, within)):
                yield lease
        finally:
            await _finish(self._give_back(lease))

    async def list_held(self) -> list[HeldLease]:
        """Return all devices that somebody has, by pool and device, those whose time is up included."""
        return [HeldLease(**row) for row in await self._database.rows(f"{_HELD} ORDER BY pool, device")]

    async def release(self, pool: str, device: str) -> HeldLease | None:
        """Take a device from whoever has it, and return who that was; None where nobody had it."""
        async with self._database.transaction() as connection:
            rows = await connection.fetch(f"{_HELD} AND pool = $1 AND device = $2 FOR UPDATE", pool, device)
            await connection.execute(
                "UPDATE leases SET holder = NULL WHERE pool = $1 AND device = $2", pool, device
            )
        return HeldLease(**rows[0]) if rows else None

    async def _wait_for_one(
        self, pool: str, devices: list[str], holder: str, ttl: float, patience: float | None
    ) -> Lease:
        if not devices:
            raise InfrastructureError(f"{holder} can't have a device of {pool}: it has none")
        await self._database.rows(
            "INSERT INTO leases (pool, device) SELECT $1, unnest($2::text[]) ON CONFLICT DO NOTHING",
            pool,
            devices,
        )
        try:
            async with asyncio.timeout(patience):
                while True:
                    lease = await self._take(pool, devices, holder, ttl)
                    if lease is not None:
                        return lease
                    # A lease that runs out tells nobody.
                    await asyncio.sleep(await self._pause(pool, devices))
        except TimeoutError:
            raise InfrastructureError(await self._describe_holders(pool, devices, holder, patience)) from None

    async def _take(self, pool: str, devices: list[str], holder: str, ttl: float) -> Lease | None:
        async def take() -> Lease | None:
            row = await self._database.row(_TAKE, pool, devices, holder, ttl)
            return row and Lease(pool=pool, device=row["device"], holder=holder, term=row["term"])

        taking = asyncio.ensure_future(take())
        try:
            return await asyncio.shield(taking)
        except asyncio.CancelledError:
            # It may be taken by now, for somebody who has gone.
            if lease := await taking:
                await self._give_back(lease)
            raise

    async def _pause(self, pool: str, devices: list[str]) -> float:
        """Return the seconds until it is worth another look: until a lease ends, but not for long."""
        row = await self._database.row(
            "SELECT extract(epoch FROM min(expires_at) - clock_timestamp())::double precision AS left_s "
            "FROM leases WHERE pool = $1 AND device = ANY($2) AND holder IS NOT NULL",
            pool,
            devices,
        )
        return min(max(row["left_s"] or MIN_PAUSE_S, MIN_PAUSE_S), MAX_PAUSE_S)

    async def _beat(self, lease: Lease, ttl: float, within: float) -> bool:
        row = await self._database.row(
            "UPDATE leases SET expires_at = clock_timestamp() + make_interval(secs => $4) "
            "WHERE pool = $1 AND device = $2 AND term = $3 AND holder IS NOT NULL RETURNING 1",
            lease.pool,
            lease.device,
            lease.term,
            ttl,
            timeout=within,
        )
        return row is not None

    async def _give_back(self, lease: Lease) -> None:
        # A database that is gone learns of it when the time is up.
        try:
            await self._database.rows(
                "UPDATE leases SET holder = NULL WHERE pool = $1 AND device = $2 AND term = $3",
                lease.pool,
                lease.device,
                lease.term,
                timeout=RELEASE_TIMEOUT_S,
            )
        except InfrastructureError:
            return

    async def _describe_holders(
        self, pool: str, devices: list[str], holder: str, patience: float | None
    ) -> str:
        who = ", ".join(
            f"{one.device} with {one.holder}"
            for one in await self.list_held()
            if one.pool == pool and one.device in devices
        )
        return (
            f"{holder} got no device of {pool} within {patience:g} s ({who}): "
            "`journeys farm devices` shows who has which, `journeys farm release` frees one"
        )


@asynccontextmanager
async def keep_alive(
    lease: Lease, ttl: float, beat: Callable[[float], Awaitable[bool]]
) -> AsyncIterator[None]:
    """Call `beat` again and again while the context is open; it says whether its holder still has the lease.

    `beat` gets the seconds within which it has to answer. Where it says no, or did not come through for
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


async def _finish(work: Awaitable[None]) -> None:
    """Wait until something is done, also where we are cancelled meanwhile: by Ctrl-C, for one."""
    doing = asyncio.ensure_future(work)
    try:
        await asyncio.shield(doing)
    except asyncio.CancelledError:
        await doing
        raise
