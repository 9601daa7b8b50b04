"""Decorators that note what passes through them, for the metrics and for `Server-Timing`."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import TypeVar

from prometheus_client import Counter, Histogram

from app_backend.errors import Problem
from app_backend.observability.metrics import Metrics
from app_backend.observability.request import Part, timed
from app_backend.rendering import Renderer, Submission
from app_backend.storage import Storage, StoredFolder

T = TypeVar("T")


def counted(take: Callable[[T], None], counter: Counter) -> Callable[[T], None]:
    """Return a function that hands on to `take`, and counts."""

    def taking(item: T) -> None:
        counter.inc()
        take(item)

    return taking


class MeasuredRenderer:
    """Asks another renderer, and notes how long it took; waiting and trying again included."""

    def __init__(self, renderer: Renderer, metrics: Metrics) -> None:
        self._renderer = renderer
        self._metrics = metrics

    async def render(self, submission: Submission) -> dict[int, bytes]:
        """Return renditions, see `Renderer`."""
        with timed(Part.RENDITIONS), _observed(self._metrics.rendition_seconds):
            return await self._renderer.render(submission)


class MeasuredStorage:
    """Asks another storage, and notes how long it took."""

    def __init__(self, storage: Storage, metrics: Metrics) -> None:
        self._storage = storage
        self._seconds = metrics.storage_seconds

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep files in a new folder."""
        with timed(Part.STORAGE), _observed(self._seconds, "put"):
            await self._storage.put(folder, files)

    async def get(self, folder: str, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is no such file."""
        with timed(Part.STORAGE), _observed(self._seconds, "get"):
            return await self._storage.get(folder, name)

    async def delete(self, folder: str) -> None:
        """Remove a folder and all in it."""
        with timed(Part.STORAGE), _observed(self._seconds, "delete"):
            await self._storage.delete(folder)

    def folders(self) -> AsyncIterator[StoredFolder]:
        """Yield every folder that has files in it."""
        return self._storage.folders()

    async def delete_unfinished(self, *, older_than_s: float) -> int:
        """Remove what killed processes have left behind."""
        return await self._storage.delete_unfinished(older_than_s=older_than_s)


@contextmanager
def _observed(seconds: Histogram, *labels: str) -> Iterator[None]:
    """Note how long a block takes, with how it ends: done, refused for a reason, or failed."""
    began = time.perf_counter()
    outcome = "failed"
    try:
        yield
        outcome = "done"
    except Problem:
        outcome = "refused"
        raise
    finally:
        seconds.labels(*labels, outcome).observe(time.perf_counter() - began)
