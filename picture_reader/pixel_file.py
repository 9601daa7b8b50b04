"""A picture's file without all that nobody asked for."""

from __future__ import annotations

from dataclasses import dataclass

from picture_reader.errors import DecodingError


@dataclass(frozen=True)
class PixelFile:
    """What of a file decides how its picture looks.

    `data` is a file of the same format that holds the pixels, and nothing beside them that a decoder could
    stumble over. `orientation` is EXIF's, 1 to 8. `profile` is an ICC profile, or empty for sRGB.
    `transparent` is the one colour of a PNG that stands for no colour, in samples of `depth` bits; `packed`
    are its pixels, of which there should be `unpacked_bytes`.
    """

    data: bytes
    orientation: int = 1
    profile: bytes = b""
    transparent: tuple[int, ...] = ()
    depth: int = 8
    packed: bytes = b""
    unpacked_bytes: int = 0


def cut_off() -> DecodingError:
    """Return the error for a file that ends too early."""
    return DecodingError("the picture is cut off: its file ends before its pixels do; choose a whole one")


def damaged(why: str) -> DecodingError:
    """Return the error for a file that can't be made sense of."""
    return DecodingError(f"the picture is damaged or cut off ({why}); choose a whole one")
