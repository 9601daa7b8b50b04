"""The pages of reports have one look: no page repeats what all share, and the shared colours can be read."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pytest
from playwright.async_api import Browser

from flutter_bridge import Interval
from journeys.report import Run, read_look, write_measure_page

if TYPE_CHECKING:
    from tests.journeys.report.conftest import Ran, Seen

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"
PAGES = {
    "run": ("journeys.report", "run_page.css"),
    "measurement": ("journeys.report", "measure_page.css"),
    "night": ("journeys.nightly.report", "report.css"),
}

each_page = pytest.mark.parametrize("page", PAGES)


def style_of(page: str) -> str:
    package, name = PAGES[page]
    return (files(package) / "assets" / name).read_text(encoding="utf-8")


def rules_in(style: str) -> set[str]:
    """Return the rules of a style that stand outside of any condition."""
    plain = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    plain = re.sub(r"@media[^{]*\{(?:[^{}]*\{[^{}]*\})*[^{}]*\}", "", plain)
    return {" ".join(rule.split()) for rule in re.findall(r"[^{}]+\{[^{}]*\}", plain)}


@each_page
def test_no_page_has_a_colour_or_a_rule_that_all_share(page: str) -> None:
    shared, own = read_look(), style_of(page)
    assert not set(re.findall(r"(--[\w-]+):", shared)) & set(re.findall(r"(--[\w-]+):", own))
    assert not rules_in(shared) & rules_in(own)


@each_page
def test_every_colour_that_a_page_uses_is_one_that_there_is(page: str) -> None:
    style = read_look() + style_of(page)
    # These are set by a page's script, for each element.
    measures = {"--at", "--names", "--rows", "--row", "--depth"}
    assert set(re.findall(r"var\((--[\w-]+)", style)) - measures <= set(re.findall(r"(--[\w-]+):", style))


def test_every_colour_has_one_for_the_dark() -> None:
    light, dark = re.findall(r":root \{(.*?)\}", read_look(), re.DOTALL)[:2]
    assert set(re.findall(r"(--[\w-]+):", light)) == set(re.findall(r"(--[\w-]+):", dark))


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("count", [0, 30], ids=["nothing", "runs"])
async def test_a_measurement_has_no_violation_and_fits_a_phone(
    browser: Browser, seen: Seen, ran: Ran, tmp_path: Path, theme: Literal["light", "dark"], count: int
) -> None:
    runs: list[Run] = [
        ran(number, seen(Interval(number / 100, number / 100 + 0.05), actor=actor))
        for number in range(1, count + 1)
        for actor in ("alice", "bob")
    ]
    file = tmp_path / "measure.html"
    write_measure_page(file, runs, repeat=30, started_at=datetime.now(UTC), error="interrupted" * (not count))
    page = await browser.new_page(color_scheme=theme, viewport={"width": 390, "height": 844})
    try:
        await page.goto(file.as_uri())
        await page.evaluate(AXE.read_text(encoding="utf-8") + "\n;undefined")
        found = await page.evaluate("async () => (await axe.run({ preload: false })).violations")
        assert [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]] == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        await page.close()
