"""Sees to it that what is printed can be, whatever the terminal's or the pipe's encoding is."""

from __future__ import annotations

import codecs
import io
import os
import sys
from pathlib import Path

_PLAIN = {
    **dict.fromkeys("\u201c\u201d\u201e", '"'),
    **dict.fromkeys("\u2018\u2019", "'"),
    **dict.fromkeys("\u2013\u2014\u2212", "-"),
    **dict.fromkeys("\u2588\u2589\u258a\u258b\u258c\u258d\u258e\u258f\u2501\u2500", "="),
    **dict.fromkeys("\u00a0\u2009", " "),
    "…": "...",
    "→": "->",
    "·": "|",
    "×": "x",
    "±": "+/-",
}
"""What stands for characters that some encodings lack; a question mark stands for all others."""

_HANDLER = "journeys-plain"


def make_printable() -> None:
    """Let standard output and error put plain characters in the place of those that their encoding lacks.

    One that is closed goes nowhere, as Python would otherwise have none to write to.
    """
    codecs.register_error(_HANDLER, _replace_by_plain)
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:
            setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - to the end
        for stream in (getattr(sys, name), getattr(sys, f"__{name}__")):
            if isinstance(stream, io.TextIOWrapper) and codecs.lookup(stream.encoding).name != "utf-8":
                stream.reconfigure(errors=_HANDLER)


def _replace_by_plain(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    lacking = error.object[error.start : error.end]
    return "".join(_PLAIN.get(each, "?") for each in lacking), error.end
