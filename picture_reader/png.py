"""PNG without its metadata: what decides over the colours and the orientation, and the pixels."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

from picture_reader.colours import is_profile, profile_of_cicp, profile_of_gamma
from picture_reader.formats import (
    DecodingError,
    PixelFile,
    UnsupportedFormat,
    cut_off_error,
    damage_error,
    orientation_of,
)

_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_MOST_PROFILE_BYTES: Final = 16 * 2**20
_STEP_BYTES: Final = 2**18
_GREY, _RGB, _PALETTE = 0, 2, 3
_SAMPLES: Final = {_GREY: 1, _RGB: 3, _PALETTE: 1, 4: 2, 6: 4}
_WHOLE: Final = ((0, 0, 1, 1),)
_PASSES: Final = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)
"""The seven pictures of an interlaced one: first column and row, and the steps to the next ones."""


def read_png(data: bytes) -> PixelFile:
    """Return what of a PNG decides how it looks; raises `DecodingError`.

    As browsers do: what stands beside the pixels counts only before them and where its checksum is right, and
    of what counts, the first of each kind. Of an animation the first frame is what shows.
    """
    parts = _Parts()
    for kind, body, sound in _chunks(data):
        if not parts.by_kind and kind != b"IHDR":
            raise _packed_for_ios_error() if kind == b"CgBI" else damage_error("it has no header")
        if kind[0] & 0x20:
            parts.add_beside(kind, body, sound=sound)
        elif sound:
            parts.add_needed(kind, body)
        else:
            raise damage_error(f"the checksum of its chunk {kind.decode('latin-1')!r} is wrong")
    by_kind, pixels = parts.by_kind, parts.pixels
    if not pixels:
        raise cut_off_error()
    header = by_kind[b"IHDR"]
    if len(header) != 13 or header[10:12] != b"\0\0" or header[9] not in _SAMPLES:
        raise damage_error("its header makes no sense")
    if int.from_bytes(by_kind.get(b"acTL", b"")[:4]):
        if by_kind.get(b"fcTL", b"")[4:20] != header[:8] + bytes(8):
            raise UnsupportedFormat("animations whose first frame is a part of the picture are not taken")
        # Beside an animation there may be a picture for who can't play it: browsers don't show that one.
        pixels = parts.frame or pixels
    return _pixel_file(header, b"".join(pixels), by_kind)


@dataclass
class _Parts:
    """The chunks of a PNG that count."""

    by_kind: dict[bytes, bytes] = field(default_factory=dict)
    pixels: list[bytes] = field(default_factory=list)
    frame: list[bytes] = field(default_factory=list)
    """Of an animation's first frame, where that has pixels of its own."""
    frames: int = 0
    over: bool = False
    """Whether the pixels have come to their end."""

    def add_needed(self, kind: bytes, body: bytes) -> None:
        """Take a chunk that nobody may pass over."""
        if kind == b"IDAT" and not self.over:
            self.pixels.append(body)
        elif kind in {b"IHDR", b"PLTE"} and kind not in self.by_kind and not self.pixels:
            self.by_kind[kind] = body
        else:
            raise damage_error(f"a chunk {kind.decode('latin-1')!r} is where none may be")

    def add_beside(self, kind: bytes, body: bytes, *, sound: bool) -> None:
        """Take a chunk beside the pixels, if it counts."""
        self.over = bool(self.pixels)
        self.frames += kind == b"fcTL"
        if kind == b"fdAT" and self.frames == 1:
            self.frame.append(body[4:])
        if not sound or (self.over and kind != b"fcTL"):
            return
        # A palette's transparency without the palette is nobody's.
        if kind != b"tRNS" or b"PLTE" in self.by_kind or self.by_kind[b"IHDR"][9:10] != bytes((_PALETTE,)):
            self.by_kind.setdefault(kind, body)


def _pixel_file(header: bytes, packed: bytes, parts: dict[bytes, bytes]) -> PixelFile:
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header)
    chunks = [_SIGNATURE, _chunk(b"IHDR", header)]
    transparency = parts.get(b"tRNS", b"")
    transparent: tuple[int, ...] = ()
    if colour == _PALETTE:
        chunks += _palette(parts.get(b"PLTE", b""), transparency)
    elif (size := {_GREY: 2, _RGB: 6}.get(colour)) and len(transparency) >= size:
        transparent = struct.unpack_from(f">{size // 2}H", transparency)
    return PixelFile(
        b"".join((*chunks, _chunk(b"IDAT", packed), _chunk(b"IEND", b""))),
        orientation_of(parts.get(b"eXIf", b"")),
        _profile(parts),
        transparent,
        depth,
        packed,
        _unpacked_bytes(width, height, depth * _SAMPLES[colour], interlaced=interlaced != 0),
    )


def holds_all_rows(file: PixelFile) -> bool:
    """Whether a PNG's pixels are as many as its header says: decoders leave black what is missing."""
    unpacking = zlib.decompressobj()
    rest, missing = file.packed, file.unpacked_bytes
    while missing > 0 and rest:
        missing -= len(unpacking.decompress(rest, _STEP_BYTES))
        rest = unpacking.unconsumed_tail
    return missing <= 0


def _unpacked_bytes(width: int, height: int, bits: int, *, interlaced: bool) -> int:
    total = 0
    for left, top, across, down in _PASSES if interlaced else _WHOLE:
        columns, rows = -(-(width - left) // across), -(-(height - top) // down)
        if columns > 0 and rows > 0:
            total += rows * (1 + (columns * bits + 7) // 8)
    return total


def _palette(colours: bytes, transparency: bytes) -> list[bytes]:
    """Return the chunks of a palette of 256 colours.

    As browsers do: the last colour of a shorter one stands for all beyond it.
    """
    count = len(colours) // 3
    if not 1 <= count <= 256:
        raise damage_error("it has no palette")
    padded = colours[: count * 3] + colours[count * 3 - 3 : count * 3] * (256 - count)
    alpha = transparency[:count] if len(transparency) <= 256 else b""
    if len(alpha) == count:
        alpha += alpha[-1:] * (256 - count)
    return [_chunk(b"PLTE", padded), *([_chunk(b"tRNS", alpha)] if alpha else [])]


def _chunks(data: bytes) -> Iterator[tuple[bytes, bytes, bool]]:
    """Give each chunk's kind, body, and whether its checksum is right, up to the end's."""
    at = len(_SIGNATURE)
    while at < len(data):
        if at + 8 > len(data):
            raise cut_off_error()
        length, kind = struct.unpack_from(">I4s", data, at)
        if kind == b"IEND":
            return
        end = at + 12 + length
        if end > len(data):
            raise cut_off_error()
        check = struct.unpack_from(">I", data, end - 4)[0]
        yield kind, data[at + 8 : end - 4], zlib.crc32(memoryview(data)[at + 4 : end - 4]) == check
        at = end


def _chunk(kind: bytes, body: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(body, zlib.crc32(kind)))
    return b"".join((struct.pack(">I", len(body)), kind, body, check))


def _profile(parts: dict[bytes, bytes]) -> bytes:
    """Return the colours' profile by what counts most; empty for sRGB."""
    coded = profile_of_cicp(parts.get(b"cICP", b""))
    if coded is not None:
        return coded
    unpacked = _unpacked_profile(parts.get(b"iCCP", b""))
    srgb = parts.get(b"sRGB", b"")
    if is_profile(unpacked) or (len(srgb) == 1 and srgb[0] <= 3):
        return unpacked
    return profile_of_gamma(parts.get(b"gAMA", b""), parts.get(b"cHRM", b""))


def _unpacked_profile(body: bytes) -> bytes:
    """Return the profile in an iCCP chunk; empty where there is none, or none that could be unpacked."""
    name, end, packed = body.partition(b"\0")
    if not 1 <= len(name) <= 79 or not end or packed[:1] != b"\0":
        return b""
    unpacking = zlib.decompressobj()
    try:
        profile = unpacking.decompress(packed[1:], _MOST_PROFILE_BYTES)
    except zlib.error:
        return b""
    return profile if unpacking.eof else b""


def _packed_for_ios_error() -> DecodingError:
    return UnsupportedFormat(
        "this PNG is packed for iOS apps, and shown by no browser: unpack it with `pngcrush "
        "-revert-iphone-optimizations`, or choose a JPEG, PNG, WebP or GIF"
    )
