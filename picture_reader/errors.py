"""What can be wrong with the bytes of a picture.

DecodingError
└── UnsupportedFormat    a picture, but of a format that isn't read
"""

from __future__ import annotations


class DecodingError(ValueError):
    """Bytes give no picture; the text is one sentence that says why and what to do."""


class UnsupportedFormat(DecodingError):
    """The bytes are a picture of a format that isn't read."""
