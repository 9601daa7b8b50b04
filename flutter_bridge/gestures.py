"""What people do in an app with fingers, a mouse and a keyboard, besides taps and texts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, get_args

from flutter_bridge.actions import action
from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import ActionFailed, CommandRefused
from flutter_bridge.finders import Finder
from flutter_bridge.keys import parse_key
from flutter_bridge.occlusion import Anchor, Point
from flutter_bridge.semantics import Box
from flutter_bridge.touch import Finger, double_tap, drag, long_press, pinch, swipe
from flutter_bridge.waiting import Waiting

Direction = Literal["left", "right", "up", "down"]

MARGIN = 0.1
"""How far from a node's edges a swipe begins and ends, as a share of its length that way."""

SHORTEST_SWIPE_PX = 150.0
"""How far a swipe goes at least, beyond a small node: a quarter of a phone's width is too little to some."""

EDGE_PX = 30.0
"""What lies so near to the screen's edge is the system's: a swipe from there goes back."""

FINGER_PX = 30.0
"""How near two fingers may come to each other."""

_STARTS: dict[Direction, Anchor] = {
    "left": (1 - MARGIN, 0.5),
    "right": (MARGIN, 0.5),
    "up": (0.5, 1 - MARGIN),
    "down": (0.5, MARGIN),
}


class Gestures(Waiting):
    """What fingers, a mouse and keys do; each waits as a tap does, and returns when it was received."""

    @action("long-presses")
    async def long_press(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        """Hold a node until the app takes that for a long press, and let go of it."""
        _, spot = await self._wait_at_rest(finder, self._seconds(timeout))
        return await self._touch(finder, spot, [[long_press(spot)]])

    @action("double-taps")
    async def double_tap(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        """Tap a node twice, as quickly as a double tap is."""
        _, spot = await self._wait_at_rest(finder, self._seconds(timeout))
        return await self._touch(finder, spot, [double_tap(spot)])

    @action("drags")
    async def drag(
        self, finder: Finder, *, to: Finder, after_long_press: bool = False, timeout: float | None = None
    ) -> Interval:
        """Drag a node to the middle of another and drop it there; both have to be on screen.

        What can be dragged only once it was held, as a row of a list that people may reorder, is dragged
        `after_long_press`.
        """
        until = now() + self._seconds(timeout)
        _, end = await self._wait_at_rest(to, until - now())
        # The one that is touched comes last: nothing else may be asked about in between.
        _, start = await self._wait_at_rest(finder, max(0.0, until - now()))
        return await self._touch(finder, start, [[drag(start, end, after_long_press=after_long_press)]])

    @action("swipes over")
    async def swipe(self, finder: Finder, direction: Direction, *, timeout: float | None = None) -> Interval:
        """Swipe over a node with a finger: a tile to dismiss it, a list down to refresh it, a page to turn.

        The finger goes from near one edge of the node to near the other, beyond it where it is small. On the
        web it is a finger even where people have a mouse, as a mouse moves no list.
        """
        if direction not in _STARTS:
            raise ActionFailed(f"a swipe goes {' or '.join(get_args(Direction))}, not {direction!r}")
        until = now() + self._seconds(timeout)
        node, start = await self._wait_at_rest(finder, until - now(), anchor=_STARTS[direction])
        screen = (self._driver.last or await self._driver.read()).tree.screen
        inwards = _move_off_edges(start, node.box, screen)
        if inwards is not None:
            node, start = await self._wait_at_rest(finder, max(0.0, until - now()), anchor=inwards)
        end = _swipe_end(start, node.box, screen, direction)
        return await self._touch(finder, start, [[swipe(start, end)]], on_screen=True)

    @action("pinches")
    async def pinch(self, finder: Finder, *, scale: float, timeout: float | None = None) -> Interval:
        """Move two fingers on a node apart, or together, until they are `scale` times as far apart.

        The app may count less: where it has other gestures too, Flutter begins to count once the fingers have
        moved by 18 pixels.
        """
        if not 0 < scale < math.inf or scale == 1:
            raise ActionFailed(
                f"fingers are moved apart by a scale above 1, or together by one below, not {scale:g}"
            )
        until = now() + self._seconds(timeout)
        node, _ = await self._wait(finder, until - now())
        apart = _fingers_apart(node.box, scale)
        half = apart / 2 / node.box.width
        _, first = await self._wait_at_rest(finder, max(0.0, until - now()), anchor=(0.5 - half, 0.5))
        _, second = await self._wait_at_rest(finder, max(0.0, until - now()), anchor=(0.5 + half, 0.5))
        if math.dist(first, second) < FINGER_PX / 2:
            raise await self._action_error(f"{finder} has no room for two fingers to pinch it by {scale:g}")
        return await self._touch(finder, second, pinch(first, second, scale), on_screen=True)

    @action("hovers over")
    async def hover(self, finder: Finder, *, timeout: float | None = None) -> Interval:
        """Move the mouse over a node; raises `ActionFailed` on what is touched, where there is no mouse."""
        _, spot = await self._wait_at_rest(finder, self._seconds(timeout))
        received = await self._driver.hover(spot)
        if received is None:
            raise await self._action_error(f"{finder} can't be hovered over: a touch screen has no pointer")
        return received

    @action("presses")
    async def press_key(self, key: str) -> Interval:
        """Press a key or a shortcut, named as Playwright names them: `Enter`, `a`, `Control+Shift+T`.

        Whatever has the focus gets it: tap a field first. `ControlOrMeta` is the key of shortcuts on each
        platform. Raises `ActionFailed` where there is no such key, as on an iPhone.
        """
        return await self._press(key)

    async def _press(self, key: str) -> Interval:
        try:
            pressed = parse_key(key)
        except ValueError as error:
            raise ActionFailed(f"{key!r} can't be pressed: {error}") from error
        try:
            return await self._driver.press(pressed)
        except CommandRefused as error:
            raise await self._action_error(
                f"{key!r} can't be pressed on {self._driver.renderer}: {error}"
            ) from error

    async def _touch(
        self, finder: Finder, spot: Point, fingers: Sequence[Finger], *, on_screen: bool = False
    ) -> Interval:
        """Do a gesture that begins at a spot of a node."""
        received = await self._driver.touch(fingers, on_screen=on_screen)
        await self._check_taken(finder, spot, "touch")
        return received


def _move_off_edges(start: Point, box: Box, screen: Box) -> Anchor | None:
    """Return where else on a box a swipe may begin, further off the screen's edges; None where it is."""
    x = max(screen.left + EDGE_PX, min(start[0], screen.right - EDGE_PX))
    y = max(screen.top + EDGE_PX, min(start[1], screen.bottom - EDGE_PX))
    if (x, y) == start or not (box.left <= x < box.right and box.top <= y < box.bottom):
        return None
    return (x - box.left) / box.width, (y - box.top) / box.height


def _swipe_end(start: Point, box: Box, screen: Box, direction: Direction) -> Point:
    """Return where a swipe over a box ends, off the edge of the screen."""
    x, y = start
    across = max(SHORTEST_SWIPE_PX, box.width * (1 - 2 * MARGIN))
    down = max(SHORTEST_SWIPE_PX, box.height * (1 - 2 * MARGIN))
    match direction:
        case "left":
            return max(min(screen.left + EDGE_PX, x), x - across), y
        case "right":
            return min(max(screen.right - EDGE_PX, x), x + across), y
        case "up":
            return x, max(min(screen.top + EDGE_PX, y), y - down)
        case "down":
            return x, min(max(screen.bottom - EDGE_PX, y), y + down)


def _fingers_apart(box: Box, scale: float) -> float:
    """Return how far apart two fingers begin, as they stay on a box; 0 where they would be too near."""
    widest = box.width * (1 - 2 * MARGIN)
    begun, nearest = (widest / scale, widest / scale) if scale > 1 else (widest, widest * scale)
    return begun if nearest >= FINGER_PX else 0.0
