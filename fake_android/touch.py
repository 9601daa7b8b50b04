"""Touches a page as fingers do: Chromium's own touch input, at the times a gesture says."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import groupby

from playwright.async_api import CDPSession

from fake_android.device import TouchStep

FINGERS = 10
"""How many fingers a screen tells apart."""


async def touch(session: CDPSession, fingers: Sequence[Sequence[TouchStep]], *, pixel_ratio: float) -> None:
    """Do a gesture: every step at its time, each finger lifted at its last step at the latest.

    What the page is told of the time is the gesture's own, so that the speed of a swipe doesn't depend on how
    busy the machine is.
    """
    if len(fingers) > FINGERS:
        raise ValueError(f"a screen has room for {FINGERS} fingers, not for {len(fingers)}")
    begun, stamped = time.monotonic(), time.time()
    held: dict[int, tuple[float, float]] = {}
    sent: list[asyncio.Task[object]] = []
    try:
        for at, steps in groupby(_in_order(fingers), key=lambda pair: pair[1].at):
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


def _in_order(fingers: Sequence[Sequence[TouchStep]]) -> list[tuple[int, TouchStep]]:
    """Return all fingers' steps by time; a finger that is down at its last step is lifted there."""
    steps = [(finger, step) for finger, track in enumerate(fingers) for step in track]
    for finger, track in enumerate(fingers):
        if track and track[-1].down:
            last = track[-1]
            steps.append((finger, TouchStep(last.at, last.x, last.y, down=False)))
    return sorted(steps, key=lambda pair: pair[1].at)


def _follow(
    held: dict[int, tuple[float, float]], finger: int, step: TouchStep, pixel_ratio: float
) -> str | None:
    """Note where a finger is now; return the event to send, None for a finger that moves above the screen."""
    if not step.down:
        if held.pop(finger, None) is None:
            return None
        # The browser lifts what an event doesn't name; an end names none at all.
        return "touchMove" if held else "touchEnd"
    kind = "touchMove" if finger in held else "touchStart"
    held[finger] = (step.x / pixel_ratio, step.y / pixel_ratio)
    return kind
