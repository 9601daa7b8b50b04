"""Texts as people read them: compared, shown with what cannot be seen, and entered into fields.

Apps write characters that nobody types: U+202F before "AM", directional marks around names, a variation
selector behind an emoji, letters and accents apart. On screen they look like what a test says; by code points
they differ.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = re.compile(
    # Soft hyphen, joiner of graphemes, Arabic letter mark, Khmer inherent vowels, Mongolian selectors;
    "[\u00ad\u034f\u061c\u17b4\u17b5\u180b-\u180f"
    # zero-width space and joiners, directional marks, embeddings and isolates, word joiner, operators;
    "\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    # variation selectors, byte order mark, the place of an embedded widget, selectors of ideographs, tags.
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffc\U000e0000-\U000e0fff]"
)
# Hyphens that differ in nothing but where a line may break.
_HYPHENS = str.maketrans({"\u2010": "-", "\u2011": "-"})
_CONTEXT, _MAX_EXCHANGED = 12, 2


@lru_cache(maxsize=4096)
def as_read(text: str) -> str:
    """Return a text as it is read: composed (NFC), any white space as one space, without invisible marks.

    Lines stay lines; those that show nothing at the start and at the end are left out.
    """
    composed = unicodedata.normalize("NFC", _INVISIBLE.sub("", text)).translate(_HYPHENS)
    return "\n".join(" ".join(line.split()) for line in composed.splitlines()).strip("\n")


def reads_as(actual: str, wanted: str | re.Pattern[str]) -> bool:
    """Whether a text is, to the eye, all of `wanted`; a pattern is searched in it as it is, and as read.

    A line break is read as a space here.
    """
    if isinstance(wanted, re.Pattern):
        return wanted.search(actual) is not None or _compose(wanted).search(as_read(actual)) is not None
    return wanted == actual or _one_line(wanted) == _one_line(actual)


def quote(text: str) -> str:
    """Return a text between double quotes, in its own letters; what cannot be seen is written as its code."""
    return '"' + "".join(_escape_invisible(letter) for letter in text) + '"'


def hidden_difference(wanted: str, actual: str) -> str:
    """Say where two texts differ that may look alike, with code points; "" where a reader sees it.

    They may where one or two letters are exchanged for others beyond ASCII, as a Cyrillic A for a Latin one.
    """
    ours, theirs = _one_line(wanted), _one_line(actual)
    if len(ours) != len(theirs):
        return ""
    exchanged = [at for at in range(len(ours)) if ours[at] != theirs[at]]
    can_be_seen = any(ours[at].isascii() and theirs[at].isascii() for at in exchanged)
    if can_be_seen or not 1 <= len(exchanged) <= _MAX_EXCHANGED:
        return ""
    at = exchanged[0]
    context = quote(ours[max(0, at - _CONTEXT) : at])
    return f"behind {context} it has {_code(theirs[at])}, not {_code(ours[at])}"


def _one_line(text: str) -> str:
    return " ".join(as_read(text).split())


@lru_cache(maxsize=256)
def _compose(pattern: re.Pattern[str]) -> re.Pattern[str]:
    return re.compile(unicodedata.normalize("NFC", pattern.pattern), pattern.flags)


def _escape_invisible(letter: str) -> str:
    if letter in {'"', "\\"}:
        return f"\\{letter}"
    if letter.isprintable() and not _INVISIBLE.match(letter):
        return letter
    return letter.encode("unicode_escape").decode("ascii")


def _code(letter: str) -> str:
    return f"{quote(letter)} (U+{ord(letter):04X} {unicodedata.name(letter, 'without a name')})"


class TextEntry:
    """One text on its way into a field, over as many attempts as that takes.

    Apps format what is typed (01/21 for 0121), and an engine may write a field's old content over it: both
    look the same at first. So a field took the text when it reads as the text, or as `shows` where that is
    given; else when two attempts in a row end with the same other text, and it was not there before.
    """

    def __init__(self, text: str, *, shows: str | re.Pattern[str] | None = None) -> None:
        self._text = re.sub(r"\r\n?", "\n", text)
        self._shows = shows
        self._result = self._kept = ""
        self._changed = False
        self._attempts = 0

    @property
    def text(self) -> str:
        """What to enter now: nothing, in between, after an attempt that left the field as it was."""
        return "" if self._is_clearing else self._text

    def is_shown(self, value: str, *, as_bullets: bool = False) -> bool:
        """Whether a field says what it is to say; there is a bullet for each UTF-16 code unit."""
        wanted = self._text if self._shows is None else self._shows
        if as_bullets:
            return isinstance(wanted, str) and len(value) == len(wanted.encode("utf-16-le")) // 2
        return reads_as(value, wanted)

    def is_taken(self, before: str, value: str, *, as_bullets: bool = False) -> bool:
        """Whether the field took the text; called once an attempt, with what it said and what it says."""
        cleared = self._is_clearing and bool(self._text)
        self._attempts += 1
        if cleared:
            self._result = ""
            return False
        if self.is_shown(value, as_bullets=as_bullets):
            return True
        again = value == self._result
        self._result = self._kept = value
        self._changed = self._changed or value != before
        return self._shows is None and bool(value) and again and self._changed

    def refusal(self, *, secret: bool) -> str:
        """Say that the field does not keep the text, and what it says instead unless that is secret."""
        message = "doesn't keep the text entered"
        if secret or not self._kept:
            return message
        wanted = self._shows if isinstance(self._shows, str) else self._text
        difference = hidden_difference(wanted, self._kept)
        return f"{message}, it says {quote(self._kept)}" + (f" ({difference})" if difference else "")

    @property
    def _is_clearing(self) -> bool:
        return self._attempts % 2 == 1 and not self._changed
