"""What fingers and keys do: gestures, how a page is touched through Chromium's own touch input, key codes."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, Literal

from playwright.async_api import CDPSession

Point = tuple[float, float]

STEP_S = 0.01
"""Between the points of a moving finger: 100 Hz, as touch screens have it."""

TAP_S = 0.01
"""How long a finger that only taps stays down."""

MAX_FINGERS = 10
"""How many fingers a screen tells apart."""


@dataclass(frozen=True, slots=True)
class TouchStep:
    """One moment of one finger: where it is (physical pixels), `at` seconds after the gesture began."""

    at: float
    x: float
    y: float
    down: bool = True


def tap(at: Point, *, seconds: float = TAP_S, begins: float = 0.0) -> list[TouchStep]:
    """Touch a point for so long."""
    return [TouchStep(begins, *at), TouchStep(begins + seconds, *at, down=False)]


def stroke(start: Point, end: Point, *, seconds: float, rests: float = 0.0) -> list[TouchStep]:
    """Go from one point to another in so many seconds, rest there, and lift."""
    return [
        TouchStep(0.0, *start),
        *move_steps(start, end, seconds=seconds),
        TouchStep(seconds + rests, *end, down=False),
    ]


def stroke_at(start: Point, end: Point, *, speed: float, rests: float = 0.0) -> list[TouchStep]:
    """Go from one point to another at so many pixels a second."""
    return stroke(start, end, seconds=math.dist(start, end) / speed, rests=rests)


def move_steps(start: Point, end: Point, *, seconds: float, begins: float = 0.0) -> list[TouchStep]:
    """Return where a finger is on its way from one point to another, after it has left the first."""
    steps = max(1, round(seconds / STEP_S))
    return [
        TouchStep(
            begins + seconds * step / steps,
            start[0] + (end[0] - start[0]) * step / steps,
            start[1] + (end[1] - start[1]) * step / steps,
        )
        for step in range(1, steps + 1)
    ]


EDGE_DP: Final = 24
"""How near to an edge what a finger begins is the system's: Android's own, where people go by gestures."""


def system_gesture(
    fingers: Sequence[Sequence[TouchStep]], *, size: tuple[int, int], pixel_ratio: float
) -> Literal["back", "home", ""]:
    """Return what the system takes a gesture for, of which the app hears nothing then.

    One finger inwards from the left or the right edge goes back, one up from the lower edge goes home. `size`
    is the screen's, in physical pixels.
    """
    down = [step for step in fingers[0] if step.down] if len(fingers) == 1 else []
    if not down:
        return ""
    edge, (width, height) = EDGE_DP * pixel_ratio, size
    start, end = down[0], down[-1]
    right, below = end.x - start.x, end.y - start.y
    if abs(right) >= edge and abs(right) > abs(below):
        inwards = (start.x < edge and right > 0) or (start.x >= width - edge and right < 0)
        return "back" if inwards else ""
    return "home" if start.y >= height - edge and -below >= 2 * edge else ""


async def touch(session: CDPSession, fingers: Sequence[Sequence[TouchStep]], *, pixel_ratio: float) -> None:
    """Do a gesture: every step at its time, each finger lifted at its last step at the latest.

    What the page is told of the time is the gesture's own, so that the speed of a swipe doesn't depend on how
    busy the machine is.
    """
    if len(fingers) > MAX_FINGERS:
        raise ValueError(f"a screen has room for {MAX_FINGERS} fingers, not for {len(fingers)}")
    begun, stamped = time.monotonic(), time.time()
    held: dict[int, Point] = {}
    sent: list[asyncio.Task[object]] = []
    try:
        for at, steps in groupby(_merge_steps(fingers), key=lambda pair: pair[1].at):
            await asyncio.sleep(max(0.0, begun + at - time.monotonic()))
            for finger, step in steps:
                kind = _follow(held, finger, step, pixel_ratio)
                if kind is not None:
                    points = [{"id": number, "x": x, "y": y} for number, (x, y) in held.items()]
                    event = {"type": kind, "touchPoints": points, "timestamp": stamped + at}
                    # Not waited for here: a busy page answers late, and the gesture goes on.
                    sent.append(asyncio.ensure_future(session.send("Input.dispatchTouchEvent", event)))
    finally:
        if held:
            # Only where the gesture was interrupted: no finger stays behind.
            cancel = {"type": "touchCancel", "touchPoints": []}
            sent.append(asyncio.ensure_future(session.send("Input.dispatchTouchEvent", cancel)))
        results = await asyncio.gather(*sent, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


def _merge_steps(fingers: Sequence[Sequence[TouchStep]]) -> list[tuple[int, TouchStep]]:
    """Return all fingers' steps by time; a finger that is down at its last step is lifted there."""
    steps = [(finger, step) for finger, track in enumerate(fingers) for step in track]
    for finger, track in enumerate(fingers):
        if track and track[-1].down:
            last = track[-1]
            steps.append((finger, TouchStep(last.at, last.x, last.y, down=False)))
    return sorted(steps, key=lambda pair: pair[1].at)


def _follow(held: dict[int, Point], finger: int, step: TouchStep, pixel_ratio: float) -> str | None:
    """Note where a finger is now; return the event to send, None for a finger that moves above the screen."""
    if not step.down:
        if held.pop(finger, None) is None:
            return None
        # The browser lifts what an event doesn't name; an end names none at all.
        return "touchMove" if held else "touchEnd"
    kind = "touchMove" if finger in held else "touchStart"
    held[finger] = (step.x / pixel_ratio, step.y / pixel_ratio)
    return kind


# -- Android's key codes (`android.view.KeyEvent`) as a browser's keys

HOME: Final = 3
BACK: Final = 4
TAB: Final = 61
ENTER: Final = 66
DELETE: Final = 67
ESCAPE: Final = 111

SHIFT: Final = 0x1
ALT: Final = 0x2
CONTROL: Final = 0x1000
META: Final = 0x10000

_MODIFIERS: Final = {SHIFT: "Shift", ALT: "Alt", CONTROL: "Control", META: "Meta"}

_SYMBOLS: Final = {17: "*", 18: "#", 77: "@", 81: "+"}
"""Keys that a browser's keyboard has on no key of their own."""

_KEYS: Final[dict[int, str]] = (
    {7 + digit: f"Digit{digit}" for digit in range(10)}
    | {29 + number: f"Key{chr(65 + number)}" for number in range(26)}
    | {144 + digit: f"Numpad{digit}" for digit in range(10)}
    | {131 + number: f"F{number + 1}" for number in range(12)}
    | {19: "ArrowUp", 20: "ArrowDown", 21: "ArrowLeft", 22: "ArrowRight", 23: "Enter", ENTER: "Enter"}
    | {55: "Comma", 56: "Period", TAB: "Tab", 62: "Space", DELETE: "Backspace", 68: "Backquote"}
    | {69: "Minus", 70: "Equal", 71: "BracketLeft", 72: "BracketRight", 73: "Backslash"}
    | {74: "Semicolon", 75: "Quote", 76: "Slash", 92: "PageUp", 93: "PageDown", ESCAPE: "Escape"}
    | {112: "Delete", 122: "Home", 123: "End", 124: "Insert", 160: "NumpadEnter"}
)


def browser_key(code: int, meta: int = 0) -> str | None:
    """Return the key as Playwright's `keyboard.press` takes it; None for one that tells an app nothing.

    `meta` is the state of the modifiers as `KeyEvent` has it. A phone has keys that no app hears of, as the
    volume's: they do nothing here either.
    """
    symbol = _SYMBOLS.get(code)
    if symbol is not None:
        return symbol
    key = _KEYS.get(code)
    if key is None:
        return None
    held = [name for bit, name in _MODIFIERS.items() if meta & bit]
    return "+".join([*held, key])
