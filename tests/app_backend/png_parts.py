"""PNG files put together by hand: sound ones, and those no encoder would write."""

from __future__ import annotations

import struct
import zlib

PNG_MAGIC = b"\x89PNG\r\n\x1a\n"


def chunk(name: bytes, body: bytes, *, check: int | None = None, length: int | None = None) -> bytes:
    check = zlib.crc32(name + body) if check is None else check
    return struct.pack("!I", len(body) if length is None else length) + name + body + struct.pack("!I", check)


def header(width: int, height: int, depth: int = 8, colour: int = 2, interlaced: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack("!IIBBBBB", width, height, depth, colour, 0, 0, interlaced))


def png(*chunks: bytes) -> bytes:
    return PNG_MAGIC + b"".join(chunks)


def pixels(width: int = 64, height: int = 64, *, channels: float = 3) -> bytes:
    return chunk(b"IDAT", zlib.compress(bytes((1 + int(width * channels)) * height)))


END = chunk(b"IEND", b"")
