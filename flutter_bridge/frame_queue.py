"""Frames that wait for whoever watches them, within a bound."""

from __future__ import annotations

import asyncio
from collections import deque

from flutter_bridge.errors import BridgeError
from flutter_bridge.frames import Frame

KEPT = 256 * 2**20
"""How many bytes of frames wait for a consumer at most."""

_FRAME_ITSELF = 500  # bytes of a Frame without its picture, roughly


class FrameQueue:
    """The frames of one stream between the one that adds them and the one that iterates over them.

    Consecutive frames with the same `encoded` object count once. Frames of more than `KEPT` bytes are a
    failure: nobody takes them. An iteration yields what came before a failure or the end, then raises the
    failure or ends.
    """

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()
        self._kept = 0
        self._changed = asyncio.Event()
        self._failure: BridgeError | None = None
        self._ended = False

    @property
    def closed(self) -> bool:
        """Whether it takes no more frames."""
        return self._ended or self._failure is not None

    def add(self, frame: Frame) -> None:
        """Let a frame wait, unless the queue is closed."""
        if self.closed:
            return
        self._kept += _FRAME_ITSELF
        if not self._frames or self._frames[-1].encoded is not frame.encoded:
            self._kept += len(frame.encoded)
        self._frames.append(frame)
        if self._kept > KEPT:
            self.fail(
                BridgeError(f"{len(self._frames)} frames wait and nobody takes them: the stream was ended")
            )
        self._changed.set()

    def fail(self, failure: BridgeError) -> None:
        """Close the queue for a reason, unless it is closed."""
        if not self.closed:
            self._failure = failure
        self._changed.set()

    def end(self) -> None:
        """Close the queue."""
        self._ended = True
        self._changed.set()

    async def first(self) -> None:
        """Wait for the first frame, which stays, or for the end; raises the failure where none came."""
        while not self._frames and not self.closed:
            await self._change()
        if not self._frames and self._failure is not None:
            raise self._failure

    def __aiter__(self) -> FrameQueue:
        """Return this queue."""
        return self

    async def __anext__(self) -> Frame:
        """Wait for the next frame."""
        while not self._frames:
            if self._failure is not None:
                raise self._failure
            if self._ended:
                raise StopAsyncIteration
            await self._change()
        frame = self._frames.popleft()
        self._kept -= _FRAME_ITSELF
        if not self._frames or self._frames[0].encoded is not frame.encoded:
            self._kept -= len(frame.encoded)
        return frame

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()
