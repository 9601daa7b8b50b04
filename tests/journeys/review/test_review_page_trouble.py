"""Trouble on the page: files that were changed, damaged or taken away meanwhile."""

from __future__ import annotations

import shutil

from playwright.async_api import expect

from tests.journeys.review.conftest import Made, Open
from tests.journeys.review.results_folder import moved_button
from tests.journeys.review.review_page import progress, shown


async def test_a_refused_approval_is_taken_back_on_the_page(place: Made, opened: Open) -> None:
    here = place(moved_button("one"), moved_button("two"))
    page = await opened(here)
    here.baseline(moved_button("one")).write_bytes(b"theirs")
    await page.keyboard.press("a")
    await expect(page.locator(".toast.error")).to_contain_text("was changed on disk since the comparison")
    await expect(progress(page)).to_have_text("0 of 2 decided")
    # It leads back to the screen.
    await page.locator(".toast.error").click()
    await shown(page, moved_button("one"))


async def test_results_that_vanish_are_said(place: Made, opened: Open) -> None:
    here = place(moved_button())
    page = await opened(here)
    shutil.rmtree(here.folder)
    await expect(page.get_by_role("alert")).to_contain_text("are gone: run the journeys again")


async def test_a_picture_that_is_damaged_is_said(place: Made, opened: Open) -> None:
    here = place(moved_button())
    (here.folder / "baseline" / moved_button().key.path).write_bytes(b"\x89PNG\r\n\x1a\nbroken")
    page = await opened(here)
    await expect(
        page.get_by_text("Baseline of profile can't be shown: it is damaged or gone")
    ).to_be_visible()
    await expect(page.locator(".problem")).to_have_text("the baseline can't be read as a picture")
