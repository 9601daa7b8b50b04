"""The page as files, opened from the disk; and its decisions, applied where the results are."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from journeys.errors import UsageError
from journeys.review import Choice, Review, read_requests, write_static_page
from tests.journeys.review.conftest import Made, Open, Place
from tests.journeys.review.repository import commit_all
from tests.journeys.review.results_folder import moved_button, new_text


async def opened(open_page: Open, here: Place) -> Page:
    page = await open_page(write_static_page(here.review(), here.root / "page").as_uri())
    await page.wait_for_function("() => document.documentElement.dataset.shown")
    return page


async def downloaded(page: Page, into: Path) -> Path:
    async with page.expect_download() as download:
        await page.get_by_role("button", name="Download decisions").click()
    path = into / "decisions-of-the-page.json"
    await (await download.value).save_as(path)
    return path


async def test_it_shows_what_the_served_page_shows(place: Made, open_page: Open) -> None:
    here = place()
    commit_all(here.root, "Record the first")
    page = await opened(open_page, here)
    await expect(page.get_by_role("img", name="Baseline of profile")).to_be_visible()
    await expect(page.locator("#semantics li")).to_have_count(1)
    await expect(page.locator("#film li")).to_have_text(["signs in", "opens profile"])
    await page.get_by_role("button", name="Record the first").click()
    await expect(page.locator("#left figcaption")).to_contain_text("Baseline of 20")
    await page.wait_for_function("() => document.querySelector('#left img').naturalWidth === 412")
    for view in "234":
        await page.keyboard.press(view)
        await page.wait_for_function(f"() => document.documentElement.dataset.shown.endsWith(' {view}')")


async def test_its_decisions_are_downloaded_and_applied(place: Made, open_page: Open) -> None:
    one, two, three = moved_button("one"), moved_button("two"), moved_button("three")
    here = place(one, two, three)
    before = here.tree()
    page = await opened(open_page, here)
    await page.keyboard.press("a")
    await page.keyboard.press("r")
    await page.keyboard.type("too low")
    await page.keyboard.press("Enter")
    await page.keyboard.press("a")
    await page.keyboard.press("u")
    file = await downloaded(page, here.root)
    assert here.tree() == before
    outcome = here.review().decide(read_requests(file), by="file")
    assert outcome.refused == []
    assert here.baseline(one).read_bytes() == here.actual(one).read_bytes()
    decisions = here.review().decisions
    assert {each.verdict: each.note for each in decisions.values()} == {
        Choice.APPROVED: "",
        Choice.REJECTED: "too low",
    }


async def test_a_reload_keeps_its_decisions(place: Made, open_page: Open) -> None:
    page = await opened(open_page, place())
    await page.keyboard.press("g")
    await page.reload()
    await expect(page.locator("#progress-text")).to_have_text("4 of 8 decided")
    await page.keyboard.press("u")
    await expect(page.locator("#progress-text")).to_have_text("0 of 8 decided")


async def test_only_the_very_picture_that_was_looked_at_is_approved(place: Made, open_page: Open) -> None:
    screen = moved_button()
    here = place(screen)
    page = await opened(open_page, here)
    await page.keyboard.press("a")
    file = await downloaded(page, here.root)
    again = place(moved_button(by=20), new_text())
    before = again.tree()
    (refused,) = again.review().decide(read_requests(file), by="file").refused
    assert "is not the picture that was approved" in str(refused.error)
    assert again.tree() == before


def test_nothing_is_overwritten(place: Made) -> None:
    here = place()
    (here.root / "page").mkdir()
    (here.root / "page" / "index.html").write_text("theirs")
    with pytest.raises(UsageError, match="isn't an empty folder"):
        write_static_page(here.review(), here.root / "page")
    assert (here.root / "page" / "index.html").read_text() == "theirs"


def test_pictures_from_outside_the_results_are_not_copied(place: Made) -> None:
    here = place(moved_button())
    secret = here.root / "secret.png"
    here.actual(moved_button()).rename(secret)
    here.actual(moved_button()).symlink_to(secret)
    write_static_page(here.review(), here.root / "page")
    assert secret.read_bytes() not in [
        path.read_bytes() for path in (here.root / "page" / "pictures").iterdir()
    ]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "is no JSON"),
        ("[]", "has no decisions that this version knows"),
        ('{"format": 1}', "has no list"),
        ('{"format": 1, "decisions": [1]}', "is damaged"),
        ('{"format": 1, "decisions": [{"id": "x", "verdict": "loved"}]}', "is damaged"),
    ],
)
def test_a_file_without_decisions_is_said(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "decisions.json"
    file.write_text(content)
    with pytest.raises(UsageError, match=said):
        read_requests(file)


def test_decisions_on_other_results_are_refused_one_by_one(place: Made) -> None:
    here = place(moved_button())
    file = here.root / "some.json"
    known = {"id": moved_button().key.id, "verdict": "approved"}
    file.write_text(json.dumps({"format": 1, "decisions": [{**known, "id": "0" * 12}, known]}))
    outcome = Review(here.review().results).decide(read_requests(file), by="file")
    assert (len(outcome.refused), list(outcome.done)) == (1, [known["id"]])
