"""Keeps the frames of one app, undecoded, until it is known which of them decide."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import replace

from flutter_bridge import Frame

# A minute of a phone's screen that never stands still.
_CAPACITY = 160_000_000


class Reel:
    """The frames of one app since the watch began, oldest first, whatever the order they came in.

    The order is that of the earliest moment of each: on a busy machine how late a frame may have been shown
    depends on when it arrived, and says nothing of the others.

    A screen at rest sends the same bytes again and again: they are kept once, and being the same object they
    are also judged once. When `capacity` bytes are exceeded the oldest frames go; `lost_until` tells how far.
    """

    def __init__(self, *, capacity: int = _CAPACITY) -> None:
        self._capacity = capacity
        self._frames: deque[Frame] = deque()
        self._copies: dict[bytes, tuple[bytes, int]] = {}
        self._held = 0
        self._added = asyncio.Event()
        self._added_last = b""
        self.lost_until = float("-inf")
        self.changed = float("-inf")

    def add(self, frame: Frame) -> None:
        """Keep a frame."""
        encoded, uses = self._copies.get(frame.encoded, (frame.encoded, 0))
        self._copies[encoded] = (encoded, uses + 1)
        if uses == 0:
            self._held += len(encoded)
        if encoded != self._added_last:
            self._added_last, self.changed = encoded, max(self.changed, frame.shown.high)
        kept = frame if encoded is frame.encoded else replace(frame, encoded=encoded)
        place = len(self._frames)
        while place and self._frames[place - 1].shown > frame.shown:
            place -= 1
        self._frames.insert(place, kept)
        while self._held > self._capacity and len(self._frames) > 1:
            self._forget(self._frames.popleft())
        self._added.set()

    async def next(self) -> None:
        """Wait for one more frame."""
        self._added.clear()
        await self._added.wait()

    def since(self, moment: float) -> list[Frame]:
        """Return the frames from the first that may be from `moment` or later, and the one before it."""
        frames = tuple(self._frames)
        start = next((at for at, frame in enumerate(frames) if frame.shown.high >= moment), len(frames))
        return list(frames[max(0, start - 1) :])

    @property
    def latest(self) -> Frame | None:
        """The newest frame."""
        return self._frames[-1] if self._frames else None

    def __len__(self) -> int:
        """Return how many frames are kept."""
        return len(self._frames)

    def _forget(self, frame: Frame) -> None:
        self.lost_until = frame.shown.high
        encoded, uses = self._copies.pop(frame.encoded)
        if uses > 1:
            self._copies[encoded] = (encoded, uses - 1)
        else:
            self._held -= len(encoded)
