"""Touches, texts and keys reach an app on a stand-in as they do on a phone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from fake_android.input import CONTROL, SHIFT, TouchStep, browser_key, stroke, system_gesture
from tests.fake_android.hand import Hand
from tests.fake_android.stand_in_process import PACKAGE

Hold = Callable[..., Awaitable[Hand]]

TELLS_TOUCHES = """<style>flt-semantics { position: fixed; inset: 0; touch-action: none }</style>
<flt-semantics id="flt-semantic-node-0"></flt-semantics>
<script>
    const told = [];
    const said = document.querySelector("flt-semantics");
    const round = (touch) => `${touch.identifier}:${Math.round(touch.clientX)},${Math.round(touch.clientY)}`;
    for (const name of ["touchstart", "touchmove", "touchend"]) {
        addEventListener(name, (event) => {
            told.push(name.slice(5) + " " + [...event.touches].map(round).join(" "));
            said.textContent = told.join("; ").trim();
        });
    }
</script>"""


async def test_a_tap_reaches_what_is_there(hand: Hand) -> None:
    await hand.tap(await hand.named("press"))
    await hand.reads("Pressed 1 times")


async def test_a_swipe_scrolls_a_list_further_than_the_finger_goes(hand: Hand) -> None:
    pane = (await hand.sees(lambda node: node.scrollable)).bounds
    x, _ = pane.centre
    steps = [TouchStep(number * 0.01, x, pane.bottom - 10 - 20 * number) for number in range(14)]
    await hand.phone.touch([steps])
    # The finger's 130 logical pixels bring no row beyond the fifth: the rest is momentum.
    await hand.reads("Row 6")


async def test_several_fingers_touch_at_once(hold: Hold) -> None:
    hand = await hold(TELLS_TOUCHES, pixel_ratio=2.0)
    await hand.phone.start(PACKAGE)
    first = [TouchStep(0.00, 100, 200), TouchStep(0.02, 100, 240), TouchStep(0.04, 100, 240, down=False)]
    second = [TouchStep(0.01, 300, 400), TouchStep(0.03, 300, 360), TouchStep(0.05, 300, 360)]
    await hand.phone.touch([first, second])
    said = (await hand.sees(lambda node: (node.content_desc or "").endswith("; end"))).content_desc
    told = (said or "").split("; ")
    # A busy page is told of moves that follow each other by the last of them.
    moved_on = [
        now for now, then in zip(told, [*told[1:], ""], strict=True) if not now[:4] == then[:4] == "move"
    ]
    assert moved_on == [
        "start 0:50,100",
        "start 0:50,100 1:150,200",
        "move 0:50,120 1:150,180",
        "end 1:150,180",
        "end",
    ]


async def test_fingers_that_only_hover_touch_nothing(hold: Hold) -> None:
    hand = await hold(TELLS_TOUCHES)
    await hand.phone.start(PACKAGE)
    await hand.phone.touch(
        [[TouchStep(0, 10, 10, down=False), TouchStep(0.01, 20, 20), TouchStep(0.02, 20, 20)]]
    )
    await hand.reads("start 0:20,20; end")


WIDTH, HEIGHT = 1030, 2288  # of 412 x 915 logical pixels at 2.5


@pytest.mark.parametrize(
    ("start", "end", "taken"),
    [
        ((59, 1000), (600, 1000), "back"),
        ((61, 1000), (600, 1000), ""),
        ((WIDTH - 1, 1000), (400, 1100), "back"),
        ((WIDTH - 61, 1000), (400, 1000), ""),
        ((10, 1000), (10, 300), ""),
        ((10, 1000), (40, 1000), ""),
        ((1000, 1000), (1029, 1000), ""),
        ((500, HEIGHT - 1), (500, 1500), "home"),
        ((500, HEIGHT - 61), (500, 1500), ""),
        ((500, 10), (500, 900), ""),
    ],
)
def test_what_begins_at_the_edge_is_the_system_s(
    start: tuple[int, int], end: tuple[int, int], taken: str
) -> None:
    finger = stroke(start, end, seconds=0.2)
    assert system_gesture([finger], size=(WIDTH, HEIGHT), pixel_ratio=2.5) == taken
    assert system_gesture([finger, finger], size=(WIDTH, HEIGHT), pixel_ratio=2.5) == ""


async def test_a_swipe_from_the_edge_goes_back_and_one_from_further_in_does_not(hand: Hand) -> None:
    await hand.tap(await hand.named("go"))
    await hand.reads("Second place, at /second")
    width, height = hand.phone.size
    for start in (60, 10):
        await hand.reads("Second place, at /second")
        await hand.phone.touch([stroke((start, height / 2), (width / 2, height / 2), seconds=0.2)])
    await hand.sees(lambda node: node.resource_id == "press")
    await hand.phone.touch([stroke((width / 2, height - 5), (width / 2, height / 2), seconds=0.2)])
    assert hand.phone.foreground[0] != PACKAGE


async def test_a_field_without_the_focus_says_yes_and_ignores_a_text(hand: Hand) -> None:
    assert await hand.phone.set_text(await hand.field("field"), "ignored")
    await hand.focuses("field")
    assert (await hand.field("field")).text == "before"


async def test_a_field_with_the_focus_takes_a_text(hand: Hand) -> None:
    field = await hand.focuses("field")
    assert await hand.phone.set_text(field, "Grüße")
    await hand.reads("Said: Grüße")
    assert (await hand.field("field")).text == "Grüße"


async def test_a_field_that_is_tapped_again_keeps_the_focus(hand: Hand) -> None:
    await hand.phone.set_text(await hand.focuses("field"), "typed")
    await hand.tap(await hand.field("field"))
    # What a tap would take away is taken by then: the next is in order behind it.
    await hand.phone.wait_until_idle(5)
    field = await hand.field("field")
    assert (field.focused, field.text) == (True, "typed")
    await hand.phone.press_key(123)  # to the end, wherever the tap put the caret
    await hand.phone.type_text(" on")
    await hand.reads("Said: typed on")


async def test_a_text_is_known_after_the_field_lost_the_focus(hand: Hand) -> None:
    field = await hand.focuses("field")
    await hand.phone.set_text(field, "remembered")
    await hand.focuses("short")
    field = await hand.field("field")
    assert (field.focused, field.text) == (False, "remembered")


async def test_a_text_is_forgotten_with_its_field(hand: Hand) -> None:
    field = await hand.focuses("field")
    await hand.phone.set_text(field, "forgotten")
    await hand.tap(await hand.named("go"))
    await hand.reads("Second place, at /second")
    await hand.phone.press_key(4)
    assert (await hand.field("field")).text != "forgotten"


async def test_a_field_takes_no_more_than_it_may(hand: Hand) -> None:
    field = await hand.focuses("short")
    assert await hand.phone.set_text(field, "too long")
    # What was set is there before the app's word is.
    assert (await hand.field("short")).text == "too long"
    await hand.sees(lambda node: node.ref == field.ref and node.text == "too")


async def test_a_text_that_an_app_refuses_stays_until_the_app_says_something_of_the_field(hand: Hand) -> None:
    await hand.phone.start(PACKAGE, link="/form")
    field = await hand.focuses("digits")
    assert await hand.phone.set_text(field, "Ada")
    await hand.phone.wait_until_idle(5)
    assert (await hand.field("digits")).text == "Ada"
    await hand.phone.type_text("7")
    await hand.sees(lambda node: node.ref == field.ref and node.text == "7")


async def test_what_is_selected_in_a_field_is_told(hand: Hand) -> None:
    field = await hand.focuses("field")
    await hand.phone.set_text(field, "Ada")
    await hand.sees(lambda node: node.ref == field.ref and node.selection == (3, 3))
    await hand.phone.press_key(29, meta=CONTROL)
    await hand.sees(lambda node: node.ref == field.ref and node.selection == (0, 3))


async def test_nothing_else_takes_a_text(hold: Hold) -> None:
    hand = await hold("")
    assert not await hand.phone.set_text(await hand.reads("Sample"), "text")


async def test_keys_write_delete_and_go_on(hand: Hand) -> None:
    field = await hand.focuses("field")
    await hand.phone.set_text(field, "")
    await hand.phone.type_text("ad")
    for code, meta in ((67, 0), (29 + 3, SHIFT), (29, 0), (7 + 1, 0), (77, 0), (62, 0), (56, 0)):
        await hand.phone.press_key(code, meta=meta)
    await hand.reads("Said: aDa1@ .")
    await hand.phone.press_key(61)
    await hand.sees(lambda node: node.focused and node.class_name.endswith("EditText") and not node.text)
    # The app takes the focus after the browser has, and then writes what the field holds.
    await hand.phone.wait_until_idle(5)
    await hand.phone.type_text("on")
    await hand.sees(lambda node: node.focused and node.text == "on")


async def test_a_key_that_apps_do_not_hear_of_does_nothing(hand: Hand) -> None:
    before = [node.content_desc for node in (await hand.phone.window()).walk()]
    await hand.phone.press_key(24)  # volume up
    assert [node.content_desc for node in (await hand.phone.window()).walk()] == before


@pytest.mark.parametrize(
    ("code", "meta", "key"),
    [
        (29, 0, "KeyA"),
        (54, SHIFT, "Shift+KeyZ"),
        (29, CONTROL, "Control+KeyA"),
        (16, 0, "Digit9"),
        (16, SHIFT, "Shift+Digit9"),
        (66, 0, "Enter"),
        (67, 0, "Backspace"),
        (112, 0, "Delete"),
        (20, 0, "ArrowDown"),
        (77, SHIFT, "@"),
        (26, 0, None),
        (9999, 0, None),
    ],
)
def test_key_codes_are_a_browsers_keys(code: int, meta: int, key: str | None) -> None:
    assert browser_key(code, meta) == key
