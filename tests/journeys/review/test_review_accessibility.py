"""The page asked by axe-core, in every view, theme and width, and on the disk as well."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Page, expect

from journeys.review import write_static_page
from tests.journeys.review.conftest import DESKTOP, PHONE, Made, Open, Serve
from tests.journeys.review.results_folder import moved_button

AXE = Path(__file__).parents[3] / "node_modules" / "axe-core" / "axe.min.js"

in_each_theme = pytest.mark.parametrize("theme", ["light", "dark"])
at_each_width = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


async def violations(page: Page) -> list[str]:
    """Return what axe-core finds on a page as it is now."""
    assert AXE.exists(), "axe-core isn't installed: npm ci brings it"
    # Not as a script of the page: it allows none but its own.
    await page.evaluate(AXE.read_text(encoding="utf-8") + "\n;undefined")
    # On the disk no page may read its own style again, which is what axe-core would preload.
    found: list[dict[str, Any]] = await page.evaluate(
        "async () => (await axe.run({ preload: location.protocol !== 'file:' })).violations"
    )
    return [f"{each['id']}: {node['html']}" for each in found for node in each["nodes"]]


async def shown(page: Page, view: int) -> None:
    await page.keyboard.press(str(view))
    await page.wait_for_function(f"() => document.documentElement.dataset.shown?.endsWith(' {view}')")


@in_each_theme
@at_each_width
async def test_no_view_has_a_violation(
    place: Made, serve: Serve, open_page: Open, theme: Literal["light", "dark"], size: dict[str, int]
) -> None:
    here = place()
    here.baseline(moved_button()).with_name("profile[ios-17-3x][light].png").write_bytes(b"")
    page = await open_page((await serve(here.review())).address_with_token, color_scheme=theme, viewport=size)
    for view in (1, 2, 3, 4):
        await shown(page, view)
        await expect(page.locator("#history .fill > *")).to_have_count(1)
        assert await violations(page) == [], f"view {view}"


@in_each_theme
async def test_neither_dialogs_nor_decisions_nor_trouble_have_a_violation(
    place: Made, serve: Serve, open_page: Open, theme: Literal["light", "dark"]
) -> None:
    here = place()
    page = await open_page((await serve(here.review())).address_with_token, color_scheme=theme)
    await shown(page, 1)
    for key in ("?", "r"):
        await page.keyboard.press(key)
        assert await violations(page) == [], key
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_be_hidden()
    here.baseline(moved_button(theme="dark")).write_bytes(b"theirs")
    await page.keyboard.type("aa")
    await page.keyboard.press("r")
    await page.keyboard.type("no")
    await page.keyboard.press("Enter")
    await expect(page.locator(".toast.error")).to_be_visible()
    await expect(page.locator("[data-verdict=rejected]")).to_have_count(1)
    assert await violations(page) == []


@in_each_theme
async def test_the_list_on_a_phone_has_none(
    place: Made, serve: Serve, open_page: Open, theme: Literal["light", "dark"]
) -> None:
    page = await open_page(
        (await serve(place().review())).address_with_token, color_scheme=theme, viewport=PHONE
    )
    await page.get_by_role("button", name="List").click()
    await expect(page.locator("#list")).to_be_visible()
    assert await violations(page) == []


@in_each_theme
@at_each_width
async def test_the_page_on_the_disk_has_none(
    place: Made, open_page: Open, theme: Literal["light", "dark"], size: dict[str, int]
) -> None:
    here = place()
    index = write_static_page(here.review(), here.root / "page")
    page = await open_page(index.as_uri(), color_scheme=theme, viewport=size)
    for view in (1, 4):
        await shown(page, view)
        assert await violations(page) == [], f"view {view}"


async def test_the_page_that_says_what_is_wrong_has_none(place: Made, serve: Serve, open_page: Open) -> None:
    here = place()
    review = here.review()
    served = await serve(review)
    (here.folder / "screens.json").unlink()
    page = await open_page(served.address_with_token)
    await expect(page.get_by_text("are gone: run the journeys again")).to_be_visible()
    assert await violations(page) == []


async def test_the_focus_is_seen_wherever_it_is(place: Made, serve: Serve, open_page: Open) -> None:
    page = await open_page((await serve(place().review())).address_with_token)
    await shown(page, 1)
    unseen = []
    for _ in range(40):
        await page.keyboard.press("Tab")
        style = await page.evaluate(
            "() => { const style = getComputedStyle(document.activeElement);"
            " return [document.activeElement.outerHTML, style.outlineStyle, style.outlineWidth] }"
        )
        if style[0].startswith("<body"):
            break
        if style[1] == "none" or style[2] == "0px":
            unseen.append(style[0])
    assert unseen == []
