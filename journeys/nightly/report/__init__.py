"""The report of a night, a page and a few lines for a chat: what broke, since when, where, by cause."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from journeys.documents import write_atomically
from journeys.nightly.record import NightRecord
from journeys.nightly.report.content import NightReport
from journeys.nightly.report.evidence import Evidence
from journeys.nightly.report.page import render_page
from journeys.nightly.report.summary import summary_of
from journeys.nightly.trends import TrendsRecord

__all__ = ["NightReport", "summary_of", "write_report"]

PAGE: Final = "index.html"
SUMMARY: Final = "summary.md"


def write_report(
    night: NightRecord,
    trends: TrendsRecord | None,
    folder: Path,
    *,
    evidence: Path | None = None,
    command: Sequence[str] = ("journeys", "run"),
) -> Path:
    """Write `index.html` and `summary.md` into a folder and return the page's path.

    `evidence` is the folder of night.json, which the record's paths start from; without it `folder` itself.
    The page links what lies there and says what is missing; `trends` tell since when something has been
    broken. `command` are the words that a command begins with which plays journeys again. Each file is
    written whole or not at all. Raises `OSError` where it can't be written.
    """
    report = NightReport(night, trends, command=command)
    page = folder / PAGE
    write_atomically(page, render_page(report, Evidence(night, evidence or folder, folder)))
    write_atomically(folder / SUMMARY, summary_of(report))
    return page
