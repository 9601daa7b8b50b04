"""Writes the morning report: one page, and a few lines for a chat."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from journeys.farm.morning.evidence import Evidence
from journeys.farm.morning.page import render_page
from journeys.farm.morning.page_data import Morning
from journeys.farm.morning.summary import summary_of
from journeys.farm.night_record import NightRecord
from journeys.farm.trends.record import TrendsRecord
from journeys.whole_file import write_whole

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
    morning = Morning(night, trends, command=command)
    page = folder / PAGE
    write_whole(page, render_page(morning, Evidence(night, evidence or folder, folder)))
    write_whole(folder / SUMMARY, summary_of(morning))
    return page
