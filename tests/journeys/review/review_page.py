"""What the page shows, once it does."""

from __future__ import annotations

from playwright.async_api import Locator, Page

from tests.journeys.review.results_folder import Screen


async def shown(page: Page, screen: Screen | None = None, view: int | None = None) -> None:
    """Wait until a screen's pictures are drawn."""
    at = ".*" if screen is None else screen.key.id
    await page.wait_for_function(
        f"() => /^{at} {view or '[1-4]'}$/.test(document.documentElement.dataset.shown ?? '')"
    )


async def verdict_of(page: Page, screen: Screen) -> str:
    """Return what the list says of a screen, once the server has answered."""
    row = page.locator(f"a[data-id='{screen.key.id}'][data-pending=false]")
    return await row.get_attribute("data-verdict") or ""


def progress(page: Page) -> Locator:
    """Return the line that says how many screens are decided."""
    return page.locator("#progress-text")
