"""Gestures and actions of pointers, which the driver asks of the UiAutomator2 server of a stand-in."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from fake_android.device import AndroidNode, PixelBounds
from tests.fake_android.scripted_phone import BUTTON, LIST, ScriptedPhone, window
from tests.fake_android.uiautomator_client import DOWN, ELEMENT, UP, Ask, find_element, move, pointer, points


async def test_a_tap_from_an_elements_corner_and_from_the_screens(ask: Ask, phone: ScriptedPhone) -> None:
    element = await find_element(ask, "accessibility id", "Save")
    await ask("appium/gestures/click", {"origin": {ELEMENT: element}, "offset": {"x": 5, "y": 6}})
    assert points(phone)[0] == (105, 206)
    await ask("appium/gestures/click", {"offset": {"x": 5, "y": 6}})
    assert points(phone)[0] == (5, 6)
    assert (await ask("appium/gestures/click", {}, status=400))["error"] == "invalid argument"


async def test_long_and_double_taps(ask: Ask, phone: ScriptedPhone) -> None:
    await ask("appium/gestures/long_click", {"offset": {"x": 5, "y": 6}, "duration": 1200})
    (held,) = phone.touches[-1]
    assert [(step.at, step.down) for step in held] == [(0, True), (1.2, False)]
    await ask("appium/gestures/double_click", {"offset": {"x": 5, "y": 6}})
    (twice,) = phone.touches[-1]
    assert [step.down for step in twice] == [True, False, True, False]
    # Closer than Android's longest double tap, further apart than its shortest.
    assert 0.04 < twice[2].at - twice[1].at < 0.3


@pytest.mark.parametrize(
    ("direction", "start", "end"),
    [
        ("left", (300, 200), (100, 200)),
        ("right", (100, 200), (300, 200)),
        ("up", (200, 300), (200, 100)),
        ("down", (200, 100), (200, 300)),
    ],
)
async def test_a_swipe_goes_where_the_finger_goes_and_a_scroll_the_other_way(
    ask: Ask, phone: ScriptedPhone, direction: str, start: tuple[int, int], end: tuple[int, int]
) -> None:
    area = {"left": 100, "top": 100, "width": 200, "height": 200}
    await ask("appium/gestures/swipe", {"area": area, "direction": direction, "percent": 1, "speed": 1000})
    assert (points(phone)[0], points(phone)[-1]) == (start, end)
    assert phone.touches[-1][0][-1].at == pytest.approx(0.2)
    await ask("appium/gestures/scroll", {"area": area, "direction": direction, "percent": 1})
    assert (points(phone)[0], points(phone)[-1]) == (end, start)


async def test_a_scroll_says_whether_there_is_more(ask: Ask, phone: ScriptedPhone) -> None:
    element = await find_element(ask, "xpath", "//*[@scrollable='true']")
    order = {"origin": {ELEMENT: element}, "direction": "down", "percent": 0.5}
    phone.next_windows = [
        window(replace(LIST, children=(replace(BUTTON, bounds=PixelBounds(0, 300, 9, 310)),)))
    ]
    assert await ask("appium/gestures/scroll", order) is True
    assert await ask("appium/gestures/scroll", order) is False
    # Off the element's edges by a tenth, half of what is between: from its lower end upwards.
    assert (points(phone)[0], points(phone)[-1]) == ((200, 750), (200, 550))


async def test_a_fling_is_fast(ask: Ask, phone: ScriptedPhone) -> None:
    area = {"left": 0, "top": 0, "width": 100, "height": 500}
    refused = await ask("appium/gestures/fling", {"area": area, "direction": "up", "speed": 99}, status=400)
    assert refused["error"] == "invalid argument"
    assert await ask("appium/gestures/fling", {"area": area, "direction": "up", "speed": 5000}) is False
    assert phone.touches[-1][0][-1].at == pytest.approx(0.1)


async def test_a_drag_from_an_element_to_a_point(ask: Ask, phone: ScriptedPhone) -> None:
    element = await find_element(ask, "accessibility id", "Save")
    await ask("appium/gestures/drag", {"origin": {ELEMENT: element}, "end": {"x": 1, "y": 2}})
    assert (points(phone)[0], points(phone)[-1]) == ((200, 230), (1, 2))


async def test_two_fingers_pinch(ask: Ask, phone: ScriptedPhone) -> None:
    area = {"left": 0, "top": 0, "width": 200, "height": 200}
    await ask("appium/gestures/pinch_open", {"area": area, "percent": 0.5})
    assert (points(phone, 0)[0], points(phone, 0)[-1]) == ((50, 150), (0, 200))
    assert (points(phone, 1)[0], points(phone, 1)[-1]) == ((150, 50), (200, 0))
    await ask("appium/gestures/pinch_close", {"area": area, "percent": 0.5})
    assert (points(phone, 0)[0], points(phone, 0)[-1]) == ((0, 200), (50, 150))


async def test_a_list_is_scrolled_until_something_is_found(ask: Ask, phone: ScriptedPhone) -> None:
    late = AndroidNode(content_desc="Late", bounds=PixelBounds(0, 400, 100, 450), ref="late")
    moved = replace(LIST, children=(replace(BUTTON, bounds=PixelBounds(0, 300, 10, 310)),))
    phone.next_windows = [window(moved), window(replace(LIST, children=(late,)))]
    await ask("gestures/scroll_to", {"params": {"strategy": "accessibility id", "selector": "Late"}})
    assert len(phone.touches) == 2
    never = {"params": {"strategy": "accessibility id", "selector": "Never"}}
    assert (await ask("gestures/scroll_to", never, status=404))["error"] == "no such element"


async def test_actions_of_a_finger(ask: Ask, phone: ScriptedPhone) -> None:
    pause = {"type": "pause", "duration": 100}
    way = [move(10, 20), DOWN, pause, move(10, 40, 100), move(5, 0, 100, origin="pointer"), UP]
    await ask("actions", {"actions": [pointer(*way)]})
    (steps,) = phone.touches[-1]
    assert (steps[0].at, steps[0].x, steps[0].y) == (0, 10, 20)
    turn = next(step for step in steps if step.at == pytest.approx(0.2))
    assert (turn.x, turn.y) == (10, 40)
    assert steps[-1].at == pytest.approx(0.3)
    assert (steps[-1].x, steps[-1].y, steps[-1].down) == (15, 40, False)
    # A finger moves at the rate of a touch screen, not in one jump.
    assert len(steps) > 20


async def test_actions_begin_at_an_element(ask: Ask, phone: ScriptedPhone) -> None:
    element = await find_element(ask, "accessibility id", "Save")
    await ask("actions", {"actions": [pointer(move(3, 4, origin={ELEMENT: element}), DOWN, UP)]})
    assert points(phone)[0] == (203, 234)


async def test_actions_of_two_fingers_are_one_touch(ask: Ask, phone: ScriptedPhone) -> None:
    first = pointer(move(0, 0), DOWN, move(0, 50, 50), UP)
    second = pointer(move(9, 0), DOWN, move(9, 50, 50), UP, name="other")
    await ask("actions", {"actions": [first, second]})
    assert len(phone.touches) == 1
    assert len(phone.touches[0]) == 2


async def test_a_move_that_takes_no_time_is_told_with_the_next_event(ask: Ask, phone: ScriptedPhone) -> None:
    await ask("actions", {"actions": [pointer(move(0, 0), DOWN, move(0, 9), move(0, 50), UP)]})
    assert points(phone) == [(0, 0), (0, 50)]


async def test_actions_of_keys(ask: Ask, phone: ScriptedPhone) -> None:
    def press(value: str) -> list[dict[str, Any]]:
        return [{"type": "keyDown", "value": value}, {"type": "keyUp", "value": value}]

    control = [{"type": "keyDown", "value": "\ue009"}, *press("a"), {"type": "keyUp", "value": "\ue009"}]
    keys = {"type": "key", "id": "keyboard", "actions": [*press("h"), *press("\ue007"), *control]}
    await ask("actions", {"actions": [keys]})
    assert phone.typed == ["h"]
    assert phone.keys == [(66, 0, False), (29, 0x1000, False)]


@pytest.mark.parametrize(
    "source",
    [
        pointer(DOWN, UP),
        pointer(move(1, 1, origin="pointer"), DOWN),
        pointer(move(1, 1, -5), DOWN),
        pointer({"type": "frobnicate"}),
        {"type": "wheel", "id": "wheel", "actions": []},
        {"type": "key", "id": "k", "actions": [{"type": "keyDown", "value": ""}]},
        {"type": "key", "id": "k", "actions": [{"type": "keyDown", "value": "\ue02a"}]},
        pointer({"type": "pointerMove", "duration": 0, "y": 1}),
        pointer({"type": "pointerMove", "x": 1, "y": 1}),
        pointer(move(1, 1), DOWN, {"type": "pause"}, UP),
        pointer(move(1, 1), DOWN, UP, DOWN, UP),
    ],
)
async def test_actions_that_make_no_sense(ask: Ask, phone: ScriptedPhone, source: dict[str, Any]) -> None:
    assert (await ask("actions", {"actions": [source]}, status=400))["error"] == "invalid argument"
    assert (phone.touches, phone.keys, phone.typed) == ([], [], [])


async def test_fingers_that_are_out_of_step_are_refused(ask: Ask, phone: ScriptedPhone) -> None:
    moves = pointer(move(0, 0), DOWN, move(0, 50, 50), UP)
    rests = pointer(move(9, 0), DOWN, {"type": "pause", "duration": 50}, UP, name="other")
    refused = await ask("actions", {"actions": [moves, rests]}, status=400)
    assert "at the same moments" in refused["message"]
    assert phone.touches == []
