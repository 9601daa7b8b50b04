"""Dialogs of the system that lie over whatever is on screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

CONTROLLER: Final = "com.android.permissioncontroller"


@dataclass(frozen=True, slots=True)
class Dialog:
    """A dialog: whose it is, what it says, and what can be answered.

    `message` is an id and a text about `{app}`, an answer an id, a text and what it means; those in `leaves`
    close the dialog, any other does nothing. Without an activity it is one of the window below.
    """

    package: str
    activity: str
    root: str
    message: tuple[str, str]
    answers: tuple[tuple[str, str, str], ...]
    leaves: frozenset[str]


PERMISSION: Final = Dialog(
    CONTROLLER,
    f"{CONTROLLER}.permission.ui.GrantPermissionsActivity",
    f"{CONTROLLER}:id/grant_dialog",
    (f"{CONTROLLER}:id/permission_message", "Allow {app} to send you notifications?"),
    (
        (f"{CONTROLLER}:id/permission_allow_button", "Allow", "allow"),
        (f"{CONTROLLER}:id/permission_deny_button", "Don\u2019t allow", "deny"),
    ),
    frozenset({"allow", "deny", "back", "home"}),
)
NOT_RESPONDING: Final = Dialog(
    "android",
    "",
    "android:id/parentPanel",
    ("android:id/alertTitle", "{app} isn't responding"),
    (("android:id/aerr_close", "Close app", "close"), ("android:id/aerr_wait", "Wait", "wait")),
    frozenset({"close", "wait"}),
)
DIALOGS: Final = {"permission": PERMISSION, "not responding": NOT_RESPONDING}
