"""Deciding on the page in a real browser: by keys alone, by pointer, for a group at once."""

from __future__ import annotations

from playwright.async_api import expect

from journeys.review import Choice
from tests.journeys.review.conftest import Made, Open
from tests.journeys.review.results_folder import moved_button, some_screens
from tests.journeys.review.review_page import progress, shown, verdict_of


async def test_by_keys_alone_all_is_decided(place: Made, opened: Open) -> None:
    one, two, three = moved_button("one"), moved_button("two"), moved_button("three")
    here = place(one, two, three)
    before = here.tree()
    page = await opened(here)
    await page.keyboard.press("a")
    await shown(page, two)
    await page.keyboard.press("r")
    await page.keyboard.type("too low")
    await page.keyboard.press("Enter")
    await shown(page, three)
    await page.keyboard.press("k")
    await shown(page, two)
    await page.keyboard.press("j")
    await shown(page, three)
    await page.keyboard.press("a")
    await expect(progress(page)).to_have_text("3 of 3 decided, 1 rejected")
    assert [await verdict_of(page, each) for each in (one, two, three)] == [
        "approved",
        "rejected",
        "approved",
    ]
    assert here.baseline(one).read_bytes() == here.actual(one).read_bytes()
    assert here.baseline(two).read_bytes() == before[str(two.key.path)]
    (rejected,) = [each for each in here.review().decisions.values() if each.verdict is Choice.REJECTED]
    assert rejected.note == "too low"
    for _ in range(3):
        await page.keyboard.press("u")
    await expect(progress(page)).to_have_text("0 of 3 decided")
    await expect(page.locator("[data-pending=true]")).to_have_count(0)
    assert here.tree() == before


async def test_by_pointer_all_is_decided(place: Made, opened: Open) -> None:
    one, two = moved_button("one"), moved_button("two")
    here = place(one, two)
    before = here.tree()
    page = await opened(here)
    await page.get_by_role("button", name="Approve", exact=True).click()
    await shown(page, two)
    await page.get_by_role("button", name="Reject").click()
    await page.get_by_label("What is wrong with it?").fill("no")
    await page.get_by_role("dialog").get_by_role("button", name="Reject").click()
    await expect(progress(page)).to_have_text("2 of 2 decided, 1 rejected")
    await page.locator(f"a[data-id='{one.key.id}']").click()
    await shown(page, one)
    for _ in range(2):
        await page.get_by_role("button", name="Undo").click()
    await expect(progress(page)).to_have_text("0 of 2 decided")
    await expect(page.locator("[data-pending=true]")).to_have_count(0)
    assert here.tree() == before


async def test_a_group_is_approved_at_once_and_undone_at_once(place: Made, opened: Open) -> None:
    here = place()
    before = here.tree()
    group = [each for each in some_screens() if each.cause]
    page = await opened(here)
    await expect(page.get_by_role("heading", name="button “Save” moved 8 px down")).to_be_visible()
    await page.keyboard.press("g")
    await expect(progress(page)).to_have_text("4 of 8 decided")
    await expect(page.locator("[data-pending=true]")).to_have_count(0)
    assert {here.baseline(each).read_bytes() for each in group} == {
        here.actual(each).read_bytes() for each in group
    }
    await page.keyboard.press("u")
    await expect(progress(page)).to_have_text("0 of 8 decided")
    await expect(page.locator("[data-pending=true]")).to_have_count(0)
    assert here.tree() == before


async def test_decisions_reach_the_server_in_their_order(place: Made, opened: Open) -> None:
    screens = [moved_button(f"screen-{number}") for number in range(6)]
    here = place(*screens)
    page = await opened(here)
    await page.keyboard.type("aaaauaaa")
    await expect(progress(page)).to_have_text("6 of 6 decided")
    await expect(page.locator("[data-pending=true]")).to_have_count(0)
    numbers = {each.path: each.number for each in here.review().decisions.values()}
    order = sorted(numbers, key=lambda path: numbers[path])
    assert order == [str(each.key.path) for each in screens]
