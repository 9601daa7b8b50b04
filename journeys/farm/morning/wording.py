"""What went wrong, in words that are the same wherever it went wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Final

from journeys.report import JourneyRecord
from journeys.report.record import ScreenRow, SurfaceRecord

ANY: Final = "…"
"""What stands for whatever differs from one target to the next."""

_LONGEST: Final = 240

_FAULTS: Final = {
    "never appeared": "{} never showed the change",
    "never settled": "{} ended up showing neither the old look nor the new one",
    "reverted": "{} showed the change and went back to the old look",
    "alternated": "{} flickered between the old look and the new one",
    "vanished": "{} was gone from the screen when the watch ended",
    "no control": "{} was not recognised as it is before the change",
    "no action": "{} has neither an action nor a commit to be measured from",
    "too early": "{} showed the change before it was saved",
    "contradiction": "{} showed the old look after the new one, by the frames' own times",
    "unclear": "{} has pixels that can't be judged",
    "frames lost": "{} sent more frames than could be kept",
}
"""The faults of docs/reference/journeys-json.md as sentences."""

_ADDRESS = re.compile(r"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s'\"<>)\]]+")
_PATH = re.compile(r"(?<![\w<])(?:[A-Za-z]:\\|\.{0,2}/|~/)?(?:[\w.@+%…-]+[/\\])+[\w.@+%…-]+")
_ID = re.compile(r"\b(?=[0-9a-fA-F-]*\d)[0-9a-fA-F]{8,}(?:-[0-9a-fA-F]{4,})*\b")
_NUMBER = re.compile(r"(?<![^\W\d_])\d+(?:[.,:]\d+)*")
_SEVERAL = re.compile(r"…(?:[\s:.–-]*…)+")
_DRAWN_BY = re.compile(r" \(the baseline was drawn by .*\)$")


def said_of_surface(surface: SurfaceRecord) -> str:
    """Return what a surface did instead of showing the change in time, as a sentence without a full stop."""
    named = f"The {surface['surface']}"
    fault = surface["fault"]
    if fault is None:
        if surface["verdict"] == "inconclusive":
            return f"{named} showed the change, but nobody can tell whether in time"
        return f"{named} showed the change too late"
    said = _FAULTS.get(fault, "{}: " + fault.replace("{", "{{").replace("}", "}}")).format(named)
    return f"{said}, as far as could be seen" if surface["verdict"] == "inconclusive" else said


def said_of_screen(screen: ScreenRow) -> str:
    """Return how a screen differs from its baseline."""
    if screen["status"] == "new":
        return f"Screen {screen['screen']} has no baseline yet"
    summary = _DRAWN_BY.sub("", screen["summary"]) or "differs from its baseline"
    return f"Screen {screen['screen']}: {summary}"


def said_by_error(error: str) -> str:
    """Return the line of an error that says what happened: its first one."""
    line = next((line.strip() for line in error.splitlines() if line.strip()), "Nothing was said about why")
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + ANY


def leveller(names: Iterable[str]) -> Callable[[str], str]:
    """Return a function that makes lines alike that differ by the names given, places, ids and numbers only.

    `names` are those of targets, castings and devices.
    """
    known = sorted({name for name in names if name}, key=lambda name: (-len(name), name))
    named = re.compile(r"(?<![\w-])(?:" + "|".join(map(re.escape, known)) + r")(?![\w-])") if known else None

    @lru_cache(maxsize=4096)
    def levelled(line: str) -> str:
        for pattern in (_ADDRESS, named, _ID, _PATH, _NUMBER):
            if pattern is not None:
                line = pattern.sub(ANY, line)
        return _SEVERAL.sub(ANY, line)

    return levelled


def unpassed_surfaces(record: JourneyRecord, status: str) -> list[SurfaceRecord]:
    """Return the surfaces that made a journey end with a status; all that didn't pass where none is alike."""
    unpassed = [surface for surface in record["surfaces"] if surface["verdict"] != "passed"]
    return [surface for surface in unpassed if surface["verdict"] == status] or unpassed
