"""Messages of a log, as drivers and browsers tell them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

_LATEST = 253_402_300_800_000


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One message: `at` is when it was heard, in Unix seconds on the clock of whoever heard it."""

    at: float
    text: str
    level: str = ""

    def __str__(self) -> str:
        moment = datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")
        return f"{moment.removesuffix('+00:00')}Z {self.level:<7} {self.text}"


def read_entries(answered: object) -> list[LogEntry]:
    """Read a driver's answer to the question for a log; what is no message in it is left out."""
    if not isinstance(answered, list):
        return []
    return [entry for each in answered if (entry := _read(each)) is not None]


def last_seconds(
    entries: Sequence[LogEntry], seconds: float, *, clock: float | None = None
) -> list[LogEntry]:
    """Return the messages of the last so many seconds.

    `clock` is what the clock they are stamped by says now, where that is known. Elsewhere the newest stamp
    takes its place, which is never later: so nothing is left out that came in those seconds, and what is
    older reaches back no further than the log was silent at its end.
    """
    if not entries:
        return []
    ends = max(entry.at for entry in entries) if clock is None else clock
    return [entry for entry in entries if entry.at >= ends - seconds]


def _read(each: object) -> LogEntry | None:
    match each:
        # A moment that no clock shows is none: datetime has no year 10000.
        case {"message": str(text), "timestamp": int(at) | float(at), **more} if 0 <= at < _LATEST:
            return LogEntry(at / 1000, text, str(more.get("level", "")).lower())
    return None
