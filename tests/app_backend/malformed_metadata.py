"""Pictures whose pixels are sound, and what stands beside them is odd, damaged or hostile."""

from __future__ import annotations

import random
import struct
import zlib
from typing import Any, Literal

from PIL import Image, ImageCms

from tests.app_backend.malformed_pictures import Files, drawn, saved, with_chunks
from tests.app_backend.png_parts import chunk

KINDS = ("JPEG", "PNG", "WEBP")


def entry(kind: int, count: int, value: bytes, *, following: int = 0) -> bytes:
    """An EXIF block with the orientation alone, as `count` values of an odd kind."""
    tag = struct.pack("<HHHI", 1, 0x0112, kind, count) + value + struct.pack("<I", following)
    return b"Exif\0\0II*\0\x08\0\0\0" + tag


def orientations() -> Files:
    for orientation in (*range(10), 255, 65_535):
        exif = Image.Exif()
        exif[0x0112] = orientation
        for kind in KINDS if orientation == 6 else ("JPEG",):
            yield f"{kind}, orientation {orientation}", saved(kind, exif=exif.tobytes())
    good = Image.Exif()
    good[0x0112] = 6
    sound = good.tobytes()
    broken = {
        "cut off": sound[:-6],
        "of a wrong byte order": sound.replace(b"MM", b"XX").replace(b"II", b"XX"),
        "with an offset beyond its end": sound[:10] + b"\xff\xff\xff\xff" + sound[14:],
        "that points to itself": entry(3, 1, b"\x06\0\0\0", following=8),
        "with 65,535 entries": b"Exif\0\0II*\0\x08\0\0\0\xff\xff" + bytes(200),
        "with a text as its orientation": entry(2, 4, b"up!\0"),
        "with many orientations": entry(3, 9, b"\x1a\0\0\0") + b"\x06\0" * 9,
        "with a fraction by zero": entry(5, 1, b"\x1a\0\0\0") + bytes(8),
        "of nothing": b"Exif\0\0",
        "of noise": b"Exif\0\0" + random.Random(1).randbytes(300),  # noqa: S311 - the same each time
    }
    for what, block in broken.items():
        for kind in KINDS:
            yield f"{kind} with EXIF {what}", saved(kind, exif=block)


def profile(colours: Literal["sRGB", "LAB"]) -> bytes:
    """A colour profile without the time at which it was made."""
    made: Any = ImageCms.ImageCmsProfile(ImageCms.createProfile(colours))
    block: bytes = made.tobytes()
    return block[:24] + bytes(12) + block[36:]


def profiles() -> Files:
    sound = profile("sRGB")
    grown = bytearray(sound)
    grown[0:4] = struct.pack("!I", 2**31)
    tags = bytearray(sound)
    tags[128:132] = struct.pack("!I", 2**32 - 1)
    odd = {
        "cut off": sound[:200],
        "of Lab colours": profile("LAB"),
        "of zeros": bytes(400),
        "of one byte": b"x",
        "larger than it is": bytes(grown),
        "with four thousand million tags": bytes(tags),
        "for grey": sound[:16] + b"GRAY" + sound[20:],
        "for CMYK": sound[:16] + b"CMYK" + sound[20:],
        "of an unknown kind": sound[:12] + b"????" + sound[16:],
        "of a link": sound[:12] + b"link" + sound[16:],
    }
    for what, block in odd.items():
        for kind in KINDS:
            yield f"{kind} with a profile {what}", saved(kind, icc_profile=block)
    yield "grey PNG with a profile for colours", saved("PNG", drawn(mode="L"), icc_profile=sound)
    yield "CMYK JPEG with a profile for RGB", saved("JPEG", drawn(mode="CMYK"), icc_profile=sound)
    yield "PNG with a profile that isn't packed", with_chunks(chunk(b"iCCP", b"icc\0\0" + sound))
    yield (
        "PNG with a profile packed otherwise",
        with_chunks(chunk(b"iCCP", b"icc\0\7" + zlib.compress(sound))),
    )
    yield "PNG with a profile without a name's end", with_chunks(chunk(b"iCCP", b"icc"))
    jpeg = saved("JPEG")
    parts = b"".join(
        b"\xff\xe2" + struct.pack("!H", 2 + 14 + 50) + b"ICC_PROFILE\0" + bytes((number, 200)) + bytes(50)
        for number in (3, 1, 1, 250)
    )
    yield "JPEG with a profile in parts that don't fit", jpeg[:2] + parts + jpeg[2:]


METADATA = {group.__name__: group for group in (orientations, profiles)}
