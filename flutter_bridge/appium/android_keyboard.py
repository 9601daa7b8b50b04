"""Android's soft keyboard, which is in a window of its own: no page source of an app has it.

What is wholly under it isn't in the app's page source either; what is half under it has all its bounds there.
"""

from __future__ import annotations

from collections.abc import Mapping

from flutter_bridge.appium.platform import read_capability
from flutter_bridge.appium.session import DeviceSession
from flutter_bridge.errors import CommandRefused
from flutter_bridge.semantics import Box, Tree

MAX_SHARE = 0.6
"""The share of an upright screen that a keyboard takes at most; on its side it may take all."""

_TYPE_INPUT_METHOD = 2
_BACK = 4


class AndroidKeyboard:
    """What is asked about the keyboard of one device, and how it is hidden.

    A driver that lists windows by their type says where it is. An older one says whether it is up: then it is
    taken to be as high as keyboards are.
    """

    def __init__(self) -> None:
        self._has_windows = True

    async def find(self, session: DeviceSession, tree: Tree) -> Box | None:
        """Return where the keyboard is; None where it isn't up, or there is none (`appium:hideKeyboard`)."""
        if read_capability(session.capabilities, "hideKeyboard").lower() == "true":
            return None
        if self._has_windows:
            found = await self._find_window(session)
            if self._has_windows:
                return found
        try:
            is_up = await session.script("mobile: isKeyboardShown")
        except CommandRefused:
            return None  # a driver that doesn't know is no worse than none to ask
        return lowest_part(tree.screen) if is_up else None

    async def hide(self, session: DeviceSession) -> None:
        """Hide the keyboard, which has just been found up.

        By the key that goes back, which is the keyboard's own while that is up. The driver's command presses
        escape, which the app gets first: a dialog goes, with the field that was typed into. It is left for
        where nobody knows for certain that a keyboard is there, as it asks once more.
        """
        if self._has_windows:
            await session.script("mobile: pressKey", keycode=_BACK)
        else:
            await session.script("mobile: hideKeyboard")

    async def _find_window(self, session: DeviceSession) -> Box | None:
        try:
            windows = await session.script(
                "mobile: listWindows", filters={"type": _TYPE_INPUT_METHOD}, skipScreenshots=True
            )
            boxes = [_box(window, session.device.pixel_ratio) for window in windows]
        except (CommandRefused, KeyError, TypeError):
            self._has_windows = False
            return None
        return max((box for box in boxes if box is not None), key=lambda box: box.height, default=None)


def lowest_part(screen: Box) -> Box:
    """Return what a keyboard covers of a screen at most."""
    height = screen.height * (MAX_SHARE if screen.height > screen.width else 1.0)
    return Box(screen.left, screen.bottom - height, screen.width, height)


def _box(window: Mapping[str, object], pixel_ratio: float) -> Box | None:
    """Return where a keyboard's window is; raises `KeyError` where it doesn't say what kind it is."""
    rect = window["rect"]
    if window["type"] != _TYPE_INPUT_METHOD or not isinstance(rect, Mapping):
        return None
    left, top, right, bottom = (rect[name] / pixel_ratio for name in ("left", "top", "right", "bottom"))
    return Box(left, top, right - left, bottom - top)
