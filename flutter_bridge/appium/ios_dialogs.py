"""Recognises iOS's own alerts over an app; the dialogs that Flutter draws are none to XCUITest."""

from __future__ import annotations

import re

from flutter_bridge.appium.platform import Dialog
from flutter_bridge.semantics import Node, Role, Tree
from flutter_bridge.system_names import SystemNames, is_called

ALLOW = re.compile(
    r"^(Allow|OK|Continue|Allow Once|Allow While Using( the)? App"
    r"|Allow Full Access|Allow Access to All Photos|Allow Paste|Change to Always Allow)$"
)
DENY = re.compile(
    r"^(Don['\u2019]t Allow( Paste)?|Deny|Ask App Not to Track|Keep Only While Using|Keep Add Only)$"
)
"""The buttons of an alert that asks to permit something, on a device in English. Both have to be there."""


def ios_dialog(tree: Tree, names: SystemNames = SystemNames()) -> Dialog | None:  # noqa: B008 - it never changes
    """Return the alert on a screen; None where there is none."""
    alert = next((node for node in tree if node.role is Role.DIALOG and node.visible), None)
    if alert is None:
        return None
    buttons = [node for node in alert.walk() if node.role is Role.BUTTON and node.visible and node.enabled]
    allow = next((button for button in buttons if is_called(button, names.allow, ALLOW)), None)
    deny = next((button for button in buttons if is_called(button, names.deny, DENY)), None)
    permission = allow is not None and deny is not None
    return Dialog(
        _text(alert),
        permission=permission,
        allow=allow if permission else None,
        deny=deny if permission else None,
    )


def _text(alert: Node) -> str:
    """Return an alert's title: its own label, or the first text in it."""
    said = next((node.text for node in alert.walk() if node.text and node.role is not Role.BUTTON), "")
    return said.replace("\n", " ") or "without a text"
