"""Files that claim to be pictures, and are odd, damaged or hostile; the same ones in each run.

`malformed_metadata` has those whose pixels are sound.
"""

from __future__ import annotations

import random
import struct
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any

from PIL import Image, ImageDraw

from tests.app_backend.png_parts import END, PNG_MAGIC, chunk, header, pixels, png

KINDS = ("JPEG", "PNG", "WEBP", "GIF")
HUGE = (
    (65_535, 65_535),
    (65_535, 64),
    (64, 65_535),
    (2**31 - 1, 1),
    (2**31 - 1, 2**31 - 1),
    (20_000, 20_000),
)

Files = Iterator[tuple[str, bytes]]


def drawn(size: tuple[int, int] = (96, 80), mode: str = "RGB") -> Image.Image:
    """A small picture with something in it."""
    image = Image.new("RGB", size, "white")
    brush = ImageDraw.Draw(image)
    for step in range(0, size[0], 6):
        brush.line((step, 0, size[0] - step, size[1]), fill=(step % 256, 90, 255 - step % 256), width=2)
    # 16 bits are reached by way of 32 alone.
    return image.convert("I").convert(mode) if mode == "I;16" else image.convert(mode)


def saved(kind: str, image: Image.Image | None = None, **options: Any) -> bytes:
    output = BytesIO()
    (image or drawn()).save(output, kind, **options)
    return output.getvalue()


def with_chunks(*more: bytes) -> bytes:
    """A sound PNG with more chunks in it."""
    return png(header(64, 64), *more, pixels(), END)


def truncated() -> Files:
    for kind in KINDS:
        whole = saved(kind)
        for cut in sorted(
            {1, 2, 3, 4, 8, 12, 20, 33, 60, *(len(whole) * part // 12 for part in range(1, 12))}
        ):
            yield f"{kind} of {cut} bytes", whole[:cut]
        yield f"{kind} without its last byte", whole[:-1]


def flipped() -> Files:
    """Bytes changed at random places."""
    chance = random.Random(20)  # noqa: S311 - the same files each time
    for kind in KINDS:
        whole = saved(kind)
        for number in range(14):
            damaged = bytearray(whole)
            for _ in range(1 + number):
                damaged[chance.randrange(min(len(damaged), 80 if number % 2 else len(damaged)))] = (
                    chance.randrange(256)
                )
            yield f"{kind} with {1 + number} bytes flipped", bytes(damaged)


def wrong_magic() -> Files:
    foreign = (b"BM", b"II*\x00", b"MM\x00*", b"%PDF-1.7", b"<svg ", b"<?xml ", b"\0\0\1\0", b"8BPS",
               b"PK\3\4", b"\x7fELF", b"RIFF\0\0\0\0AVI ", b"\0\0\0\x1cftypheic", b"\xff\x0a",
               b"#!/bin/sh\n", b"\0")  # fmt: skip
    for magic in foreign:
        yield f"{magic!r} and zeros", magic + bytes(300)
    for kind in KINDS:
        yield f"{kind}'s first bytes and zeros", saved(kind)[:12] + bytes(500)
        yield f"{kind} behind a space", b" " + saved(kind)
        yield f"{kind} twice", saved(kind) * 2
    for one, other in (("JPEG", "PNG"), ("PNG", "GIF"), ("WEBP", "JPEG"), ("GIF", "WEBP")):
        yield f"{one}'s head on {other}'s body", saved(one)[:24] + saved(other)[24:]


def huge() -> Files:
    for width, height in HUGE:
        yield f"PNG of {width} x {height}", png(header(width, height), pixels(), END)
        yield f"PNG of {width} x {height}, 16 bits", png(header(width, height, 16, 6), pixels(), END)
    for width, height in ((65_535, 65_535), (65_535, 64), (0, 64), (64, 0)):
        yield f"GIF of {width} x {height}", b"GIF89a" + struct.pack("<HH", width, height) + saved("GIF")[10:]
        jpeg = bytearray(saved("JPEG"))
        frame = jpeg.index(b"\xff\xc0")
        jpeg[frame + 5 : frame + 9] = struct.pack("!HH", height, width)
        yield f"JPEG of {width} x {height}", bytes(jpeg)
    lossy = bytearray(saved("WEBP"))
    start = lossy.index(b"\x9d\x01\x2a") + 3
    lossy[start : start + 4] = b"\xff\x3f\xff\x3f"
    yield "WEBP of 16383 x 16383", bytes(lossy)
    size = struct.pack("<I", 16_777_214)[:3]
    extended = b"VP8X" + struct.pack("<I", 10) + bytes(4) + size + size
    yield (
        "WEBP canvas of 16777215 squared",
        b"RIFF" + struct.pack("<I", 4 + len(extended)) + b"WEBP" + extended,
    )
    yield "PNG of 0 x 0", png(header(0, 0), pixels(), END)
    yield "a GIF frame outside of its screen", _frame_outside()


def _frame_outside() -> bytes:
    gif = bytearray(saved("GIF"))
    frame = gif.index(b"\x2c", 13 + 3 * 2 ** ((gif[10] & 7) + 1))
    gif[frame + 1 : frame + 9] = struct.pack("<HHHH", 60_000, 60_000, 5_000, 5_000)
    return bytes(gif)


def bombs() -> Files:
    zeros = zlib.compress(bytes(20_000_000), 9)
    yield "PNG with a thousand times the pixels it says", png(header(64, 64), chunk(b"IDAT", zeros), END)
    yield "PNG with a text that unfolds", with_chunks(chunk(b"zTXt", b"Comment\0\0" + zeros))
    yield (
        "PNG with an international text that unfolds",
        with_chunks(chunk(b"iTXt", b"Comment\0\1\0\0\0" + zeros)),
    )
    yield "PNG with a profile that unfolds", with_chunks(chunk(b"iCCP", b"icc\0\0" + zeros))
    yield "PNG with 5,000 texts", with_chunks(*(chunk(b"tEXt", b"k\0" + b"v" * 50) for _ in range(5000)))
    yield "PNG with 20,000 empty IDATs", with_chunks(*[chunk(b"IDAT", b"")] * 20_000)
    frames = [drawn((64, 64)).rotate(turn) for turn in range(60)]
    yield "GIF of 60 frames", saved("GIF", frames[0], save_all=True, append_images=frames[1:])
    jpeg = saved("JPEG")
    yield "JPEG with 1,000 comments", jpeg[:2] + (b"\xff\xfe\x00\x10" + b"c" * 14) * 1000 + jpeg[2:]
    yield "JPEG with 10,000 fill bytes", jpeg[:2] + b"\xff" * 10_000 + jpeg[2:]
    scan = jpeg.index(b"\xff\xda")
    yield (
        "progressive JPEG with 200 scans",
        (jpeg[:scan].replace(b"\xff\xc0", b"\xff\xc2") + jpeg[scan:-2] * 200 + b"\xff\xd9"),
    )


def depths() -> Files:
    """Colour types and depths, those that are allowed and those that aren't."""
    for colour, channels in ((0, 1), (2, 3), (3, 1), (4, 2), (6, 4), (1, 1), (5, 1), (7, 1)):
        for depth in (1, 2, 4, 8, 16, 3):
            body = pixels(channels=channels * depth / 8)
            palette = [chunk(b"PLTE", bytes(range(48)))] if colour == 3 else []
            yield (
                f"PNG, colour type {colour}, {depth} bits",
                png(header(64, 64, depth, colour), *palette, body, END),
            )
    for mode in ("1", "L", "LA", "P", "RGBA", "I;16"):
        yield f"PNG as Pillow writes {mode}", saved("PNG", drawn(mode=mode))
    yield "CMYK JPEG", saved("JPEG", drawn(mode="CMYK"))
    cmyk = saved("JPEG", drawn(mode="CMYK"))
    adobe = cmyk.find(b"Adobe")
    yield (
        "CMYK JPEG without word of its transform",
        (cmyk if adobe < 0 else cmyk[:adobe] + b"Abode" + cmyk[adobe + 5 :]),
    )
    yield "grey JPEG", saved("JPEG", drawn(mode="L"))
    yield "progressive JPEG", saved("JPEG", progressive=True)
    yield "JPEG in a stripe of 4000 x 64", saved("JPEG", drawn((4000, 64)))
    yield "interlaced PNG without its passes", png(header(64, 64, interlaced=1), pixels(), END)
    yield "lossless WEBP with transparency", saved("WEBP", drawn(mode="RGBA"), lossless=True)


def animated() -> Files:
    frames = [drawn((70, 70)).rotate(turn * 30) for turn in range(3)]
    for kind in ("GIF", "WEBP", "PNG"):
        for disposal in (0, 1, 2) if kind != "WEBP" else (0,):
            options = {"disposal": disposal} if kind != "WEBP" else {}
            whole = saved(kind, frames[0], save_all=True, append_images=frames[1:], duration=50, **options)
            yield f"animated {kind}, disposal {disposal}", whole
            yield f"animated {kind}, disposal {disposal}, cut off", whole[: len(whole) * 2 // 3]
    yield "GIF without a picture", b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0, 0, 0) + b";"
    yield "GIF without a palette", b"GIF89a" + struct.pack("<HHBBB", 64, 64, 0, 0, 0) + saved("GIF")[-200:]
    yield "PNG that promises frames and has none", with_chunks(chunk(b"acTL", struct.pack("!II", 9, 0)))
    yield "PNG that promises too many frames", with_chunks(chunk(b"acTL", struct.pack("!II", 2**31, 0)))


def chunks() -> Files:
    for name in (b"PLTE", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"pHYs", b"tIME", b"bKGD", b"eXIf", b"zTXt",
                 b"iTXt", b"tEXt", b"iCCP", b"acTL", b"fcTL", b"fdAT", b"IDAT", b"IEND", b"IHDR", b"qQqQ",
                 b"QQQQ"):  # fmt: skip
        yield f"PNG with an empty {name.decode()}", with_chunks(chunk(name, b""))
        yield f"PNG with a {name.decode()} of one byte", with_chunks(chunk(name, b"\xff"))
    for name in (b"tEXt", b"IDAT", b"gAMA"):
        yield f"PNG with a {name.decode()} of a wrong sum", with_chunks(chunk(name, b"abcd", check=1))
        yield f"PNG with a {name.decode()} without end", with_chunks(chunk(name, b"abcd", length=2**31 - 1))
        yield (
            f"PNG with a {name.decode()} of less than no length",
            with_chunks(chunk(name, b"abcd", length=2**32 - 1)),
        )
    yield "PNG without pixels", png(header(64, 64), END)
    yield "PNG without a header", png(pixels(), END)
    yield "PNG without an end", png(header(64, 64), pixels())
    yield "PNG of its first bytes", PNG_MAGIC
    jpeg = saved("JPEG")
    for marker in (0xC0, 0xC4, 0xDB, 0xDD, 0xE0, 0xE1, 0xE2, 0xED, 0xEE, 0xFE):
        for length in (0, 1, 2, 3):
            odd = b"\xff" + bytes([marker]) + struct.pack("!H", length)
            yield f"JPEG with marker {marker:x} of length {length}", jpeg[:2] + odd + jpeg[2:]
    webp = saved("WEBP")
    for name in (b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP", b"EXIF", b"XMP ", b"VP8L"):
        empty = webp[:12] + name + bytes(4) + webp[12:]
        yield f"WEBP with an empty {name.decode()}", empty[:4] + struct.pack("<I", len(empty) - 8) + empty[8:]
    for length in (0, 1, 2**31, 2**32 - 1):
        yield f"WEBP that says it has {length} bytes", webp[:4] + struct.pack("<I", length) + webp[8:]


def transparency() -> Files:
    palette = chunk(b"PLTE", bytes(range(12)))
    for what, body in (
        ("none", b""),
        ("more than colours", bytes(300)),
        ("one", b"\0"),
        ("all", b"\0\x80\xff\x10"),
    ):
        indexed = header(64, 64, 8, 3)
        yield (
            f"palette PNG, transparency for {what}",
            png(indexed, palette, chunk(b"tRNS", body), pixels(channels=1), END),
        )
    yield "palette PNG without a palette", png(header(64, 64, 8, 3), pixels(channels=1), END)
    yield (
        "palette PNG with a palette of two and a half",
        png(header(64, 64, 8, 3), chunk(b"PLTE", bytes(8)), pixels(channels=1), END),
    )
    beyond = chunk(b"IDAT", zlib.compress((b"\0" + b"\xff" * 64) * 64))
    yield "palette PNG with colours beyond its palette", png(header(64, 64, 8, 3), palette, beyond, END)
    yield (
        "palette PNG with two palettes",
        png(header(64, 64, 8, 3), palette, palette, pixels(channels=1), END),
    )
    for depth in (8, 16):
        yield (
            f"grey PNG of {depth} bits with one grey transparent",
            png(header(64, 64, depth, 0), chunk(b"tRNS", b"\0\7"), pixels(channels=depth / 8), END),
        )
        yield (
            f"PNG of {depth} bits with one colour transparent",
            png(header(64, 64, depth, 2), chunk(b"tRNS", b"\0\7" * 3), pixels(channels=3 * depth / 8), END),
        )
    yield (
        "PNG with transparency that it may not have",
        png(header(64, 64, 8, 6), chunk(b"tRNS", b"\0\7"), pixels(channels=4), END),
    )
    for value in (0, 7, 255):
        yield f"GIF with colour {value} transparent", saved("GIF", drawn(mode="P"), transparency=value)
    yield "palette PNG with a colour transparent", saved("PNG", drawn(mode="P"), transparency=3)
    yield (
        "palette PNG with transparency by bytes",
        saved("PNG", drawn(mode="P"), transparency=bytes(range(40))),
    )


PIXELS = {
    group.__name__: group
    for group in (truncated, flipped, wrong_magic, huge, bombs, depths, animated, chunks, transparency)
}
