"""What may be under way at once, uploads and event streams, and how slow a sender may be."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from app_backend.errors import Problem

RETRY = {"Retry-After": "1"}

SILENCE_S = 10.0
"""How long a sender may send nothing in the middle of a body."""

BYTES_PER_S = 32 * 1024
"""What a body has to bring on average, the first seconds aside: 10 MiB in little more than five minutes."""


class Intake:
    """Bounds what may be under way at once.

    `uploads_per_person`: bodies of one person that are being read, or wait to be processed. `upload_bytes`:
    what all such bodies together may have brought so far. `streams` and `streams_per_address`: open event
    streams.
    """

    def __init__(
        self, *, uploads_per_person: int, upload_bytes: int, streams: int, streams_per_address: int
    ) -> None:
        self._uploads_per_person = uploads_per_person
        self._streams = streams
        self._streams_per_address = streams_per_address
        self._uploads_of: Counter[str] = Counter()
        self._streams_of: Counter[str] = Counter()
        self.bytes_left = upload_bytes

    def place(self, person: str) -> Place:
        """Return a person's place for one more upload; raises `Problem` (429) where there is none."""
        if self._uploads_of[person] >= self._uploads_per_person:
            raise Problem(
                429,
                f"{self._uploads_per_person} pictures of yours are under way: send the next when one is done",
                headers=RETRY,
            )
        return Place(self, self._uploads_of, person)

    @contextmanager
    def stream(self, address: str) -> Iterator[None]:
        """Count an event stream while the block lasts; raises `Problem`: 429 for too many from an address."""
        if self._streams_of[address] >= self._streams_per_address:
            raise Problem(429, "too many event streams are open from here", headers=RETRY)
        if self._streams_of.total() >= self._streams:
            raise Problem(503, "too many event streams are open", headers=RETRY)
        with _counted(self._streams_of, address):
            yield


@contextmanager
def _counted(counter: Counter[str], key: str) -> Iterator[None]:
    counter[key] += 1
    try:
        yield
    finally:
        counter[key] -= 1
        if not counter[key]:
            del counter[key]


class Place:
    """One upload under way: a context that holds the place, and what the upload has brought so far."""

    def __init__(self, intake: Intake, uploads_of: Counter[str], person: str) -> None:
        self._intake = intake
        self._counting = _counted(uploads_of, person)
        self._bytes = 0

    def take(self, count: int) -> None:
        """Note that so many bytes came; raises `Problem` (503) where all uploads together have too many."""
        if count > self._intake.bytes_left:
            raise Problem(503, "too many pictures are under way: try again soon", headers=RETRY)
        self._intake.bytes_left -= count
        self._bytes += count

    def __enter__(self) -> Self:
        self._counting.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._intake.bytes_left += self._bytes
        self._counting.__exit__(kind, error, trace)


async def in_time(pieces: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield the pieces of a body; raises `Problem` (408) where they come too slowly."""
    began, size = time.monotonic(), 0
    while True:
        patience_s = SILENCE_S + size / BYTES_PER_S - (time.monotonic() - began)
        try:
            async with asyncio.timeout(min(SILENCE_S, patience_s)):
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError as error:
            raise too_slow() from error
        size += len(piece)
        yield piece


def too_slow() -> Problem:
    """Return what to tell a sender whose body doesn't come."""
    return Problem(408, "the request's body comes too slowly: send it again", headers={"Connection": "close"})
