"""Scrolls a device's screen with a finger, for the search that is the same on every platform."""

from __future__ import annotations

import asyncio

from flutter_bridge.appium.screens import PAUSES, Reading, Screens, layout
from flutter_bridge.clock import now
from flutter_bridge.occlusion import keyboards, uncovered
from flutter_bridge.semantics import Box

MARGIN = 0.08
"""How far from a pane's ends, as a share of it, a finger goes down and up."""

REACH = 1 - 2 * MARGIN
"""The share of a pane one swipe moves at most."""

SPRINGS = 1.5
"""Seconds the end of a list is given to spring back to where it was before a swipe drew it away."""


class Swiping:
    """What a search by scrolling needs of a device."""

    def __init__(self, screens: Screens) -> None:
        self._screens = screens

    async def read(self, after: int = -1, seconds: float = 0.0) -> Reading:
        """Read the screen, once it changed since the version `after` or the time is over."""
        until = now() + seconds
        pauses = iter(PAUSES)
        reading = await self._screens.just_now()
        while True:
            if reading.version != after or now() >= until:
                return reading
            await asyncio.sleep(min(next(pauses, PAUSES[-1]), max(0.0, until - now())))
            reading = await self._screens.read()

    async def turn(self, pane: Box, right: float, down: float) -> Reading:
        """Drag the content of a pane left and up, and read the screen once that is done."""
        before = self._screens.last
        await self.swipe(pane, right, down)
        after = await self._screens.read()
        if before is None or _shown(before) != _shown(after):
            return after
        # Nothing new came: this is the end, which springs back, or the semantics are late.
        until = now() + SPRINGS
        while True:
            await self._screens.until_rest(after)
            again = await self._screens.read()
            if layout(again.tree) == layout(after.tree) or _shown(before) != _shown(again) or now() >= until:
                return again
            after = again

    async def swipe(self, pane: Box, right: float, down: float) -> None:
        """Drag the content of a pane left and up, the finger staying inside it and off the keyboard."""
        pane = await self._free(pane)
        x, y = pane.centre
        right, down = _within(right, REACH * pane.width), _within(down, REACH * pane.height)
        begun = now()
        session = self._screens.session
        await session.platform.swipe(session, (x + right / 2, y + down / 2), (x - right / 2, y - down / 2))
        self._screens.acted(begun)

    async def _free(self, pane: Box) -> Box:
        """Hide the soft keyboard, where that can be done, and return the part of a pane it isn't over."""
        last = self._screens.last
        if last is None:
            return pane
        point = (pane.centre[0], pane.bottom)
        board = await self._screens.keyboard(last, point)
        if board is not None:
            await self._screens.hide_keyboard()
            board = await self._screens.keyboard(last, point)
        return uncovered(pane, [*keyboards(last.tree), *([board] if board is not None else [])])


def _within(distance: float, most: float) -> float:
    return max(-most, min(most, distance))


def _shown(reading: Reading) -> list[tuple[object, ...]]:
    """Return what there is to be seen, wherever it is."""
    return [(node.role, node.identifier, node.label) for node in reading.tree if node.visible]
