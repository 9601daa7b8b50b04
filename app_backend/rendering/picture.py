"""From the bytes somebody sent to the renditions everybody sees: all the work with Pillow."""

from __future__ import annotations

import re
import struct
import zlib
from dataclasses import dataclass
from io import BytesIO

from PIL import (
    GifImagePlugin,
    Image,
    ImageCms,
    JpegImagePlugin,
    PngImagePlugin,
    UnidentifiedImageError,
    WebPImagePlugin,
)

from app_backend.errors import Problem

SIZES = (48, 96, 192, 512)
"""The side lengths of the renditions, in pixels."""

# Imported by name: Pillow would load all its formats to find WebP.
PLUGINS = (JpegImagePlugin, PngImagePlugin, WebPImagePlugin, GifImagePlugin)
FORMATS = ("JPEG", "PNG", "WEBP", "GIF")
FIRST_BYTES = re.compile(rb"\xff\xd8\xff|\x89PNG\r\n\x1a\n|RIFF....WEBP|GIF8[79]a", re.DOTALL)
"""How files of the kinds that we take begin."""

KNOWN_BUT_REFUSED = {
    b"BM": "BMP",
    b"II*\x00": "TIFF",
    b"MM\x00*": "TIFF",
    b"%PDF": "PDF",
    b"<svg": "SVG",
    b"<?xml": "SVG",
    b"\x00\x00\x01\x00": "ICO",
    b"8BPS": "PSD",
}
"""First bytes of files that are pictures, but not of a kind we take."""

WORKING_SIDE = 1024
"""Larger pictures are reduced to this before anything else: enough for the largest rendition."""

BACKGROUND = (255, 255, 255)
"""What shows through where a picture is transparent."""

ORIENTATION_TAG = 0x0112
# The eight values of EXIF's orientation, as what has to be done to see the picture upright.
UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# What Pillow's decoders are known to raise on files that are cut off or damaged.
DAMAGE = (OSError, SyntaxError, ValueError, EOFError, IndexError, KeyError, TypeError, OverflowError,
          struct.error, zlib.error)  # fmt: skip


@dataclass(frozen=True)
class Limits:
    """How large and how small a picture may be."""

    max_bytes: int
    max_pixels: int
    min_side: int


def check_kind(data: bytes) -> None:
    """Look at a file's first bytes alone; raises `Problem` (415 or 422) where it is none that we take."""
    if FIRST_BYTES.match(data):
        return
    refused = next((kind for magic, kind in KNOWN_BUT_REFUSED.items() if data.startswith(magic)), None)
    if data[4:8] == b"ftyp":
        refused = "HEIF or AVIF"
    if refused is not None:
        raise Problem(415, f"{refused} files are not taken: send a JPEG, PNG, WebP or GIF")
    raise Problem(422, "this is no picture: send a JPEG, PNG, WebP or GIF")


def renditions(data: bytes, limits: Limits) -> dict[int, bytes]:
    """Return WebP renditions by size; raises `Problem` (415 or 422) where the picture can't be used.

    The picture is turned upright, cropped to its central square, converted to sRGB and laid on white; nothing
    but pixels is kept of it. This takes the processor for a while: call it off the event loop.
    """
    check_kind(data)
    try:
        return _renditions(data, limits)
    except MemoryError as error:
        raise Problem(422, "the picture takes more memory than one may") from error


def _renditions(data: bytes, limits: Limits) -> dict[int, bytes]:
    image = _open(data)
    width, height = image.size
    if width * height > limits.max_pixels:
        raise Problem(422, f"the picture has {width} x {height} pixels, more than {limits.max_pixels:,}")
    if min(width, height) < limits.min_side:
        raise Problem(422, f"the picture has {width} x {height} pixels; each side needs {limits.min_side}")
    orientation, profile = _orientation(image), image.info.get("icc_profile")
    try:
        square = _square(image)
    except DAMAGE as error:
        raise Problem(422, "the picture is damaged or cut off") from error
    square = _flat(_to_srgb(square, profile))
    turn = UPRIGHT.get(orientation)
    return encode(square.transpose(turn) if turn is not None else square)


def encode(square: Image.Image) -> dict[int, bytes]:
    """Return a square RGB picture in every size, as WebP without metadata."""
    square.info.clear()
    return {size: _webp(square.resize((size, size), Image.Resampling.LANCZOS)) for size in SIZES}


def _webp(image: Image.Image) -> bytes:
    output = BytesIO()
    image.save(output, "WEBP", quality=90, method=4)
    return output.getvalue()


def _open(data: bytes) -> Image.Image:
    """Read a picture's head, without decoding its pixels."""
    try:
        return Image.open(BytesIO(data), formats=FORMATS)
    except UnidentifiedImageError as error:
        raise Problem(422, "the picture is damaged") from error
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Problem(422, "the picture has far too many pixels") from error
    except DAMAGE as error:
        raise Problem(422, "the picture is damaged") from error


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; a damaged EXIF block says nothing, and harms nothing."""
    try:
        found = image.getexif().get(ORIENTATION_TAG, 1)
    except (*DAMAGE, UserWarning):  # Pillow warns, and who runs us may have made errors of warnings
        return 1
    return found if isinstance(found, int) else 1


def _square(image: Image.Image) -> Image.Image:
    """Decode a picture; return its central square, at the working size or below, 8 bits per channel."""
    if image.format == "JPEG":
        # Let the decoder do the first, coarse reduction: far less work and memory for photographs.
        image.draft("RGB", (WORKING_SIDE, WORKING_SIDE))
    image.load()
    image = _eight_bits(image)
    width, height = image.size
    side = min(width, height)
    left, top = (width - side) / 2, (height - side) / 2
    target = min(side, WORKING_SIDE)
    return image.resize(
        (target, target),
        Image.Resampling.LANCZOS,
        box=(left, top, left + side, top + side),
        reducing_gap=3.0,
    )


def _eight_bits(image: Image.Image) -> Image.Image:
    """Return a picture in a mode that can be scaled well: L, RGB, RGBA or CMYK."""
    if image.mode.startswith("I") or image.mode == "F":
        # 16 bits a pixel: scaled down to 8, as a plain conversion would clip them.
        return image.convert("I").point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in {"L", "RGB", "RGBA", "CMYK"} and "transparency" not in image.info:
        return image
    if image.mode in {"LA", "La", "PA", "RGBa"} or "transparency" in image.info:
        return image.convert("RGBA")
    return image.convert("RGB")


def _to_srgb(image: Image.Image, profile: object) -> Image.Image:
    """Convert the colours to sRGB where an embedded profile says that they are something else."""
    alpha = image.getchannel("A") if image.mode == "RGBA" else None
    colours = image.convert("RGB") if alpha is not None else image
    if isinstance(profile, bytes) and profile:
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            converted = ImageCms.profileToProfile(
                colours, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
            colours = converted or colours
        except (ImageCms.PyCMSError, *DAMAGE):
            # A profile that is damaged, or for another kind of pixels, is no reason to refuse the picture.
            pass
    colours = colours.convert("RGB")
    if alpha is not None:
        colours.putalpha(alpha)
    return colours


def _flat(image: Image.Image) -> Image.Image:
    """Lay a picture on the background where it is transparent."""
    if image.mode != "RGBA":
        return image
    flat = Image.new("RGB", image.size, BACKGROUND)
    flat.paste(image, mask=image.getchannel("A"))
    return flat
