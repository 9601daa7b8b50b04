"""From the bytes somebody sent to the renditions everybody sees."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

from PIL import Image

from app_backend.errors import Problem
from app_backend.rendering.cost import check_cost
from picture_reader import DecodingError, EncodedPicture, UnsupportedFormat, format_of

SIZES = (48, 96, 192, 512)
"""The side lengths of the renditions, in pixels."""

WORKING_SIDE = 1024
"""Larger pictures are reduced to this before anything else: enough for the largest rendition."""


@dataclass(frozen=True)
class Limits:
    """How large and how small a picture may be."""

    max_bytes: int
    max_pixels: int
    min_side: int


def check_kind(data: bytes) -> None:
    """Look at a file's first bytes alone; raises `Problem` (415 or 422) where it is none that we take."""
    try:
        format_of(data)
    except DecodingError as error:
        raise _problem(error) from error


def renditions(data: bytes, limits: Limits) -> dict[int, bytes]:
    """Return WebP renditions by size; raises `Problem` (415 or 422) where the picture can't be used.

    The picture is read as browsers show it, upright, in sRGB and on white, and cropped to its central square;
    nothing but pixels is kept of it. This takes the processor for a while: call it off the event loop.
    """
    check_cost(data)
    try:
        picture = EncodedPicture(data, most_pixels=limits.max_pixels)
        width, height = picture.size
        if min(width, height) < limits.min_side:
            raise Problem(
                422, f"the picture has {width} x {height} pixels; each side needs {limits.min_side}"
            )
        return encode(picture.pixels(square=WORKING_SIDE))
    except DecodingError as error:
        raise _problem(error) from error
    except MemoryError as error:
        raise Problem(422, "the picture takes more memory than one may") from error


def encode(square: Image.Image) -> dict[int, bytes]:
    """Return a square RGB picture in every size, as WebP without metadata."""
    square.info.clear()
    return {size: _webp(square.resize((size, size), Image.Resampling.LANCZOS)) for size in SIZES}


def _webp(image: Image.Image) -> bytes:
    output = BytesIO()
    image.save(output, "WEBP", quality=90, method=4)
    return output.getvalue()


def _problem(error: DecodingError) -> Problem:
    return Problem(415 if isinstance(error, UnsupportedFormat) else 422, str(error))
