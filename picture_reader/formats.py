"""What a file is, by its first bytes alone, what of it decides how its picture looks, and what can be wrong.

DecodingError
└── UnsupportedFormat    a picture, but of a format that isn't read
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

_ADVICE: Final = "choose a JPEG, PNG, WebP or GIF"

_LOOKED_AT: Final = 1024
"""Bytes at a file's beginning by which it is told what it is."""
_ORIENTATION_TAG: Final = 0x0112
_SHORT: Final = 3
_ENTRY_BYTES: Final = 12


class DecodingError(ValueError):
    """Bytes give no picture; the text is one sentence that says why and what to do."""


class UnsupportedFormat(DecodingError):
    """The bytes are a picture of a format that isn't read."""


class PictureFormat(StrEnum):
    """A format that is read; its value is what Pillow calls it."""

    JPEG = "JPEG"
    PNG = "PNG"
    WEBP = "WEBP"
    GIF = "GIF"

    @property
    def media_type(self) -> str:
        """The format's media type, such as `image/jpeg`."""
        return f"image/{self.value.lower()}"

    @property
    def suffix(self) -> str:
        """How names of such files end, with the dot, such as `.jpg`."""
        return ".jpg" if self is PictureFormat.JPEG else f".{self.value.lower()}"


_READ: Final = {
    rb"\xff\xd8\xff": PictureFormat.JPEG,
    rb"\x89PNG\r\n\x1a\n": PictureFormat.PNG,
    rb"RIFF....WEBP": PictureFormat.WEBP,
    rb"GIF8[79]a": PictureFormat.GIF,
}

# In this order: the first that fits names it.
_OTHER_PICTURES: Final = {
    rb"BM.{4}\0\0\0\0": "BMP",
    rb"II[*+]\0|MM\0[*+]": "TIFF",
    rb"\0\0[\1\2]\0": "ICO",
    rb"8BPS": "PSD",
    rb"%PDF": "PDF",
    rb"....ftypavi[fs]": "AVIF",
    rb"....ftyp(hei|hev|mif1|msf1)": "HEIF",
    rb"\xff\x0a|\0\0\0\x0cJXL \r\n": "JPEG XL",
    rb"\0\0\0\x0cjP  \r\n|\xff\x4f\xff\x51": "JPEG 2000",
    rb"(\xef\xbb\xbf)?\s*<(svg|(\?xml|!--|!doctype svg).*<svg)\b": "SVG",
}
_NO_PICTURES: Final = {
    rb"(\xef\xbb\xbf)?\s*<(!doctype\s+html|html|head|body|title|script|!--)": (
        "looks like an HTML page, as sites answer with where a picture is gone or wants a sign-in"
    ),
    rb"(\xef\xbb\xbf)?\s*<\?xml": "looks like XML",
    rb"(\xef\xbb\xbf)?\s*(\{\s*[\"}]|\[\s*[\[\]{\"0-9])": "looks like JSON, as servers answer with an error",
    rb"version https://git-lfs": "is Git LFS's pointer to a file: fetch the file itself with `git lfs pull`",
    rb"....ftyp|RIFF....AVI |\x1aE\xdf\xa3": "looks like a video",
    rb"PK[\3\5]|\x1f\x8b|7z\xbc\xaf|Rar!": "looks like an archive",
    rb"\0+\Z": "holds nothing but zeros",
    rb"[\t\n\r\x20-\x7e]+\Z": "looks like text",
}


def format_of(data: bytes) -> PictureFormat:
    """Return a picture's format.

    Raises `UnsupportedFormat` where it is another one's, `DecodingError` where it is no picture; both say
    what the bytes look like.
    """
    start = data[:_LOOKED_AT]
    for pattern, kind in _READ.items():
        if re.match(pattern, start, re.DOTALL):
            return kind
    for pattern, name in _OTHER_PICTURES.items():
        if re.match(pattern, start, re.DOTALL | re.IGNORECASE):
            raise UnsupportedFormat(f"{name} files are not taken: {_ADVICE}")
    for pattern, looks in _NO_PICTURES.items():
        if re.match(pattern, start, re.DOTALL | re.IGNORECASE):
            raise DecodingError(f"this is no picture: it {looks}; {_ADVICE}")
    raise DecodingError(f"this is no picture{'' if data else ': it is empty'}; {_ADVICE}")


@dataclass(frozen=True)
class PixelFile:
    """What of a file decides how its picture looks.

    `data` is a file of the same format that holds the pixels, and nothing beside them that a decoder could
    stumble over. `orientation` is EXIF's, 1 to 8. `profile` is an ICC profile, or empty for sRGB.
    `transparent` is the one colour of a PNG that stands for no colour, in samples of `depth` bits; `packed`
    are its pixels, of which there should be `unpacked_bytes`.
    """

    data: bytes
    orientation: int = 1
    profile: bytes = b""
    transparent: tuple[int, ...] = ()
    depth: int = 8
    packed: bytes = b""
    unpacked_bytes: int = 0


def cut_off_error() -> DecodingError:
    """Return the error for a file that ends too early."""
    return DecodingError("the picture is cut off: its file ends before its pixels do; choose a whole one")


def damage_error(why: str) -> DecodingError:
    """Return the error for a file that can't be made sense of."""
    return DecodingError(f"the picture is damaged or cut off ({why}); choose a whole one")


def orientation_of(exif: bytes) -> int:
    """Return the orientation, 1 to 8, that a block of EXIF gives; 1 where it gives none.

    As browsers do: by its main directory alone, in any entry that is one 16-bit number from 1 to 8. Whatever
    else stands there isn't looked at, be it damaged or not.
    """
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(exif[:4])
    if order is None or len(exif) < 8:
        return 1
    start = struct.unpack_from(f"{order}I", exif, 4)[0]
    if start + 2 > len(exif):
        return 1
    count = struct.unpack_from(f"{order}H", exif, start)[0]
    whole = (len(exif) - start - 2) // _ENTRY_BYTES
    for index in range(min(count, whole)):
        entry = struct.unpack_from(f"{order}HHIH", exif, start + 2 + index * _ENTRY_BYTES)
        if entry[:3] == (_ORIENTATION_TAG, _SHORT, 1) and 1 <= entry[3] <= 8:
            return int(entry[3])
    return 1
