"""What Android puts over an app: permissions are answered, anything else is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from flutter_bridge import NotFound, by
from flutter_bridge.appium import AppiumApp
from tests.flutter_bridge.appium.scripted_device import APP, ScriptedDevice, Widget, button

CONTROLLER = "com.google.android.permissioncontroller"


def ask(device: ScriptedDevice, answers: list[str]) -> None:
    """Show a dialog that asks for a permission, until it is answered."""
    before = list(device.screen)

    def answered(said: str) -> Callable[[], None]:
        def go_on() -> None:
            answers.append(said)
            device.package, device.screen = APP, before

        return go_on

    name = "com.android.permissioncontroller:id/permission_"
    device.package = CONTROLLER
    device.screen = [
        Widget((20, 100, 360, 40), "android.widget.TextView", text="Allow Sample to take pictures?"),
        button("", (20, 150, 360, 40), text="Only this time", identifier=f"{name}allow_one_time_button"),
        button("", (20, 200, 360, 40), text="Don't allow", identifier=f"{name}deny_button"),
    ]
    device.screen[1].tapped, device.screen[2].tapped = answered("allowed"), answered("denied")


@pytest.mark.parametrize(("permissions", "said"), [("allow", "allowed"), ("deny", "denied")])
async def test_a_permission_is_answered_on_the_way(
    device: ScriptedDevice, open_app: Callable[..., Any], permissions: str, said: str
) -> None:
    device.screen = [Widget((0, 0, 400, 40), label="Sample")]
    async with open_app(permissions=permissions) as app:
        answers: list[str] = []
        ask(device, answers)
        await app.find(by.label("Sample"))
        assert answers == [said]


async def test_a_journey_may_answer_itself(device: ScriptedDevice, open_app: Callable[..., Any]) -> None:
    device.screen = [Widget((0, 0, 400, 40), label="Sample")]
    async with open_app(permissions="ask") as app:
        answers: list[str] = []
        ask(device, answers)
        with pytest.raises(NotFound, match="a dialog is in the way: 'Allow Sample to take pictures"):
            await app.find(by.label("Sample"), timeout=0.2)
        await app.tap(by.text("Don't allow"))
        assert answers == ["denied"]


async def test_a_dialog_in_the_way_is_named(app: AppiumApp, device: ScriptedDevice) -> None:
    device.package = "android"
    device.screen = [
        Widget((20, 100, 360, 40), "android.widget.TextView", text="Sample isn't responding"),
        button("", (20, 150, 360, 40), text="Close app", identifier="android:id/aerr_close"),
    ]
    with pytest.raises(NotFound, match='a dialog is in the way: "Sample isn\'t responding"'):
        await app.tap(by.label("Sample"), timeout=0.2)
