"""The page of a comparison with nothing to decide, served and from the disk: what was compared, no button."""

from __future__ import annotations

import os
from typing import Literal

import pytest
from playwright.async_api import Page, expect

from journeys.review import write_static_page
from tests.journeys.review.conftest import DESKTOP, PHONE, Made, Open, Place, Serve
from tests.journeys.review.results_folder import Drawn, Screen, write_results
from tests.journeys.review.test_review_accessibility import violations

SAME = (
    Screen("profile", Drawn(), Drawn()),
    Screen("settings", Drawn(), Drawn()),
    Screen("profile", Drawn(theme="dark"), Drawn(theme="dark"), target="android-34-2x", theme="dark"),
)
# The last minute of a leap day, by the clock of everybody.
COMPARED_AT = 1709251199

in_both_forms = pytest.mark.parametrize("form", ["served", "static"])


async def opened(form: str, here: Place, serve: Serve, open_page: Open, **context: object) -> Page:
    if form == "served":
        return await open_page((await serve(here.review())).address_with_token, **context)
    return await open_page(write_static_page(here.review(), here.root / "page").as_uri(), **context)


@in_both_forms
async def test_it_says_what_was_compared_when_and_with_what(
    place: Made, serve: Serve, open_page: Open, form: str
) -> None:
    here = place(*SAME)
    os.utime(here.folder / "screens.json", (COMPARED_AT, COMPARED_AT))
    page = await opened(form, here, serve, open_page)
    await expect(page.get_by_role("heading", level=1)).to_have_text("All 3 screens are as approved")
    await expect(page.locator("dl > div")).to_have_text(
        [
            "Compared2024-02-29 23:59 UTC",
            f"Against{here.baselines}",
            f"Results{here.folder / 'screens.json'}",
        ]
    )
    await expect(page.locator("tbody tr")).to_have_text(
        [
            "profile_is_completeweb-chromium-1xlightprofile, settings",
            "profile_is_completeandroid-34-2xdarkprofile",
        ]
    )


@in_both_forms
async def test_there_is_nothing_to_press(place: Made, serve: Serve, open_page: Open, form: str) -> None:
    page = await opened(form, place(*SAME), serve, open_page)
    await expect(page.get_by_role("heading", level=1)).to_be_visible()
    await expect(page.get_by_role("button")).to_have_count(0)
    for key in "argu":
        await page.keyboard.press(key)
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_baselines_without_a_screen_are_named_here_too(place: Made, open_page: Open) -> None:
    here = place(*SAME)
    here.baseline(SAME[0]).with_name("gone[web-chromium-1x][light].png").write_bytes(b"")
    page = await open_page(write_static_page(here.review(), here.root / "page").as_uri())
    await page.get_by_text("1 baseline without a screen").click()
    await expect(page.locator(".orphans li")).to_have_text(
        "profile_is_complete/gone[web-chromium-1x][light].png"
    )


async def test_a_run_that_compared_nothing_is_not_called_approved(place: Made, open_page: Open) -> None:
    here = place()
    write_results(here.root, [])
    page = await open_page(write_static_page(here.review(), here.root / "page").as_uri())
    await expect(page.get_by_role("heading", level=1)).to_have_text("No screen was compared")
    await expect(page.get_by_text("approved")).to_have_count(0)


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
async def test_axe_finds_nothing_and_all_of_it_can_be_reached(
    place: Made, open_page: Open, theme: Literal["light", "dark"], size: dict[str, int]
) -> None:
    many = [Screen("profile", Drawn(), Drawn(), journey=f"journey_number_{each}") for each in range(60)]
    here = place(*many)
    page = await open_page(
        write_static_page(here.review(), here.root / "page").as_uri(), color_scheme=theme, viewport=size
    )
    assert await violations(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.mouse.move(100, 300)
    await page.mouse.wheel(0, 20_000)
    await expect(page.get_by_text("journey_number_59")).to_be_in_viewport()
