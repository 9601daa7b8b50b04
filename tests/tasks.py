"""The tasks that a test starts, apart from those of the servers that other fixtures keep in the same loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import Context, ContextVar
from typing import Any
from weakref import WeakSet

_in_block: ContextVar[bool] = ContextVar("in_block", default=False)


@contextmanager
def own_tasks() -> Iterator[Callable[[], set[asyncio.Task[Any]]]]:
    """Yield what returns the tasks under way that the block started, or those whom it started did.

    All tasks of the loop are no measure: a backend in it that listens starts one each second.
    """
    started: WeakSet[asyncio.Task[Any]] = WeakSet()

    def start(
        loop: asyncio.AbstractEventLoop, coroutine: Any, *, context: Context | None = None
    ) -> asyncio.Task[Any]:
        task = asyncio.Task(coroutine, loop=loop, context=context)
        # A task is made in the context of whoever makes it, and takes it along to those it makes itself.
        if _in_block.get():
            started.add(task)
        return task

    loop = asyncio.get_running_loop()
    factory = loop.get_task_factory()
    loop.set_task_factory(start)
    outside = _in_block.set(True)
    try:
        yield lambda: {task for task in started if not task.done()}
    finally:
        _in_block.reset(outside)
        loop.set_task_factory(factory)
