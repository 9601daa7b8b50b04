"""What Android puts over an app: permissions are answered, anything else is named."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import AppUnreachable, Box, Node, NotFound, Role, SystemNames, Tree, by
from flutter_bridge.appium import AppiumApp
from flutter_bridge.appium.android import android_dialog
from flutter_bridge.appium.platform import SystemDialog
from tests.flutter_bridge.appium.scripted_device import APP, ScriptedDevice, Widget, button

CONTROLLER = "com.google.android.permissioncontroller"


def ask(
    device: ScriptedDevice,
    answers: list[str],
    *,
    package: str = CONTROLLER,
    allow: str = "com.android.permissioncontroller:id/permission_allow_one_time_button",
    deny: str = "com.android.permissioncontroller:id/permission_deny_button",
) -> None:
    """Show a dialog that asks for a permission, until it is answered."""
    before = list(device.screen)

    def answered(said: str) -> Callable[[], None]:
        def go_on() -> None:
            answers.append(said)
            device.package, device.screen = APP, before

        return go_on

    device.package = package
    device.screen = [
        Widget((20, 100, 360, 40), "android.widget.TextView", text="Allow Sample to take pictures?"),
        button("", (20, 150, 360, 40), text="Only this time", identifier=allow),
        button("", (20, 200, 360, 40), text="Don't allow", identifier=deny),
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


@pytest.mark.parametrize("permissions", ["allow", "deny", "ask"])
@pytest.mark.parametrize("button_id", ["android:id/autofill_save_no", "android:id/autofill_dialog_no"])
async def test_an_offer_to_keep_a_password_is_declined_on_the_way(
    device: ScriptedDevice, open_app: Callable[..., Any], permissions: str, button_id: str
) -> None:
    device.screen = [Widget((0, 0, 400, 40), label="Sample")]
    async with open_app(permissions=permissions) as app:
        answers: list[str] = []
        ask(device, answers, package="android", allow="android:id/autofill_save_yes", deny=button_id)
        await app.find(by.label("Sample"))
        assert answers == ["denied"]


MAKERS = {
    "com.lbe.security.miui": "com.lbe.security.miui",
    "com.oplus.securitypermission": "com.oplus.securitypermission",
    "com.samsung.android.permissioncontroller": "com.android.permissioncontroller",
    "com.nobody.knows.yet": "com.nobody.knows.yet",
}


@pytest.mark.parametrize(("package", "ids"), MAKERS.items())
@pytest.mark.parametrize(
    ("allow", "deny"),
    [
        ("permission_allow_foreground_only_button", "permission_deny_and_dont_ask_again_button"),
        ("permission_allow_selected_button", "permission_no_upgrade_button"),
    ],
)
@pytest.mark.parametrize(("permissions", "said"), [("allow", "allowed"), ("deny", "denied")])
async def test_whoever_made_the_phone_a_permission_is_known_by_its_buttons(
    device: ScriptedDevice,
    open_app: Callable[..., Any],
    package: str,
    ids: str,
    allow: str,
    deny: str,
    permissions: str,
    said: str,
) -> None:
    device.screen = [Widget((0, 0, 400, 40), label="Sample")]
    async with open_app(permissions=permissions) as app:
        answers: list[str] = []
        ask(device, answers, package=package, allow=f"{ids}:id/{allow}", deny=f"{ids}:id/{deny}")
        await app.find(by.label("Sample"))
        assert answers == [said]


def dialog_of(*buttons: str, names: SystemNames | None = None) -> SystemDialog | None:
    """The dialog that a screen of some buttons is, each with an id of Android's, or with a label."""
    nodes = tuple(
        Node(
            role=Role.BUTTON,
            identifier=f"a:id/{name}" if "_" in name else "",
            label=name,
            box=Box(0, 0, 9, 9),
        )
        for name in buttons
    )
    return android_dialog(
        Tree(Node(children=nodes), Box(0, 0, 400, 800)), "vendor.package", names or SystemNames()
    )


def test_all_is_allowed_rather_than_a_selection_and_for_longer_rather_than_once() -> None:
    photos = dialog_of(
        "permission_allow_selected_button", "permission_allow_all_button", "permission_deny_button"
    )
    place = dialog_of("permission_allow_one_time_button", "permission_allow_foreground_only_button")
    assert photos is not None
    assert photos.allow is not None
    assert photos.allow.label == "permission_allow_all_button"
    assert place is not None
    assert place.allow is not None
    assert place.allow.label == "permission_allow_foreground_only_button"
    assert place.deny is None, "nothing of it denies"


def test_the_only_answer_there_is_is_given() -> None:
    dialog = dialog_of("permission_no_upgrade_and_dont_ask_again_button")
    assert dialog is not None
    assert dialog.allow is dialog.deny is not None


def test_a_dialog_in_another_language_is_known_by_names_of_ones_own() -> None:
    assert dialog_of("Zulassen", "Ablehnen") is None
    names = SystemNames(allow=("Zulassen",), deny=("Ablehnen", "btn_no"))
    for buttons in (("Zulassen", "Ablehnen"), ("Ablehnen", "Zulassen"), ("btn_no", "Zulassen")):
        dialog = dialog_of(*buttons, names=names)
        assert dialog is not None
        assert dialog.permission
        assert [answer and answer.label for answer in (dialog.allow, dialog.deny)] == [
            "Zulassen",
            next(name for name in buttons if name != "Zulassen"),
        ]


async def test_what_is_in_front_and_unknown_is_named_with_its_buttons(
    app: AppiumApp, device: ScriptedDevice
) -> None:
    device.package = "com.vendor.guard"
    device.on_script["mobile: queryAppState"] = lambda _: 3
    device.screen = [
        button("", (20, top, 90, 40), text=said) for top, said in ((90, "Zulassen"), (150, "Nein"))
    ]
    with pytest.raises(
        AppUnreachable, match=r'com\.vendor\.guard is, with "Zulassen" or "Nein": .*system_names'
    ):
        await app.find(by.label("Sample"), timeout=0.2)


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


@pytest.mark.parametrize(
    "words", [("System UI isn't responding", "Wait"), ("Launcher reagiert nicht", "Warten")]
)
async def test_another_app_that_does_not_respond_gets_more_time_once(
    app: AppiumApp, device: ScriptedDevice, words: tuple[str, str]
) -> None:
    before, waited = list(device.screen), []

    def hang() -> None:
        device.package = "android"
        device.screen = [
            Widget((20, 100, 360, 40), "android.widget.TextView", text=words[0]),
            button("", (20, 150, 360, 40), text="?", identifier="android:id/aerr_close", tapped=pytest.fail),
            button("", (20, 200, 360, 40), text=words[1], identifier="android:id/aerr_wait", tapped=wait),
        ]

    def wait() -> None:
        waited.append(words)
        device.package, device.screen = APP, before

    hang()
    await app.find(by.label("Sample"))
    assert len(waited) == 1
    hang()
    with pytest.raises(NotFound, match=f"a dialog is in the way: \"?'?{words[0]}"):
        await app.find(by.label("Sample"), timeout=0.2)
    assert len(waited) == 1


async def test_that_the_app_itself_does_not_respond_is_told_and_not_answered(
    app: AppiumApp, device: ScriptedDevice
) -> None:
    device.package = "android"
    device.screen = [
        Widget((20, 100, 360, 40), "android.widget.TextView", text=f"{APP} isn't responding"),
        button("", (20, 200, 360, 40), text="Wait", identifier="android:id/aerr_wait", tapped=pytest.fail),
    ]
    with pytest.raises(NotFound, match="a dialog is in the way"):
        await app.find(by.label("Sample"), timeout=0.2)


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
