"""Frames of a page by taking one screenshot after the other: for browsers that have no screencast of their own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from flutter_bridge.clock import Interval, now
from flutter_bridge.frames import Frame

Shoot = Callable[[], Awaitable[tuple[bytes, float]]]
"""Takes one screenshot and returns it encoded, with how many of its pixels make one logical pixel."""


class ScreenshotFrames:
    """A stream of screenshots, the next taken when the last was consumed.

    What a screenshot shows came on screen at some moment between the end of the one before, which didn't
    show it, and its own end: `shown` is all of that.
    """

    kind = "screenshots"

    def __init__(self, shoot: Shoot) -> None:
        self._shoot = shoot
        self._ended = False

    def stop(self) -> None:
        """End the stream."""
        self._ended = True

    async def __aiter__(self) -> AsyncIterator[Frame]:
        """Take screenshots until the stream ends."""
        number, since = 0, now()
        while not self._ended:
            started = now()
            encoded, scale = await self._shoot()
            # The first has none before it, so nothing is known of the time before it was begun.
            shown = Interval(since if number else started, now())
            yield Frame(encoded, shown, scale=scale, number=number)
            number, since = number + 1, started


@asynccontextmanager
async def screenshot_frames(shoot: Shoot) -> AsyncIterator[ScreenshotFrames]:
    """Stream screenshots while the context is open."""
    frames = ScreenshotFrames(shoot)
    try:
        yield frames
    finally:
        frames.stop()
