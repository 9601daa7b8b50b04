"""How large the nightly report of a large night is, how long it takes to write, and to open in Chromium.

A night of 2,000 journeys on 40 targets, twice: one in which 1 of 100 cells broke, for some causes, and one
in which all did. The page is opened from the disk: from the navigation to the first frame drawn with all of
it parsed. The list of every cell is measured by its own, as it is drawn once somebody gets there.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Final

from playwright.async_api import Browser, async_playwright

from benches._results import print_table
from flutter_bridge.web import launch_options
from journeys.nightly.record import NightRecord
from journeys.nightly.report import write_report
from tests.journeys.nightly.sample_frames import draw_frames
from tests.journeys.nightly.sample_nights import cell, night, screen, surface

JOURNEYS: Final = 2_000
TARGETS: Final = 40
_LOADS: Final = 3
_FAULTS: Final = ("never appeared", "never settled", "reverted", None)
_SURFACES: Final = ("feed", "header", "profile screen")

_OPENED = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => done({
    opened: performance.now(),
    painted: performance.getEntriesByName("first-contentful-paint")[0]?.startTime ?? -1,
}))))"""
_LISTED = """() => new Promise((done) => {
    const began = performance.now();
    document.getElementById("list").scrollIntoView();
    const look = () => document.querySelector("#rows tr")
        ? done(performance.now() - began) : requestAnimationFrame(look);
    look();
})"""
_FOUND = """() => new Promise((done) => {
    const began = performance.now();
    const find = document.getElementById("find");
    find.value = "journey_1999 target_39";
    find.dispatchEvent(new Event("input"));
    requestAnimationFrame(() => setTimeout(() => done(performance.now() - began)));
})"""


def report_figures() -> dict[str, float]:
    """Write and open the report of a large night; times in seconds, sizes in MB (10^6 bytes)."""
    figures: dict[str, float] = {}
    for kind, record in (("", large_night(broken=0.01)), ("_all_failed", large_night(broken=1.0))):
        with tempfile.TemporaryDirectory() as folder:
            for each in record["cells"]:
                if each["status"] != "passed":
                    Path(folder, each["attempts"][-1]["results"]).mkdir(parents=True)
            draw_frames(Path(folder), _first(record, 50))
            began = time.perf_counter()
            page = write_report(record, None, Path(folder))
            figures[f"report{kind}_write_s"] = round(time.perf_counter() - began, 3)
            figures[f"report{kind}_mb"] = round(page.stat().st_size / 1e6, 3)
            opened = asyncio.run(_opened(page))
        figures |= {f"report{kind}_{name}": value for name, value in opened.items()}
    print_table(["nightly report", "figure"], [[key, f"{figure:g}"] for key, figure in figures.items()])
    return figures


def large_night(*, broken: float) -> NightRecord:
    """Return a night a share of whose cells broke: by surfaces, screens and errors in turn."""
    every = round(1 / broken)
    cells = []
    for number in range(JOURNEYS * TARGETS):
        of, on = f"journey_{number // TARGETS}", f"target_{number % TARGETS}"
        place = number // every
        if number % every:
            cells.append(cell(of=of, on=on))
        elif place % 4 == 0:
            cells.append(
                cell("error", of=of, on=on, error=f"{on} went away after {number} ms: socket hang up")
            )
        elif place % 4 == 1:
            moved = f"button “Save” moved {number % 30} px down"
            cells.append(cell("failed", of=of, on=on, screens=[screen(moved)], error=moved))
        else:
            fault, where = _FAULTS[place % len(_FAULTS)], _SURFACES[place % len(_SURFACES)]
            seen = surface("failed", fault, on=where, target=on)
            cells.append(
                cell("failed", of=of, on=on, surfaces=[seen], error=f"bob's {where} on {on}: {fault}")
            )
    return night(*cells)


def _first(record: NightRecord, number: int) -> NightRecord:
    """Only some of a night's cells: those whose frames are drawn."""
    unpassed = [each for each in record["cells"] if each["status"] != "passed"]
    return NightRecord(**{**record, "cells": unpassed[:number]})


async def _opened(page: Path) -> dict[str, float]:
    async with async_playwright() as playwright:
        options = launch_options(bundled=playwright.chromium.executable_path)
        browser = await playwright.chromium.launch(**options)  # type: ignore[arg-type]  # by name
        loads = [await _load(browser, page.as_uri()) for _ in range(_LOADS)]
        await browser.close()
    return {name: round(statistics.median(load[name] for load in loads), 3) for name in loads[0]}


async def _load(browser: Browser, address: str) -> dict[str, float]:
    page = await browser.new_page(viewport={"width": 1440, "height": 900})
    await page.goto(address, wait_until="load")
    opened = await page.evaluate(_OPENED)
    listed = await page.evaluate(_LISTED)
    found = await page.evaluate(_FOUND)
    await page.close()
    return {
        "open_s": opened["opened"] / 1000,
        "first_paint_s": opened["painted"] / 1000,
        "list_s": listed / 1000,
        "find_s": found / 1000,
    }


if __name__ == "__main__":
    report_figures()
