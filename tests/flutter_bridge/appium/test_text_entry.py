"""A text that Android shows in a field isn't the app's until the app says so."""

from __future__ import annotations

import pytest

from flutter_bridge import ActionFailed, by
from flutter_bridge.appium import AppiumApp
from tests.flutter_bridge.appium.scripted_device import Failure, ScriptedDevice, text_field

AT = (20, 100, 360, 50)
SET, PRESS = "mobile: replaceElementValue", "mobile: pressKey"
SELECT_ALL, TO_THE_END, BACKSPACE = 29, 22, 67


def only_digits(text: str) -> str:
    return text if text.isdigit() else ""


def pressed(device: ScriptedDevice) -> list[int]:
    return [arguments["keycode"] for name, arguments in device.scripts if name == PRESS]


async def test_a_text_that_the_app_takes_costs_two_keys_and_leaves_nothing_selected(
    app: AppiumApp, device: ScriptedDevice
) -> None:
    field = text_field("code", AT, text="before")
    device.screen.append(field)
    await app.enter_text(by.identifier("code"), "Ada")
    assert (field.text, field.selected) == ("Ada", False)
    assert pressed(device) == [SELECT_ALL, TO_THE_END]
    assert device.requests.count(SET) == 1


@pytest.mark.parametrize("selects", [True, False])
@pytest.mark.parametrize("before", ["", "12"])
@pytest.mark.parametrize("password", [True, False])
async def test_a_field_that_refuses_a_text_and_says_nothing_fails(
    app: AppiumApp, device: ScriptedDevice, before: str, *, selects: bool, password: bool
) -> None:
    """Android shows the text for as long as nothing else is said of the field."""
    field = text_field("code", AT, text=before, password=password, selects=selects, keeps=lambda _: before)
    device.screen.append(field)
    for _ in range(2):
        # Once more, when it may say what was set before.
        with pytest.raises(ActionFailed, match="doesn't keep the text entered"):
            await app.enter_text(by.identifier("code"), "Ada", timeout=0.5)


async def test_a_field_that_keeps_only_what_it_had_fails(app: AppiumApp, device: ScriptedDevice) -> None:
    device.screen.append(text_field("code", AT, text="12", keeps=only_digits))
    with pytest.raises(ActionFailed, match="doesn't keep the text entered"):
        await app.enter_text(by.identifier("code"), "Ada", timeout=0.5)


async def test_where_nothing_can_be_selected_the_last_letter_tells(
    app: AppiumApp, device: ScriptedDevice
) -> None:
    field = text_field("code", AT, selects=False)
    device.screen.append(field)
    await app.enter_text(by.identifier("code"), "1234")
    assert field.text == "1234"
    assert pressed(device) == [SELECT_ALL, BACKSPACE]
    assert device.requests.count(SET) == 2


async def test_bullets_are_the_apps(app: AppiumApp, device: ScriptedDevice) -> None:
    """What Android shows of a password by itself is in clear."""
    field = text_field("code", AT, selects=False, password=True)
    device.screen.append(field)
    await app.enter_text(by.identifier("code"), "1234")
    assert (field.text, pressed(device)) == ("1234", [SELECT_ALL])


async def test_a_driver_that_presses_no_keys_is_taken_at_its_word(
    app: AppiumApp, device: ScriptedDevice
) -> None:
    field = text_field("code", AT)
    device.screen.append(field)
    device.failing[PRESS] = Failure("unknown method", "Unknown mobile command", 405)
    await app.enter_text(by.identifier("code"), "Ada")
    assert field.text == "Ada"


async def test_what_was_selected_before_tells_nothing(app: AppiumApp, device: ScriptedDevice) -> None:
    """A text as long as the new one, all of it selected, as if that were the new one."""
    field = text_field("code", AT, text="123", focused=True, selected=True, keeps=lambda _: "123")
    device.screen.append(field)
    with pytest.raises(ActionFailed, match='it says "123"'):
        await app.enter_text(by.identifier("code"), "Ada", timeout=0.5)


async def test_a_field_that_hands_the_focus_on_took_its_text(app: AppiumApp, device: ScriptedDevice) -> None:
    """As the boxes of a code do, each for one digit: the app says of each that it has lost the focus."""
    following = text_field("second", (200, 100, 100, 50))

    def keep(text: str) -> str:
        first.focused, following.focused = False, True
        return text

    first = text_field("first", (20, 100, 100, 50), keeps=keep)
    device.screen += [first, following]
    await app.enter_text(by.identifier("first"), "1")
    assert first.text == "1"
    assert pressed(device) == [SELECT_ALL]
