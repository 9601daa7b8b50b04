"""What drivers of devices are asked for gestures and keys, told by servers that play them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import ActionFailed, by
from flutter_bridge.appium import AppiumApp, open_appium_app
from tests.flutter_bridge.appium.scripted_device import Failure, ScriptedDevice, Widget, button
from tests.flutter_bridge.appium.scripted_phone import BUNDLE, Piece, ScriptedPhone


@pytest.fixture
def gestures(device: ScriptedDevice) -> list[list[dict[str, Any]]]:
    """The sources of each gesture that the device was told of."""
    gestures: list[list[dict[str, Any]]] = []
    device.on_request["POST /actions"] = lambda body: gestures.append(body["actions"])
    return gestures


def way(source: dict[str, Any]) -> list[tuple[float, float]]:
    return [(step["x"], step["y"]) for step in source["actions"] if step["type"] == "pointerMove"]


async def test_a_long_press_is_one_command(
    app: AppiumApp, device: ScriptedDevice, gestures: list[list[dict[str, Any]]]
) -> None:
    device.screen = [button("Hold", (100, 100, 80, 40))]
    await app.long_press(by.label("Hold"))
    ((source,),) = gestures
    # Two pixels to each logical one.
    assert way(source) == [(280, 240)]
    assert [step["duration"] for step in source["actions"] if step["type"] == "pause"] == [1000]
    assert source["parameters"] == {"pointerType": "touch"}


async def test_a_drag_goes_to_what_is_there_when_it_begins(
    app: AppiumApp, device: ScriptedDevice, gestures: list[list[dict[str, Any]]]
) -> None:
    device.screen = [button("Parcel", (0, 100, 80, 40)), Widget((200, 300, 80, 40), label="Door")]
    await app.drag(by.label("Parcel"), to=by.label("Door"))
    ((source,),) = gestures
    assert way(source)[0] == (80, 240)
    assert way(source)[-1] == (480, 640)


async def test_two_fingers_are_told_of_in_one_command_and_move_at_the_same_time(
    app: AppiumApp, device: ScriptedDevice, gestures: list[list[dict[str, Any]]]
) -> None:
    device.screen = [Widget((0, 100, 400, 300), label="Map")]
    await app.pinch(by.label("Map"), scale=2)
    ((first, second),) = gestures
    assert [(step["type"], step.get("duration")) for step in first["actions"]] == [
        (step["type"], step.get("duration")) for step in second["actions"]
    ]
    assert way(first)[-1][0] < way(first)[0][0] < way(second)[0][0] < way(second)[-1][0]


async def test_a_key_is_a_code_and_what_is_held(app: AppiumApp, device: ScriptedDevice) -> None:
    device.on_script["mobile: pressKey"] = lambda _: None
    before = len(device.scripts)
    await app.press_key("Control+A")
    assert device.scripts[before:] == [("mobile: pressKey", {"keycode": 29, "metastate": 0x3000})]


async def test_a_device_has_no_pointer(app: AppiumApp) -> None:
    with pytest.raises(ActionFailed, match="a touch screen has no pointer"):
        await app.hover(by.identifier("title"))


@pytest.fixture
def phone(skipped_pauses: None) -> Iterator[ScriptedPhone]:
    scripted = ScriptedPhone()
    scripted.pieces = [Piece("StaticText", (0, 50, 390, 40), "Sample", "title")]
    yield scripted
    scripted.close()


def open_on(phone: ScriptedPhone, artifacts: Path) -> Any:
    return open_appium_app(
        server=phone.address,
        capabilities={"platformName": "iOS", "bundleId": BUNDLE},
        artifacts=artifacts,
        timeout=2.0,
        frames="screenshots",
        target="ios",
    )


async def test_an_ipads_keyboard_is_asked_by_apples_names(phone: ScriptedPhone, tmp_path: Path) -> None:
    phone.on_script["mobile: keys"] = lambda _: None
    async with open_on(phone, tmp_path) as app:
        await app.press_key("ControlOrMeta+Shift+ArrowLeft")
        await app.press_key("Backspace")
    keys = [arguments["keys"] for name, arguments in phone.scripts if name == "mobile: keys"]
    # Command is bit 4 of Apple's flags, Shift bit 1; their Delete is what others call Backspace.
    assert keys == [
        [{"key": "XCUIKeyboardKeyLeftArrow", "modifierFlags": 0b10010}],
        [{"key": "XCUIKeyboardKeyDelete", "modifierFlags": 0}],
    ]


async def test_an_iphone_has_no_keys(phone: ScriptedPhone, tmp_path: Path) -> None:
    phone.failing["mobile: keys"] = Failure("unsupported operation", "only on iPads")
    async with open_on(phone, tmp_path) as app:
        with pytest.raises(ActionFailed, match=r"'Enter' can't be pressed on ios.*only on iPads"):
            await app.press_key("Enter")
