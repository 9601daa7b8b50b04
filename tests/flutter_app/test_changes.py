"""Changes a person makes, and that others see them without doing anything."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

from PIL import Image
from playwright.async_api import expect

if TYPE_CHECKING:
    from tests.flutter_app.conftest import MakePerson, OpenTab, Tab


async def colour_in(tab: Tab, identifier: str) -> tuple[int, ...]:
    """Read the colour in the middle of a node from the screen's pixels."""
    box = await tab.node(identifier).bounding_box()
    assert box is not None
    x, y = round(box["x"] + box["width"] / 2), round(box["y"] + box["height"] / 2)
    shot = await tab.page.screenshot(clip={"x": x, "y": y, "width": 1, "height": 1})
    pixel = Image.open(io.BytesIO(shot)).convert("RGB").getpixel((0, 0))
    assert isinstance(pixel, tuple)
    return pixel


async def becomes(tab: Tab, identifier: str, wanted: tuple[int, int, int]) -> None:
    """Wait until the middle of a node has a colour, or nearly: pictures are compressed."""
    await tab.shows(identifier)
    for _ in range(100):
        seen = await colour_in(tab, identifier)
        if all(abs(have - want) < 40 for have, want in zip(seen, wanted, strict=True)):
            return
    raise AssertionError(f"{identifier} has {seen}, not {wanted}")


async def test_a_new_picture_shows_everywhere(
    open_tab: OpenTab, make_person: MakePerson, draw: Callable[[str], bytes]
) -> None:
    ada = await make_person("Ada")
    await ada.post("Look at me.")
    own, other = await open_tab("/me", person=ada), await open_tab("/")
    await other.shows(f"post-avatar-by-{ada.id}")
    await own.choose_picture(name="picture.png", content=draw("red"))
    await own.says("notice", "Picture changed")
    await becomes(own, "profile-avatar", (255, 0, 0))
    await becomes(own, "header-avatar", (255, 0, 0))
    await becomes(other, f"post-avatar-by-{ada.id}", (255, 0, 0))
    await ada.set_picture(draw("blue"))
    await becomes(own, "profile-avatar", (0, 0, 255))
    await becomes(own, "header-avatar", (0, 0, 255))
    await becomes(other, f"post-avatar-by-{ada.id}", (0, 0, 255))


async def test_removing_the_picture_needs_one_tap(
    open_tab: OpenTab, make_person: MakePerson, draw: Callable[[str], bytes]
) -> None:
    ada = await make_person("Ada")
    await ada.set_picture(draw("red"))
    tab = await open_tab("/me", person=ada)
    await becomes(tab, "profile-avatar", (255, 0, 0))
    await tab.tap("profile-remove-picture")
    await tab.says("notice", "Picture removed")
    assert (await ada.ask("GET", "/me"))["avatar"]["is_default"]
    await expect(tab.node("profile-remove-picture")).to_be_disabled()


async def test_a_file_that_is_no_picture_is_refused_with_a_reason(
    open_tab: OpenTab, make_person: MakePerson
) -> None:
    ada = await make_person("Ada")
    tab = await open_tab("/me", person=ada)
    await tab.choose_picture(name="letter.png", content=b"Dear Charles")
    await tab.shows("notice")
    assert "picture" in (await tab.node("notice").inner_text()).lower()
    await tab.lacks("loading")
    assert (await ada.ask("GET", "/me"))["avatar"]["is_default"]
    await expect(tab.node("profile-change-picture")).to_be_enabled()


async def test_a_new_name_shows_everywhere(open_tab: OpenTab, make_person: MakePerson) -> None:
    ada = await make_person("Ada")
    await ada.post("Call me by my name.")
    own, other = await open_tab("/me", person=ada), await open_tab("/")
    await other.says(f"post-author-by-{ada.id}", "Ada")
    await own.type("profile-name-field", "Countess")
    await own.tap("profile-save")
    await own.says("notice", "Name changed")
    await own.says("profile-name", "Countess")
    await own.says("header-name", "Countess")
    await other.says(f"post-author-by-{ada.id}", "Countess")
    await expect(other.node(f"post-avatar-by-{ada.id}")).to_have_attribute("aria-label", "Avatar of Countess")
    await expect(other.node(f"post-open-by-{ada.id}")).to_have_accessible_name("View Countess")


async def test_an_empty_name_is_not_saved(open_tab: OpenTab, make_person: MakePerson) -> None:
    tab = await open_tab("/me", person=await make_person("Ada"))
    await tab.type("profile-name-field", "  ")
    await tab.tap("profile-save")
    await tab.says("notice", "A name is needed.")
    await tab.says("profile-name", "Ada")


async def test_a_post_shows_at_the_top_for_everybody(open_tab: OpenTab, make_person: MakePerson) -> None:
    ada = await make_person("Ada")
    own, other = await open_tab("/", person=ada), await open_tab(f"/people/{ada.id}")
    await other.shows("profile-empty")
    await own.type("post-compose", "Good morning.")
    await own.tap("post-submit")
    await own.says(f"post-text-by-{ada.id}", "Good morning.")
    await other.says(f"post-text-by-{ada.id}", "Good morning.")
    await own.type("post-compose", "And good night.")
    await own.page.keyboard.press("Enter")
    await own.says(f"post-text-by-{ada.id}", "And good night.")
    await other.says(f"post-text-by-{ada.id}", "And good night.")


async def test_what_is_removed_goes_from_every_screen(open_tab: OpenTab, make_person: MakePerson) -> None:
    ada, grace = await make_person("Ada"), await make_person("Grace")
    for person in (ada, grace):
        await person.post("Hello")
    feed, profile = await open_tab("/"), await open_tab(f"/people/{ada.id}")
    for tab in (feed, profile):
        await tab.shows(f"post-text-by-{ada.id}")

    (hers,) = (await ada.ask("GET", f"/people/{ada.id}/posts"))["items"]
    await ada.ask("DELETE", f"/posts/{hers['id']}")
    await feed.lacks(f"post-text-by-{ada.id}")
    await profile.shows("profile-empty")
    await feed.shows(f"post-text-by-{grace.id}")

    await ada.ask("DELETE", "/me")
    await profile.shows("profile-missing")

    await grace.ask("DELETE", "/me?cascade=true")
    await feed.lacks(f"post-text-by-{grace.id}")
