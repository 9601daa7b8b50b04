"""Pictures of an app's screen with the moment each of them was on it."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

from PIL import Image

from flutter_bridge.clock import Interval
from flutter_bridge.semantics import Box


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of the screen.

    `encoded` is the picture as it came (PNG, JPEG or WebP), decoded on first use only. `shown` bounds, on
    `clock.now()`'s clock, a moment at which the screen looked like this. `scale` is how many of the
    picture's pixels make one logical pixel.
    """

    encoded: bytes = field(repr=False)
    shown: Interval
    scale: float = 1.0
    number: int = 0

    @cached_property
    def image(self) -> Image.Image:
        """The picture, decoded to RGB."""
        with Image.open(io.BytesIO(self.encoded)) as opened:
            # Converting what is RGB already copies it all, which takes longer than decoding it.
            opened.load()
            return opened if opened.mode == "RGB" else opened.convert("RGB")

    def crop(self, box: Box) -> Image.Image:
        """Return the part of the picture that a box in logical pixels covers, on whole pixels."""
        picture = self.image
        left, top = max(0, round(box.left * self.scale)), max(0, round(box.top * self.scale))
        right = min(picture.width, round(box.right * self.scale))
        bottom = min(picture.height, round(box.bottom * self.scale))
        return picture.crop((left, top, max(left, right), max(top, bottom)))


class FrameSource(Protocol):
    """A running stream of frames; iterating waits for the next frame and ends with the stream.

    Frames come as soon as they are there, which need not be the order they were shown in: `shown.low` tells,
    though the intervals of neighbours may overlap. Each says what the screen looked like at one moment. When
    it changed between two of them is left open, so a source that misses paints makes what follows from its
    frames less exact, never wrong.

    A source that sends nothing while nothing changes proves nothing meanwhile, neither that the old look is
    still there nor that the new one stays: it should yield its last frame again now and then, with a new
    `shown`. `frame.encoded` may be the same object; it is then not decoded again.
    """

    @property
    def kind(self) -> str:
        """How the frames are made, for the report: `screencast`, `screenshots`, `mjpeg`."""
        ...

    def __aiter__(self) -> AsyncIterator[Frame]:
        """Yield frames as they come."""
        ...
