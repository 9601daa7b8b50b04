"""The journal of a nightly run's player: a line for each journey's end, so that nothing is lost with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TypedDict

from journeys.report.record import JourneyRecord

JOURNAL = "journal.jsonl"
"""The journal's name in the folder for results."""


class JournalEntry(TypedDict):
    """A line of a journal; `record` is null where the session's process crashed under the test."""

    record: JourneyRecord | None
    test: str
    error: str
    worker: str
    devices: list[str]
    evidence: str | None


def append_to_journal(journal: Path, entry: JournalEntry) -> None:
    """Add a line to a journal."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.open("a", encoding="utf-8", errors="replace") as lines:
        lines.write(json.dumps(entry, ensure_ascii=False) + "\n")
