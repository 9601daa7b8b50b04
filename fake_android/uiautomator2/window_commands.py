"""Commands about windows: the page source of one or of all, and what there is of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any, Final

from fake_android.device import AndroidNode
from fake_android.errors import InvalidArgument
from fake_android.keyboard import KEYBOARD_PACKAGE
from fake_android.page_source import page_source
from fake_android.uiautomator2.session import CommandCall

TYPE_APPLICATION: Final = 1
TYPE_INPUT_METHOD: Final = 2

_GLOBS: Final = frozenset({"packageName", "title"})


async def source(call: CommandCall) -> Any:
    """Return the page source: of the active window, or of all where the session asks for that."""
    await call.session.wait_until_idle()
    device = call.session.device
    windows = await device.windows()
    return page_source(
        *(windows if call.session.settings["enableMultiWindows"] else windows[-1:]),
        rotation=device.rotation,
        size=device.size,
        settings=call.session.lookup_settings,
    )


async def list_windows(call: CommandCall) -> Any:
    """Return the windows that fit all filters, the uppermost first; a picture of each is never to be had."""
    filters = call.body.get("filters") or {}
    if not isinstance(filters, Mapping):
        raise InvalidArgument(f"'filters' has to be an object, got {filters!r}")
    listed = _describe(await call.session.device.windows())
    return [window for window in listed if all(_fits(window, *each) for each in filters.items())]


def _describe(windows: Sequence[AndroidNode]) -> list[dict[str, Any]]:
    """Return what is told of each window, the uppermost first; the last is the active one."""
    return [
        {
            "windowId": layer,
            "displayId": 0,
            "physicalDisplayId": "1",
            "virtualDisplayId": None,
            "rect": {name: getattr(window.bounds, name) for name in ("left", "top", "right", "bottom")},
            "packageName": window.package,
            "screenshot": None,
            "type": TYPE_INPUT_METHOD if window.package == KEYBOARD_PACKAGE else TYPE_APPLICATION,
            "title": "InputMethod" if window.package == KEYBOARD_PACKAGE else window.package,
            "layer": layer,
            "isAccessibilityFocused": False,
            "isActive": window is windows[-1],
            "isFocused": window is windows[-1],
            "isInPictureInPictureMode": False,
        }
        for layer, window in zip(range(len(windows), 0, -1), windows, strict=True)
    ]


def _fits(window: Mapping[str, Any], name: str, wanted: object) -> bool:
    """Whether a window fits one filter; the server takes one that it doesn't know for fitting."""
    if wanted is None or name not in window:
        return True
    if name in _GLOBS:
        return fnmatchcase(str(window[name]), str(wanted))
    return str(window[name]).lower() == str(wanted).lower()
