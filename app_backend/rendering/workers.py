"""Renditions made in worker processes: a bomb, a crash or a hang there harms nobody else."""

from __future__ import annotations

import asyncio
import ctypes
import logging
import os
import resource
import signal
import sys
import threading
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import StrEnum
from functools import cache
from io import BytesIO
from multiprocessing import connection, parent_process

from PIL import Image

from app_backend.errors import Crashed, DeadlineExceeded, OutOfTime, Overloaded, Problem, TransientFailure
from app_backend.rendering.picture import PictureLimits, check_kind, renditions
from app_backend.rendering.pool import WorkerPool, usable_cores
from app_backend.rendering.submission import Submission


class WorkerFault(StrEnum):
    """Something that goes wrong in a worker in the place of its work; only armed faults ever ask for one."""

    FAIL = "fail"
    """The work fails, for a reason that may be gone at the next attempt."""

    HANG = "hang"
    """The work never ends."""

    KILL = "kill"
    """The worker is killed in the middle of its work, as by the system when memory runs out."""

    CRASH = "crash"
    """The worker crashes, as by a fault in a decoder."""

    TOIL = "toil"
    """The work keeps the processor busy, and never ends."""

    def happen(self) -> None:
        """Let it happen, in the process that calls this."""
        if self is WorkerFault.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        if self is WorkerFault.CRASH:
            os.kill(os.getpid(), signal.SIGSEGV)
        while self is WorkerFault.TOIL:
            pass
        while self is WorkerFault.HANG:
            time.sleep(3600)
        raise TransientFailure("picture processing failed on purpose")


log = logging.getLogger(__name__)

NICEST = 19
"""What a process is set to that works only where nobody else wants to."""

PROCESSOR_SHARE = 0.6
"""How much of its deadline a picture may be worked at, if the machine has other work as well."""


class WorkerRenderer:
    """A `Renderer` that works in as many processes as there are usable cores, and at least in two.

    Whoever has a picture under way already has the next one worked at by one more process, which the machine
    runs when it has nothing else to do: so much of one person's leaves the processors to the others.

    `deadline_s`: seconds of work after which a picture's worker is killed. `memory_bytes`: address space of a
    worker. `pictures_per_worker`: so many later a worker makes place for a fresh one. `queue_size`: so many
    pictures may wait for a worker. `fault` is for armed faults alone: asked before each picture, it says
    what is to go wrong in the worker.

    Beyond what a `Renderer` does, `render` raises `Overloaded` where too many pictures wait already.
    """

    def __init__(
        self,
        limits: PictureLimits,
        *,
        deadline_s: float,
        memory_bytes: int,
        pictures_per_worker: int,
        queue_size: int = 100,
        workers: int | None = None,
        fault: Callable[[], WorkerFault | None] | None = None,
    ) -> None:
        self._limits = limits
        self._deadline_s = deadline_s
        self._fault = fault
        self._under_way: Counter[str] = Counter()
        self._pool, self._patient_pool = (
            WorkerPool(
                size=size,
                queue_size=queue_size,
                tasks_per_worker=pictures_per_worker,
                prepare=prepare,
                arguments=(memory_bytes, niceness),
            )
            # Of a single worker nothing would be left for others while one person's picture is worked at.
            for size, niceness in ((workers or max(2, usable_cores()), 0), (1, NICEST))
        )

    async def warm_up(self) -> None:
        """Start the workers ahead of the first picture; if that fails now, the first picture tries again."""
        try:
            await self._pool.start()
        except (OSError, TransientFailure):
            log.exception("the worker processes could not be started ahead")

    async def render(self, submission: Submission) -> dict[int, bytes]:
        """Return renditions, see `Renderer`."""
        check_kind(submission.head)
        try:
            return await self._run(submission, submission.sender)
        except OutOfTime as error:
            raise Problem(422, "the picture takes too much work to read: save it anew") from error

    async def is_sound(self) -> bool:
        """Tell whether a picture of our own, of which nothing can be wrong, can be processed."""
        try:
            await self._run(Submission.of(await asyncio.to_thread(_proof)), None)
        except Overloaded:
            return True  # others are worked at
        except (Crashed, DeadlineExceeded, OSError, OutOfTime, Problem, TransientFailure):
            log.exception("a picture of our own can't be processed")
            return False
        return True

    async def _run(self, submission: Submission, sender: str | None) -> dict[int, bytes]:
        fault = self._fault() if self._fault is not None else None
        processor_s = self._deadline_s * PROCESSOR_SHARE
        pool = self._patient_pool if sender and self._under_way[sender] else self._pool
        with self._count_under_way(sender):
            return await pool.run(
                work,
                submission,
                self._limits,
                processor_s,
                fault,
                deadline_s=self._deadline_s,
                sender=sender,
            )

    @contextmanager
    def _count_under_way(self, sender: str | None) -> Iterator[None]:
        if sender is None:
            yield
            return
        self._under_way[sender] += 1
        try:
            yield
        finally:
            self._under_way[sender] -= 1
            if not self._under_way[sender]:
                del self._under_way[sender]

    @property
    def waiting_count(self) -> int:
        """How many pictures wait for a worker."""
        return self._pool.waiting_count + self._patient_pool.waiting_count

    async def close(self) -> None:
        """End the workers, and with them what they work at."""
        await asyncio.gather(self._pool.close(), self._patient_pool.close())


@cache
def _proof() -> bytes:
    """Draw the picture that shows whether pictures can be processed."""
    output = BytesIO()
    Image.linear_gradient("L").convert("RGB").save(output, "JPEG")
    return output.getvalue()


PR_SET_PDEATHSIG = 1


def prepare(memory_bytes: int, niceness: int = 0) -> None:
    """Make a new process fit for pictures nobody can trust: it has `memory_bytes`, and never outlives us.

    `niceness` is the system's: from 0 to 19, where it works only while nobody else wants to.
    """
    # At once, even in the middle of a decoder that never comes back to Python.
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    _end_with_parent()
    os.nice(niceness)
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    if hard != resource.RLIM_INFINITY:
        memory_bytes = min(memory_bytes, hard)
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, hard))
    # A crash is told by its exit code; a core file of a stranger's picture helps nobody.
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # Pillow warns of odd pictures: whoever sent one can't read it here, and could fill the log.
    warnings.simplefilter("ignore")


def work(
    data: bytes, limits: PictureLimits, processor_s: float, fault: WorkerFault | None
) -> dict[int, bytes]:
    """Return a picture's renditions; raises `Problem`, or what an armed fault does.

    After `processor_s` seconds of processor time the process ends by SIGPROF, wherever it is: unlike a
    deadline, that tells a picture that is too much work from a machine that is too busy.
    """
    signal.setitimer(signal.ITIMER_PROF, processor_s)
    try:
        if fault is not None:
            fault.happen()
        return renditions(data, limits)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _end_with_parent() -> None:
    """See to it that this process is gone when its parent is, however busy it may be."""
    parent = parent_process()
    if parent is None:  # called in the main process: nothing to end with
        return
    if sys.platform == "linux":
        ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent.pid:  # it died before we asked
            os._exit(1)
    else:
        threading.Thread(target=_follow, args=(parent.sentinel,), daemon=True).start()


def _follow(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)
