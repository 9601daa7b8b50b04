"""What can go wrong between a journey and an app.

    BridgeError
    ├── AppUnreachable         the app, its browser or its device can't be reached, or went away
    │   ├── NoAnswer           ... for now: what drives it doesn't answer, and another one may
    │   ├── WindowGone         ... as its page in the browser was closed, or crashed
    │   └── NotSetUp           ... as long as nobody corrects the capabilities, or installs the app
    ├── BrowserMissing         no browser was found to show a web build in
    ├── AppiumMissing          no Appium, or no Node to run it with, was found to reach a device through
    ├── DeviceMissing          no device was found that can be used, or none of several was named
    ├── SemanticsMissing       the app shows no semantics to find anything by
    ├── NotFound               a wait for a node ended without it
    ├── ActionFailed           the node is there, and what was asked of it did not happen
    ├── NotSupported           the platform, or this device, can't do what was asked for
    └── inside the bridge, where they are caught
        ├── CommandRefused     a driver did not do one command, and the session goes on
        │   └── ElementMissing ... as it found no element, or not any more
        ├── DocumentReplaced   a page's document went while something ran in it
        ├── PickerMissing      what was tapped opened no file picker
        ├── PickerStuck        a picker is there and can't be driven
        └── NotMjpeg           what was sent is no MJPEG stream

`NotFound` and `ActionFailed` are what a test is there to find; all others are the infrastructure's.
"""

from __future__ import annotations

from pathlib import Path


class BridgeError(Exception):
    """Anything that went wrong between a journey and an app; its text is one line that says what to do."""


class AppUnreachable(BridgeError):
    """The app, its browser or its device can't be reached, or went away."""


class NoAnswer(AppUnreachable):
    """What drives the app, or the browser behind it, let its time go by: another one may answer."""


class WindowGone(AppUnreachable):
    """A page of a browser was closed, or it crashed."""


class NotSetUp(AppUnreachable):
    """Appium and the device are there; the capabilities asked for are wrong, or the app isn't installed."""


class BrowserMissing(BridgeError):
    """No browser was found to show a web build in."""


class AppiumMissing(BridgeError):
    """No Appium, or no Node that is new enough to run it, was found."""


class DeviceMissing(BridgeError):
    """No device was found that can be used, or there are several and none was named.

    `none_there` says that none is connected at all: nothing to unlock, to name or to mend.
    """

    def __init__(self, message: str, *, none_there: bool = False) -> None:
        super().__init__(message)
        self.none_there = none_there


class SemanticsMissing(BridgeError):
    """The app shows no semantics, so nothing on it can be found."""


class NotFound(BridgeError):
    """A wait for a node ended without it.

    `nearest` are the labels on screen that come closest to what was looked for; `screenshot` is where the
    picture of the screen at that moment was saved, if it could be.
    """

    def __init__(
        self, message: str, *, nearest: tuple[str, ...] = (), screenshot: Path | None = None
    ) -> None:
        super().__init__(message)
        self.nearest = nearest
        self.screenshot = screenshot


class ActionFailed(BridgeError):
    """The node is there, and what was asked of it did not happen."""


class NotSupported(BridgeError):
    """The platform, or this device, can't do what was asked for; the text says why."""


class CommandRefused(BridgeError):
    """A driver did not do one command, and the session goes on."""


class ElementMissing(CommandRefused):
    """A driver found no element, or not any more."""


class DocumentReplaced(BridgeError):
    """The document was replaced while something ran in it: the same can be asked of the next one."""


class PickerMissing(BridgeError):
    """What was tapped opened no picker."""


class PickerStuck(BridgeError):
    """A picker is there and can't be driven; its text says why."""


class NotMjpeg(BridgeError):
    """What was sent is no MJPEG stream; the text says why."""
