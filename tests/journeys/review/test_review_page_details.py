"""What the page tells beside a screen: the reason, the semantics, the journey, earlier versions."""

from __future__ import annotations

from playwright.async_api import expect

from tests.journeys.review.conftest import Made, Open
from tests.journeys.review.repository import commit_all
from tests.journeys.review.results_folder import moved_button, new_text


async def test_the_reason_is_read_and_leads_to_its_place(place: Made, opened: Open) -> None:
    page = await opened(place(moved_button()))
    before = await page.locator("#right .plane").evaluate("node => node.style.transform")
    await page.get_by_role("button", name="button “Save” moved 8 px down").click()
    assert await page.locator("#right .plane").evaluate("node => node.style.transform") != before
    await expect(page.locator("#right .box")).to_be_visible()


async def test_what_the_semantics_say_differently_is_listed(place: Made, opened: Open) -> None:
    page = await opened(place(new_text()))
    said = page.locator("#semantics li")
    await expect(said).to_have_count(1)
    await expect(said).to_contain_text("text was “Alice Liddell”, is “Alice L.”")
    await expect(page.locator("#semantics")).to_contain_text("3 nodes the same")


async def test_the_journey_around_it_is_shown(place: Made, opened: Open) -> None:
    page = await opened(place(moved_button()))
    await expect(page.locator("#film li")).to_have_text(["signs in", "opens profile"])


async def test_an_earlier_version_takes_the_baselines_place(place: Made, opened: Open) -> None:
    here = place(moved_button())
    commit = commit_all(here.root, "Record the first")
    page = await opened(here)
    version = page.get_by_role("button", name="Record the first")
    await version.click()
    await expect(version).to_have_attribute("aria-pressed", "true")
    picture = page.locator("#left img")
    await expect(picture).to_have_attribute("src", f"versions/{moved_button().key.id}/{commit}")
    await version.click()
    await expect(page.get_by_role("img", name="Baseline of profile")).to_be_visible()


async def test_orphans_are_listed(place: Made, opened: Open) -> None:
    here = place(moved_button())
    stray = here.baseline(moved_button()).with_name("profile[ios-17-3x][light].png")
    stray.write_bytes(b"")
    page = await opened(here)
    await page.get_by_text("1 baseline of other targets").click()
    await expect(page.locator(".orphans li")).to_have_text(
        ["profile_is_complete/profile[ios-17-3x][light].png"]
    )
