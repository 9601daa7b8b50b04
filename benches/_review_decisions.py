"""How long a person waits for the review page: its first paint, and from a key to the next pictures.

Measured in Chromium by the page's own clock: from the key's event to the frame in which the next screen's
pictures, decoded, are drawn. A frame more may pass until the glass shows them.
"""

from __future__ import annotations

import asyncio
import statistics
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.async_api import Page, ViewportSize, async_playwright

from flutter_bridge.web import launch_options
from journeys.review import Review, read_results
from journeys.review.serving import serving
from tests.journeys.review.results_folder import many_screens, write_results

_VIEWPORT: ViewportSize = {"width": 1440, "height": 900}
_WATCH = """
() => {
    window.waits = [];
    let pressed = 0;
    addEventListener("keydown", (event) => { pressed = event.timeStamp; }, { capture: true });
    new MutationObserver(() => {
        if (pressed) window.waits.push(performance.now() - pressed);
        pressed = 0;
    }).observe(document.documentElement, { attributeFilter: ["data-shown"] });
}
"""
_PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


@dataclass(frozen=True)
class ReviewTimes:
    """Milliseconds: of the first paint, until the first pictures are drawn, and of each decision."""

    first_paint_ms: float
    first_picture_ms: float
    decisions_ms: tuple[float, ...]

    @property
    def p50(self) -> float:
        """What half of the decisions took at most."""
        return statistics.median(self.decisions_ms)

    @property
    def p95(self) -> float:
        """What 95 of 100 decisions took at most."""
        ordered = sorted(self.decisions_ms)
        return ordered[max(0, -(-len(ordered) * 95 // 100) - 1)]


async def measure_review(*, differences: int = 500, decisions: int = 100) -> ReviewTimes:
    """Open a review, approve one difference after the other as each is seen, and return the times."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_results(root, many_screens(differences))
        review = Review(read_results(root / "test-results", project=root))
        async with serving(review) as served, async_playwright() as playwright:
            options: dict[str, Any] = launch_options(bundled=playwright.chromium.executable_path)
            async with await playwright.chromium.launch(**options) as browser:
                page = await browser.new_page(viewport=_VIEWPORT)
                # The first time a server renders and a browser compiles is nobody's second.
                await _opened(page, served.with_token)
                await page.reload()
                first_picture = await _shown(page)
                first_paint = await page.evaluate(_PAINTED)
                await page.evaluate(_WATCH)
                for number in range(decisions):
                    await page.keyboard.press("a")
                    await page.wait_for_function(f"() => window.waits.length === {number + 1}")
                waits = await page.evaluate("window.waits")
                await page.wait_for_function("() => !document.querySelector('[data-pending=true]')")
    return ReviewTimes(float(first_paint), first_picture, tuple(map(float, waits)))


async def _opened(page: Page, address: str) -> None:
    await page.goto(address)
    await _shown(page)


async def _shown(page: Page) -> float:
    """Wait for the first pictures and return when they were drawn, in milliseconds from the page's start."""
    handle = await page.wait_for_function("() => document.documentElement.dataset.shown && performance.now()")
    return float(await handle.json_value())


if __name__ == "__main__":
    times = asyncio.run(measure_review())
    print(f"first paint    {times.first_paint_ms:6.0f} ms")
    print(f"first pictures {times.first_picture_ms:6.0f} ms")
    print(f"decision       {times.p50:6.0f} ms p50, {times.p95:.0f} ms p95")
