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
from journeys.review import Review, read_results, serve_review
from tests.journeys.review.results_folder import many_screens, write_results

_LOADS = 5
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
    """Milliseconds: of each load's first paint, until its first pictures are drawn, and of each decision."""

    differences: int
    first_paints_ms: tuple[float, ...]
    first_pictures_ms: tuple[float, ...]
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

    def figures(self) -> dict[str, float]:
        """Return what `bench-results/screenshots.json` keeps."""
        return {
            "decision_ms_p50": round(self.p50, 1),
            "decision_ms_p95": round(self.p95, 1),
            # Whatever else a machine does makes a load slower, and none faster.
            "first_paint_ms": round(min(self.first_paints_ms), 1),
            "first_picture_ms": round(min(self.first_pictures_ms), 1),
            "review_differences": self.differences,
            "review_decisions": len(self.decisions_ms),
            "review_loads": len(self.first_paints_ms),
        }


async def measure_review(*, differences: int = 500, decisions: int = 100) -> ReviewTimes:
    """Open a review, approve one difference after the other as each is seen, and return the times."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_results(root, many_screens(differences))
        review = Review(read_results(root / "test-results", project=root))
        async with serve_review(review) as served, async_playwright() as playwright:
            options: dict[str, Any] = launch_options(bundled=playwright.chromium.executable_path)
            async with await playwright.chromium.launch(**options) as browser:
                page = await browser.new_page(viewport=_VIEWPORT)
                # The first time a server renders and a browser compiles is nobody's second.
                await page.goto(served.address_with_token)
                await _shown(page)
                paints, pictures = [], []
                for _ in range(_LOADS):
                    await page.reload()
                    pictures.append(await _shown(page))
                    paint = await page.wait_for_function(_PAINTED)
                    paints.append(float(await paint.json_value()))
                await page.evaluate(_WATCH)
                for number in range(min(decisions, differences - 1)):
                    await page.keyboard.press("a")
                    await page.wait_for_function(f"() => window.waits.length === {number + 1}")
                waits = await page.evaluate("window.waits")
                await page.wait_for_function("() => !document.querySelector('[data-pending=true]')")
    return ReviewTimes(differences, tuple(paints), tuple(pictures), tuple(map(float, waits)))


async def _shown(page: Page) -> float:
    """Wait for the first pictures and return when they were drawn, in milliseconds from the page's start."""
    handle = await page.wait_for_function("() => document.documentElement.dataset.shown && performance.now()")
    return float(await handle.json_value())


if __name__ == "__main__":
    for name, figure in asyncio.run(measure_review()).figures().items():
        print(f"{name:20} {figure:g}")
