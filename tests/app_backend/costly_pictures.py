"""Pictures that are sound, small as files, and made to take a decoder long."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from io import BytesIO

from PIL import Image

from benches._backend_costly import jpeg_of_scans
from tests.app_backend.png_parts import END, chunk, header, pixels, png

MANY = 30_000


def saved(kind: str, size: tuple[int, int] = (64, 64), mode: str = "RGB", **options: object) -> bytes:
    output = BytesIO()
    Image.linear_gradient("L").resize(size).convert(mode).save(output, kind, **options)
    return output.getvalue()


def with_segments(*segments: bytes) -> bytes:
    """A JPEG with more before its pixels."""
    whole = saved("JPEG")
    return whole[:2] + b"".join(segments) + whole[2:]


def segment(marker: int, body: bytes = b"") -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", 2 + len(body)) + body


def exif(entries: int, size: int) -> bytes:
    """EXIF data whose every entry points to the same bytes."""
    one = struct.pack("<HHII", 0x9000, 7, size, 8)
    block = b"II*\0" + struct.pack("<IH", 8, entries) + one * entries
    return block.ljust(8 + size, b"\0")


def gif_with(*extensions: bytes) -> bytes:
    whole = saved("GIF", mode="P")
    start = 13 + 3 * 2 ** ((whole[10] & 7) + 1)
    return whole[:start] + b"".join(extensions) + whole[start:]


def webp_with(more: bytes) -> bytes:
    body = saved("WEBP", exif=b"Exif\0\0II*\0")[12:] + more
    return b"RIFF" + struct.pack("<I", 4 + len(body)) + b"WEBP" + body


def sized(data: bytes, size: tuple[int, int]) -> bytes:
    """A JPEG that says that it is of another size: of so many pixels, none has to be drawn."""
    frame = re.search(rb"\xff[\xc0\xc2\xca]\0\x11\x08|\xff[\xc0\xc2]\0\x14\x08", data)
    assert frame is not None
    return data[: frame.end()] + struct.pack(">HH", *reversed(size)) + data[frame.end() + 4 :]


def coded_arithmetically(data: bytes) -> bytes:
    """A progressive JPEG that says of itself that it is coded as takes far longer to read."""
    return data.replace(b"\xff\xc2", b"\xff\xca", 1)


COSTLY: dict[str, Callable[[], bytes]] = {
    "JPEG of 4,000 scans": lambda: sized(jpeg_of_scans(4000, (64, 64)), (2000, 2000)),
    "JPEG of 4,000 scans, tiny": lambda: jpeg_of_scans(4000, (64, 64)),
    "JPEG of few scans over many pixels": lambda: sized(jpeg_of_scans(40, (64, 64)), (7000, 7000)),
    "JPEG of remarks without words": lambda: with_segments(segment(0xFE) * MANY),
    "JPEG whose end comes before its remarks": lambda: with_segments(b"\xff\xd9", segment(0xFE) * MANY),
    "JPEG of padding": lambda: with_segments(b"\xff" * 300_000),
    "JPEG of bytes that belong to nothing": lambda: with_segments(segment(0xFE), bytes(300_000)),
    "JPEG of a slow code": lambda: sized(coded_arithmetically(jpeg_of_scans(2, (64, 64))), (7000, 7000)),
    "PNG of chunks": lambda: png(header(64, 64), chunk(b"abCd", b"") * MANY, pixels(), END),
    "PNG of texts behind its pixels": lambda: png(
        header(64, 64), pixels(), chunk(b"tEXt", b"a\0b") * MANY, END
    ),
    "PNG of pixels of 64 bits": lambda: png(header(8000, 6000, 16, 6), pixels(), END),
    "GIF of a long remark": lambda: gif_with(b"\x21\xfe", b"\xff" + b"x" * 255, *[b"\1x"] * MANY, b"\0"),
    "GIF of empty remarks": lambda: gif_with(*[b"\x21\xfe\0"] * MANY),
    "GIF of another program's data": lambda: gif_with(b"\x21\xff\x0bSOMETHING10", *[b"\1x"] * MANY, b"\0"),
    "WebP of chunks": lambda: webp_with(b"JUNK\0\0\0\0" * MANY),
}
