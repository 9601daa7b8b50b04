"""One picture with profiles and numbers that say what its colours mean, sound ones and others."""

from __future__ import annotations

import struct
import zlib
from typing import Any

import numpy as np
from PIL import Image, ImageCms

from tests.app_backend.png_parts import END, chunk
from tests.picture_reader import icc
from tests.picture_reader.encoding import Encodings, converted, refused, same
from tests.picture_reader.pixel_encodings import palette_parts
from tests.picture_reader.scene import (
    alpha,
    colours,
    greys,
    jpeg,
    made_png,
    palette_picture,
    saved,
    scene,
    webp,
    with_segments,
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
