"""One picture, no two corners of which are alike, and what it is encoded by."""

from __future__ import annotations

import struct
import zlib
from functools import cache
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from journeys.pictures import PictureBook
from tests.app_backend.png_parts import END, chunk, header, png

Pixels = npt.NDArray[np.uint8]
WIDTH, HEIGHT = 160, 128


@cache
def scene() -> Image.Image:
    middle = PictureBook(seed=3).fresh().image.resize((HEIGHT, HEIGHT), Image.Resampling.LANCZOS)
    wide = Image.new("RGB", (WIDTH, HEIGHT), "white")
    wide.paste(middle, (16, 0))
    wide.paste((200, 30, 30), (0, 0, 16, 64))
    wide.paste((20, 60, 160), (144, 64, 160, 128))
    return wide


@cache
def colours() -> Pixels:
    return np.asarray(scene())


@cache
def greys() -> Pixels:
    return np.asarray(scene().convert("L"))


@cache
def alpha() -> Pixels:
    return np.tile(np.linspace(0, 255, WIDTH).astype(np.uint8), (HEIGHT, 1))


@cache
def palette_picture() -> Image.Image:
    return scene().quantize(64)


def saved(image: Image.Image | None, kind: str, **options: Any) -> bytes:
    output = BytesIO()
    (image or scene()).save(output, kind, **options)
    return output.getvalue()


def jpeg(image: Image.Image | None = None, **options: Any) -> bytes:
    return saved(image, "JPEG", **({"quality": 92} | options))


def webp(image: Image.Image | None = None, **options: Any) -> bytes:
    return saved(image, "WEBP", **({"lossless": True} | options))


def wide(samples: npt.NDArray[Any]) -> Pixels:
    """Samples as 16 bits, those of the lower byte made up."""
    low = np.random.default_rng(1).integers(0, 256, samples.shape)
    return (samples.astype(np.uint16) * 256 + low).astype(">u2")


def packed(samples: npt.NDArray[Any], depth: int = 8) -> bytes:
    """Rows of samples as a PNG has them, before they are compressed."""
    flat = samples.reshape(len(samples), -1)
    if depth < 8:
        bits = [(flat >> shift) & 1 for shift in reversed(range(depth))]
        flat = np.packbits(np.stack(bits, axis=-1).reshape(len(samples), -1), axis=1)
    return b"".join(b"\0" + row.tobytes() for row in flat)


def made_png(
    samples: npt.NDArray[Any] | None = None, *beside: bytes, depth: int = 8, colour: int = 2, **body: bytes
) -> bytes:
    """A PNG put together by hand; `beside` are chunks before its pixels."""
    samples = colours() if samples is None else samples
    pixels = body.get("pixels") or zlib.compress(packed(samples, depth))
    size = samples.shape[1], samples.shape[0]
    return png(header(*size, depth, colour), *beside, chunk(b"IDAT", pixels), END)


def interlaced(samples: npt.NDArray[Any]) -> bytes:
    passes = (
        (0, 0, 8, 8),
        (0, 4, 8, 8),
        (4, 0, 8, 4),
        (0, 2, 4, 4),
        (2, 0, 4, 2),
        (0, 1, 2, 2),
        (1, 0, 2, 1),
    )
    rows = b"".join(packed(samples[top::down, left::across]) for top, left, down, across in passes)
    head = header(WIDTH, HEIGHT, 8 * samples.itemsize, 2 if samples.ndim == 3 else 0, 1)
    return png(head, chunk(b"IDAT", zlib.compress(rows)), END)


def exif(
    orientation: int,
    *,
    order: str = "<",
    kind: int = 3,
    count: int = 1,
    value: bytes = b"",
    first: bytes = b"",
) -> bytes:
    """A block of EXIF with the orientation and, before it, whatever entry is wanted."""
    entry = struct.pack(f"{order}HHI", 0x0112, kind, count) + (
        value or struct.pack(f"{order}HH", orientation, 0)
    )
    start = (b"II*\0" if order == "<" else b"MM\0*") + struct.pack(f"{order}I", 8)
    entries = first + entry
    return start + struct.pack(f"{order}H", len(entries) // 12) + entries + bytes(4)


def with_segments(*segments: tuple[int, bytes]) -> bytes:
    """A JPEG with more segments, behind its JFIF."""
    whole = jpeg()
    more = b"".join(bytes((0xFF, mark)) + struct.pack(">H", len(body) + 2) + body for mark, body in segments)
    return whole[:20] + more + whole[20:]


def without_segment(data: bytes, marker: int) -> bytes:
    """A JPEG without its segments of one kind."""
    left, at = data[:2], 2
    while data[at + 1] != 0xDA:
        end = at + 2 + struct.unpack_from(">H", data, at + 2)[0]
        left += b"" if data[at + 1] == marker else data[at:end]
        at = end
    return left + data[at:]


def made_gif(
    size: tuple[int, int], place: tuple[int, int] = (0, 0), *, transparent: int | None = None
) -> bytes:
    """A GIF of the scene at a place of a canvas, its table of colours beside the frame."""
    whole = saved(palette_picture(), "GIF")
    table = whole[13 : 13 + 3 * 2 ** ((whole[10] & 7) + 1)]
    frame = whole.index(b",", 13 + len(table))
    control = b"" if transparent is None else b"\x21\xf9\4" + bytes((1, 0, 0, transparent, 0))
    where = struct.pack("<HHHH", *place, WIDTH, HEIGHT)
    flags = bytes((0x80 | (whole[10] & 7),))
    head = b"GIF89a" + struct.pack("<HH", *size) + b"\x70\0\0"
    return head + control + b"," + where + flags + table + whole[frame + 10 :]
