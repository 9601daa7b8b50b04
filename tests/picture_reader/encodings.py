"""One picture in some 280 encodings: of every mode, with odd, damaged and absurd things beside the pixels."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, PngImagePlugin

from tests.app_backend.png_parts import END, chunk, header, png
from tests.picture_reader import icc
from tests.picture_reader.colour_encodings import numbers, profiles
from tests.picture_reader.encoding import CUT_OFF, DAMAGED, XMP, Encoding, Encodings, refused, same
from tests.picture_reader.pixel_encodings import (
    jpegs,
    modes,
    palettes,
    transparent,
)
from tests.picture_reader.scene import (
    HEIGHT,
    WIDTH,
    alpha,
    colours,
    exif,
    jpeg,
    made_png,
    packed,
    saved,
    scene,
    webp,
    with_segments,
)


def orientations() -> Encodings:
    def turned(block: bytes) -> bytes:
        return jpeg(exif=b"Exif\0\0" + block)

    six = exif(6)
    yield from same(**{f"jpeg_turned_{value}": turned(exif(value)) for value in (*range(10), 65_535)})
    yield from same(
        jpeg_turned_big_endian=turned(exif(6, order=">")),
        jpeg_turned_wrong_endian=turned(b"MM\0*" + six[4:]),
        jpeg_turned_no_tiff=turned(b"II\0\0" + six[4:]),
        jpeg_turned_by_long=turned(exif(6, kind=4, value=b"\6\0\0\0")),
        jpeg_turned_by_byte=turned(exif(6, kind=1, value=b"\6\0\0\0")),
        jpeg_turned_by_signed=turned(exif(6, kind=8)),
        jpeg_turned_by_text=turned(exif(6, kind=2, count=2, value=b"6\0\0\0")),
        jpeg_turned_by_fraction=turned(exif(6, kind=5, value=b"\x1a\0\0\0") + struct.pack("<II", 6, 1)),
        jpeg_turned_by_two=turned(exif(6, count=2, value=b"\6\0\6\0")),
        jpeg_turned_by_none=turned(exif(6, count=0)),
        jpeg_turned_twice=turned(exif(6, first=exif(8)[10:22])),
        jpeg_turned_0_then_6=turned(exif(6, first=exif(0)[10:22])),
        jpeg_turned_without_end=turned(six[:-4]),
        jpeg_turned_cut_off=turned(six[:-6]),
        jpeg_turned_65535_entries=turned(six[:8] + b"\xff\xff" + six[10:]),
        jpeg_turned_in_thumbnail=turned(b"II*\0\x08\0\0\0\0\0\x0e\0\0\0" + six[8:]),
        jpeg_turned_headed_twice=turned(b"Exif\0\0" + six),
        jpeg_turned_6_then_8=with_segments((0xE1, b"Exif\0\0" + six), (0xE1, b"Exif\0\0" + exif(8))),
        jpeg_turned_noise_then_6=with_segments((0xE1, b"Exif\0\0xx"), (0xE1, b"Exif\0\0" + six)),
        jpeg_turned_signed_fraction=turned(exif(6, first=struct.pack("<HHII", 282, 10, 1, 38)) + b"\xff" * 8),
        jpeg_turned_wrong_kinds=turned(exif(6, first=struct.pack("<HHI4s", 256, 2, 4, b"wide"))),
        jpeg_turned_offset_outside=turned(exif(6, first=struct.pack("<HHII", 282, 5, 1, 9999))),
        jpeg_turned_odd_size=jpeg(scene().crop((0, 0, 159, 127)), exif=b"Exif\0\0" + six),
        png_turned=made_png(None, chunk(b"eXIf", six)),
        png_turned_7=made_png(None, chunk(b"eXIf", exif(7))),
        png_turned_behind=made_png()[:-12] + chunk(b"eXIf", six) + END,
        png_turned_headed=made_png(None, chunk(b"eXIf", b"Exif\0\0" + six)),
        png_turned_twice=made_png(None, chunk(b"eXIf", six), chunk(b"eXIf", exif(8))),
        png_turned_wrong_checksum=made_png(None, chunk(b"eXIf", six, check=1)),
        png_turned_by_text=made_png(
            None,
            chunk(b"tEXt", b"Raw profile type exif\0\nexif\n%8d\n" % 32 + (b"Exif\0\0" + six).hex().encode()),
        ),
        png_xmp_turned=saved(scene(), "PNG", pnginfo=itxt(XMP)),
        webp_turned=webp(exif=six),
        webp_xmp_turned=webp(xmp=XMP),
    )


def itxt(xmp: bytes) -> PngImagePlugin.PngInfo:
    info = PngImagePlugin.PngInfo()
    info.add_itxt("XML:com.adobe.xmp", xmp.decode())
    return info


def metadata() -> Encodings:
    whole = made_png()
    pixels = zlib.compress(packed(colours()))
    half = len(pixels) // 2
    parts = [chunk(b"IDAT", part) for part in (pixels[:half], b"", pixels[half:])]
    head = header(WIDTH, HEIGHT)
    yield from same(
        png_text_wrong_checksum=made_png(None, chunk(b"tEXt", b"Comment\0x", check=1)),
        png_text_long=made_png(None, chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1_300_000)))),
        png_texts_long=made_png(
            None, *[chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(1_000_000)))] * 80
        ),
        png_text_not_packed=made_png(None, chunk(b"iTXt", b"XML:com.adobe.xmp\0\1\0\0\0junk")),
        png_chunk_unknown=made_png(None, chunk(b"abcd", b"x")),
        png_physical_cut_off=made_png(None, chunk(b"pHYs", b"x")),
        png_in_parts=png(head, *parts, END),
        png_more_pixels=made_png(pixels=pixels + b"abc"),
        png_more_rows=made_png(pixels=zlib.compress(packed(colours()) * 2)),
        png_end_wrong_checksum=whole[:-4] + b"abcd",
        png_end_cut_off=whole[:-1],
        png_garbage_behind=whole + b"GARBAGE" * 50,
    )
    yield from refused(
        DAMAGED,
        png_chunk_needed=made_png(None, chunk(b"ABCD", b"x")),
        png_head_wrong_checksum=png(chunk(b"IHDR", head[8:-4], check=1), chunk(b"IDAT", pixels), END),
        png_head_twice=whole[:33] + head + whole[33:],
        png_text_first=png(chunk(b"tEXt", b"a\0b"), head, chunk(b"IDAT", pixels), END),
        png_depth_5=png(header(WIDTH, HEIGHT, 5), chunk(b"IDAT", pixels), END),
        png_colour_5=png(header(WIDTH, HEIGHT, 8, 5), chunk(b"IDAT", pixels), END),
        png_without_width=png(header(0, HEIGHT), chunk(b"IDAT", pixels), END),
    )
    yield from refused(
        DAMAGED,
        browsers_show=True,
        png_pixels_wrong_checksum=png(head, chunk(b"IDAT", pixels, check=1), END),
        png_pixels_in_two_places=png(head, parts[0], chunk(b"tEXt", b"a\0b"), parts[2], END),
        png_filter_9=made_png(pixels=zlib.compress(packed(colours()).replace(b"\0", b"\x09", 1))),
    )
    yield from refused("packed for iOS", png_of_an_ios_app=png(chunk(b"CgBI", bytes(4)), head, *parts, END))


def animations() -> Encodings:
    mirrored = scene().transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    more: dict[str, Any] = {"save_all": True, "append_images": [mirrored]}
    four = Image.fromarray(np.dstack([colours(), alpha()]))
    yield from same(
        png_animated=saved(scene(), "PNG", **more),
        png_animated_default_aside=saved(
            mirrored, "PNG", save_all=True, append_images=[scene(), mirrored], default_image=True
        ),
        webp_animated=webp(**more),
        webp_animated_alpha=webp(four, **more, background=(255, 0, 0, 255)),
        webp_animated_profile=webp(**more, icc_profile=icc.rgb()),
        gif_animated=saved(scene(), "GIF", **more),
    )
    yield from refused(
        "a part of the picture",
        browsers_show=True,
        png_animated_in_part=png(
            header(WIDTH, HEIGHT),
            chunk(b"acTL", struct.pack(">II", 1, 0)),
            chunk(b"IDAT", zlib.compress(packed(colours()))),
            chunk(b"fcTL", struct.pack(">5IHHBB", 0, 90, 80, 30, 20, 1, 10, 0, 0)),
            chunk(b"fdAT", struct.pack(">I", 1) + zlib.compress(packed(colours()[20:100, 30:120]))),
            END,
        ),
    )


def parts_of_pictures() -> Encodings:
    files = {
        "jpeg": jpeg(),
        "jpeg_progressive": jpeg(progressive=True),
        "png": made_png(),
        "webp": webp(),
        "gif": saved(scene(), "GIF"),
    }
    for name, data in files.items():
        for part in (5, 9):
            cut = {f"{name}_cut_off_at_{part}0": data[: len(data) * part // 10]}
            yield from refused(CUT_OFF, browsers_show=True, **cut)
    rows = colours()
    yield from refused(
        CUT_OFF,
        browsers_show=True,
        jpeg_without_its_end=jpeg()[:-2],
        webp_without_its_last_byte=webp()[:-1],
        png_rows_missing=made_png(pixels=zlib.compress(packed(rows[:100]))),
        png_last_row_missing=made_png(pixels=zlib.compress(packed(rows[:-1]))),
        png_last_bytes_missing=made_png(pixels=zlib.compress(packed(rows)[:-5])),
    )
    yield from refused(CUT_OFF, png_without_pixels=png(header(WIDTH, HEIGHT), END))


def foreign() -> Encodings:
    for kind in ("BMP", "ICO", "AVIF"):
        yield from refused(f"{kind} files are not taken", browsers_show=True, **{kind: saved(scene(), kind)})
    yield from refused("TIFF files are not taken", tiff=saved(scene(), "TIFF"))
    yield from refused("HTML", html=b"<!doctype html><html>Sign in</html>")
    yield from refused("JSON", json=b'{"error": "not found"}')


GROUPS = (
    jpegs,
    orientations,
    modes,
    transparent,
    palettes,
    profiles,
    numbers,
    metadata,
    animations,
    parts_of_pictures,
    foreign,
)


def encodings() -> dict[str, Encoding]:
    return {name: encoding for group in GROUPS for name, encoding in group()}
