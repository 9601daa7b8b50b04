"""Finding a screen on the page: its list, its addresses, where a reload goes on."""

from __future__ import annotations

import re

from playwright.async_api import expect

from tests.journeys.review.conftest import Made, Open
from tests.journeys.review.results_folder import many_screens, moved_button
from tests.journeys.review.review_page import progress, shown


async def test_it_finds_by_words_and_by_verdict(place: Made, opened: Open) -> None:
    page = await opened(place())
    await page.keyboard.press("/")
    await page.keyboard.type("welcome android")
    rows = page.locator("a[data-id]:visible:not([aria-current])")
    await expect(rows).to_have_count(1)
    await page.keyboard.press("Enter")
    await page.keyboard.press("j")
    await expect(page.locator("#facts")).to_contain_text("android-34-2x")
    await page.keyboard.press("a")
    await page.get_by_label("Find a screen").fill("")
    await page.get_by_label("Which screens to list").select_option("approved")
    await expect(page.locator("a[data-id]:visible")).to_have_text([re.compile("welcome")])


async def test_keys_do_nothing_while_somebody_types(place: Made, opened: Open) -> None:
    here = place(moved_button())
    before = here.tree()
    page = await opened(here)
    await page.keyboard.press("/")
    await page.keyboard.type("aaagru")
    await expect(page.get_by_label("Find a screen")).to_have_value("aaagru")
    await expect(progress(page)).to_have_text("0 of 1 decided")
    assert here.tree() == before


async def test_a_reload_goes_on_where_it_was(place: Made, opened: Open) -> None:
    one, two = moved_button("one"), moved_button("two")
    here = place(one, two)
    before = here.tree()
    page = await opened(here)
    await page.keyboard.press("a")
    await shown(page, two)
    await page.keyboard.press("4")
    await shown(page, two, 4)
    await expect(page.locator("[data-pending=true]")).to_have_count(0)
    await page.reload()
    await shown(page, two, 4)
    assert page.url.endswith(f"#{two.key.id}/4")
    await expect(progress(page)).to_have_text("1 of 2 decided")
    await page.keyboard.press("u")
    await shown(page, one)
    await expect(page.locator("[data-pending=true]")).to_have_count(0)
    assert here.tree() == before


async def test_an_address_leads_to_its_screen(place: Made, opened: Open) -> None:
    one, two = moved_button("one"), moved_button("two")
    page = await opened(place(one, two))
    await page.goto(page.url.split("#")[0] + f"#{two.key.id}/2")
    await shown(page, two, 2)
    await expect(page.get_by_role("heading", level=2, name="two")).to_be_visible()


async def test_500_differences_are_listed_and_decided(place: Made, opened: Open) -> None:
    screens = many_screens(500)
    here = place(*screens)
    page = await opened(here)
    await expect(progress(page)).to_have_text("0 of 500 decided")
    assert await page.locator("a[data-id]").count() == 500
    await page.keyboard.type("aaa")
    await shown(page, screens[3])
    await page.keyboard.press("g")
    await shown(page, screens[10])
    await page.keyboard.press("k")
    await shown(page, screens[9])
    await expect(progress(page)).to_have_text("10 of 500 decided")
    await expect(page.locator("[data-pending=true]")).to_have_count(0)
    assert len(here.review().decisions) == 10
