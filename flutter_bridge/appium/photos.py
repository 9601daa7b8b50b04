"""Tells which of the photos that a picker shows is the one that was put on the device: by their pixels."""

from __future__ import annotations

import io
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from flutter_bridge.frames import decode_picture
from flutter_bridge.semantics import Box

Look = NDArray[np.float64]

GRID: Final = 12
"""How many parts a side of a photo is compared in: thumbnails are small, and were compressed again."""

INSET: Final = 0.12
"""The share of a cell that is left out on each side: its gap, its round corners, a mark that it is chosen."""

MAX_DIFFERENCE: Final = 12.0
"""Grey levels (of 255) that a thumbnail differs by from its photo at most, on average.

JPEG at quality 60 and another way to make it smaller take some three; photos of different things are some
fifty apart.
"""


class Photo:
    """A picture file, to be found again among thumbnails."""

    def __init__(self, content: bytes) -> None:
        """Take a file's content; raises `ValueError` where it is no picture that can be read here."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of damaged metadata, which no picker minds
                with Image.open(io.BytesIO(content)) as opened:
                    picture = ImageOps.exif_transpose(opened).convert("RGBA")
        except (OSError, ValueError, SyntaxError, Image.DecompressionBombError) as error:
            raise ValueError(" ".join(str(error).split())[:200]) from error
        # What can be seen through is drawn on white by some, and on black by others.
        self._looks = [_look_of(_cover_square(_flatten(picture, ground))) for ground in ("white", "black")]

    @classmethod
    def read(cls, path: Path) -> Photo:
        """Read a file."""
        return cls(path.read_bytes())

    def find(self, screenshot: bytes, boxes: Sequence[Box], *, screen: Box) -> int | None:
        """Return which of some boxes of a screenshot shows it best; None where none does.

        Boxes are in logical pixels, as `screen` is, which is the size of the screenshot.
        """
        shot = decode_picture(screenshot, "the screenshot of the picker")
        ratio = shot.width / screen.width
        differences = [self._difference(shot.crop(_pixels(box, ratio))) for box in boxes]
        if not differences or min(differences) > MAX_DIFFERENCE:
            return None
        return differences.index(min(differences))

    def _difference(self, cell: Image.Image) -> float:
        return min(float(np.abs(_look_of(cell) - look).mean()) for look in self._looks)


def _look_of(square: Image.Image) -> Look:
    """Return the means of a cell's parts, of its inside."""
    width, height = square.size
    inside = (width * INSET, height * INSET, width * (1 - INSET), height * (1 - INSET))
    return np.asarray(square.resize((GRID, GRID), Image.Resampling.BOX, box=inside), dtype=np.float64)


def _flatten(picture: Image.Image, ground: str) -> Image.Image:
    under = Image.new("RGBA", picture.size, ground)
    return Image.alpha_composite(under, picture).convert("RGB")


def _cover_square(picture: Image.Image) -> Image.Image:
    """Return the middle of a picture, as grids show it."""
    side = min(picture.size)
    return ImageOps.fit(picture, (side, side), Image.Resampling.BOX)


def _pixels(box: Box, ratio: float) -> tuple[int, int, int, int]:
    sides = (box.left, box.top, box.right, box.bottom)
    left, top, right, bottom = (round(side * ratio) for side in sides)
    return left, top, max(right, left + 1), max(bottom, top + 1)
