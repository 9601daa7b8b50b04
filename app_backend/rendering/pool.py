"""A pool of worker processes that outlives every one of its workers."""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
import signal
import threading
from collections import Counter, deque
from collections.abc import Callable
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing import resource_tracker
from typing import Any, Protocol, TypeVar, runtime_checkable

from pebble import ProcessExpired, ProcessPool

from app_backend.errors import Crashed, DeadlineExceeded, Killed, OutOfTime, Overloaded, TransientFailure

T = TypeVar("T")

log = logging.getLogger(__name__)

CLOSING_S = 10.0
"""How long we wait for workers to end; those that are stuck end with this process at the latest."""


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


CRASHES = frozenset({signal.SIGSEGV, signal.SIGBUS, signal.SIGFPE, signal.SIGILL, signal.SIGABRT})
"""Signals by which a process ends through a fault of its own, and not because somebody killed it."""


@runtime_checkable
class Later(Protocol):
    """An argument that is too large to be held while its task waits."""

    async def read(self) -> object:
        """Return what is to be handed to the function in its place."""
        ...


class _Pool(ProcessPool):
    """Pebble's pool, which takes its channels away from nobody: workers end first.

    One that is still starting would look for the channels in vain, and print a traceback.
    """

    def _stop_pool(self) -> None:
        if self._pool_manager_loop is not None:
            self._pool_manager_loop.join()  # nobody starts another worker after that
        self._pool_manager.worker_manager.force_stop_workers()  # type: ignore[no-untyped-call]  # no types there
        super()._stop_pool()  # type: ignore[no-untyped-call]  # as above


@dataclass(frozen=True)
class _Running:
    """A pool of pebble's, which is ours until it is given up."""

    pool: ProcessPool
    given_up: asyncio.Future[None]


class WorkerPool:
    """Runs functions in processes, each with a deadline that kills.

    The processes are kept by pebble: other pools can't end a task that hangs. What pebble gives up for good
    (a worker killed while it takes a task, all idle workers killed) is replaced by a new pool.

    Senders take turns, and none of them has all workers at once: one is always left for the next.

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
        self._turns = Turns(size + 1, per_sender=max(1, size - 1), queue_size=queue_size)

    async def start(self) -> None:
        """Start the workers, unless they are there; returns before they have finished their own start."""
        await self._ensure_running()

    @property
    def waiting_count(self) -> int:
        """How many tasks wait for a worker."""
        return self._turns.waiting

    async def run(
        self, function: Callable[..., T], *args: Any, deadline_s: float, sender: str | None = None
    ) -> T:
        """Run a function in a worker and return its result, or raise what it raised.

        An argument that is `Later` is read when a worker is free, not before.

        Raises `DeadlineExceeded` where it worked for `deadline_s` seconds, and its worker was killed for it;
        `OutOfTime` where a limit of processor time ended it; `Crashed` where the task made its worker crash;
        `TransientFailure` where the worker died otherwise; `Overloaded` where too many tasks wait already.
        Work that is under way goes on to its end, or its deadline, when the caller is cancelled.
        """
        await self._turns.acquire(sender)
        work = asyncio.get_running_loop().create_task(self._run(function, args, deadline_s))
        self._work.add(work)
        work.add_done_callback(partial(self._finish, sender))
        # The place is taken until the worker is free, and a stuck pool is noticed, whoever waits for it.
        return await asyncio.shield(work)

    def _finish(self, sender: str | None, work: asyncio.Task[Any]) -> None:
        self._work.discard(work)
        self._turns.release(sender)
        if not work.cancelled():
            work.exception()  # looked at, as far as asyncio is concerned: the caller may be gone

    async def _run(self, function: Callable[..., T], args: tuple[Any, ...], deadline_s: float) -> T:
        running = await self._ensure_running()
        args = tuple([await each.read() if isinstance(each, Later) else each for each in args])
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
            raise _death(error.exitcode) from error
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

    async def _ensure_running(self) -> _Running:
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
        pool = _Pool(
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


def _death(exit_code: int) -> Exception:
    """Return what a worker's end at work says about its task."""
    if exit_code == -signal.SIGPROF:
        return OutOfTime("a worker process had no processor time left")
    if -exit_code in CRASHES:
        return Crashed(f"a worker process crashed at work ({signal.Signals(-exit_code).name})")
    return Killed(f"a worker process died at work (exit code {exit_code})")


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


class Turns:
    """A number of places for which senders wait, each in a line of their own.

    A place that comes free goes to the sender whose last one was given out longest ago. Nobody has more than
    `per_sender` places at once, even if all others are free: so whoever comes next finds one. At most
    `queue_size` wait, and of one sender at most half of that. `None` stands for ourselves, without a limit.
    """

    def __init__(self, places: int, *, per_sender: int, queue_size: int) -> None:
        self.waiting = 0
        self._free = places
        self._per_sender = per_sender
        self._queue_size = queue_size
        self._taken: Counter[str | None] = Counter()
        self._lines: dict[str | None, deque[asyncio.Future[None]]] = {}
        # The number of each sender's last turn, while they wait or have a place.
        self._last: dict[str | None, int] = {}
        self._turn = 0

    async def acquire(self, sender: str | None) -> None:
        """Wait for a place; raises `Overloaded` where too many wait already."""
        line = self._lines.setdefault(sender, deque())
        if self.waiting >= self._queue_size or (sender and 2 * len(line) >= max(2, self._queue_size)):
            self._forget(sender)
            raise Overloaded(f"{self.waiting} pictures are waiting already")
        turn = asyncio.get_running_loop().create_future()
        line.append(turn)
        self.waiting += 1
        self._give_out()
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release(sender)
            else:
                line.remove(turn)
                self.waiting -= 1
                self._forget(sender)
            raise

    def release(self, sender: str | None) -> None:
        """Give a place back."""
        self._free += 1
        self._taken[sender] -= 1
        self._give_out()
        self._forget(sender)

    def _give_out(self) -> None:
        while self._free and (ready := [each for each in self._lines if self._may_begin(each)]):
            sender = min(ready, key=lambda each: self._last.get(each, 0))
            self._lines[sender].popleft().set_result(None)
            self.waiting -= 1
            self._free -= 1
            self._taken[sender] += 1
            self._turn += 1
            self._last[sender] = self._turn
            self._forget(sender)

    def _may_begin(self, sender: str | None) -> bool:
        return bool(self._lines[sender]) and (sender is None or self._taken[sender] < self._per_sender)

    def _forget(self, sender: str | None) -> None:
        """Keep nothing of a sender who neither waits nor has a place."""
        if not self._lines.get(sender, True):
            del self._lines[sender]
        if not self._taken[sender]:
            del self._taken[sender]
            if sender not in self._lines:
                self._last.pop(sender, None)
