"""Does gestures on a page that Playwright drives: on Chromium's touch screen, or with a mouse."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import groupby

from playwright.async_api import CDPSession, Error, Mouse, Page

from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import ActionFailed
from flutter_bridge.occlusion import Point
from flutter_bridge.touch import Finger, cut


class Hand:
    """What touches a page: a finger on a touch screen, which Chromium has for any page, or a mouse."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._screen: CDPSession | None = None

    async def do(self, fingers: Sequence[Finger], *, by_touch: bool) -> Interval:
        """Do a gesture; other browsers than Chromium have the mouse for it, with one finger."""
        browser = self._page.context.browser
        has_screen = browser is None or browser.browser_type.name == "chromium"
        if len(fingers) > 1 and not has_screen:
            raise ActionFailed("this browser can't be touched by two fingers: Chromium can")
        if has_screen and (by_touch or len(fingers) > 1):
            if self._screen is None:
                self._screen = await self._page.context.new_cdp_session(self._page)
            before = now()
            await touch_screen(self._screen, fingers)
        else:
            before = now()
            await move_mouse(self._page.mouse, fingers[0])
        return Interval(before, now())


@dataclass(frozen=True, slots=True)
class Moment:
    """Where a finger is, so many seconds after the gesture began; None where it is lifted."""

    at: float
    place: Point | None


def moments(finger: Finger) -> Iterator[Moment]:
    """Yield where a finger is, one moment after the other."""
    at = 0.0
    for stroke in finger:
        at += stroke.after
        yield Moment(at, stroke.start)
        for move in cut(stroke):
            at += move.seconds
            yield Moment(at, move.to)
        yield Moment(at, None)


async def touch_screen(session: CDPSession, fingers: Sequence[Finger]) -> None:
    """Do a gesture with real touches, whether or not the page believes that it is on a touch screen.

    Each moment waits until the page has had the one before: a busy page, too, is held for as long as a long
    press takes. The time it is told is the gesture's own, so that nothing is flung further by a slow machine.
    """
    steps = sorted(
        ((moment, number) for number, finger in enumerate(fingers) for moment in moments(finger)),
        key=lambda step: (step[0].at, step[0].place is None),
    )
    begun, last = time.time(), 0.0
    held: dict[int, Point] = {}
    try:
        for (at, _), group in groupby(steps, key=lambda step: (step[0].at, step[0].place is None)):
            await asyncio.sleep(at - last)
            last, before = at, len(held)
            for moment, number in group:
                if moment.place is None:
                    held.pop(number, None)
                else:
                    held[number] = moment.place
            # The browser lifts what a move doesn't name; an end names none at all.
            kind = "touchStart" if len(held) > before else "touchMove" if held else "touchEnd"
            points = [{"id": number, "x": x, "y": y} for number, (x, y) in held.items()]
            event = {"type": kind, "touchPoints": points, "timestamp": begun + at}
            await session.send("Input.dispatchTouchEvent", event)
    finally:
        if held:
            # Only where the gesture was broken off: no finger stays behind. A page that is gone has none.
            with suppress(Error):
                await session.send("Input.dispatchTouchEvent", {"type": "touchCancel", "touchPoints": []})


async def move_mouse(mouse: Mouse, finger: Finger) -> None:
    """Do with a mouse what one finger does, its button held while the finger is down."""
    for number, stroke in enumerate(finger, start=1):
        await asyncio.sleep(stroke.after)
        await mouse.move(*stroke.start)
        await mouse.down(click_count=number)
        try:
            for move in cut(stroke):
                await asyncio.sleep(move.seconds)
                await mouse.move(*move.to)
        finally:
            await mouse.up(click_count=number)
