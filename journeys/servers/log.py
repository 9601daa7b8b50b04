"""Reads the end of what a server printed."""

from __future__ import annotations

import os
from pathlib import Path

from journeys.redaction import redacted

_LINES = 3
_CHARACTERS = 400


def last_words(log: Path) -> str:
    """Give the last lines of a log as the end of an error's sentence."""
    lines = [line.strip() for line in _end_of(log).splitlines()]
    # Before it is cut: half a secret is found by nobody.
    lines = [redacted(line) for line in lines]
    said = " | ".join([line for line in lines if line][-_LINES:])
    if not said:
        return f": it printed nothing (log: {log})"
    if len(said) > _CHARACTERS:
        said = "…" + said[-_CHARACTERS:]
    return f": {said} (log: {log})"


def _end_of(log: Path, size: int = 8192) -> str:
    try:
        with log.open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - size))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""
