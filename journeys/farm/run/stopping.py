"""Why a night ends before all is played: Ctrl-C, SIGTERM, or its time being over."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Stop:
    """Set once, with the reason; `by` is the signal it came by, if it did."""

    def __init__(self) -> None:
        self.reason = ""
        self.by: signal.Signals | None = None
        self.again = asyncio.Event()
        self._set = asyncio.Event()

    def __bool__(self) -> bool:
        return self._set.is_set()

    def because(self, reason: str, by: signal.Signals | None = None) -> None:
        """Stop for a reason; the second one means: without waiting any longer."""
        if self._set.is_set():
            self.again.set()
            return
        self.reason, self.by = reason, by
        self._set.set()

    async def wait(self) -> None:
        """Wait until there is a reason."""
        await self._set.wait()


@contextmanager
def stopped_by_signals(stop: Stop) -> Iterator[None]:
    """Have Ctrl-C and SIGTERM set `stop` for as long as the block lasts."""
    loop = asyncio.get_running_loop()
    names = {signal.SIGINT: "interrupted", signal.SIGTERM: "ended by SIGTERM"}

    def heard(number: int, _frame: FrameType | None) -> None:
        # Through the loop, which may be asleep.
        loop.call_soon_threadsafe(stop.because, names[signal.Signals(number)], signal.Signals(number))

    before = {number: signal.getsignal(number) for number in names}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # as for whoever was started in the background by a shell
            signal.signal(number, heard)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
