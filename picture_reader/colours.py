"""Colours as a screen shows them: sRGB by ICC profiles, on white where a picture is transparent.

For colours that a PNG describes by numbers a profile is made.
"""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Final, TypeAlias

from PIL import Image, ImageCms

from picture_reader.formats import UnsupportedFormat

_SPACES_OF_MODE: Final = {"RGB": {b"RGB "}, "L": {b"RGB ", b"GRAY"}, "CMYK": {b"CMYK"}}
"""Profiles of which colours count for which pixels in browsers."""

_HEAD_BYTES: Final = 132
_KINDS: Final = frozenset({b"mntr", b"scnr", b"prtr", b"spac"})
_MOST_TAGS_BYTES: Final = 2048
"""Where a profile's list of tags ends at the latest, in those that are made for use."""
_NO_OPTIMISATION: Final = 0x0100

_Triple: TypeAlias = tuple[float, float, float]
_Matrix: TypeAlias = tuple[_Triple, _Triple, _Triple]
_Points: TypeAlias = tuple[float, ...]
"""The white point, red, green and blue, each as x and y."""

_SRGB: Final = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
_PRIMARIES: Final[dict[int, _Points]] = {
    1: _SRGB,
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (0.3127, 0.3290, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (0.3127, 0.3290, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    8: (0.310, 0.316, 0.681, 0.319, 0.243, 0.692, 0.145, 0.049),
    9: (0.3127, 0.3290, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (0.3127, 0.3290, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
"""By the number that H.273 gives them: 1 is BT.709, 9 BT.2020, 12 Display P3."""

_XYZ: Final = 10
"""Primaries that browsers know, and we don't."""

_CURVES: Final[dict[int, _Points]] = {
    **dict.fromkeys((1, 6, 11, 14, 15), (2.4,)),
    4: (2.2,),
    5: (2.8,),
    8: (1.0,),
    13: (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045),
}
"""By the number that H.273 gives them: an exponent, or the five numbers of ICC's parametric curve 3.

Video's curves are shown by browsers as screens show video, by an exponent of 2.4.
"""
_NOT_TAKEN: Final = frozenset({7, 16, 17, 18})
"""Curves that browsers know, and we don't: most of them are for high dynamic range (16 PQ, 18 HLG)."""

_NEAR_SRGB: Final = 0.05
"""As far as this from an exponent of 2.2, a gamma means sRGB where it stands alone."""

_PRIMARY_NAMES: Final = (b"rXYZ", b"gXYZ", b"bXYZ")
_CURVE_NAMES: Final = (b"rTRC", b"gTRC", b"bTRC")
_D50: Final = (0.9642, 1.0, 0.8249)
_BRADFORD: Final = ((0.8951, 0.2664, -0.1614), (-0.7502, 1.7135, 0.0367), (0.0389, -0.0685, 1.0296))


def is_profile(profile: bytes) -> bool:
    """Whether an ICC profile has a head that browsers take for one's."""
    if len(profile) < _HEAD_BYTES or profile[36:40] != b"acsp" or profile[8] > 4:
        return False
    white = struct.unpack_from(">3i", profile, 68)
    return _HEAD_BYTES <= int.from_bytes(profile[:4]) <= len(profile) and all(
        abs(value / 65_536 - wanted) < 0.01 for value, wanted in zip(white, _D50, strict=True)
    )


def to_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return an L, LA, RGB, RGBA or CMYK image as RGB or RGBA in sRGB.

    As browsers do, a profile that is damaged, or for other colours than the image has, counts for nothing.
    """
    alpha = image.getchannel("A") if image.mode in {"LA", "RGBA"} else None
    colours = image.convert(image.mode.removesuffix("A")) if alpha is not None else image
    colours = _convert(colours, profile) or colours.convert("RGB")
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def _convert(image: Image.Image, profile: bytes) -> Image.Image | None:
    if not is_profile(profile):
        return None
    space = profile[16:20]
    if space not in _SPACES_OF_MODE[image.mode] or (space == b"GRAY" and profile[20:24] != b"XYZ "):
        return None
    table = b"A2B0" in profile[:_MOST_TAGS_BYTES]
    if profile[12:16] not in _KINDS:
        profile = profile[:12] + b"mntr" + profile[16:]
    if table:
        # Browsers take the perceptual table where there are several, and don't move its black.
        profile = profile.replace(b"A2B1", b"----", 1)
    if space == b"RGB ":
        image = image.convert("RGB")
    elif space == b"CMYK":
        # Browsers mix black into the three other inks before they apply the profile.
        image = image.convert("RGB").convert("CMYK")
    try:
        return ImageCms.profileToProfile(
            image,
            ImageCms.ImageCmsProfile(BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            # Tables with few points are off by up to 15 grey levels where they are made into others.
            flags=ImageCms.Flags(_NO_OPTIMISATION if table else 0),
        )
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - whatever a stranger's profile makes of it
        return None


def flatten_on_white(image: Image.Image) -> Image.Image:
    """Return an RGB or RGBA image as RGB, laid on white where it is transparent, without metadata."""
    if image.mode == "RGBA":
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image, mask=image.getchannel("A"))
        return flat
    image.info.clear()
    return image


def profile_of_gamma(gamma: bytes, chromaticities: bytes) -> bytes:
    """Return the profile for what a gAMA and a cHRM chunk hold; empty for sRGB.

    As browsers do: without a gamma nothing counts, and numbers that make no sense are as good as none.
    """
    if len(gamma) != 4 or (exponent := int.from_bytes(gamma) / 100_000) == 0:
        return b""
    if len(chromaticities) == 32:
        points = tuple(value / 100_000 for value in struct.unpack(">8I", chromaticities))
        return _profile(points, (1 / exponent,))
    return b"" if abs(exponent * 2.2 - 1) <= _NEAR_SRGB else _profile(_SRGB, (1 / exponent,))


def profile_of_cicp(body: bytes) -> bytes | None:
    """Return the profile for what a cICP chunk holds; None where it holds nothing that counts.

    Raises `UnsupportedFormat` for colours that aren't read, such as those of high dynamic range.
    """
    if len(body) != 4:
        return None
    primaries, curve, matrix, full = body
    if not full or primaries not in {*_PRIMARIES, _XYZ} or curve not in {*_CURVES, *_NOT_TAKEN}:
        return None
    if primaries == _XYZ or curve in _NOT_TAKEN or matrix != 0 or full != 1:
        raise UnsupportedFormat(
            "PNGs of high dynamic range (PQ, HLG), or in colours of video, are not taken: choose one in sRGB"
        )
    return _profile(_PRIMARIES[primaries], _CURVES[curve])


def _profile(points: _Points, curve: _Points) -> bytes:
    """Return an ICC profile, of version 4, for three primaries and the curve that all three have."""
    try:
        columns = _adapt(points)
    except ZeroDivisionError:
        return b""
    tone = b"para" + bytes(4) + struct.pack(">HH", 3 if len(curve) > 1 else 0, 0) + _to_fixed_point(*curve)
    tags = [(name, _xyz_tag(column)) for name, column in zip(_PRIMARY_NAMES, columns, strict=True)]
    tags += [(b"wtpt", _xyz_tag(_D50)), *((name, tone) for name in _CURVE_NAMES)]
    table, bodies = struct.pack(">I", len(tags)), b""
    for name, body in tags:
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(bodies), len(body))
        bodies += body
    head = bytearray(128)
    size = 128 + len(table) + len(bodies)
    struct.pack_into(">I4xI4s4s4s", head, 0, size, 0x04300000, b"mntr", b"RGB ", b"XYZ ")
    head[36:40] = b"acsp"
    head[68:80] = _to_fixed_point(*_D50)
    return bytes(head) + table + bodies


def _xyz_tag(values: _Triple) -> bytes:
    return b"XYZ " + bytes(4) + _to_fixed_point(*values)


def _to_fixed_point(*values: float) -> bytes:
    limit = 32767.0
    return b"".join(struct.pack(">i", round(max(-limit, min(limit, value)) * 65_536)) for value in values)


def _adapt(points: _Points) -> tuple[_Triple, ...]:
    """Return red, green and blue as XYZ under D50, as profiles have them.

    Raises `ZeroDivisionError` where the points span no triangle.
    """
    white, *primaries = (_xyz(*points[at : at + 2]) for at in range(0, 8, 2))
    columns = _transpose((primaries[0], primaries[1], primaries[2]))
    scale = _times(_inverse(columns), white)
    cones, wanted = _times(_BRADFORD, white), _times(_BRADFORD, _D50)
    gains = [to / of for to, of in zip(wanted, cones, strict=True)]
    back = _inverse(_BRADFORD)
    adapted = []
    for primary, factor in zip(primaries, scale, strict=True):
        seen = _times(_BRADFORD, (primary[0] * factor, primary[1] * factor, primary[2] * factor))
        adapted.append(_times(back, (seen[0] * gains[0], seen[1] * gains[1], seen[2] * gains[2])))
    return tuple(adapted)


def _xyz(x: float, y: float) -> _Triple:
    return x / y, 1.0, (1 - x - y) / y


def _transpose(rows: _Matrix) -> _Matrix:
    one, two, three = zip(*rows, strict=True)
    return one, two, three


def _times(rows: _Matrix, vector: _Triple) -> _Triple:
    one, two, three = (sum(a * b for a, b in zip(row, vector, strict=True)) for row in rows)
    return one, two, three


def _inverse(rows: _Matrix) -> _Matrix:
    (a, b, c), (d, e, f), (g, h, i) = rows
    determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g)
    return (
        ((e * i - f * h) / determinant, (c * h - b * i) / determinant, (b * f - c * e) / determinant),
        ((f * g - d * i) / determinant, (a * i - c * g) / determinant, (c * d - a * f) / determinant),
        ((d * h - e * g) / determinant, (b * g - a * h) / determinant, (a * e - b * d) / determinant),
    )
