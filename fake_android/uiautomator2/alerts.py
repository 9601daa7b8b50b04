"""Dialogs of the system, as alerts: their text, and their buttons."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from fake_android.gestures import tap
from fake_android.node import AndroidNode
from fake_android.uiautomator2.answers import InvalidArgument, NoAlert
from fake_android.uiautomator2.commands import Call

CONTROLLERS = (
    "com.android.permissioncontroller:id/",
    "com.google.android.permissioncontroller:id/",
    "com.android.packageinstaller:id/",
)
ACCEPT = (
    "android:id/button1",
    "android:id/aerr_wait",
    *(f"{each}permission_allow_button" for each in CONTROLLERS),
)
ACCEPT_ONCE = tuple(f"{each}permission_allow_foreground_only_button" for each in CONTROLLERS)
DISMISS = (
    "android:id/button2",
    "android:id/aerr_close",
    *(f"{each}permission_deny_button" for each in CONTROLLERS),
)
SIGNS = {*ACCEPT, *ACCEPT_ONCE, *DISMISS, "android:id/alertTitle", "android:id/message"}


async def alert_text(call: Call) -> Any:
    """Return what the dialog says."""
    nodes = await _dialog(call)
    said = [node.text for node in nodes if node.text and node.class_name == "android.widget.TextView"]
    return "\n".join(said)


async def accept(call: Call) -> Any:
    """Press the dialog's button that agrees, or the one named."""
    await _press(call, (*ACCEPT, *ACCEPT_ONCE))


async def dismiss(call: Call) -> Any:
    """Press the dialog's button that declines, or the one named."""
    await _press(call, DISMISS)


async def _dialog(call: Call) -> list[AndroidNode]:
    nodes = list((await call.session.device.window()).walk())
    if not any(node.resource_id in SIGNS for node in nodes):
        raise NoAlert("An attempt was made to operate on a modal dialog when one was not open")
    return nodes


async def _press(call: Call, identifiers: Sequence[str]) -> None:
    nodes = await _dialog(call)
    label = call.body.get("buttonLabel")
    for node in nodes:
        if node.text == label if label else node.resource_id in identifiers:
            await call.session.device.touch([tap(node.bounds.centre)])
            return
    wanted = f"with the label '{label}'" if label else "of that meaning"
    raise InvalidArgument(f"The alert has no button {wanted}")
