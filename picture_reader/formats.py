"""Which format a file has, by its first bytes alone: what it is called or declared to be says nothing."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Final

from picture_reader.errors import DecodingError, UnsupportedFormat

_ADVICE: Final = "choose a JPEG, PNG, WebP or GIF"

_LOOKED_AT: Final = 1024
"""Bytes at a file's beginning by which it is told what it is."""


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
