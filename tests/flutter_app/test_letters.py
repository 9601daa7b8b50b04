"""Letters that Roboto lacks are drawn, by fonts from the app's own server."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import httpx
import pytest
from PIL import Image, ImageChops, ImageFont

from flutter_app import create_app
from flutter_app.fonts import installed_fonts
from journeys.fonts import count_boxes, has_ink

if TYPE_CHECKING:
    from tests.flutter_app.conftest import MakePerson, OpenTab, Tab

NOBODYS = "\ue000"
"""Of Unicode's private use: no font has it, so what is drawn for it is drawn for all that is missing."""

LETTERS = {
    "notosanssc": "们",
    "notosanstc": "龍",
    "notosanshk": "龍",
    "notosansjp": "さ",
    "notosanskr": "한",
    "notosansarabic": "ع",
    "notosanshebrew": "ש",
    "notosans": "न",
    "notosansthai": "ส",
    "notocoloremoji": "😀",
}
"""Of each family, a letter that the engine asks it for."""


@pytest.fixture(name="asks")
async def _asks() -> httpx.AsyncClient:
    app = create_app("http://127.0.0.1:9")
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://127.0.0.1")


@pytest.mark.parametrize("family", LETTERS)
async def test_a_part_of_a_family_is_answered_with_a_font_that_has_its_letters(
    asks: httpx.AsyncClient, family: str
) -> None:
    answer = await asks.get(f"/assets/fonts/{family}/v53/Nonsense-_name.118.woff2")
    assert answer.status_code == 200
    assert answer.headers["content-type"] in {"font/otf", "font/ttf"}
    assert "immutable" in answer.headers["cache-control"]
    font = ImageFont.truetype(io.BytesIO(answer.content), 40)
    assert bytes(font.getmask(LETTERS[family])) != bytes(font.getmask(NOBODYS))


async def test_a_family_that_no_package_has_is_said_in_the_log(
    asks: httpx.AsyncClient, caplog: pytest.LogCaptureFixture
) -> None:
    answer = await asks.get("/assets/fonts/notosanscuneiform/v17/bMrrmTWK7YY-MF.0.woff2")
    assert answer.status_code == 404
    assert "notosanscuneiform" in caplog.text


def test_a_package_that_is_not_installed_is_said_in_the_log(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("flutter_app.fonts._PACKAGES", ("fonts_that_nobody_has", "pylopdf_fonts_ko"))
    assert set(installed_fonts.__wrapped__()) == {"notosanskr", "notoserifkr"}
    assert "fonts_that_nobody_has is not installed" in caplog.text


async def image_of(tab: Tab, identifier: str) -> Image.Image:
    await tab.shows(identifier)
    with Image.open(io.BytesIO(await tab.node(identifier).screenshot())) as shot:
        return shot.convert("RGB")


@pytest.mark.parametrize("name", ["们龙", "さくら", "한국어", "محمد", "שלום", "नमस्ते", "😀👍🏽"])
async def test_letters_are_drawn_and_no_boxes_for_what_is_missing(
    open_tab: OpenTab, make_person: MakePerson, name: str
) -> None:
    person, nobody = await make_person(name), await make_person(NOBODYS)
    for each in (nobody, person):
        await each.post("Look")
    tab = await open_tab("/")
    # A font comes when it comes, and the text is drawn again then.
    for _ in range(100):
        box = await image_of(tab, f"post-author-by-{nobody.id}")
        drawn = await image_of(tab, f"post-author-by-{person.id}")
        if has_ink(box) and has_ink(drawn) and not count_boxes(drawn, box):
            return
    pytest.fail(f"{name!r} shows as boxes")


async def test_a_name_that_begins_from_the_right_is_laid_out_from_there(
    open_tab: OpenTab, make_person: MakePerson
) -> None:
    """What is first stands rightmost then: just as it does where it comes last, read from the left."""
    hebrew, english = await make_person("א WWW"), await make_person("WWW א")
    for each in (hebrew, english):
        await each.post("Look")
    tab = await open_tab("/")
    await tab.shows(f"post-author-by-{hebrew.id}", f"post-author-by-{english.id}")
    for _ in range(100):
        one, other = [await image_of(tab, f"post-author-by-{each.id}") for each in (hebrew, english)]
        apart = ImageChops.difference(one, other.resize(one.size)).convert("L").histogram()
        if has_ink(one) and sum(apart[80:]) < one.width * one.height / 50:
            return
    pytest.fail("the two are laid out differently")
