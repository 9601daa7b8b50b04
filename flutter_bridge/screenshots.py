"""Frames by one screenshot after the other: where a target has no stream of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from flutter_bridge.clock import Interval, now
from flutter_bridge.frames import Frame

Shoot = Callable[[], Awaitable[tuple[bytes, float]]]
"""Takes one screenshot and returns it encoded, with how many of its pixels make one logical pixel."""


class ScreenshotFrames:
    """An endless stream of screenshots, each taken when it is asked for.

    What a screenshot shows was on screen at some moment between its beginning and its end.
    """

    kind = "screenshots"

    def __init__(self, shoot: Shoot) -> None:
        self._shoot = shoot
        self._number = 0

    def __aiter__(self) -> ScreenshotFrames:
        """Return this stream."""
        return self

    async def __anext__(self) -> Frame:
        """Take the next screenshot."""
        begun = now()
        encoded, scale = await self._shoot()
        frame = Frame(encoded, Interval(begun, now()), scale=scale, number=self._number)
        self._number += 1
        return frame
