"""Colours as a screen shows them: sRGB, on white where a picture is transparent."""

from __future__ import annotations

import struct
from io import BytesIO
from typing import Final

from PIL import Image, ImageCms

_SPACES_OF_MODE: Final = {"RGB": {b"RGB "}, "L": {b"RGB ", b"GRAY"}, "CMYK": {b"CMYK"}}
"""Profiles of which colours count for which pixels in browsers."""

_HEAD_BYTES: Final = 132
_D50: Final = (0.9642, 1.0, 0.8249)
_KINDS: Final = frozenset({b"mntr", b"scnr", b"prtr", b"spac"})
_MOST_TAGS_BYTES: Final = 2048
"""Where a profile's list of tags ends at the latest, in those that are made for use."""
_NO_OPTIMISATION: Final = 0x0100


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
    colours = _converted(colours, profile) or colours.convert("RGB")
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def _converted(image: Image.Image, profile: bytes) -> Image.Image | None:
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


def on_white(image: Image.Image) -> Image.Image:
    """Return an RGB or RGBA image as RGB, laid on white where it is transparent, without metadata."""
    if image.mode == "RGBA":
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image, mask=image.getchannel("A"))
        return flat
    image.info.clear()
    return image
