"""The page in a real browser: deciding by keys and by pointer, the four views, two reviewers, trouble."""

from __future__ import annotations

import re
import shutil
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Page, Response, expect

from journeys.review import Asked, Choice, Review
from journeys.review.serving import Served
from tests.journeys.review.conftest import PHONE, Place
from tests.journeys.review.repository import commit_all
from tests.journeys.review.results_folder import (
    Screen,
    many_screens,
    moved_button,
    new_screen,
    new_text,
    some_screens,
)

Made = Callable[..., Place]
Serve = Callable[[Review], Awaitable[Served]]
Open = Callable[..., Awaitable[Page]]


@pytest.fixture
def opened(serve: Serve, open_page: Open) -> Callable[..., Awaitable[Page]]:
    """Give a function that serves a place's review and opens its page, with the first screen shown."""

    async def it(here: Place, **context: Any) -> Page:
        page = await open_page((await serve(here.review())).with_token, **context)
        await shown(page)
        return page

    return it


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


def progress(page: Page) -> Any:
    return page.locator("#progress-text")


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


class TestViews:
    async def test_side_by_side_shows_both(self, place: Made, opened: Open) -> None:
        page = await opened(place(moved_button()))
        await expect(page.get_by_role("img", name="Baseline of profile")).to_be_visible()
        await expect(page.get_by_role("img", name="profile now")).to_be_visible()

    async def test_swipe_shows_as_much_of_each_as_the_slider_says(self, place: Made, opened: Open) -> None:
        page = await opened(place(moved_button()))
        await page.keyboard.press("2")
        await shown(page, view=2)
        now = page.get_by_role("img", name="profile now")
        await page.get_by_label("Swipe").fill("25")
        assert await now.evaluate("node => getComputedStyle(node).clipPath") == "inset(0px 0px 0px 25%)"

    async def test_the_line_of_the_swipe_follows_the_hand(self, place: Made, opened: Open) -> None:
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

    async def test_onion_skin_lets_one_through_the_other(self, place: Made, opened: Open) -> None:
        page = await opened(place(moved_button()))
        await page.keyboard.press("3")
        await shown(page, view=3)
        await page.locator("#slider").fill("30")
        now = page.get_by_role("img", name="profile now")
        assert await now.evaluate("node => getComputedStyle(node).opacity") == "0.3"

    async def test_the_difference_has_a_box_around_what_changed(self, place: Made, opened: Open) -> None:
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

    async def test_sides_stay_in_step(self, place: Made, opened: Open) -> None:
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

    async def test_a_screen_without_a_baseline_says_so(self, place: Made, opened: Open) -> None:
        page = await opened(place(new_screen()))
        await expect(page.get_by_text("No baseline yet", exact=True)).to_be_visible()
        await page.keyboard.press("4")
        await expect(page.get_by_role("img", name="welcome now")).to_be_visible()

    async def test_pictures_of_two_sizes_share_their_corner_and_scale(
        self, place: Made, opened: Open
    ) -> None:
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


class TestBeside:
    async def test_the_reason_is_read_and_leads_to_its_place(self, place: Made, opened: Open) -> None:
        page = await opened(place(moved_button()))
        before = await page.locator("#right .plane").evaluate("node => node.style.transform")
        await page.get_by_role("button", name="button “Save” moved 8 px down").click()
        assert await page.locator("#right .plane").evaluate("node => node.style.transform") != before
        await expect(page.locator("#right .box")).to_be_visible()

    async def test_what_the_semantics_say_differently_is_listed(self, place: Made, opened: Open) -> None:
        page = await opened(place(new_text()))
        said = page.locator("#semantics li")
        await expect(said).to_have_count(1)
        await expect(said).to_contain_text("text was “Alice Liddell”, is “Alice L.”")
        await expect(page.locator("#semantics")).to_contain_text("3 nodes the same")

    async def test_the_journey_around_it_is_shown(self, place: Made, opened: Open) -> None:
        page = await opened(place(moved_button()))
        await expect(page.locator("#film li")).to_have_text(["signs in", "opens profile"])

    async def test_an_earlier_version_takes_the_baselines_place(self, place: Made, opened: Open) -> None:
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

    async def test_orphans_are_listed(self, place: Made, opened: Open) -> None:
        here = place(moved_button())
        stray = here.baseline(moved_button()).with_name("profile[ios-17-3x][light].png")
        stray.write_bytes(b"")
        page = await opened(here)
        await page.get_by_text("1 baseline of other targets").click()
        await expect(page.locator(".orphans li")).to_have_text(
            ["profile_is_complete/profile[ios-17-3x][light].png"]
        )


class TestTheList:
    async def test_it_finds_by_words_and_by_verdict(self, place: Made, opened: Open) -> None:
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

    async def test_keys_do_nothing_while_somebody_types(self, place: Made, opened: Open) -> None:
        here = place(moved_button())
        before = here.tree()
        page = await opened(here)
        await page.keyboard.press("/")
        await page.keyboard.type("aaagru")
        await expect(page.get_by_label("Find a screen")).to_have_value("aaagru")
        await expect(progress(page)).to_have_text("0 of 1 decided")
        assert here.tree() == before


class TestTwoReviewers:
    async def test_each_page_follows_the_other(self, place: Made, serve: Serve, open_page: Open) -> None:
        screen = moved_button()
        served = await serve(place(screen, new_text()).review())
        ada, bob = [await open_page(served.with_token) for _ in range(2)]
        for page in (ada, bob):
            await shown(page)
        await ada.keyboard.press("a")
        await expect(progress(bob)).to_have_text("1 of 2 decided")
        await expect(bob.get_by_text("Another reviewer: profile: approved")).to_be_visible()
        await ada.keyboard.press("u")
        await expect(progress(bob)).to_have_text("0 of 2 decided")

    async def test_the_second_decision_is_refused_and_the_first_is_shown(
        self, place: Made, opened: Open
    ) -> None:
        screen = moved_button()
        here = place(screen)
        page = await opened(here)
        # The page hears nothing of it until it decides.
        await page.route("**/changes*", lambda route: route.abort())
        here.review().decide([Asked(screen.key.id, Choice.REJECTED, "wrong colour")], by="bob")
        await page.keyboard.press("a")
        refusal = page.locator(".toast.error")
        await expect(refusal).to_contain_text("another reviewer has rejected it meanwhile")
        await expect(page.locator("#verdict")).to_have_text("rejected: wrong colour")


class TestTrouble:
    async def test_a_refused_approval_is_taken_back_on_the_page(self, place: Made, opened: Open) -> None:
        here = place(moved_button("one"), moved_button("two"))
        page = await opened(here)
        here.baseline(moved_button("one")).write_bytes(b"theirs")
        await page.keyboard.press("a")
        await expect(page.locator(".toast.error")).to_contain_text("was changed on disk since the comparison")
        await expect(progress(page)).to_have_text("0 of 2 decided")
        # It leads back to the screen.
        await page.locator(".toast.error").click()
        await shown(page, moved_button("one"))

    async def test_results_that_vanish_are_said(self, place: Made, opened: Open) -> None:
        here = place(moved_button())
        page = await opened(here)
        shutil.rmtree(here.folder)
        await expect(page.get_by_role("alert")).to_contain_text("are gone: run the journeys again")

    async def test_a_picture_that_is_damaged_is_said(self, place: Made, opened: Open) -> None:
        here = place(moved_button())
        (here.folder / "baseline" / moved_button().key.path).write_bytes(b"\x89PNG\r\n\x1a\nbroken")
        page = await opened(here)
        await expect(
            page.get_by_text("Baseline of profile can't be shown: it is damaged or gone")
        ).to_be_visible()
        await expect(page.locator(".problem")).to_have_text("the baseline can't be read as a picture")

    async def test_decisions_reach_the_server_in_their_order(self, place: Made, opened: Open) -> None:
        screens = [moved_button(f"screen-{number}") for number in range(6)]
        here = place(*screens)
        page = await opened(here)
        await page.keyboard.type("aaaauaaa")
        await expect(progress(page)).to_have_text("6 of 6 decided")
        await expect(page.locator("[data-pending=true]")).to_have_count(0)
        numbers = {each.path: each.number for each in here.review().decisions.values()}
        order = sorted(numbers, key=lambda path: numbers[path])
        assert order == [str(each.key.path) for each in screens]


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


BEYOND_THE_SCREEN = """
    () => [...document.querySelectorAll("button, a, p, h1, h2, input, select")]
        .filter((node) => node.checkVisibility() && !node.closest(".strip, .stage, .skip"))
        .filter((node) => {
            const box = node.getBoundingClientRect();
            return box.right > innerWidth + 1 || box.left < -1;
        })
        .map((node) => node.outerHTML)
"""


class TestOnAPhone:
    async def test_nothing_is_wider_than_the_screen(self, place: Made, opened: Open) -> None:
        page = await opened(place(), viewport=PHONE)
        wide = await page.evaluate(BEYOND_THE_SCREEN)
        assert wide == []
        assert await page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]

    async def test_screens_are_chosen_from_the_list_and_decided(self, place: Made, opened: Open) -> None:
        here = place()
        page = await opened(here, viewport=PHONE, has_touch=True)
        await expect(page.locator("#list")).to_be_hidden()
        await page.get_by_role("button", name="List").tap()
        await page.locator(f"a[data-id='{new_text().key.id}']").tap()
        await shown(page, new_text())
        await expect(page.locator("#list")).to_be_hidden()
        await page.get_by_role("button", name="Approve", exact=True).tap()
        await expect(progress(page)).to_have_text("1 of 8 decided")


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


async def test_nothing_is_loaded_from_elsewhere(place: Made, serve: Serve, open_page: Open) -> None:
    served = await serve(place().review())
    page = await open_page("about:blank")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    refused: list[str] = []

    def answered(answer: Response) -> None:
        if answer.status >= 400:
            refused.append(answer.url)

    page.on("response", answered)
    await page.goto(served.with_token)
    await shown(page)
    assert asked
    assert [url for url in asked if not url.startswith(served.address)] == []
    assert refused == []
