"""The truth a measurement is held against: when the browser presented what the app had drawn."""

from __future__ import annotations

import asyncio
import base64
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.async_api import BrowserContext, Page

from flutter_bridge import Box, Interval, now
from journeys.pictures import Picture, Recogniser
from journeys.remote_clock import RemoteClock

SCRIPT: Final = Path(__file__).with_name("_presented.js")

_PATIENCE = 3.0


async def prepare(context: BrowserContext) -> None:
    """Have every page of a context tell what it presents; before the app is loaded."""
    await context.add_init_script(path=SCRIPT)


class Presentations:
    """What one box of an app showed, from the bitmaps its engine handed over, and when it was presented."""

    def __init__(self, page: Page, box: Box) -> None:
        self._page = page
        self._box = [round(side) for side in (box.left, box.top, box.width, box.height)]
        self._clock = RemoteClock()

    async def begin(self) -> None:
        """Forget what was shown so far."""
        await self._page.evaluate("box => __presented.watch(box)", self._box)

    async def first_lasting(self, wanted: Picture, recogniser: Recogniser) -> Interval | None:
        """Return when a picture was presented that has stayed since; None where it is not there now."""
        until = now() + _PATIENCE
        while True:
            said = await self._page.evaluate("__presented.read()")
            shows = [recogniser.recognise(self._image(each["pixels"]), wanted).same for each in said]
            if not shows or not shows[-1]:
                return None
            first = max((index for index, same in enumerate(shows) if not same), default=-1) + 1
            # What was replaced before it could be presented was on screen in its successor's frame.
            moments = [each["presented"] for each in said[first:] if each["presented"] is not None]
            if moments:
                await self._clock.read(self._seconds)
                return Interval.at(moments[0]) + self._clock.offset(now())
            if now() > until:
                raise RuntimeError("the browser did not say when it presented the picture")
            await asyncio.sleep(0.02)

    async def _seconds(self) -> float:
        said = await self._page.evaluate("__presented.seconds()")
        return float(said)

    def _image(self, pixels: str) -> Image.Image:
        size = (self._box[2], self._box[3])
        return Image.frombytes("RGBA", size, base64.b64decode(pixels)).convert("RGB")
