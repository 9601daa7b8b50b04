"""Runs as their records have them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, Page

from flutter_bridge import Interval
from journeys.report import PAGE, JourneyRecord, Run, SurfaceRecord, write_run_page
from tests.journeys.report.run_made import Open, run_of

Seen = Callable[..., SurfaceRecord]
Ran = Callable[..., Run]


def seen_(
    commit: Interval | None = Interval(0.08, 0.1),  # noqa: B008 - it is frozen
    *,
    tap: Interval | None = None,
    actor: str = "alice",
    surface: str = "header",
    verdict: str = "passed",
    reason: str = "showed the new picture",
    **details: Any,
) -> SurfaceRecord:
    def bounds(interval: Interval | None) -> Any:
        return None if interval is None else {"low": interval.low, "high": interval.high}

    record: Any = {
        "surface": surface,
        "actor": actor,
        "target": "web",
        "budget_s": 1.0,
        "commit_to_visible_s": bounds(commit),
        "tap_to_visible_s": bounds(tap),
        "verdict": verdict,
        "reason": reason,
        "fault": None,
    }
    made: SurfaceRecord = record | details
    return made


def ran_(
    number: int, *surfaces: SurfaceRecord, status: str = "passed", error: str = "", journey: str = "looks"
) -> Run:
    return Run(
        number,
        JourneyRecord(
            id=journey,
            name=f"Somebody {journey}",
            priority="P1",
            targets=["web"],
            casting="web",
            status=status,
            cause="" if status == "passed" else "verdict",
            started_at="2026-01-31T12:00:00.000Z",
            duration_s=1.0,
            error=error,
            actors={"alice": "web"},
            steps=[],
            surfaces=list(surfaces),
            screens=[],
        ),
    )


@pytest.fixture(scope="session")
def seen() -> Seen:
    """Give a maker of what was measured on a surface."""
    return seen_


@pytest.fixture(scope="session")
def ran() -> Ran:
    """Give a maker of a run in which some surfaces were measured."""
    return ran_


@pytest.fixture
async def open_run(browser: Browser, tmp_path: Path) -> AsyncIterator[Open]:
    """Give a function that writes a run's page and opens it; what the page complains of fails the test."""
    complaints: list[str] = []
    pages: list[Page] = []

    async def opened(*records: JourneyRecord, at: str = "", error: str = "", **context: Any) -> Page:
        write_run_page(tmp_path / PAGE, run_of(*records, error=error), results=tmp_path)
        page = await browser.new_page(**{"viewport": {"width": 1280, "height": 900}, **context})
        pages.append(page)
        page.on("pageerror", lambda problem: complaints.append(str(problem)))
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        await page.goto(f"{(tmp_path / PAGE).as_uri()}{at}")
        await page.locator("h1").wait_for()
        return page

    yield opened
    for page in pages:
        await page.close()
    assert complaints == []
