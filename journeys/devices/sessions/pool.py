"""Leases the devices of one target to actors, one device each, and keeps their sessions for those to come."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING, NoReturn, Self

from flutter_bridge import BridgeError
from flutter_bridge.appium import AppiumSession
from journeys.errors import InfrastructureError, UsageError

if TYPE_CHECKING:
    from journeys.devices.leases import Leases

FIRST_DEVICE_TIMEOUT_S = 900.0
"""How long a journey waits for its first device: others' journeys end before."""

NEXT_DEVICE_TIMEOUT_S = 60.0
"""How long it waits for one more: two journeys that wait for each other's devices have to give way."""

Connect = Callable[[str | None], AbstractAsyncContextManager[AppiumSession]]
"""Opens a session with a device; None leaves it to Appium which one."""


class DevicePool:
    """The devices of one target.

    `devices` are their ids; without any there are as many as the Appium server can give. Opening a session
    takes seconds on a device, so it is kept when its lease ends, unless the device was lost meanwhile.
    `advice` ends the error for an actor too many: what to do.

    With `leasing` others have the devices, too: one is leased under the pool's `shared` name for as long as
    an actor plays on it, and so is its session. `noted` hears of each device that is played on.
    """

    def __init__(
        self,
        target: str,
        devices: Sequence[str],
        connect: Connect,
        *,
        advice: str = "connect another",
        leasing: Leasing | None = None,
        shared: str = "",
        noted: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._target = target
        self._devices = tuple(devices)
        self._connect = connect
        self._advice = advice
        self._leasing = leasing
        self._shared = shared or target
        self._noted = noted
        self._asking = 0
        self._held: dict[str | None, str] = {}
        self._idle: defaultdict[str | None, list[tuple[AppiumSession, AsyncExitStack]]] = defaultdict(list)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        kept = [each for idle in self._idle.values() for each in idle]
        self._idle.clear()
        # Side by side, as each takes its time; one that fails must not keep the others from being closed.
        await asyncio.gather(*(stack.aclose() for _, stack in kept), return_exceptions=True)

    @asynccontextmanager
    async def lease(self, actor: str) -> AsyncIterator[AppiumSession]:
        """Give an actor a device while the context is open; raises `UsageError` where all are taken."""
        if not self._devices:
            async with self._session(None) as session:
                yield session
            return
        if self._leasing is not None:
            async with self._lease(actor, self._leasing) as session:
                yield session
            return
        device = next((each for each in self._devices if each not in self._held), None)
        if device is None:
            raise UsageError(self._describe_shortage(actor))
        self._held[device] = actor
        self._noted(device)
        try:
            async with self._session(device) as session:
                yield session
        finally:
            del self._held[device]

    @asynccontextmanager
    async def _lease(self, actor: str, leasing: Leasing) -> AsyncIterator[AppiumSession]:
        if len(self._held) + self._asking >= len(self._devices):
            raise UsageError(self._describe_shortage(actor))
        async with AsyncExitStack() as stack:
            self._asking += 1
            try:
                free = [each for each in self._devices if each not in self._held]
                device = await stack.enter_async_context(
                    leasing.device(self._shared, free, first=not self._held)
                )
            finally:
                self._asking -= 1
            self._held[device] = actor
            stack.callback(self._held.pop, device)
            self._noted(device)
            yield await stack.enter_async_context(self._connect(device))

    @asynccontextmanager
    async def _session(self, device: str | None) -> AsyncIterator[AppiumSession]:
        idle = self._idle[device]
        if idle:
            session, stack = idle.pop()
        else:
            stack = AsyncExitStack()
            session = await stack.enter_async_context(self._connect(device))
        is_refused = False
        try:
            yield session
        except BridgeError:
            is_refused = True
            raise
        finally:
            if session.is_lost or is_refused:
                # It is gone, or the app could not be opened on it: the next one gets another session. Closing
                # this one may find that there is nothing to close.
                await stack.aclose()
            else:
                idle.append((session, stack))

    def _describe_shortage(self, actor: str) -> str:
        number = len(self._devices)
        held = ", ".join(f"{device} with {who}" for device, who in self._held.items())
        return (
            f"{actor} needs a device of their own, and {self._target} has {number} ({held}): {self._advice}"
        )


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
        holding = asyncio.create_task(
            self._hold(pool, devices, FIRST_DEVICE_TIMEOUT_S if first else NEXT_DEVICE_TIMEOUT_S, got, done)
        )
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
