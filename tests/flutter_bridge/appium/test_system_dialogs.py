"""What Android puts over an app: permissions are answered, anything else is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import AppUnreachable, NotFound, by
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


def pictures_in(folder: Path) -> list[str]:
    return [str(each) for each in folder.rglob("*.png")]


async def test_an_app_that_starts_under_a_dialog_is_not_waited_for_to_the_end(
    device: ScriptedDevice, open_app: Callable[..., Any], tmp_path: Path
) -> None:
    device.package = "android"
    device.screen = [
        Widget((20, 100, 360, 40), "android.widget.TextView", text="System UI isn't responding"),
        button("", (20, 150, 360, 40), text="Wait", identifier="android:id/aerr_wait"),
    ]
    with pytest.raises(AppUnreachable) as refused:
        async with open_app(timeout=0.2, start_timeout=3600.0):
            pass
    said, _, screenshot = str(refused.value).partition("; screenshot: ")
    assert said == f"{APP} can't be seen: a dialog is in the way: \"System UI isn't responding\""
    assert screenshot in pictures_in(tmp_path)
