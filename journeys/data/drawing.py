"""Pictures in words: described in a scenario, and drawn the same way each time it is loaded."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Annotated, Literal

import msgspec
import numpy as np
from PIL import Image

from journeys.pictures import Picture, paint

Side = Annotated[int, msgspec.Meta(ge=1, le=8192, description="Pixels on a side.")]
Pattern = Literal["landscape", "geometry", "still-life", "tiles", "relief", "ribbons"]
Mode = Literal["RGB", "grey", "grey-16", "CMYK", "palette"]

_MODES: dict[str, tuple[Mode, ...]] = {
    "jpeg": ("RGB", "grey", "CMYK"),
    "png": ("RGB", "grey", "grey-16", "palette"),
    "webp": ("RGB",),
    "gif": ("grey", "palette"),
}
_ORIENTATION_TAG = 0x0112
_STORED = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_90,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_270,
}
"""What is done to an upright picture so that EXIF's orientation makes it upright again."""


class DrawnPicture(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """A picture: what is in it, and how its file holds that.

    `size` is what people see; a file with an `orientation` of 5 and more has width and height exchanged.
    """

    pattern: Pattern
    seed: Annotated[int, msgspec.Meta(ge=0, description="Another one gives another picture.")] = 0
    format: Literal["jpeg", "png", "webp", "gif"] = "png"
    size: Annotated[tuple[Side, Side], msgspec.Meta(description="Width and height.")] = (512, 512)
    mode: Mode = "RGB"
    orientation: Annotated[int, msgspec.Meta(ge=1, le=8, description="As EXIF has it.")] = 1
    transparent: Annotated[bool, msgspec.Meta(description="With a band that one sees through.")] = False

    def problems(self) -> Iterator[tuple[str, str]]:
        """Yield each field that doesn't go with the others, and why."""
        if self.mode not in _MODES[self.format]:
            yield "mode", f"no {self.format} is {self.mode}: choose {' or '.join(_MODES[self.format])}"
        if self.transparent and (self.format not in {"png", "webp"} or self.mode != "RGB"):
            yield "transparent", "only a png or webp in RGB is: change format or mode"
        if self.orientation != 1 and self.format == "gif":
            yield "orientation", "a gif has none: leave it out, or choose another format"

    def draw(self, name: str) -> Picture:
        """Draw the picture; raises `PictureError` where it could not be recognised on a screen."""
        return Picture.from_bytes(name, self.encode())

    def encode(self) -> bytes:
        """Return the picture's file."""
        image = self._paint()
        if self.transparent:
            image.putalpha(_band(image.size))
        match self.mode:
            case "grey":
                image = image.convert("L")
            case "grey-16":
                # 257 takes the lightest of 8 bits to the lightest of 16.
                grey = np.asarray(image.convert("L"), dtype=np.uint16) * np.uint16(257)
                image = Image.fromarray(grey)
            case "CMYK":
                image = image.convert("CMYK")
            case "palette":
                image = image.convert("P", palette=Image.Palette.ADAPTIVE)
        if self.orientation != 1:
            image = image.transpose(_STORED[self.orientation])
        options: dict[str, object] = {"quality": 92} if self.format in {"jpeg", "webp"} else {}
        if self.orientation != 1:
            exif = Image.Exif()
            exif[_ORIENTATION_TAG] = self.orientation
            options["exif"] = exif
        stored = io.BytesIO()
        image.save(stored, self.format.upper(), **options)
        return stored.getvalue()

    def _paint(self) -> Image.Image:
        """Paint the middle square, which is what avatars show, and its mirror images beside it."""
        width, height = self.size
        middle = paint(self.pattern, self.seed, min(width, height))
        mirror = middle.transpose(
            Image.Transpose.FLIP_LEFT_RIGHT if width > height else Image.Transpose.FLIP_TOP_BOTTOM
        )
        canvas = Image.new("RGB", self.size)
        left, top = (width - middle.width) // 2, (height - middle.height) // 2
        for number in range(-(max(self.size) // middle.width) - 1, max(self.size) // middle.width + 2):
            across, down = (number * middle.width, 0) if width > height else (0, number * middle.width)
            canvas.paste(mirror if number % 2 else middle, (left + across, top + down))
        return canvas


def _band(size: tuple[int, int]) -> Image.Image:
    """Return what is seen of a picture with a band across its lower half that one sees through."""
    width, height = size
    alpha = Image.new("L", size, 255)
    alpha.paste(0, (0, height * 6 // 10, width, height * 7 // 10))
    return alpha
