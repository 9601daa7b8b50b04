"""Renditions made in worker processes: a bomb, a crash or a hang there harms nobody else."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from io import BytesIO

from PIL import Image

from app_backend.errors import Crashed, DeadlineExceeded, OutOfTime, Overloaded, Problem, TransientFailure
from app_backend.rendering.mishap import Mishap
from app_backend.rendering.picture import Limits, check_kind
from app_backend.rendering.pool import WorkerPool, usable_cores
from app_backend.rendering.submission import Submission
from app_backend.rendering.worker import prepare, work

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
    pictures may wait for a worker. `mishap` is for armed faults alone: asked before each picture, it says
    what is to go wrong in the worker.

    Beyond what a `Renderer` does, `render` raises `Overloaded` where too many pictures wait already.
    """

    def __init__(
        self,
        limits: Limits,
        *,
        deadline_s: float,
        memory_bytes: int,
        pictures_per_worker: int,
        queue_size: int = 100,
        workers: int | None = None,
        mishap: Callable[[], Mishap | None] | None = None,
    ) -> None:
        self._limits = limits
        self._deadline_s = deadline_s
        self._mishap = mishap
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
        mishap = self._mishap() if self._mishap is not None else None
        processor_s = self._deadline_s * PROCESSOR_SHARE
        pool = self._patient_pool if sender and self._under_way[sender] else self._pool
        with self._count_under_way(sender):
            return await pool.run(
                work,
                submission,
                self._limits,
                processor_s,
                mishap,
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
    def waiting(self) -> int:
        """How many pictures wait for a worker."""
        return self._pool.waiting + self._patient_pool.waiting

    async def close(self) -> None:
        """End the workers, and with them what they work at."""
        await asyncio.gather(self._pool.close(), self._patient_pool.close())


@cache
def _proof() -> bytes:
    """Draw the picture that shows whether pictures can be processed."""
    output = BytesIO()
    Image.linear_gradient("L").convert("RGB").save(output, "JPEG")
    return output.getvalue()
