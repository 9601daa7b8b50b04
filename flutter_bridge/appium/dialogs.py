"""Recognises Android's own dialogs over an app: permissions, and "isn't responding"."""

from __future__ import annotations

from flutter_bridge.appium.platform import Dialog
from flutter_bridge.semantics import Node, Role, Tree
from flutter_bridge.system_names import SystemNames, is_called

ALLOW = (
    "permission_allow_foreground_only_button",
    "permission_allow_all_button",
    "permission_allow_button",
    "permission_allow_always_button",
    "permission_allow_one_time_button",
    "permission_allow_selected_button",
)
DENY = (
    "permission_deny_button",
    "permission_deny_and_dont_ask_again_button",
    "permission_no_upgrade_button",
    "permission_no_upgrade_and_dont_ask_again_button",
    "permission_no_upgrade_one_time_button",
    "permission_no_upgrade_one_time_and_dont_ask_again_button",
)
"""The buttons' ids, the first that is there to be tapped. Makers' packages differ, these don't."""

SYSTEM = "android"
"""The package of the dialogs that Android itself shows of an app that hangs or crashed."""


def android_dialog(tree: Tree, package: str, names: SystemNames = SystemNames()) -> Dialog | None:  # noqa: B008 - it never changes
    """Return the dialog that a screen of another `package` is; None where it is none of the system's."""
    allow, deny = _button(tree, ALLOW, names.allow), _button(tree, DENY, names.deny)
    if allow is not None or deny is not None:
        # Where there is one answer only, such as to keep what was allowed, it is that one.
        return Dialog(_text(tree), permission=True, allow=allow or deny, deny=deny)
    return Dialog(_text(tree)) if package == SYSTEM else None


def _button(tree: Tree, ids: tuple[str, ...], names: tuple[str, ...]) -> Node | None:
    """Return the first of some buttons that is there, in the order of the ids; else one with another name."""
    there = [node for node in tree if node.visible and node.enabled]
    by_id = {node.identifier.rpartition("/")[2]: node for node in there}
    known = next((by_id[name] for name in ids if name in by_id), None)
    return known or next((node for node in there if is_called(node, names)), None)


def _text(tree: Tree) -> str:
    """Return what a dialog says: its title or message, whichever comes first."""
    said = [node for node in tree if node.visible and node.text]
    first = next((node for node in said if node.role is not Role.BUTTON), said[0] if said else None)
    return first.text.replace("\n", " ") if first is not None else "without a text"
