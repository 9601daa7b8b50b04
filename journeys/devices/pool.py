"""Leases the devices of one target to actors, one device each, and keeps their sessions for those to come."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from types import TracebackType
from typing import Self

from flutter_bridge.appium import AppiumSession
from journeys.devices.leasing import Leasing
from journeys.errors import UsageError

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
        self._sessions: dict[str, tuple[AppiumSession, AsyncExitStack]] = {}
        self._waiting: list[tuple[AppiumSession, AsyncExitStack]] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        kept = [*self._sessions.values(), *self._waiting]
        self._sessions.clear()
        self._waiting.clear()
        # Side by side, as each takes its time; one that fails must not keep the others from being closed.
        await asyncio.gather(*(stack.aclose() for _, stack in kept), return_exceptions=True)

    @asynccontextmanager
    async def lease(self, actor: str) -> AsyncIterator[AppiumSession]:
        """Give an actor a device while the context is open; raises `UsageError` where all are taken."""
        if not self._devices:
            async with self._any(None, self._take_waiting()) as session:
                yield session
            return
        if self._leasing is not None:
            async with self._leased(actor, self._leasing) as session:
                yield session
            return
        device = next((each for each in self._devices if each not in self._held), None)
        if device is None:
            raise UsageError(self._too_many(actor))
        self._held[device] = actor
        self._noted(device)
        try:
            async with self._any(device, self._sessions.pop(device, None)) as session:
                yield session
        finally:
            del self._held[device]

    @asynccontextmanager
    async def _leased(self, actor: str, leasing: Leasing) -> AsyncIterator[AppiumSession]:
        if len(self._held) + self._asking >= len(self._devices):
            raise UsageError(self._too_many(actor))
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
    async def _any(
        self, device: str | None, kept: tuple[AppiumSession, AsyncExitStack] | None
    ) -> AsyncIterator[AppiumSession]:
        session, stack = kept or await self._open(device)
        try:
            yield session
        finally:
            if session.lost:
                # The next one gets another session; closing this one may find that there is nothing to close.
                await stack.aclose()
            else:
                self._keep(device, session, stack)

    async def _open(self, device: str | None) -> tuple[AppiumSession, AsyncExitStack]:
        stack = AsyncExitStack()
        return await stack.enter_async_context(self._connect(device)), stack

    def _take_waiting(self) -> tuple[AppiumSession, AsyncExitStack] | None:
        return self._waiting.pop() if self._waiting else None

    def _keep(self, device: str | None, session: AppiumSession, stack: AsyncExitStack) -> None:
        if device is None:
            self._waiting.append((session, stack))
        else:
            self._sessions[device] = session, stack

    def _too_many(self, actor: str) -> str:
        number = len(self._devices)
        held = ", ".join(f"{device} with {who}" for device, who in self._held.items())
        return (
            f"{actor} needs a device of their own, and {self._target} has {number} ({held}): {self._advice}"
        )
