"""One picture in some 280 encodings: of every mode, with odd, damaged and absurd things beside the pixels.

An `Encoding` that has no `refused` is shown by all alike. One that has is refused by us, for that reason; and
by browsers, unless `browsers_show` it: as much of it as is there, or another format than ours.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

from tests.app_backend.png_parts import END, chunk, header, png
from tests.picture_reader import icc
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
    packed,
    palette_picture,
    saved,
    scene,
    webp,
    wide,
    with_segments,
    without_segment,
)

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description xmlns:tiff="http://ns.adobe.com/tiff/1.0/" tiff:Orientation="6"/>'
    b"</rdf:RDF></x:xmpmeta>"
)
CUT_OFF = "cut off"
DAMAGED = "damaged"


@dataclass(frozen=True)
class Encoding:
    data: bytes
    refused: str = ""
    browsers_show: bool = False
    managed: bool = False
    """Whether colours are converted, which two libraries do alike, but not to the last bit."""


Encodings = Iterator[tuple[str, Encoding]]


def same(**files: bytes) -> Encodings:
    for name, data in files.items():
        yield name, Encoding(data)


def converted(**files: bytes) -> Encodings:
    for name, data in files.items():
        yield name, Encoding(data, managed=True)


def refused(reason: str, *, browsers_show: bool = False, **files: bytes) -> Encodings:
    for name, data in files.items():
        yield name, Encoding(data, reason, browsers_show)


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


def profiles() -> Encodings:
    base, four = icc.rgb(), np.dstack([colours(), alpha()])
    lab: Any = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB"))
    mixed = Image.fromarray(np.dstack([255 - colours(), greys() // 3]), "CMYK")
    first, second = base[: len(base) // 2], base[len(base) // 2 :]

    def in_jpeg(*parts: tuple[int, int, bytes]) -> bytes:
        return with_segments(*((0xE2, b"ICC_PROFILE\0" + bytes(part[:2]) + part[2]) for part in parts))

    yield from converted(
        jpeg_adobe=jpeg(icc_profile=icc.rgb(tone=2.2)),
        jpeg_display_p3=jpeg(icc_profile=icc.rgb(icc.DISPLAY_P3, 2.2)),
        jpeg_linear=jpeg(icc_profile=icc.rgb(tone=1.0)),
        jpeg_grey_profile=jpeg(scene().convert("L"), icc_profile=icc.grey()),
        jpeg_grey_rgb_profile=jpeg(scene().convert("L"), icc_profile=base),
        jpeg_cmyk_profile=jpeg(scene().convert("CMYK"), icc_profile=icc.press()),
        jpeg_cmyk_black_profile=jpeg(mixed, quality=95, icc_profile=icc.press()),
        jpeg_cmyk_two_tables=jpeg(
            mixed,
            icc_profile=icc.press(
                kinds=[(b"A2B0", icc.table(4, icc.inks, 9)), (b"A2B1", icc.table(4, icc.darker, 9))]
            ),
        ),
        jpeg_profile_in_two=in_jpeg((1, 2, first), (2, 2, second)),
        jpeg_profile_backwards=in_jpeg((2, 2, second), (1, 2, first)),
        jpeg_profile_and_more=in_jpeg((1, 1, base), (1, 1, base)),
        jpeg_profile_and_other=in_jpeg((1, 1, base), (2, 2, second)),
        webp_profile=webp(icc_profile=base),
        webp_alpha_profile=webp(Image.fromarray(four), icc_profile=base),
        png_p_profile=saved(palette_picture(), "PNG", icc_profile=base),
        png_rgb16_profile=made_png(colours().astype(">u2") * 257, packed_profile(base), depth=16),
        png_l16_profile=made_png(greys().astype(">u2") * 257, packed_profile(icc.grey()), depth=16, colour=0),
        png_l_profile=made_png(greys(), packed_profile(icc.grey()), colour=0),
        png_l_rgb_profile=made_png(greys(), packed_profile(base), colour=0),
        png_la_profile=made_png(np.dstack([greys(), alpha()]), packed_profile(icc.grey()), colour=4),
        png_rgba_profile=made_png(four, packed_profile(base), colour=6),
        png_profile_table=made_png(None, packed_profile(icc.screen_table())),
        png_profile_curve=made_png(None, packed_profile(icc.rgb(tone=icc.curve(lambda x: x**1.8, 1024)))),
        png_profile_inverted=made_png(None, packed_profile(icc.rgb(tone=icc.curve(lambda x: 1 - x, 256)))),
        png_profile_channels_swapped=made_png(
            None, packed_profile(icc.rgb([icc.ADOBE[i] for i in (1, 0, 2)]))
        ),
        png_profile_of_a_link=made_png(None, packed_profile(icc.rgb(kind=b"link"))),
        png_profile_of_no_kind=made_png(None, packed_profile(icc.rgb(kind=b"????"))),
        png_profile_large=made_png(None, packed_profile(base + bytes(1_100_000))),
        png_profile_over_srgb=made_png(None, chunk(b"sRGB", b"\0"), packed_profile(base)),
        png_profiles=made_png(None, packed_profile(base), packed_profile(icc.rgb(tone=3.0))),
    )
    yield from same(
        jpeg_rgb_grey_profile=jpeg(icc_profile=icc.grey()),
        jpeg_rgb_cmyk_profile=jpeg(icc_profile=icc.press()),
        jpeg_cmyk_rgb_profile=jpeg(scene().convert("CMYK"), icc_profile=base),
        jpeg_lab_profile=jpeg(icc_profile=lab.tobytes()),
        jpeg_profile_of_noise=jpeg(icc_profile=b"no profile at all"),
        jpeg_profile_cut_off=jpeg(icc_profile=base[:200]),
        jpeg_profile_part_missing=in_jpeg((1, 3, first), (2, 3, second)),
        jpeg_profile_part_twice=in_jpeg((1, 2, first), (1, 2, first), (2, 2, second)),
        jpeg_profile_part_0=in_jpeg((0, 1, base)),
        webp_grey_profile=webp(icc_profile=icc.grey()),
        webp_profile_not_announced=not_announced(webp(icc_profile=base)),
        png_p_grey_profile=saved(palette_picture(), "PNG", icc_profile=icc.grey()),
        png_rgb_grey_profile=made_png(None, packed_profile(icc.grey())),
        png_l_profile_to_lab=made_png(greys(), packed_profile(icc.grey(1.8, pcs=b"Lab ")), colour=0),
        png_profile_behind=made_png()[:-12] + packed_profile(base) + END,
        png_profile_wrong_checksum=made_png(None, chunk(b"iCCP", b"x\0\0" + zlib.compress(base), check=1)),
        png_profile_not_packed=made_png(None, chunk(b"iCCP", b"x\0\0" + base)),
        png_profile_packed_otherwise=made_png(None, chunk(b"iCCP", b"x\0\7" + zlib.compress(base))),
        png_profile_without_a_name=made_png(None, chunk(b"iCCP", b"\0\0" + zlib.compress(base))),
        png_profile_packed_by_half=made_png(None, chunk(b"iCCP", b"x\0\0" + zlib.compress(base)[:-6])),
        png_profile_cut_off=made_png(None, packed_profile(base[:200])),
        png_profile_too_small=made_png(None, packed_profile(base[:-1])),
        png_profile_of_version_5=made_png(None, packed_profile(icc.rgb(version=5))),
        png_profile_of_zeros=made_png(None, packed_profile(bytes(400))),
    )


def packed_profile(profile: bytes) -> bytes:
    return chunk(b"iCCP", b"x\0\0" + zlib.compress(profile))


def not_announced(extended: bytes) -> bytes:
    """A WebP whose head doesn't say that it has a profile."""
    return extended[:20] + bytes((extended[20] & ~0x20,)) + extended[21:]


def numbers() -> Encodings:
    srgb = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
    adobe = (*srgb[:4], 0.21, 0.71, *srgb[6:])

    def gamma(value: int) -> bytes:
        return chunk(b"gAMA", struct.pack(">I", value))

    def points(values: tuple[float, ...]) -> bytes:
        return chunk(b"cHRM", struct.pack(">8I", *(round(value * 100_000) for value in values)))

    def coded(*values: int) -> bytes:
        return chunk(b"cICP", bytes(values))

    profile = packed_profile(icc.rgb())
    table, indices = palette_parts()
    yield from converted(
        png_gamma_1=made_png(None, gamma(100_000)),
        png_gamma_first=made_png(None, gamma(100_000), gamma(45_455)),
        png_gamma_2=made_png(None, gamma(50_000)),
        png_gamma_absurd=made_png(None, gamma(5_000)),
        png_gamma_srgb_points=made_png(None, gamma(45_455), points(srgb)),
        png_gamma_adobe_points=made_png(None, gamma(45_455), points(adobe)),
        png_gamma_18_adobe_points=made_png(None, gamma(55_556), points(adobe)),
        png_gamma_points_damaged=made_png(None, gamma(100_000), chunk(b"cHRM", b"abc")),
        png_gamma_of_grey=made_png(greys(), gamma(100_000), colour=0),
        png_gamma_of_16_bits=made_png(colours().astype(">u2") * 257, gamma(100_000), depth=16),
        png_gamma_of_palette=made_png(indices, gamma(100_000), table, colour=3),
        png_gamma_over_no_profile=made_png(None, packed_profile(b"junk" * 50), gamma(100_000)),
        png_gamma_over_no_srgb=made_png(None, chunk(b"sRGB", b"\x09"), gamma(100_000)),
        png_coded_p3=made_png(None, coded(12, 13, 0, 1)),
        png_coded_2020=made_png(None, coded(9, 14, 0, 1)),
        png_coded_709=made_png(None, coded(1, 1, 0, 1)),
        png_coded_linear=made_png(None, coded(1, 8, 0, 1)),
        png_coded_gamma=made_png(None, coded(5, 5, 0, 1)),
        png_coded_smpte=made_png(None, coded(6, 4, 0, 1)),
        png_coded_film=made_png(None, coded(8, 13, 0, 1)),
        png_coded_unknown=made_png(None, coded(77, 99, 0, 1), profile),
        png_coded_narrow=made_png(None, coded(1, 13, 0, 0), profile),
        png_coded_over_profile=made_png(None, coded(1, 13, 0, 1), profile),
    )
    yield from same(
        png_gamma_22=made_png(None, gamma(45_455)),
        png_gamma_near_22=made_png(None, gamma(47_000)),
        png_gamma_0=made_png(None, gamma(0)),
        png_gamma_under_srgb=made_png(None, gamma(100_000), chunk(b"sRGB", b"\0")),
        png_gamma_absurd_points=made_png(None, gamma(100_000), points((0,) * 8)),
        png_points_alone=made_png(None, points(adobe)),
    )
    yield from refused(
        "high dynamic range",
        browsers_show=True,
        png_coded_pq=made_png(None, coded(9, 16, 0, 1)),
        png_coded_hlg=made_png(None, coded(9, 18, 0, 1)),
    )
    yield from refused("colours of video", png_coded_ycc=made_png(None, coded(1, 13, 1, 1)))


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
