"""One thread that does what blocks, one thing after the other, while the event loop runs on."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from queue import SimpleQueue
from typing import Any, TypeVar

T = TypeVar("T")


class Worker:
    """A thread of its own for one session; it ends with `stop`.

    A daemon: a call that hangs in a dead connection must not keep the process alive.
    """

    def __init__(self, name: str) -> None:
        self._asked: SimpleQueue[Callable[[], None] | None] = SimpleQueue()
        self._stopped = False
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    async def do(self, call: Callable[[], T]) -> T:
        """Run a call in the thread and return what it returns.

        A cancelled wait ends at once; the call itself runs to its end, and the next one waits for it. One
        that hasn't begun by then is left out.
        """
        if self._stopped:
            raise RuntimeError("the worker was stopped")
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[T] = loop.create_future()

        def ask() -> None:
            if answer.cancelled():
                return
            try:
                result = call()
            except BaseException as error:  # noqa: BLE001 - it is raised where the call is waited for
                raised = error
                _tell(loop, answer, lambda: answer.set_exception(raised))
            else:
                _tell(loop, answer, lambda: answer.set_result(result))

        self._asked.put(ask)
        return await answer

    def afterwards(self, call: Callable[[], None]) -> None:
        """Have the thread do something after all it was asked, whoever waits for it; it must not raise."""
        self._asked.put(call)

    async def stop(self, *, seconds: float) -> bool:
        """End the thread once it has done what was asked; false where that takes longer than `seconds`."""
        if not self._stopped:
            self._stopped = True
            self._asked.put(None)
        await asyncio.to_thread(self._thread.join, seconds)
        return not self._thread.is_alive()

    def join(self, seconds: float) -> None:
        """Wait until the thread has ended, but no longer than that."""
        self._thread.join(seconds)

    def _work(self) -> None:
        while (asked := self._asked.get()) is not None:
            asked()


def _tell(loop: asyncio.AbstractEventLoop, answer: asyncio.Future[Any], tell: Callable[[], None]) -> None:
    """Answer in the loop's thread, unless nobody waits any more."""
    # The loop may have been closed while the call was under way.
    with suppress(RuntimeError):
        loop.call_soon_threadsafe(lambda: None if answer.done() else tell())
