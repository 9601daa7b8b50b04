"""The page on a phone."""

from __future__ import annotations

from playwright.async_api import expect

from tests.journeys.review.conftest import PHONE, Made, Open
from tests.journeys.review.results_folder import new_text
from tests.journeys.review.review_page import progress, shown

BEYOND_THE_SCREEN = """
    () => [...document.querySelectorAll("button, a, p, h1, h2, input, select")]
        .filter((node) => node.checkVisibility() && !node.closest(".strip, .stage, .skip"))
        .filter((node) => {
            const box = node.getBoundingClientRect();
            return box.right > innerWidth + 1 || box.left < -1;
        })
        .map((node) => node.outerHTML)
"""


async def test_nothing_is_wider_than_the_screen(place: Made, opened: Open) -> None:
    page = await opened(place(), viewport=PHONE)
    wide = await page.evaluate(BEYOND_THE_SCREEN)
    assert wide == []
    assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]


async def test_screens_are_chosen_from_the_list_and_decided(place: Made, opened: Open) -> None:
    here = place()
    page = await opened(here, viewport=PHONE, has_touch=True)
    await expect(page.locator("#list")).to_be_hidden()
    await page.get_by_role("button", name="List").tap()
    await page.locator(f"a[data-id='{new_text().key.id}']").tap()
    await shown(page, new_text())
    await expect(page.locator("#list")).to_be_hidden()
    await page.get_by_role("button", name="Approve", exact=True).tap()
    await expect(progress(page)).to_have_text("1 of 8 decided")
