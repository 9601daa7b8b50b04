"""Recognises Android's own dialogs over an app: permissions, and "isn't responding"."""

from __future__ import annotations

from flutter_bridge.appium.platform import Dialog
from flutter_bridge.semantics import Node, Role, Tree

PERMISSIONS = (
    "com.android.permissioncontroller",
    "com.google.android.permissioncontroller",
    "com.android.packageinstaller",
    "com.google.android.packageinstaller",
)
"""The packages whose dialogs ask to permit something; the installers' did until Android 9."""

ALLOW = (
    "permission_allow_foreground_only_button",
    "permission_allow_all_button",
    "permission_allow_button",
    "permission_allow_one_time_button",
)
DENY = ("permission_deny_button", "permission_deny_and_dont_ask_again_button")
SYSTEM = "android"
"""The package of the dialogs that Android itself shows of an app that hangs or crashed."""


def android_dialog(tree: Tree, package: str) -> Dialog | None:
    """Return the dialog that a screen of `package` is; None where it is none of the system's."""
    if package in PERMISSIONS:
        allow, deny = _button(tree, ALLOW), _button(tree, DENY)
        if allow is not None or deny is not None:
            return Dialog(_text(tree), permission=True, allow=allow, deny=deny)
    return Dialog(_text(tree)) if package == SYSTEM else None


def _button(tree: Tree, names: tuple[str, ...]) -> Node | None:
    """Return the first of some buttons that is there, in the order of the names."""
    found = {node.identifier.rpartition("/")[2]: node for node in tree if node.visible and node.enabled}
    return next((found[name] for name in names if name in found), None)


def _text(tree: Tree) -> str:
    """Return what a dialog says: its title or message, whichever comes first."""
    said = [node for node in tree if node.visible and node.text]
    first = next((node for node in said if node.role is not Role.BUTTON), said[0] if said else None)
    return first.text.replace("\n", " ") if first is not None else "without a text"
