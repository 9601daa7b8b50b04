"""Text that comes in from outside: one rule for every field, parameter and header that is kept or compared.

Unicode's composed form (NFC), so that what looks alike is alike; no control characters, of which PostgreSQL
can't hold the first and no screen shows any; no halves of surrogate pairs, which are no text at all. All of
that comes before lengths are counted: limits hold for what is kept.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from pydantic import BeforeValidator

CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")
CONTROL_BUT_LAYOUT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
"""Line breaks and tabs are text where a text may have several lines."""

SURROGATE = re.compile(r"[\ud800-\udfff]")


def normalise(text: str, *, layout: bool = False) -> str:
    """Return a text in the form in which it is kept.

    With `layout`, line breaks and tabs may be in it. Raises `ValueError` for control characters and for
    halves of surrogate pairs.
    """
    if SURROGATE.search(text):
        raise ValueError("has half of a surrogate pair in it, which is no text")
    if (CONTROL_BUT_LAYOUT if layout else CONTROL).search(text):
        raise ValueError("has control characters in it")
    return unicodedata.normalize("NFC", text)


def _of_text(read: Callable[[str], str]) -> BeforeValidator:
    """Return a validator that leaves to others what is no text."""
    return BeforeValidator(lambda value: read(value) if isinstance(value, str) else value)


# For annotations, behind a `Field` with the limits of length.
PLAIN = _of_text(normalise)
"""A text as it is: a password, a token, a pattern."""

SINGLE_LINE = _of_text(lambda text: " ".join(normalise(text, layout=True).split()))
"""A name: white space at its ends goes, and any other becomes one space."""

LAYOUT = _of_text(lambda text: normalise(text, layout=True))
"""A text of several lines, as it is."""

MESSAGE = _of_text(lambda text: normalise(text, layout=True).strip())
"""A text of several lines, without white space at its ends."""

# Lower case may be longer, and may have to be composed again.
CASELESS = _of_text(lambda text: normalise(normalise(text).lower()))
"""A text in lower case: an e-mail address."""
