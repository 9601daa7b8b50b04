"""Screenshots as they are compared: decoded within bounds, in RGB."""

from __future__ import annotations

import io
import struct
from pathlib import Path
from typing import Final

from PIL import Image

from journeys.errors import UsageError
from picture_reader import DecodingError, UnsupportedFormat, format_of

MOST_PIXELS: Final = 50_000_000
"""Of a picture: five times a 4K screen's and more, 200 MB when decoded."""
MOST_BYTES: Final = 64 * 2**20
"""Of a file."""

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_HEADER: Final = struct.Struct(">8s4x4sII")
_CHUNK: Final = struct.Struct(">I4s")
_SEEN: Final = frozenset({b"IHDR", b"PLTE", b"tRNS", b"IDAT"})

Source = Image.Image | bytes | Path
"""A picture, decoded or as a PNG, or the path of one."""


class UnreadablePicture(UsageError):
    """What should be a screenshot is no PNG, a damaged one, or one too large."""


def stored(source: Source, name: str) -> Image.Image | bytes:
    """Return a picture as it is given, read from its path if it is one; raises `UnreadablePicture`."""
    if not isinstance(source, Path):
        return source
    try:
        with source.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise UnreadablePicture(f"{name} can't be read ({error.strerror or error})") from error


def decoded(source: Image.Image | bytes, name: str) -> Image.Image:
    """Return a picture in RGB, what is transparent laid on white.

    `name` is what an error calls it. A picture's size is read, and bounded, before anything of it is decoded.
    Raises `UnreadablePicture`.
    """
    if isinstance(source, bytes):
        source = _decoded_png(source, name)
    elif source.width * source.height > MOST_PIXELS:
        raise UnreadablePicture(_too_large(name, *source.size))
    if source.mode == "RGB":
        return source
    if source.has_transparency_data:
        white = Image.new("RGBA", source.size, "white")
        return Image.alpha_composite(white, source.convert("RGBA")).convert("RGB")
    return source.convert("RGB")


def png_size(encoded: bytes, name: str) -> tuple[int, int]:
    """Return a PNG's width and height as its header says; raises `UnreadablePicture`."""
    if len(encoded) > MOST_BYTES:
        raise UnreadablePicture(f"{name} has more than {MOST_BYTES // 2**20} MiB: no screenshot has")
    if len(encoded) < _HEADER.size:
        raise UnreadablePicture(f"{name} is no PNG: it has {len(encoded)} bytes")
    signature, chunk, width, height = _HEADER.unpack_from(encoded)
    if signature != _SIGNATURE or chunk != b"IHDR":
        raise UnreadablePicture(f"{name} is no PNG: {what_else(encoded)}")
    if width * height > MOST_PIXELS:
        raise UnreadablePicture(_too_large(name, width, height))
    return width, height


def what_else(encoded: bytes) -> str:
    """Return what a file is, or looks like, that is no PNG."""
    try:
        return f"it is a {format_of(encoded).value}"
    except (DecodingError, UnsupportedFormat) as error:
        return str(error).partition(";")[0].removeprefix("this is no picture: ")


def same_pixels(one: bytes, other: bytes) -> bool:
    """Whether two PNGs are the same but for what is written beside their pixels, such as texts.

    False says nothing: the same pixels can be packed in many ways.
    """
    return one == other or ((packed := _packed(one)) is not None and packed == _packed(other))


def _packed(encoded: bytes) -> tuple[bytes, ...] | None:
    """Return the chunks that say how a PNG looks, as they are; None where it isn't whole."""
    chunks: list[bytes] = []
    at = len(_SIGNATURE)
    while encoded.startswith(_SIGNATURE) and at + 12 <= len(encoded):
        length, kind = _CHUNK.unpack_from(encoded, at)
        end = at + 12 + length
        if kind == b"IEND":
            return tuple(chunks)
        if kind in _SEEN:
            # With its checksum: what is damaged in both ways alike is no picture.
            chunks.append(encoded[at:end])
        at = end
    return None


def _decoded_png(encoded: bytes, name: str) -> Image.Image:
    png_size(encoded, name)
    try:
        image = Image.open(io.BytesIO(encoded), formats=["PNG"])
        image.load()
    # Pillow tells of damage by any of these, and by warnings that a user may have made errors.
    except (OSError, SyntaxError, ValueError, EOFError, struct.error, OverflowError, Warning) as error:
        raise UnreadablePicture(f"{name} is a damaged PNG ({_one_line(error)})") from error
    return image


def _too_large(name: str, width: int, height: int) -> str:
    return f"{name} is too large to be a screenshot: {width}x{height}, of at most {MOST_PIXELS:,} pixels"


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split())[:100] or type(error).__name__
