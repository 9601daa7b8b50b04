"""A pool of worker processes that outlives every one of its workers."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from multiprocessing import resource_tracker
from typing import Any, TypeVar

from pebble import ProcessExpired, ProcessPool

from app_backend.errors import DeadlineExceeded, Overloaded, TransientFailure

T = TypeVar("T")

log = logging.getLogger(__name__)

CLOSING_S = 10.0
"""How long we wait for workers to end; those that are stuck end with this process at the latest."""


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@dataclass(frozen=True)
class _Running:
    """A pool of pebble's, which is ours until it is given up."""

    pool: ProcessPool
    given_up: asyncio.Future[None]


class WorkerPool:
    """Runs functions in processes, each with a deadline that kills.

    The processes are kept by pebble: other pools can't end a task that hangs. What pebble gives up for good
    (a worker killed while it takes a task, all idle workers killed) is replaced by a new pool.

    `tasks_per_worker` tasks later a worker makes place for a fresh one. At most `queue_size` tasks wait. A
    task that takes `stuck_s` seconds more than two deadlines, its own and that of the one before it, shows
    that its pool is stuck. `prepare` is called with `arguments` in each new worker.
    """

    def __init__(
        self,
        *,
        size: int,
        queue_size: int,
        tasks_per_worker: int,
        stuck_s: float = 10.0,
        prepare: Callable[..., None],
        arguments: tuple[Any, ...],
    ) -> None:
        self.size = size
        self.waiting = 0
        self._queue_size = queue_size
        self._tasks_per_worker = tasks_per_worker
        self._stuck_s = stuck_s
        self._prepare = prepare
        self._arguments = arguments
        self._current: _Running | None = None
        self._starting = asyncio.Lock()
        self._closing: set[asyncio.Task[None]] = set()
        self._work: set[asyncio.Task[Any]] = set()
        # One more than there are workers: a worker that is done has the next task at hand. Nothing else waits
        # inside the pool, so that what takes too long there is stuck.
        self._slots = asyncio.Semaphore(size + 1)

    async def start(self) -> None:
        """Start the workers, unless they are there; returns before they have finished their own start."""
        await self._running()

    async def run(self, function: Callable[..., T], *args: Any, deadline_s: float) -> T:
        """Run a function in a worker and return its result, or raise what it raised.

        Raises `DeadlineExceeded` where it worked for `deadline_s` seconds, and its worker was killed for it;
        `TransientFailure` where the worker died; `Overloaded` where too many tasks wait already. Work that is
        under way goes on to its end, or its deadline, when the caller is cancelled.
        """
        if self.waiting >= self._queue_size:
            raise Overloaded(f"{self.waiting} pictures are waiting already")
        self.waiting += 1
        try:
            await self._slots.acquire()
        finally:
            self.waiting -= 1
        work = asyncio.get_running_loop().create_task(self._run(function, args, deadline_s))
        self._work.add(work)
        work.add_done_callback(self._done)
        # The place is taken until the worker is free, and a stuck pool is noticed, whoever waits for it.
        return await asyncio.shield(work)

    def _done(self, work: asyncio.Task[Any]) -> None:
        self._work.discard(work)
        self._slots.release()
        if not work.cancelled():
            work.exception()  # looked at, as far as asyncio is concerned: the caller may be gone

    async def _run(self, function: Callable[..., T], args: tuple[Any, ...], deadline_s: float) -> T:
        running = await self._running()
        try:
            answer = asyncio.wrap_future(running.pool.schedule(function, args=args, timeout=deadline_s))
        except RuntimeError as error:  # broken since we looked
            self._give_up(running)
            raise TransientFailure("the worker processes were lost") from error
        try:
            either: set[asyncio.Future[Any]] = {answer, running.given_up}
            patience_s = 2 * deadline_s + self._stuck_s
            await asyncio.wait(either, timeout=patience_s, return_when=asyncio.FIRST_COMPLETED)
            if not answer.done():
                self._give_up(running)
                raise TransientFailure("a worker process never answered")
            return answer.result()
        except TimeoutError as error:
            raise DeadlineExceeded(f"a worker process was not done within {deadline_s:g} s") from error
        except ProcessExpired as error:
            raise TransientFailure(f"a worker process died at work (exit code {error.exitcode})") from error
        except BrokenProcessPool as error:
            self._give_up(running)
            raise TransientFailure("the worker processes were lost") from error
        finally:
            answer.cancel()

    async def close(self) -> None:
        """End all workers, and with them what they work at."""
        for work in self._work:
            work.cancel()
        async with self._starting:
            if self._current is not None:
                self._give_up(self._current)
        if self._closing:
            await asyncio.wait(self._closing)

    async def _running(self) -> _Running:
        """Return a pool that takes tasks."""
        async with self._starting:
            if self._current is not None and not self._current.pool.active:
                self._give_up(self._current)
            if self._current is None:
                pool = await asyncio.to_thread(self._start)
                self._current = _Running(pool, asyncio.get_running_loop().create_future())
            return self._current

    def _start(self) -> ProcessPool:
        # Not forked: this process has threads and connections. No fork server either: that leaves a folder
        # behind when all of us are killed.
        pool = ProcessPool(
            max_workers=self.size,
            max_tasks=self._tasks_per_worker,
            initializer=self._prepare,
            initargs=self._arguments,
            context=multiprocessing.get_context("spawn"),
        )
        # Inherited by the pool's threads and all workers they ever start: Ctrl-C is for the parent alone. The
        # tracker comes first, as starting it opens the mask again.
        resource_tracker.ensure_running()
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            started = pool.active
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        if not started:
            raise TransientFailure("the worker processes don't start")
        return pool

    def _give_up(self, running: _Running) -> None:
        """End a pool in the background, and tell those who wait for it; the next task gets a new one."""
        if self._current is running:
            self._current = None
            running.given_up.set_result(None)
            closing = asyncio.get_running_loop().create_task(_end(running.pool))
            self._closing.add(closing)
            closing.add_done_callback(self._closing.discard)


async def _end(pool: ProcessPool) -> None:
    loop = asyncio.get_running_loop()
    ended = loop.create_future()

    def end() -> None:
        pool.stop()  # type: ignore[no-untyped-call]  # pebble left its types out
        pool.join()
        with suppress(RuntimeError):  # too late: the loop is gone
            loop.call_soon_threadsafe(ended.set_result, None)

    # A thread that nobody has to wait for: should it be stuck, the workers still end with this process.
    threading.Thread(target=end, daemon=True).start()
    try:
        async with asyncio.timeout(CLOSING_S):
            await ended
    except TimeoutError:
        log.exception("worker processes don't end")
