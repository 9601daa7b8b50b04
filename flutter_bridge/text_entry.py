"""Decides whether a text field took what was entered: as it is, or as the app writes it."""

from __future__ import annotations

import re

from flutter_bridge.text_matching import hidden_difference, quote, reads_as


class TextEntry:
    """One text on its way into a field, over as many attempts as that takes.

    Apps format what is typed (01/21 for 0121), and an engine may write a field's old content over it: both
    look the same at first. So a field took the text when it reads as the text, or as `shows` where that is
    given; else when two attempts in a row end with the same other text, and it was not there before.
    """

    def __init__(self, text: str, *, shows: str | re.Pattern[str] | None = None) -> None:
        self._text = re.sub(r"\r\n?", "\n", text)
        self._shows = shows
        self._result = ""
        self._changed = False
        self._attempts = 0

    @property
    def text(self) -> str:
        """What to enter now: nothing, in between, after an attempt that left the field as it was."""
        return "" if self._clears else self._text

    def is_shown(self, value: str, *, as_bullets: bool = False) -> bool:
        """Whether a field says what it is to say; there is a bullet for each UTF-16 code unit."""
        wanted = self._text if self._shows is None else self._shows
        if as_bullets:
            return isinstance(wanted, str) and len(value) == len(wanted.encode("utf-16-le")) // 2
        return reads_as(value, wanted)

    def is_taken(self, before: str, value: str, *, as_bullets: bool = False) -> bool:
        """Whether the field took the text; called once an attempt, with what it said and what it says."""
        cleared = self._clears and bool(self._text)
        self._attempts += 1
        if cleared:
            self._result = ""
            return False
        if self.is_shown(value, as_bullets=as_bullets):
            return True
        again = value == self._result
        self._result = value
        self._changed = self._changed or value != before
        return self._shows is None and bool(value) and again and self._changed

    def refusal(self, *, secret: bool) -> str:
        """Say that the field does not keep the text, and what it says instead unless that is secret."""
        message = "doesn't keep the text entered"
        if secret or not self._result:
            return message
        wanted = self._shows if isinstance(self._shows, str) else self._text
        difference = hidden_difference(wanted, self._result)
        return f"{message}, it says {quote(self._result)}" + (f" ({difference})" if difference else "")

    @property
    def _clears(self) -> bool:
        return self._attempts % 2 == 1 and not self._changed
