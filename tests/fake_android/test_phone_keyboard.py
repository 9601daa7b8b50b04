"""The soft keyboard of a stand-in: when it is up, what it takes, and what an app and Android make of it."""

from __future__ import annotations

import asyncio

import pytest

from fake_android.device import AndroidNode, PixelBounds
from fake_android.input import BACK, ESCAPE, TouchStep
from fake_android.keyboard import cover
from tests.fake_android.hand import PATIENCE, Hand
from tests.fake_android.stand_in_process import PACKAGE


@pytest.fixture
async def form(hand: Hand) -> Hand:
    """Hold a phone that shows the form."""
    await hand.phone.start(PACKAGE, link="/form")
    await hand.named("save")
    await hand.phone.wait_until_idle(5)
    return hand


async def types(hand: Hand, across: float, down: float) -> None:
    """Touch a key: shares of the keyboard's width and height."""
    width, height = hand.phone.size
    at = (width * across, hand.keyboard_top + (height - hand.keyboard_top) * down)
    await hand.phone.touch([[TouchStep(0, *at), TouchStep(0.05, *at, down=False)]])


async def goes(hand: Hand, identifier: str) -> None:
    """Wait until a node has gone."""
    async with asyncio.timeout(PATIENCE):
        while any(node.resource_id == identifier for node in visible(await hand.phone.window())):
            pass


def visible(node: AndroidNode) -> list[AndroidNode]:
    return [node, *(below for child in node.children if child.displayed for below in visible(child))]


async def test_it_comes_with_the_focus_and_takes_what_touches_it(hand: Hand) -> None:
    assert not await hand.phone.is_keyboard_up()
    await hand.phone.set_text(await hand.focuses("field"), "")
    assert await hand.phone.is_keyboard_up()
    await types(hand, 0.99, 0.1)
    await hand.reads("Said: p")


@pytest.mark.parametrize("key", [BACK, ESCAPE])
async def test_a_key_hides_it_and_leaves_the_focus(hand: Hand, key: int) -> None:
    await hand.focuses("field")
    await hand.phone.press_key(key)
    assert not await hand.phone.is_keyboard_up()
    assert (await hand.field("field")).focused
    await hand.tap(await hand.field("field"))
    assert await hand.phone.is_keyboard_up()


async def test_it_goes_with_its_field(hand: Hand) -> None:
    await hand.focuses("field")
    await hand.tap(await hand.named("go"))
    await hand.reads("Second place, at /second")
    assert not await hand.phone.is_keyboard_up()


async def test_an_app_is_laid_out_above_it(form: Hand) -> None:
    before = (await form.reads("Add")).bounds
    await form.focuses("name")
    await form.sees(lambda node: node.content_desc == "Add" and node.bounds.bottom < form.keyboard_top)
    await goes(form, "save")
    await form.phone.press_key(BACK)
    await form.sees(lambda node: node.content_desc == "Add" and node.bounds == before)
    await form.named("save")


async def test_what_is_half_under_it_keeps_its_bounds_and_what_is_wholly_has_gone(hand: Hand) -> None:
    """Where the app leaves its layout as it is; its second screen has no room to spare."""
    before = await hand.named("story")
    await hand.focuses("field")
    await goes(hand, "agree")
    story = await hand.named("story")
    assert story.bounds == before.bounds
    assert story.bounds.top < hand.keyboard_top < story.bounds.bottom


def test_all_that_begins_above_it_is_visible() -> None:
    """As Android told of a button half under a keyboard, and of a bar that was wholly under it."""
    half = AndroidNode(resource_id="half", bounds=PixelBounds(0, 1260, 1050, 1386))
    tab = AndroidNode(resource_id="tab", bounds=PixelBounds(0, 1890, 525, 2100))
    bar = AndroidNode(resource_id="bar", bounds=PixelBounds(0, 1890, 1050, 2100), children=(tab,))
    root = AndroidNode(resource_id="root", bounds=PixelBounds(0, 0, 1050, 2100), children=(half, bar))
    covered = cover(root, PixelBounds(0, 1312, 1050, 2100))
    assert [node.resource_id for node in visible(covered)] == ["root", "half"]
    assert covered.children[0].bounds == half.bounds


async def test_it_is_a_window_of_its_own(hand: Hand) -> None:
    assert len(await hand.phone.windows()) == 1
    await hand.focuses("field")
    board, app = await hand.phone.windows()
    assert (board.package, app.package) == ("com.google.android.inputmethod.latin", PACKAGE)
    assert (board.bounds.top, board.bounds.bottom) == (hand.keyboard_top, hand.phone.size[1])
    assert {"q", "m", "Space", "Enter"} <= {node.content_desc for node in board.walk()}


async def test_its_enter_key_ends_the_typing(form: Hand) -> None:
    await form.focuses("name")
    await types(form, 0.95, 0.9)
    await form.reads("Done: entered")


async def test_escape_is_the_apps_too(form: Hand) -> None:
    await form.tap(await form.named("ask"))
    await form.named("answer")
    # A dialog comes up in several frames, and would be missed.
    await form.phone.wait_until_idle(5)
    await form.focuses("answer")
    await form.phone.press_key(ESCAPE)
    await goes(form, "answer")


async def test_an_input_method_without_a_keyboard_shows_none(hand: Hand) -> None:
    await hand.phone.use_keyboard(shown=False)
    try:
        await hand.focuses("field")
        assert not await hand.phone.is_keyboard_up()
        await hand.phone.clear(PACKAGE)
        await hand.phone.start(PACKAGE)
        await hand.focuses("field")
        assert not await hand.phone.is_keyboard_up()
    finally:
        await hand.phone.use_keyboard(shown=True)
