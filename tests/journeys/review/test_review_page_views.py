"""The page's four views of a screen, and how they are moved and enlarged."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from tests.journeys.review.conftest import Made, Open
from tests.journeys.review.results_folder import moved_button, new_screen, some_screens
from tests.journeys.review.review_page import shown


async def test_side_by_side_shows_both(place: Made, opened: Open) -> None:
    page = await opened(place(moved_button()))
    await expect(page.get_by_role("img", name="Baseline of profile")).to_be_visible()
    await expect(page.get_by_role("img", name="profile now")).to_be_visible()


async def test_swipe_shows_as_much_of_each_as_the_slider_says(place: Made, opened: Open) -> None:
    page = await opened(place(moved_button()))
    await page.keyboard.press("2")
    await shown(page, view=2)
    now = page.get_by_role("img", name="profile now")
    await page.get_by_label("Swipe").fill("25")
    assert await now.evaluate("node => getComputedStyle(node).clipPath") == "inset(0px 0px 0px 25%)"


async def test_the_line_of_the_swipe_follows_the_hand(place: Made, opened: Open) -> None:
    page = await opened(place(moved_button()))
    await page.keyboard.press("2")
    await shown(page, view=2)
    box = await page.get_by_role("img", name="Baseline of profile").bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    await page.mouse.move(box["x"] + box["width"] / 2, middle)
    await page.mouse.down()
    await page.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=4)
    await page.mouse.up()
    assert await page.get_by_label("Swipe").input_value() == "80"


async def test_onion_skin_lets_one_through_the_other(place: Made, opened: Open) -> None:
    page = await opened(place(moved_button()))
    await page.keyboard.press("3")
    await shown(page, view=3)
    await page.locator("#slider").fill("30")
    now = page.get_by_role("img", name="profile now")
    assert await now.evaluate("node => getComputedStyle(node).opacity") == "0.3"


async def test_the_difference_has_a_box_around_what_changed(place: Made, opened: Open) -> None:
    page = await opened(place(moved_button()))
    await page.keyboard.press("4")
    await shown(page, view=4)
    picture = await page.get_by_role("img", name="Difference of profile").bounding_box()
    box = await page.locator(".box").bounding_box()
    assert picture is not None
    assert box is not None
    scale = picture["width"] / 412
    assert box["y"] - picture["y"] == pytest.approx(420 * scale, abs=1)
    assert box["height"] == pytest.approx(57 * scale, abs=1)


async def test_sides_stay_in_step(place: Made, opened: Open) -> None:
    page = await opened(place(moved_button("one"), moved_button("two")))
    await page.keyboard.press("+")
    await page.keyboard.press("+")
    side = await page.locator("#left .viewport").bounding_box()
    assert side is not None
    await page.mouse.move(side["x"] + 100, side["y"] + 300)
    await page.mouse.down()
    await page.mouse.move(side["x"] + 160, side["y"] + 220, steps=3)
    await page.mouse.up()
    await page.mouse.wheel(0, -200)
    await page.locator("#stage").focus()
    await page.keyboard.press("ArrowDown")
    one, other = [
        await each.evaluate("node => node.style.transform") for each in await page.locator(".plane").all()
    ]
    assert one == other
    assert "scale(1)" not in one
    await page.keyboard.press("j")
    assert await page.locator("#right .plane").evaluate("node => node.style.transform") == one
    await page.keyboard.press("0")
    assert await page.locator("#right .plane").evaluate("node => node.style.transform") != one


async def test_a_screen_without_a_baseline_says_so(place: Made, opened: Open) -> None:
    page = await opened(place(new_screen()))
    await expect(page.get_by_text("No baseline yet", exact=True)).to_be_visible()
    await page.keyboard.press("4")
    await expect(page.get_by_role("img", name="welcome now")).to_be_visible()


async def test_pictures_of_two_sizes_share_their_corner_and_scale(place: Made, opened: Open) -> None:
    (larger,) = [each for each in some_screens() if each.name == "larger"]
    page = await opened(place(larger))
    boxes = [
        await page.get_by_role("img", name=name).bounding_box()
        for name in ("Baseline of larger", "larger now")
    ]
    assert boxes[0] is not None
    assert boxes[1] is not None
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[1]["height"] / boxes[0]["height"] == pytest.approx(800 / 732, rel=0.01)
    await expect(page.locator("#details")).to_contain_text("the size was 412×732 and is 412×800")


PLACES = """
    () => ["#stage", ".tools", ".views", ".zoom", ".actions", "#approve", "#details"].map((name) => {
        const box = document.querySelector(name).getBoundingClientRect();
        return [name, box.x, box.y, box.width, box.height];
    })
"""


async def test_nothing_moves_when_the_screen_or_the_view_changes(place: Made, opened: Open) -> None:
    page = await opened(place())
    before = await page.evaluate(PLACES)
    for key in "1234jjj1ak2":
        await page.keyboard.press(key)
        await page.wait_for_load_state("networkidle")
        assert await page.evaluate(PLACES) == before, key
