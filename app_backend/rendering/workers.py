"""Renditions made in worker processes: a bomb, a crash or a hang there harms nobody else."""

from __future__ import annotations

import logging
from collections.abc import Callable

from app_backend.errors import TransientFailure
from app_backend.rendering.mishap import Mishap
from app_backend.rendering.picture import Limits, check_kind
from app_backend.rendering.pool import WorkerPool, usable_cores
from app_backend.rendering.worker import prepare, work

log = logging.getLogger(__name__)


class WorkerRenderer:
    """A `Renderer` that works in as many processes as there are usable cores.

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
        self._pool = WorkerPool(
            size=workers or usable_cores(),
            queue_size=queue_size,
            tasks_per_worker=pictures_per_worker,
            prepare=prepare,
            arguments=(memory_bytes,),
        )

    async def warm_up(self) -> None:
        """Start the workers ahead of the first picture; if that fails now, the first picture tries again."""
        try:
            await self._pool.start()
        except (OSError, TransientFailure):
            log.exception("the worker processes could not be started ahead")

    async def render(self, data: bytes) -> dict[int, bytes]:
        """Return renditions, see `Renderer`."""
        check_kind(data)
        mishap = self._mishap() if self._mishap is not None else None
        return await self._pool.run(work, data, self._limits, mishap, deadline_s=self._deadline_s)

    @property
    def waiting(self) -> int:
        """How many pictures wait for a worker."""
        return self._pool.waiting

    async def close(self) -> None:
        """End the workers, and with them what they work at."""
        await self._pool.close()
