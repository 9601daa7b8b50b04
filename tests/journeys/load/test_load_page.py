"""The page of a run under load, in a real browser: its figures, and that everybody can read it."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from flutter_bridge import Interval
from journeys.load import LoadResult, Range, StepResult, write_load_page
from journeys.load.records import LoadRecord
from journeys.load.results import Regression, result_of_step
from journeys.load.soak import figure_of
from journeys.load.watchers import Seen

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
HOSTILE = "<img src=x onerror=\"document.title='broken in'\">"


def step(people: int, slow: float) -> StepResult:
    record = LoadRecord()
    for number in range(400):
        record.add("GET /feed", 0.01 + slow * number / 1000, timing="total;dur=8, db;dur=5")
    record.add(HOSTILE, 0.1, failure="503")
    looks = tuple(Interval(slow + number / 100, slow + number / 100 + 0.05) for number in range(20))
    return result_of_step(
        record,
        people=people,
        streams=people,
        seconds=60,
        seen=Seen(looks=looks, budget_s=1.0),
        cores={"backend": 0.5, "PostgreSQL": 0.1},
        bottleneck=("db", "50 %"),
    )


def result() -> LoadResult:
    return LoadResult(
        schema=1,
        started_at="2026-01-01T00:00:00Z",
        url="http://127.0.0.1:1",
        scenario=HOSTILE,
        machine={"system": "Linux", "cpus": 2},
        steps=[step(1, 0.1), step(50, 0.3), step(100, 1.2)],
        people_held=50,
        ratio=Range(1.2, 2.5),
        ratio_of="p95 of what is seen",
        bottleneck="db",
        bottleneck_reason=HOSTILE,
        verdict="passed",
        soak=[figure_of("backend: memory, MB", [100.0 + number for number in range(60)], every_s=60)],
        baseline=Regression(verdict="passed", reason=HOSTILE),
    )


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390], ids=["desktop", "phone"])
async def test_axe_finds_nothing_and_nothing_is_wider_than_the_screen(
    browser: Browser, tmp_path: Path, theme: str, width: int
) -> None:
    write_load_page(tmp_path / "load.html", result())
    page = await browser.new_page(
        color_scheme="dark" if theme == "dark" else "light", viewport={"width": width, "height": 900}
    )
    try:
        await page.goto((tmp_path / "load.html").as_uri())
        for summary in await page.locator("summary").all():
            await summary.click()
        await page.evaluate(AXE.read_text(encoding="utf-8") + "\n;undefined")
        found = await page.evaluate("async () => (await axe.run({ preload: false })).violations")
        assert [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]] == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await page.title() == "Under load: 50 people held"
    finally:
        await page.close()


async def test_the_page_has_the_figures_and_a_bar_for_each_quantile(browser: Browser, tmp_path: Path) -> None:
    write_load_page(tmp_path / "load.html", result())
    page = await browser.new_page()
    try:
        await page.goto((tmp_path / "load.html").as_uri())
        text = await page.locator("main").inner_text()
        # The p95 of 20 looks is the 19th: 0.30 + 0.18 s, and 50 ms later at most.
        assert "480–530 ms" in text
        assert "failed: p95 of what is seen 1380–1430 ms, budget 1000 ms" in text
        assert await page.locator("svg[aria-labelledby^=seen] rect").count() == 9
        assert "grows: +60 to +60 an hour" in text
    finally:
        await page.close()
