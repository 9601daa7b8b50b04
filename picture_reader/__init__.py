"""Reads the pictures that people choose, to the pixels that browsers show of them."""

from picture_reader.formats import DecodingError, PictureFormat, UnsupportedFormat, format_of
from picture_reader.reader import EncodedPicture

__all__ = ["DecodingError", "EncodedPicture", "PictureFormat", "UnsupportedFormat", "format_of"]
