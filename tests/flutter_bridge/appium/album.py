"""Photos that differ as people's do, and the thumbnails that a picker shows of them."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageDraw


def photo(number: int, size: tuple[int, int] = (640, 480)) -> Image.Image:
    """Return one of any number of photos: blurred patches of many colours, others in each."""
    patches = np.random.default_rng(number).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(patches).resize(size, Image.Resampling.BICUBIC)


def encoded(picture: Image.Image, form: str = "PNG", **how: object) -> bytes:
    """Return a picture as a file."""
    content = io.BytesIO()
    picture.save(content, form, **how)
    return content.getvalue()


def thumbnail(picture: Image.Image, side: int, *, chosen: bool = False) -> Image.Image:
    """Return what a grid shows: the middle, small, compressed again, with round corners and maybe a mark."""
    across = min(picture.size)
    left, top = (picture.width - across) // 2, (picture.height - across) // 2
    small = picture.crop((left, top, left + across, top + across)).resize(
        (side, side), Image.Resampling.LANCZOS
    )
    shown = Image.open(io.BytesIO(encoded(small.convert("RGB"), "JPEG", quality=60))).convert("RGB")
    mask = Image.new("L", shown.size, 0)
    ImageDraw.Draw(mask).rounded_rectangle((1, 1, side - 2, side - 2), side // 12, fill=255)
    cell = Image.composite(shown, Image.new("RGB", shown.size, "#f4f1f8"), mask)
    if chosen:
        ImageDraw.Draw(cell).ellipse((2, 2, side // 8, side // 8), fill="#0b57d0")
    return cell
