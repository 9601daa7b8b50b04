"""Reads a regular expression as Android's `Pattern` does, and refuses what Python can't do the same way."""

from __future__ import annotations

import re

from fake_android.refusals import NotSupported, Refusal

LONGEST = 1000
LINE_END = "\n\x0b\x0c\r\x85\u2028\u2029"
SPECIAL = re.compile(
    r"""
    (?P<quoted>\\Q(?P<literal>.*?)(?:\\E|\Z))
    | (?P<end>\\z)
    | (?P<same>\\[dDwWsSbBtnrfAa0-9] | \\x[0-9a-fA-F]{2} | \\u[0-9a-fA-F]{4} | \\[^a-zA-Z0-9])
    | \(\?<(?P<group>[A-Za-z][A-Za-z0-9]*)>
    | \\k<(?P<reference>[A-Za-z][A-Za-z0-9]*)>
    | (?P<odd>\\. | \(\?(?![:=!>]|<[=!]) )
    | (?P<times>\{\d+(?:,\d*)?\})
    | (?P<brace>\{)
    | (?P<dot>\.)
    | (?P<class>\[)
    """,
    re.VERBOSE | re.DOTALL,
)
CLASS = re.compile(r"\[\^?\]?(?:\\[^QEpPxNRXhHvVzZGkcb]|[^\]\[\\&]|&(?!&))*\]", re.DOTALL)


def whole(pattern: str, *, dot_matches_all: bool = False) -> re.Pattern[str]:
    r"""Return a pattern to `fullmatch` with, as Java's `matches()` compares.

    Raises `Refusal` where the pattern is wrong, and `NotSupported` where it means something to Android that
    it doesn't to Python (`\p{…}`, classes within classes, flags other than a leading `(?i)`).
    """
    if len(pattern) > LONGEST:
        raise NotSupported(f"A pattern of {len(pattern)} characters: this device matches up to {LONGEST}")
    flags, at, translated = 0, 0, ""
    if pattern.startswith("(?i)"):
        flags, at = re.IGNORECASE, 4
    while at < len(pattern):
        found = SPECIAL.match(pattern, at)
        if not found:
            translated += pattern[at]
            at += 1
            continue
        if found["class"]:
            found = CLASS.match(pattern, at)
            if not found:
                raise _unlike(pattern, at)
            translated += found[0]
        else:
            translated += _translated(pattern, found, dot_matches_all=dot_matches_all)
        at = found.end()
    try:
        return re.compile(translated, flags)
    except re.error as error:
        raise Refusal(f"java.util.regex.PatternSyntaxException: {error.msg}: {pattern}") from error


def _translated(pattern: str, found: re.Match[str], *, dot_matches_all: bool) -> str:
    if found["quoted"]:
        return re.escape(found["literal"])
    if found["end"]:
        return r"\Z"
    if found["group"]:
        return f"(?P<{found['group']}>"
    if found["reference"]:
        return f"(?P={found['reference']})"
    if found["dot"]:
        return r"[\s\S]" if dot_matches_all else f"[^{LINE_END}]"
    if found["same"] or found["times"]:
        return found[0]
    if found["brace"]:
        raise Refusal("java.util.regex.PatternSyntaxException: a brace repeats nothing: " + pattern)
    raise _unlike(pattern, found.start())


def _unlike(pattern: str, at: int) -> NotSupported:
    return NotSupported(f"The pattern `{pattern}` has at position {at} what only a device can match")
