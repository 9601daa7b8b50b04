"""One picture in every mode of every format, with transparency and with palettes."""

from __future__ import annotations

import struct
from typing import Any

import numpy as np
from PIL import Image

from tests.app_backend.png_parts import END, chunk
from tests.picture_reader.encoding import DAMAGED, XMP, Encodings, refused, same
from tests.picture_reader.scene import (
    HEIGHT,
    WIDTH,
    alpha,
    colours,
    exif,
    greys,
    interlaced,
    jpeg,
    made_gif,
    made_png,
    palette_picture,
    saved,
    scene,
    webp,
    wide,
    with_segments,
    without_segment,
)


def jpegs() -> Encodings:
    whole, inks = jpeg(), scene().convert("CMYK")
    colour_by_adobe = with_segments((0xEE, b"Adobe\0\x64\0\0\0\0\0"))
    four = jpeg(inks)
    adobe = four.index(b"Adobe")
    start = whole.index(b"\xff\xc0")
    yield from same(
        jpeg=whole,
        jpeg_444=jpeg(subsampling=0),
        jpeg_422=jpeg(subsampling=1),
        jpeg_progressive=jpeg(progressive=True),
        jpeg_restarting=jpeg(restart_marker_blocks=4),
        jpeg_coarse=jpeg(quality=5),
        jpeg_grey=jpeg(scene().convert("L")),
        jpeg_rgb=jpeg(keep_rgb=True),
        jpeg_cmyk=four,
        jpeg_cmyk_progressive=jpeg(inks, progressive=True),
        jpeg_cmyk_of_nobody=without_segment(four, 0xEE),
        jpeg_ycck=four[: adobe + 11] + b"\2" + four[adobe + 12 :],
        jpeg_extended=whole[:start] + b"\xff\xc1" + whole[start + 2 :],
        jpeg_without_jfif=without_segment(whole, 0xE0),
        jpeg_rgb_by_adobe=without_segment(colour_by_adobe, 0xE0),
        jpeg_ycc_by_jfif=colour_by_adobe,
        jpeg_short_adobe=with_segments((0xEE, b"Adobe")),
        jpeg_comment=jpeg(comment=b"hello"),
        jpeg_garbage_between=whole[:20] + b"\0\0\0" + whole[20:],
        jpeg_fill_bytes=whole[:20] + b"\xff\xff\xff" + whole[20:],
        jpeg_segment_without_length=whole[:20] + b"\xff\xe5\0\0" + whole[20:],
        jpeg_garbage_behind=whole + b"GARBAGE" * 100,
        jpeg_second_behind=whole + jpeg(scene().convert("L")),
        jpeg_of_a_phone=saved(
            scene(), "MPO", save_all=True, append_images=[scene().resize((80, 64))], quality=92
        ),
        jpeg_xmp_turned=jpeg(xmp=XMP),
        jpeg_xmp_disagrees=jpeg(xmp=XMP, exif=b"Exif\0\0" + exif(1)),
    )
    shape = "lossless, or not of 8 bits"
    yield from refused(
        shape,
        jpeg_of_12_bits=whole[: start + 4] + b"\x0c" + whole[start + 5 :],
        jpeg_lossless=whole[:start] + b"\xff\xc3" + whole[start + 2 :],
    )
    yield from refused(DAMAGED, jpeg_two_beginnings=whole[:2] + whole)


def modes() -> Encodings:
    grey, both, four = greys(), np.dstack([greys(), alpha()]), np.dstack([colours(), alpha()])
    yield from same(
        png_1=saved(scene().convert("1"), "PNG"),
        png_l=made_png(grey, colour=0),
        png_l_of_2_bits=made_png(grey >> 6, depth=2, colour=0),
        png_l_of_4_bits=made_png(grey >> 4, depth=4, colour=0),
        png_l_of_16_bits=made_png(wide(grey), depth=16, colour=0),
        png_la=made_png(both, colour=4),
        png_la_of_16_bits=made_png(wide(both), depth=16, colour=4),
        png_rgb=made_png(),
        png_rgb_of_16_bits=made_png(wide(colours()), depth=16),
        png_rgba=made_png(four, colour=6),
        png_rgba_of_16_bits=made_png(wide(four), depth=16, colour=6),
        png_rgba_on_red=made_png(four, chunk(b"bKGD", struct.pack(">HHH", 255, 0, 0)), colour=6),
        png_interlaced=interlaced(colours()),
        png_interlaced_16_bits=interlaced((greys().astype(np.uint16) * 257).astype(">u2")),
        png_stretched=made_png(None, chunk(b"pHYs", struct.pack(">IIB", 1000, 3000, 1))),
        webp=webp(),
        webp_lossy=webp(lossless=False, quality=90),
        webp_alpha=webp(Image.fromarray(four)),
        webp_alpha_lossy=webp(Image.fromarray(four), lossless=False, quality=90),
        webp_garbage_behind=webp() + b"GARBAGE" * 20,
        gif=saved(scene(), "GIF"),
        gif_interlaced=saved(palette_picture(), "GIF", interlace=1),
        gif_89=b"GIF89a" + saved(scene(), "GIF")[6:],
        gif_transparent=saved(palette_picture(), "GIF", transparency=3),
        gif_in_a_corner=made_gif((WIDTH + 40, HEIGHT + 20), (15, 10)),
        gif_in_a_corner_transparent=made_gif((WIDTH + 40, HEIGHT + 20), (15, 10), transparent=3),
        gif_larger_than_its_screen=made_gif((WIDTH - 40, HEIGHT - 20)),
        gif_beyond_its_screen=made_gif((WIDTH, HEIGHT), (30, 20)),
        gif_without_a_screen=made_gif((0, 0)),
        gif_garbage_behind=saved(scene(), "GIF") + b"GARBAGE",
        gif_oblong_pixels=with_aspect(saved(scene(), "GIF")),
    )


def with_aspect(gif: bytes) -> bytes:
    return gif[:12] + b"\x99" + gif[13:]


def transparent() -> Encodings:
    def key(*samples: int) -> bytes:
        return chunk(b"tRNS", struct.pack(f">{len(samples)}H", *samples))

    grey, red = int(greys()[5, 5]), [int(value) for value in colours()[5, 5]]
    grey16, colours16 = wide(greys()), wide(colours())
    colours16[:, :20] = [value * 256 + 7 for value in red]
    colours16[:, 20:40] = [value * 256 + 9 for value in red]
    table, indices = palette_parts()
    yield from same(
        png_l1_key=made_png(greys() >> 7, key(0), depth=1, colour=0),
        png_l2_key=made_png(greys() >> 6, key(1), depth=2, colour=0),
        png_l4_key=made_png(greys() >> 4, key(grey >> 4), depth=4, colour=0),
        png_l_key=made_png(greys(), key(grey), colour=0),
        png_l_key_high=made_png(greys(), key(grey + 256), colour=0),
        png_l_key_too_long=made_png(greys(), key(grey, 0), colour=0),
        png_l_keys=made_png(greys(), key(grey), key(1), colour=0),
        png_l16_key=made_png(grey16, key(int(grey16[5, 5])), depth=16, colour=0),
        png_rgb_key=made_png(None, key(*red)),
        png_rgb_key_high=made_png(None, key(*(value + 256 for value in red))),
        png_rgb_key_too_short=made_png(None, chunk(b"tRNS", b"\0")),
        png_rgb_key_wrong_checksum=made_png(None, chunk(b"tRNS", struct.pack(">3H", *red), check=1)),
        png_rgb16_key=made_png(colours16, key(*(int(value) for value in colours16[0, 0])), depth=16),
        png_rgba_key=made_png(np.dstack([colours(), alpha()]), key(*red), colour=6),
        png_p_alpha=made_png(indices, table, chunk(b"tRNS", bytes(range(0, 256, 4))), colour=3),
        png_p_alpha_short=made_png(indices, table, chunk(b"tRNS", bytes(3)), colour=3),
        png_p_alpha_long=made_png(indices, table, chunk(b"tRNS", bytes(range(200))), colour=3),
        png_p_alpha_too_long=made_png(indices, table, chunk(b"tRNS", bytes(300)), colour=3),
        png_p_alpha_first=made_png(indices, chunk(b"tRNS", bytes(range(64))), table, colour=3),
        png_p_alpha_one=saved(palette_picture(), "PNG", transparency=3),
    )


def palette_parts() -> tuple[bytes, np.ndarray[Any, np.dtype[np.uint8]]]:
    image = palette_picture()
    return chunk(b"PLTE", bytes((image.getpalette() or [])[:192])), np.asarray(image)


def palettes() -> Encodings:
    table, indices = palette_parts()
    body = table[8:-4]
    yield from same(
        png_p=made_png(indices, table, colour=3),
        png_p1=saved(scene().quantize(2), "PNG", bits=1),
        png_p2=saved(scene().quantize(4), "PNG", bits=2),
        png_p4=saved(scene().quantize(16), "PNG", bits=4),
        png_p_colours_missing=made_png(indices, chunk(b"PLTE", body[:90]), colour=3),
        png_p_colours_missing_alpha=made_png(
            indices, chunk(b"PLTE", body[:90]), chunk(b"tRNS", bytes([255] * 29 + [100])), colour=3
        ),
        png_p_third_of_a_colour=made_png(indices, chunk(b"PLTE", body[:-1]), colour=3),
        png_p4_too_many_colours=made_png(indices % 16, table, depth=4, colour=3),
        png_rgb_with_colours=made_png(None, table),
        png_l_with_colours=made_png(greys(), table, colour=0),
    )
    yield from refused(
        DAMAGED,
        png_p_colours_twice=made_png(indices, table, table, colour=3),
        png_p_no_colour=made_png(indices, chunk(b"PLTE", b""), colour=3),
        png_p_too_many_colours=made_png(indices, chunk(b"PLTE", body + bytes(768)), colour=3),
    )
    yield from refused(
        DAMAGED,
        browsers_show=True,
        png_p_without_colours=made_png(indices, colour=3),
        png_p_colours_behind=made_png(indices, colour=3)[:-12] + table + END,
    )
