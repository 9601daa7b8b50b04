"""Screenshots as they are compared: decoded within bounds, opaque, as levels of red, green and blue."""

from __future__ import annotations

import io
import struct
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import kornia_rs.io
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from journeys.errors import UsageError
from journeys.snapshots.record import PixelBox
from picture_reader import DecodingError, UnsupportedFormat, format_of

MAX_PIXELS: Final = 50_000_000
"""Of a picture: five times a 4K screen's and more, 200 MB when decoded."""
MAX_PNG_BYTES: Final = 64 * 2**20

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = struct.Struct(">8s4x4sII")
_CHUNK: Final = struct.Struct(">I4s")
_VISIBLE_CHUNKS: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT"})
_DIRECT: Final = {b"\x08\x02": (3, "rgb"), b"\x08\x06": (4, "rgba")}
"""What screenshots are packed as, by depth and colour type: channels, and their name for the decoder."""

Source = Image.Image | bytes | Path
"""A picture, decoded or as a PNG, or the path of one."""
Levels = NDArray[np.uint8]
Part = tuple[int, int, int, int]
"""Left, top, right, bottom, as Pillow has it."""


class UnreadablePicture(UsageError):
    """What should be a screenshot is no PNG, a damaged one, or one too large."""


@dataclass(frozen=True)
class Raster:
    """An opaque picture: rows of pixels, of three channels or of four, the fourth of which is 255."""

    levels: Levels = field(repr=False)

    @property
    def size(self) -> tuple[int, int]:
        """Width and height."""
        height, width = self.levels.shape[:2]
        return width, height

    def crop(self, width: int, height: int) -> Raster:
        """Return the upper left part of a picture."""
        return Raster(np.ascontiguousarray(self.levels[:height, :width]))

    def part(self, box: PixelBox) -> Levels:
        """Return the pixels of a part, of three or four channels."""
        return self.levels[box.top : box.top + box.height, box.left : box.left + box.width]

    def image(self, part: Part | None = None) -> Image.Image:
        """Return a part of a picture for Pillow, in a mode that it treats as it does RGB."""
        left, top, right, bottom = part or (0, 0, *self.size)
        levels = np.ascontiguousarray(self.levels[top:bottom, left:right])
        mode = "RGB" if levels.shape[2] == 3 else "RGBX"
        return Image.frombuffer(mode, (right - left, bottom - top), levels, "raw", mode, 0, 1)

    def four_channels(self, box: PixelBox) -> Levels:
        """Return a part with a fourth channel, one pixel beside the other without a gap."""
        part = self.part(box)
        if part.shape[2] == 4:
            return np.ascontiguousarray(part)
        levels = np.empty((*part.shape[:2], 4), dtype=np.uint8)
        # One channel after the other takes a quarter of the time that three at once do.
        for channel in range(3):
            levels[..., channel] = part[..., channel]
        levels[..., 3] = 255
        return levels


def read_source(source: Source, name: str) -> Image.Image | bytes:
    """Return a picture as it is, read from its path if it is one; raises `UnreadablePicture`."""
    if not isinstance(source, Path):
        return source
    try:
        with source.open("rb") as file:
            return file.read(MAX_PNG_BYTES + 1)
    except OSError as error:
        raise UnreadablePicture(f"{name} can't be read ({error.strerror or error})") from error


def decode(source: Image.Image | bytes, name: str) -> Raster:
    """Return a picture, what is transparent laid on white.

    `name` is what an error calls it. A picture's size is read, and bounded, before anything of it is decoded.
    Raises `UnreadablePicture`.
    """
    if isinstance(source, bytes):
        size = png_size(source, name)
        levels = _screenshot_levels(source, size)
        if levels is None:
            source = _decode_by_pillow(source, name)
        elif levels.shape[2] == 3 or _is_opaque(levels):
            return Raster(levels)
        else:
            source = Image.frombuffer("RGBA", size, levels, "raw", "RGBA", 0, 1)
    else:
        _check_pixels(*source.size, name)
    if source.has_transparency_data:
        white = Image.new("RGBA", source.size, "white")
        source = Image.alpha_composite(white, source.convert("RGBA"))
    return Raster(np.asarray(source.convert("RGB")))


def png_size(encoded: bytes, name: str) -> tuple[int, int]:
    """Return a PNG's width and height as its header says; raises `UnreadablePicture`."""
    if len(encoded) > MAX_PNG_BYTES:
        raise UnreadablePicture(f"{name} has more than {MAX_PNG_BYTES // 2**20} MiB: no screenshot has")
    if len(encoded) < _HEADER.size:
        raise UnreadablePicture(f"{name} is no PNG: it has {len(encoded)} bytes")
    signature, chunk, width, height = _HEADER.unpack_from(encoded)
    if signature != _SIGNATURE or chunk != b"IHDR":
        raise UnreadablePicture(f"{name} is no PNG: {describe_other_format(encoded)}")
    _check_pixels(width, height, name)
    return width, height


def describe_other_format(encoded: bytes) -> str:
    """Return what a file is, or looks like, that is no PNG."""
    try:
        return f"it is a {format_of(encoded).value}"
    except (DecodingError, UnsupportedFormat) as error:
        return str(error).partition(";")[0].removeprefix("this is no picture: ")


def has_same_pixels(one: bytes, other: bytes) -> bool:
    """Whether two PNGs are the same but for what is written beside their pixels, such as texts.

    False says nothing: the same pixels can be packed in many ways.
    """
    return one == other or ((packed := _visible_chunks(one)) is not None and packed == _visible_chunks(other))


def _visible_chunks(encoded: bytes) -> tuple[bytes, ...] | None:
    """Return the chunks that say how a PNG looks, as they are; None where it isn't whole."""
    chunks: list[bytes] = []
    at = len(_SIGNATURE)
    while encoded.startswith(_SIGNATURE) and at + 12 <= len(encoded):
        length, kind = _CHUNK.unpack_from(encoded, at)
        end = at + 12 + length
        if kind == b"IEND":
            return tuple(chunks)
        if kind in _VISIBLE_CHUNKS:
            # With its checksum: what is damaged in both ways alike is no picture.
            chunks.append(encoded[at:end])
        at = end
    return None


def _screenshot_levels(encoded: bytes, size: tuple[int, int]) -> Levels | None:
    """Return the levels of a PNG as screenshots are: true colours of 8 bits; None for any other.

    The decoder is several times faster than Pillow, and another thread can go on beside it. What it can't
    decode is left to Pillow, which knows whether it is damaged, and what to call that.
    """
    form = _DIRECT.get(encoded[24:26])
    if form is None or encoded.find(b"tRNS", 0, encoded.find(b"IDAT")) >= 0:
        return None
    channels, mode = form
    try:
        levels: Levels = kornia_rs.io.decode_image_png_u8(encoded, size[::-1], mode)
    except Exception:  # noqa: BLE001 - it raises nothing narrower
        return None
    return levels if levels.shape == (size[1], size[0], channels) else None


def _decode_by_pillow(encoded: bytes, name: str) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(encoded), formats=["PNG"])
        image.load()
    # Pillow tells of damage by any of these, and by warnings that a user may have made errors.
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, OverflowError, Warning) as error:
        why = " ".join(str(error).split())[:100] or type(error).__name__
        raise UnreadablePicture(f"{name} is a damaged PNG ({why})") from error
    return image


def _is_opaque(levels: Levels) -> bool:
    every = np.bitwise_and.reduce(levels.view(np.uint32), axis=None, keepdims=True)
    return bool(every.view(np.uint8)[..., 3] == 255)


def _check_pixels(width: int, height: int, name: str) -> None:
    if width * height > MAX_PIXELS:
        raise UnreadablePicture(
            f"{name} is too large to be a screenshot: {width}x{height}, of at most {MAX_PIXELS:,} pixels"
        )
