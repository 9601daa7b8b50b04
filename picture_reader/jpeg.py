"""JPEG without its metadata: what decides over the colours and the orientation, and the rest as it is."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

from picture_reader.formats import PixelFile, UnsupportedFormat, cut_off_error, damage_error, orientation_of

_SOF: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_SHOWN: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
"""Frames that browsers show: baseline, extended and progressive, in Huffman's code or an arithmetic one."""
_SOS: Final = 0xDA
_SOI, _EOI = 0xD8, 0xD9
_APP0, _EXIF, _ICC, _ADOBE = 0xE0, 0xE1, 0xE2, 0xEE
_APPLICATIONS: Final = frozenset({*range(0xE0, 0xF0), 0xFE})
"""Segments of applications, and comments."""
_ALONE: Final = frozenset({0x01, *range(0xD0, 0xD8)})
"""Markers without a segment."""

_ICC_NAME: Final = b"ICC_PROFILE\0"


def read_jpeg(data: bytes) -> PixelFile:
    """Return what of a JPEG decides how it looks; raises `DecodingError`.

    JPEGs with further pictures in them (Multi-Picture Format) are JPEGs; browsers show the first one, too.
    """
    segments, scan = _segments(data)
    kept = [(marker, body) for marker, body in segments if marker not in _APPLICATIONS]
    adobe = next((body[:12] for body in _segments_named(segments, _ADOBE, b"Adobe") if len(body) >= 12), b"")
    if not adobe and any(marker in _SOF and _components(marker, body) == 4 for marker, body in kept):
        # Browsers take four inks as inverted no matter who wrote them, which decoders do for Adobe's alone.
        adobe = b"Adobe" + bytes(7)
    head = []
    if any(len(body) >= 14 for body in _segments_named(segments, _APP0, b"JFIF\0")):
        head.append((_APP0, b"JFIF\0\1\1\0\0\1\0\1\0\0"))
    if adobe:
        head.append((_ADOBE, adobe))
    exif = next(_segments_named(segments, _EXIF, b"Exif\0"), b"")
    profile = _profile([body[len(_ICC_NAME) :] for body in _segments_named(segments, _ICC, _ICC_NAME)])
    start = b"".join(
        b"\xff" + bytes((marker,)) + struct.pack(">H", len(body) + 2) + body
        for marker, body in (*head, *kept)
    )
    pixels = b"".join((b"\xff\xd8", start, b"\xff\xda", memoryview(data)[scan:]))
    return PixelFile(pixels, orientation_of(exif[6:]), profile)


def _segments(data: bytes) -> tuple[list[tuple[int, bytes]], int]:
    """Return the segments before the first scan, by their markers, and where that scan begins."""
    segments: list[tuple[int, bytes]] = []
    marker, at = _next_marker(data, 2)
    while marker != _SOS:
        if marker in {_SOI, _EOI}:
            raise damage_error("it begins or ends a second time before its first scan")
        if marker not in _ALONE:
            if at + 2 > len(data):
                raise cut_off_error()
            end = at + max(2, struct.unpack_from(">H", data, at)[0])
            if end > len(data):
                raise cut_off_error()
            segments.append((marker, data[at + 2 : end]))
            at = end
        marker, at = _next_marker(data, at)
    return segments, at


def _segments_named(segments: list[tuple[int, bytes]], marker: int, name: bytes) -> Iterator[bytes]:
    return (body for each, body in segments if each == marker and body.startswith(name))


def _next_marker(data: bytes, at: int) -> tuple[int, int]:
    """Return the next marker and where its segment begins; bytes that belong to none are passed over."""
    while True:
        at = data.find(b"\xff", at)
        if at < 0 or at + 1 >= len(data):
            raise cut_off_error()
        at += 1
        if data[at] not in {0x00, 0xFF}:
            return data[at], at + 1


def _components(marker: int, body: bytes) -> int:
    if len(body) < 6:
        raise damage_error("its frame has no header")
    if marker not in _SHOWN or body[0] != 8:
        raise UnsupportedFormat(
            "this kind of JPEG (lossless, or not of 8 bits) is shown by no browser: "
            "choose an ordinary JPEG, PNG, WebP or GIF"
        )
    return body[5]


def _profile(parts: list[bytes]) -> bytes:
    """Put a profile together from its numbered parts; as browsers do, none where one is missing or doubled.

    What comes after the last part that is needed isn't looked at.
    """
    by_number: dict[int, bytes] = {}
    for part in parts:
        number, count = part[:2] if len(part) > 2 else (0, 0)
        if not 1 <= number <= count or count != parts[0][1] or number in by_number:
            break
        by_number[number] = part[2:]
        if len(by_number) == count:
            return b"".join(by_number[each] for each in sorted(by_number))
    return b""
