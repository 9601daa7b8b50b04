"""Gestures by name: `/appium/gestures/...`."""

from __future__ import annotations

import math
from typing import Any

from fake_android.device import AndroidNode, PixelBounds
from fake_android.errors import InvalidArgument, NoSuchElement
from fake_android.input import Point, stroke_at, tap
from fake_android.uiautomator2.session import (
    CommandCall,
    ElementSearch,
    UiAutomatorSession,
    element_id,
    read_number,
    read_object,
    read_optional_number,
    read_text,
)

LONG_PRESS_S = 0.5
DOUBLE_TAP_S = 0.15
"""Between the two taps: half of Android's longest."""

DRAG, PINCH, SWIPE, SCROLL, FLING = 2500, 2500, 5000, 5000, 7500
SLOWEST_FLING = 50
"""Speeds in logical pixels a second."""

REST_S = 0.25
"""How long a finger rests at the end of a scroll, so that nothing is flung."""

SETTLE_S = 2.0
MARGIN = 0.1
"""The share at each of an element's edges that gestures keep off."""

MAX_SPEED_PX_S = 1_000_000
MAX_PRESS_S = 60.0
MAX_SWIPES = 30

REVERSE = {"left": "right", "right": "left", "up": "down", "down": "up"}


async def click(call: CommandCall) -> Any:
    """Tap a point."""
    await call.session.device.touch([tap(await _point(call))])


async def double_click(call: CommandCall) -> Any:
    """Tap a point twice."""
    at = await _point(call)
    await call.session.device.touch([[*tap(at), *tap(at, begins=DOUBLE_TAP_S)]])


async def long_click(call: CommandCall) -> Any:
    """Hold a point, for `duration` milliseconds."""
    milliseconds = read_optional_number(call.body, "duration")
    seconds = LONG_PRESS_S if milliseconds is None else milliseconds / 1000
    if not 0 <= seconds <= MAX_PRESS_S:
        raise InvalidArgument(
            f"Long click duration has to be between 0 and {MAX_PRESS_S:g} s, got {seconds:g} s"
        )
    await call.session.device.touch([tap(await _point(call), seconds=seconds)])


async def drag(call: CommandCall) -> Any:
    """Drag from one point, or an element's middle, to another."""
    node = await _origin(call)
    end = read_object(call.body, "end")
    if call.body.get("start") is not None:
        offset = read_object(call.body, "start")
        corner = (node.bounds.left, node.bounds.top) if node else (0, 0)
        start: Point = corner[0] + read_number(offset, "x"), corner[1] + read_number(offset, "y")
    elif node is not None:
        start = node.bounds.centre
    else:
        raise InvalidArgument("Either an element or start coordinates have to be given to drag")
    speed = _speed(call, DRAG)
    await call.session.device.touch(
        [stroke_at(start, (read_number(end, "x"), read_number(end, "y")), speed=speed)]
    )


async def swipe(call: CommandCall) -> Any:
    """Move a finger over a part of an area."""
    start, end = _stroke_ends(await _area(call), _direction(call), _percent(call, most=1.0))
    await call.session.device.touch([stroke_at(start, end, speed=_speed(call, SWIPE))])


async def scroll(call: CommandCall) -> Any:
    """Scroll by a part of an area; the answer is whether there is more to scroll to.

    A stand-in doesn't know where a list ends: what could not be scrolled any further is the end.
    """
    area, direction = await _area(call), REVERSE[_direction(call)]
    left, speed = _percent(call, most=100.0), _speed(call, SCROLL)
    while left > 0:
        if not await _swipe_area(call.session, area, direction, min(left, 1.0), speed, REST_S):
            return False
        left -= 1.0
    return True


async def fling(call: CommandCall) -> Any:
    """Scroll fast and let go; the answer is whether there is more to scroll to."""
    speed = _speed(call, FLING)
    slowest = SLOWEST_FLING * call.session.device.setup.pixel_ratio
    if speed < slowest:
        raise InvalidArgument(f"Speed {speed:g} is less than the minimum fling velocity {slowest:g}")
    return await _swipe_area(call.session, await _area(call), REVERSE[_direction(call)], 1.0, speed, 0.0)


async def pinch(call: CommandCall, *, opens: bool) -> Any:
    """Move two fingers apart, or together, along an area's diagonal."""
    area, percent = await _area(call), _percent(call, most=1.0)
    x, y = area.centre
    part = max(1 - percent, 0.05)
    speed = _speed(call, PINCH)
    fingers = []
    for outer in ((area.left, area.bottom), (area.right, area.top)):
        inner = x + (outer[0] - x) * part, y + (outer[1] - y) * part
        start, end = (inner, outer) if opens else (outer, inner)
        fingers.append(stroke_at(start, end, speed=speed))
    await call.session.device.touch(fingers)


async def scroll_to(call: CommandCall) -> Any:
    """Scroll an element, or the first list, until a locator finds something."""
    wanted = read_object(call.body, "params")
    search = ElementSearch(read_text(wanted, "strategy"), read_text(wanted, "selector"))
    most = read_optional_number(wanted, "maxSwipes")
    session = call.session
    for turn in range(int(MAX_SWIPES if most is None else most) + 1):
        if await session.find(search, None, multiple=False):
            return
        window = await session.device.window()
        node = await _origin(call) or next((each for each in window.walk() if each.scrollable), None)
        if node is None:
            break
        speed = SCROLL * session.device.setup.pixel_ratio
        if not await _swipe_area(session, _inner(node.bounds), "up", 1.0, speed, REST_S) and turn:
            break
    raise NoSuchElement(f"Nothing was found by '{search.strategy}' {search.selector!r} while scrolling")


async def _swipe_area(
    session: UiAutomatorSession, area: PixelBounds, direction: str, percent: float, speed: float, rests: float
) -> bool:
    before = await _positions(session)
    start, end = _stroke_ends(area, direction, percent)
    await session.device.touch([stroke_at(start, end, speed=speed, rests=rests)])
    await session.device.wait_until_idle(SETTLE_S)
    return await _positions(session) != before


async def _positions(session: UiAutomatorSession) -> list[tuple[str, PixelBounds]]:
    return [(node.ref, node.bounds) for node in (await session.device.window()).walk()]


def _stroke_ends(area: PixelBounds, direction: str, percent: float) -> tuple[Point, Point]:
    x, y = area.centre
    width, height = (area.right - area.left) * percent, (area.bottom - area.top) * percent
    ways: dict[str, tuple[Point, Point]] = {
        "left": ((area.right, y), (area.right - width, y)),
        "right": ((area.left, y), (area.left + width, y)),
        "up": ((x, area.bottom), (x, area.bottom - height)),
        "down": ((x, area.top), (x, area.top + height)),
    }
    return ways[direction]


async def _origin(call: CommandCall) -> AndroidNode | None:
    origin = call.body.get("origin")
    return None if origin is None else await call.session.node(element_id(origin))


async def _point(call: CommandCall) -> Point:
    node = await _origin(call)
    if call.body.get("offset") is None:
        if node is None:
            raise InvalidArgument("Either an element or an offset has to be given")
        return node.bounds.centre
    offset = read_object(call.body, "offset")
    corner = (node.bounds.left, node.bounds.top) if node else (0, 0)
    return corner[0] + read_number(offset, "x"), corner[1] + read_number(offset, "y")


async def _area(call: CommandCall) -> PixelBounds:
    node = await _origin(call)
    if node is not None:
        return _inner(node.bounds)
    if call.body.get("area") is None:
        raise InvalidArgument("Either an element or an area has to be given")
    area = read_object(call.body, "area")
    left, top = read_number(area, "left"), read_number(area, "top")
    return PixelBounds(
        int(left), int(top), int(left + read_number(area, "width")), int(top + read_number(area, "height"))
    )


def _inner(bounds: PixelBounds) -> PixelBounds:
    across, down = (bounds.right - bounds.left) * MARGIN, (bounds.bottom - bounds.top) * MARGIN
    return PixelBounds(
        math.ceil(bounds.left + across),
        math.ceil(bounds.top + down),
        int(bounds.right - across),
        int(bounds.bottom - down),
    )


def _direction(call: CommandCall) -> str:
    direction = read_text(call.body, "direction").lower()
    if direction not in REVERSE:
        raise InvalidArgument(f"Direction has to be one of {', '.join(REVERSE)}, got '{direction}'")
    return direction


def _percent(call: CommandCall, *, most: float) -> float:
    percent = read_number(call.body, "percent")
    if not 0 <= percent <= most:
        raise InvalidArgument(f"Percent must be between 0.0f and {most:g}f, got {percent:g}")
    return percent


def _speed(call: CommandCall, default: int) -> float:
    speed = read_optional_number(call.body, "speed")
    if speed is None:
        return default * call.session.device.setup.pixel_ratio
    if not 0 < speed <= MAX_SPEED_PX_S:
        raise InvalidArgument(
            f"Speed has to be between 1 and {MAX_SPEED_PX_S} pixels a second, got {speed:g}"
        )
    return speed
