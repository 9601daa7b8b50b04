"""Leases devices that several sessions share, on this machine or on many, for as long as an actor plays."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, NoReturn

from journeys.errors import InfrastructureError

if TYPE_CHECKING:
    from journeys.farm.leases import Leases

FIRST = 900.0
"""Seconds to wait for a journey's first device: others' journeys end before."""

ANOTHER = 60.0
"""Seconds to wait for one more: two journeys that wait for each other's devices have to give way."""


class Leasing:
    """The leases that a session takes; `holder` is whom they are in the name of."""

    def __init__(self, leases: Leases, *, holder: str) -> None:
        self._leases = leases
        self._holder = holder
        self._lost: asyncio.Queue[BaseException] = asyncio.Queue()

    @asynccontextmanager
    async def device(self, pool: str, devices: Sequence[str], *, first: bool) -> AsyncIterator[str]:
        """Lease one of a pool's devices while the context is open; `first`: none is held yet.

        Raises `InfrastructureError` where none got free in time.
        """
        got: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        done = asyncio.Event()
        # In a task of its own: where a lease is lost the block around it is cancelled, and a journey's apps
        # are opened in one task and closed in another.
        holding = asyncio.create_task(self._hold(pool, devices, FIRST if first else ANOTHER, got, done))
        try:
            await asyncio.wait((holding, got), return_when=asyncio.FIRST_COMPLETED)
            if not got.done():
                await holding
            yield got.result()
        finally:
            done.set()
            if not got.done():
                holding.cancel()
            await asyncio.gather(holding, return_exceptions=True)

    async def watch(self) -> NoReturn:
        """Wait until a device is taken away while it is in use, and raise then."""
        raise await self._lost.get()

    async def _hold(
        self,
        pool: str,
        devices: Sequence[str],
        patience: float,
        got: asyncio.Future[str],
        done: asyncio.Event,
    ) -> None:
        try:
            async with self._leases.lease(pool, devices, holder=self._holder, patience=patience) as lease:
                got.set_result(lease.device)
                await done.wait()
        except InfrastructureError as problem:
            if not got.done():
                raise
            if not done.is_set():
                self._lost.put_nowait(problem)
