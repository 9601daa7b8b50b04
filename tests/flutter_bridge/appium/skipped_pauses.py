"""A clock that skips pauses in which nobody waits for anything but the time, as between two readings."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from flutter_bridge import clock
from flutter_bridge.appium.connection import Worker


class SkippingClock:
    """The time of a loop, which moves on at once to what is due next while no thread has anything to do.

    A loop keeps it for good, as its time must not go back. What is asked of a thread, and so of a server,
    takes the time it takes. Nothing else may be waited for while pauses are skipped, such as a socket.
    """

    def __init__(self, loop: Any) -> None:
        self._skipped = 0.0
        self._asked = 0
        self._is_skipping = False
        self._select = loop._selector.select
        loop._selector.select = self._select_or_skip
        loop.time = lambda: time.monotonic() + self._skipped
        in_executor = loop.run_in_executor

        def run_in_executor(*arguments: Any) -> asyncio.Future[Any]:
            answer: asyncio.Future[Any] = in_executor(*arguments)
            self._asked += 1
            answer.add_done_callback(lambda _: self._answer())
            return answer

        loop.run_in_executor = run_in_executor

    @contextmanager
    def skipping(self) -> Iterator[None]:
        """Skip pauses, for the bridge's clock as for the loop's."""
        ours = SimpleNamespace(monotonic=lambda: time.monotonic() + self._skipped, time=time.time)
        do = Worker.do

        async def ask(worker: Worker, call: Callable[[], Any]) -> Any:
            self._asked += 1
            try:
                return await do(worker, call)
            finally:
                self._answer()

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(clock, "time", ours)
            patch.setattr(Worker, "do", ask)
            self._is_skipping = True
            try:
                yield
            finally:
                self._is_skipping = False

    def spend(self, seconds: float) -> None:
        """Let time pass, as while a device that is asked something takes so long."""
        self._skipped += seconds

    def _answer(self) -> None:
        self._asked -= 1

    def _select_or_skip(self, timeout: float | None = None) -> Any:
        if not self._is_skipping or self._asked or not timeout or timeout < 0:
            return self._select(timeout)
        if events := self._select(0):
            return events
        self._skipped += timeout
        return []
