"""How an app on a device is driven, and with how few requests to Appium."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from flutter_bridge import ActionFailed, AppUnreachable, NotFound, by, now
from flutter_bridge.appium import AppiumApp, screens
from flutter_bridge.appium.driver import frame_rate
from flutter_bridge.appium.screens import FOLLOW_S
from tests.flutter_bridge.appium.scripted_device import (
    APP,
    Failure,
    ScriptedDevice,
    Widget,
    button,
    text_field,
)

SOURCE, TOUCH = "GET /source", "POST /actions"


async def test_a_session_an_empty_app_and_one_reading_open_it(
    device: ScriptedDevice, open_app: Callable[..., Any]
) -> None:
    device.screen = [Widget((0, 0, 400, 40), label="Sample")]
    async with open_app():
        assert device.requests == ["POST /session", "mobile: clearApp", "mobile: activateApp", SOURCE]
    assert device.requests[-1] == "DELETE"
    assert not device.open


async def test_settings_come_with_the_session(app: AppiumApp, device: ScriptedDevice) -> None:
    assert device.capabilities["appium:settings[waitForIdleTimeout]"] == 0
    assert device.capabilities["appium:settings[disableIdLocatorAutocompletion]"] is True
    assert device.capabilities["appium:appPackage"] == APP


async def test_the_stream_is_set_up_once_a_session(app: AppiumApp, device: ScriptedDevice) -> None:
    for _ in range(2):
        assert await app.session.platform.prepare_stream(app.session, rate=16)
    assert device.requests == ["POST /appium/settings"]


@pytest.mark.parametrize(("transit", "pictures"), [(0.05, 16), (0.01, 30), (0.2, 4)])
def test_pauses_between_pictures_are_longer_than_one_is_on_its_way(transit: float, pictures: int) -> None:
    assert frame_rate(transit) == pictures
    assert 1 / frame_rate(transit) > transit + 0.01


async def test_boxes_are_in_logical_pixels(app: AppiumApp) -> None:
    tree = await app.semantics()
    assert (tree.screen.width, tree.screen.height, tree.pixel_ratio) == (400, 600, 2.0)
    box = (await app.find(by.identifier("title"))).box
    assert (box.left, box.top, box.width, box.height) == (0, 0, 400, 40)


async def test_finding_is_one_request(app: AppiumApp, device: ScriptedDevice) -> None:
    await app.find(by.label("Sample"))
    assert device.requests == [SOURCE]


async def test_a_tap_on_what_was_found_is_two_more(app: AppiumApp, device: ScriptedDevice) -> None:
    pressed: list[bool] = []
    device.screen.append(button("Press", (100, 100, 80, 40), tapped=lambda: pressed.append(True)))
    await app.find(by.label("Press"))
    before = now()
    received = await app.tap(by.label("Press"))
    assert before <= received.low <= received.high <= now()
    assert pressed == [True]
    assert device.requests == [SOURCE, SOURCE, TOUCH]
    assert (device.touches[0][0]["x"], device.touches[0][0]["y"]) == (280, 240)


async def test_what_was_found_this_moment_is_scrolled_to_without_a_request(
    app: AppiumApp, device: ScriptedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screens, "SAME_S", 60.0)
    await app.find(by.label("Sample"))
    await app.scroll_to(by.label("Sample"))
    assert device.requests == [SOURCE]


async def test_what_was_found_before_an_action_is_looked_for_again(
    app: AppiumApp, device: ScriptedDevice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screens, "SAME_S", 60.0)
    await app.find(by.label("Sample"))
    await app.back()
    device.screen = []
    with pytest.raises(NotFound):
        await app.scroll_to(by.label("Sample"), timeout=0.1)


async def test_what_a_tap_brings_is_not_looked_for_before_it_can_be_there(
    app: AppiumApp, device: ScriptedDevice
) -> None:
    looked: list[float] = []
    opened = Widget((0, 200, 400, 40), label="Opened")
    device.screen.append(button("Open", (100, 100, 80, 40), tapped=lambda: device.screen.append(opened)))
    received = await app.tap(by.label("Open"))
    device.on_source = [lambda: looked.append(now())]
    await app.find(by.label("Opened"))
    assert looked[0] >= received.high + FOLLOW_S


async def test_a_tap_waits_until_the_node_rests(app: AppiumApp, device: ScriptedDevice) -> None:
    moving = button("Moving", (100, 100, 80, 40))
    device.screen.append(moving)

    def move() -> None:
        moving.box = (moving.box[0] + 10, 100, 80, 40)

    device.on_source = [move, move, move]
    await app.tap(by.label("Moving"))
    assert device.touches[0][0]["x"] == (130 + 40) * 2


async def test_a_disabled_node_is_not_tapped(app: AppiumApp, device: ScriptedDevice) -> None:
    device.screen.append(button("Not me", (100, 100, 80, 40), enabled=False))
    with pytest.raises(NotFound, match="is disabled"):
        await app.tap(by.label("Not me"), timeout=0.1)
    assert device.touches == []


async def test_a_node_below_another_is_not_tapped(app: AppiumApp, device: ScriptedDevice) -> None:
    device.screen += [button("Below", (100, 100, 80, 40)), button("Above", (90, 90, 200, 200))]
    with pytest.raises(NotFound, match='is covered by button "Above"'):
        await app.tap(by.label("Below"), timeout=0.2)
    await app.tap(by.label("Above"))


async def test_a_vain_wait_says_what_was_there_instead(app: AppiumApp) -> None:
    with pytest.raises(NotFound, match=r'by.label\("Sampel"\) is not on screen') as caught:
        await app.find(by.label("Sampel"), timeout=0.1)
    assert caught.value.nearest[0] == 'text "Sample"'
    assert caught.value.screenshot is not None
    assert caught.value.screenshot.exists()


async def test_waiting_keeps_a_sensible_pace(app: AppiumApp, device: ScriptedDevice) -> None:
    with pytest.raises(NotFound):
        await app.find(by.label("Nobody"), timeout=1.0)
    assert device.requests.count(SOURCE) <= 10


async def test_text_is_entered_with_one_tap_and_one_command(app: AppiumApp, device: ScriptedDevice) -> None:
    field = text_field("name", (0, 100, 300, 50), text="before")
    device.screen.append(field)
    await app.find(by.identifier("name"))
    device.requests.clear()
    await app.enter_text(by.identifier("name"), "after")
    assert field.text == "after"
    keys = "mobile: pressKey"
    entered = ["POST /element", "mobile: replaceElementValue", keys, SOURCE, keys]
    assert device.requests == [SOURCE, TOUCH, *entered]


async def test_an_obscured_field_is_known_by_its_length(app: AppiumApp, device: ScriptedDevice) -> None:
    field = text_field("secret", (0, 100, 300, 50), password=True)
    device.screen.append(field)
    await app.enter_text(by.identifier("secret"), "grace's secret")
    assert field.text == "grace's secret"


@pytest.mark.parametrize(
    ("text", "shown", "keeps"),
    [
        ("0121", "01/21", lambda text: f"{text[:2]}/{text[2:]}" if "/" not in text else text),
        ("ab123", "AB123", str.upper),
        ("Augusta Ada", "Augusta ", lambda text: text[:8]),
        ("Ada ", "Ada", str.strip),
        ("one\r\ntwo", "one\ntwo", str),
        ("12,50 €", "12,50\u00a0€", lambda text: text.replace(" ", "\u00a0")),
    ],
)
async def test_a_field_may_write_a_text_as_its_app_does(
    app: AppiumApp, device: ScriptedDevice, text: str, shown: str, keeps: Callable[[str], str]
) -> None:
    field = text_field("field", (0, 100, 300, 50), keeps=keeps)
    device.screen.append(field)
    await app.enter_text(by.identifier("field"), text)
    assert field.text == shown


async def test_a_field_that_says_the_same_already_is_entered_all_the_same(
    app: AppiumApp, device: ScriptedDevice
) -> None:
    """What it says might be its old content, written over the new one: so it is emptied in between."""
    field = text_field("field", (0, 100, 300, 50), text="ADA", keeps=str.upper)
    device.screen.append(field)
    await app.enter_text(by.identifier("field"), "ada")
    assert field.text == "ADA"


async def test_a_field_is_held_to_what_a_journey_says_it_shows(
    app: AppiumApp, device: ScriptedDevice
) -> None:
    field = text_field("field", (0, 100, 300, 50), keeps=lambda text: f"({text[:3]}) {text[3:]}")
    device.screen.append(field)
    device.requests.clear()
    await app.enter_text(by.identifier("field"), "5551234", shows="(555) 1234")
    await app.enter_text(by.identifier("field"), "5551234", shows=re.compile("^.555"))
    assert device.requests.count("mobile: replaceElementValue") == 2
    with pytest.raises(ActionFailed, match=r'doesn.t keep the text entered, it says "\(555\) 1234"'):
        await app.enter_text(by.identifier("field"), "5551234", shows="555 1234", timeout=0.5)


@pytest.mark.parametrize("old", ["", "old"])
async def test_text_a_field_does_not_keep_is_reported(
    app: AppiumApp, device: ScriptedDevice, old: str
) -> None:
    device.screen.append(text_field("digits", (0, 100, 300, 50), text=old, keeps=lambda _: old))
    with pytest.raises(ActionFailed, match="doesn't keep the text entered"):
        await app.enter_text(by.identifier("digits"), "letters", timeout=2.0)


async def test_text_goes_into_text_fields_only(app: AppiumApp, device: ScriptedDevice) -> None:
    device.screen.append(button("Press", (0, 100, 300, 50)))
    with pytest.raises(ActionFailed, match="is a button, not a textbox"):
        await app.enter_text(by.label("Press"), "text", timeout=2.0)


async def test_a_field_that_takes_no_focus_gets_no_text(app: AppiumApp, device: ScriptedDevice) -> None:
    other = text_field("other", (0, 200, 300, 50))
    device.screen += [text_field("name", (0, 100, 300, 50)), other]
    device.failing["POST /element"] = Failure("no such element", "An element could not be located", 404)
    with pytest.raises(ActionFailed, match="didn't take the focus when tapped"):
        await app.enter_text(by.identifier("name"), "text", timeout=2.0)
    assert other.said == ""


async def test_an_app_that_crashed_is_said_to_be_gone(app: AppiumApp, device: ScriptedDevice) -> None:
    device.package = "com.android.launcher3"
    device.on_script["mobile: queryAppState"] = lambda _: 1
    with pytest.raises(AppUnreachable, match=rf"{APP} is not running on Scripted: it crashed"):
        await app.find(by.label("Nobody"), timeout=0.1)
