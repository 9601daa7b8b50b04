"""The lines of logs that were kept of a journey, on the journey's clock."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final, TypedDict

MOST_LINES: Final = 400
"""Of a journey's logs, the last ones."""
LONGEST_LINE: Final = 400

_LINE = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z) (\S*) +(.*)")


class LogLine(TypedDict):
    """A line that says when it was written: `at_s` is in seconds after the journey's beginning."""

    at_s: float
    log: str
    level: str
    text: str


def read_log_lines(logs: Iterable[Path], began: datetime) -> list[LogLine]:
    """Return the last lines of logs that say when they were written, in order."""
    lines: list[LogLine] = []
    for log in logs:
        for line in log.read_text(encoding="utf-8", errors="replace").splitlines():
            if (match := _LINE.fullmatch(line)) is None:
                continue
            try:
                at = (datetime.fromisoformat(match[1]) - began).total_seconds()
            except ValueError:
                continue  # no moment, though it is written like one
            lines.append(LogLine(at_s=at, log=log.stem, level=match[2], text=match[3][:LONGEST_LINE]))
    return sorted(lines, key=lambda line: line["at_s"])[-MOST_LINES:]
