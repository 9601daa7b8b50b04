"""Android through the UiAutomator2 driver."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from selenium.webdriver.remote.command import Command

from flutter_bridge.appium.android_keyboard import AndroidKeyboard
from flutter_bridge.appium.android_keys import key_event
from flutter_bridge.appium.android_package import is_package, read_android_package
from flutter_bridge.appium.android_source import android_tree
from flutter_bridge.appium.platform import (
    DeviceScreen,
    Platform,
    State,
    SystemDialog,
    element_in,
    number_of,
    read_capability,
)
from flutter_bridge.appium.session import DeviceInfo, DeviceSession
from flutter_bridge.errors import AppUnreachable, ElementMissing, NotSupported
from flutter_bridge.keys import KeyPress
from flutter_bridge.network import NetworkConditions
from flutter_bridge.occlusion import Point
from flutter_bridge.semantics import Box, Node, Role, Tree
from flutter_bridge.system_names import SystemNames, is_called

SETTINGS: Mapping[str, object] = {
    # We wait for what we need, and not for a screen that may never be idle.
    "waitForIdleTimeout": 0,
    "waitForSelectorTimeout": 0,
    # Flutter's deepest screens have some seventy levels, and the driver cuts at seventy.
    "snapshotMaxDepth": 200,
    # Flutter's identifiers have no package before them.
    "disableIdLocatorAutocompletion": True,
    "mjpegServerScreenshotQuality": 85,
}
STREAM_RATIO = 1.25
"""How many of a streamed picture's pixels make a logical one, roughly."""

PACKAGE = re.compile(r'\spackage="([^"]*)"')
STATES: Mapping[int, State] = {0: "not installed", 1: "not running", 3: "behind", 4: "in front"}


_HOME = 3
"""Android's code of the home key."""

FULL_SPEED = "full"
_SPEEDS = {"gsm": 14.4, "hscsd": 43.2, "gprs": 57.6, "edge": 473.6, "umts": 384.0, "hsdpa": 13_980.0}
"""What the emulator calls its networks, and how many thousand bits a second come down each."""


def network_speed(conditions: NetworkConditions) -> str:
    """Return the emulator's name for the fastest network that is no faster than asked for, or the slowest."""
    if conditions.kbps is None:
        return FULL_SPEED
    slow_enough = {name: kbps for name, kbps in _SPEEDS.items() if kbps <= conditions.kbps}
    return max(slow_enough, key=slow_enough.__getitem__, default="gsm")


class Android(Platform):
    """A device or an emulator with UiAutomator2."""

    name = "Android"
    automation = "UiAutomator2"
    log = "logcat"
    guesses_text = True
    settings = SETTINGS
    states = STATES

    _stream_rate = 0

    def __init__(self, *, pixel_ratio: float | None = None, system_names: SystemNames | None = None) -> None:
        super().__init__(pixel_ratio=pixel_ratio, system_names=system_names)
        self._is_flying = False
        self._is_slowed = False
        self._keyboard = AndroidKeyboard()

    def capabilities(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return the capabilities to ask for; of an `.apk` that is read here, its package and activity.

        So the driver needs neither `aapt2`, to look for them, nor `apksigner`: what isn't signed is refused
        by the device.
        """
        app = given.get("appium:app")
        if not isinstance(app, str) or not is_package(app):
            return super().capabilities(given)
        package = read_android_package(Path(app))
        found: dict[str, object] = {"appium:noSign": True, "appium:appPackage": package.name}
        if package.activity:
            found["appium:appActivity"] = package.activity
        return super().capabilities(found | dict(given))

    def device(self, answered: Mapping[str, Any]) -> DeviceInfo:
        """Read package, name and pixel ratio from the session's capabilities."""
        package = read_capability(answered, "appPackage")
        if not package:
            raise AppUnreachable("no app is named: give the capability appPackage, or app with an APK")
        name = (
            read_capability(answered, "deviceModel")
            or read_capability(answered, "deviceUDID")
            or read_capability(answered, "udid")
        )
        ratio = self._pixel_ratio or number_of(read_capability(answered, "pixelRatio"))
        if not ratio:
            density = number_of(read_capability(answered, "deviceScreenDensity"))
            ratio = density / 160 if density else None
        if not ratio:
            raise AppUnreachable(
                f"{name or 'the device'} doesn't say its pixel ratio: set pixel_ratio for this target"
            )
        bar = number_of(read_capability(answered, "statBarHeight")) or 0.0
        return DeviceInfo(package, name or "device", ratio, status_bar=bar / ratio)

    def screen(self, source: str, device: DeviceInfo) -> DeviceScreen:
        """Parse a page source of UiAutomator2."""
        tree = android_tree(source, pixel_ratio=device.pixel_ratio)
        named = PACKAGE.search(source)
        package = named[1] if named else ""
        return DeviceScreen(
            tree, package, android_dialog(tree, package, self.system_names) if package != device.app else None
        )

    async def launch(self, session: DeviceSession) -> None:
        """Start the app's launcher activity."""
        await session.script("mobile: activateApp", appId=session.device.app)

    async def link(self, session: DeviceSession, url: str) -> None:
        """Send the app an intent to view an address."""
        await session.script("mobile: deepLink", url=url, package=session.device.app)

    async def stop(self, session: DeviceSession) -> None:
        """Stop the app by force."""
        await session.script("mobile: terminateApp", appId=session.device.app, timeout=5000)

    async def clear(self, session: DeviceSession) -> None:
        """Stop the app and remove its data and its permissions."""
        await session.script("mobile: clearApp", appId=session.device.app)

    async def ask_state(self, session: DeviceSession) -> object:
        """Ask what became of the app."""
        return await session.script("mobile: queryAppState", appId=session.device.app)

    async def back(self, session: DeviceSession) -> None:
        """Press Android's key."""
        await session.command(Command.GO_BACK)

    async def send_home(self, session: DeviceSession) -> None:
        """Press Android's home key."""
        await session.script("mobile: pressKey", keycode=_HOME)

    async def set_network(self, session: DeviceSession, conditions: NetworkConditions) -> None:
        """Turn airplane mode on or off; only an emulator has a speed that can be set."""
        if conditions.lost_share:
            raise NotSupported("an Android device can't be made to lose a share of what is sent")
        if not conditions.offline:
            speed = network_speed(conditions)
            if self._is_slowed or speed != FULL_SPEED:
                await session.script("mobile: networkSpeed", speed=speed)
                self._is_slowed = speed != FULL_SPEED
        if self._is_flying != conditions.offline:
            await session.script("mobile: setConnectivity", airplaneMode=conditions.offline)
            self._is_flying = conditions.offline

    async def press(self, session: DeviceSession, key: KeyPress) -> None:
        """Press a key of a hardware keyboard."""
        code, meta = key_event(key)
        await session.script("mobile: pressKey", keycode=code, metastate=meta)

    async def set_text(self, session: DeviceSession, node: Node, text: str) -> bool:
        """Set a field's text, if it has the focus: Flutter ignores it otherwise, and says it didn't."""
        try:
            found = await session.command(
                Command.FIND_ELEMENT, using="xpath", value=f"{node.ref}[@focused='true']"
            )
            await session.script("mobile: replaceElementValue", elementId=element_in(found), text=text)
        except ElementMissing:
            return False
        return True

    async def prepare_stream(self, session: DeviceSession, *, rate: int) -> bool:
        """Set the stream's size and rate, once a session."""
        if rate != self._stream_rate:
            size = stream_scale(session.device.pixel_ratio)
            settings = {"mjpegScalingFactor": size, "mjpegServerFramerate": rate}
            await session.command("updateSettings", settings=settings)
            self._stream_rate = rate
        return True

    async def find_keyboard(self, session: DeviceSession, tree: Tree) -> Box | None:
        """Ask where the keyboard is."""
        return await self._keyboard.find(session, tree)

    async def hide_keyboard(self, session: DeviceSession) -> None:
        """Hide the keyboard that was just found."""
        await self._keyboard.hide(session)

    def place(self, session: DeviceSession, point: Point) -> Point:
        """Return a place in physical pixels."""
        ratio = session.device.pixel_ratio
        return math.floor(point[0] * ratio), math.floor(point[1] * ratio)


def stream_scale(pixel_ratio: float) -> int:
    """Return the stream's scale, in per cent of the screen's pixels."""
    return max(1, min(100, round(100 * STREAM_RATIO / pixel_ratio)))


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

WAIT = ("aerr_wait",)
"""The button of "isn't responding" that leaves the app alone."""

DECLINE = ("autofill_save_no", "autofill_dialog_no")
"""What declines to keep what was typed for the next time, or to fill in what was kept."""

SYSTEM = "android"
"""The package of the dialogs that Android itself shows of an app that hangs or crashed."""


def android_dialog(tree: Tree, package: str, names: SystemNames = SystemNames()) -> SystemDialog | None:  # noqa: B008 - it never changes
    """Return the dialog that a screen of another `package` is; None where it is none of the system's."""
    allow, deny = _button(tree, ALLOW, names.allow), _button(tree, DENY, names.deny)
    if allow is not None or deny is not None:
        # Where there is one answer only, such as to keep what was allowed, it is that one.
        return SystemDialog(_text(tree), permission=True, allow=allow or deny, deny=deny)
    if package != SYSTEM:
        return None
    return SystemDialog(_text(tree), wait=_button(tree, WAIT, ()), decline=_button(tree, DECLINE, ()))


def _button(tree: Tree, ids: tuple[str, ...], names: tuple[str, ...]) -> Node | None:
    """Return the first of some buttons that is there, in the order of the ids; else one with another name."""
    there = [node for node in tree if node.visible and node.enabled]
    by_id = {node.identifier.rpartition("/")[2]: node for node in there}
    known = next((by_id[name] for name in ids if name in by_id), None)
    return known or next((node for node in there if is_called(node, names)), None)


def _text(tree: Tree) -> str:
    """Return what a dialog says: its title or message, whichever comes first."""
    texts = [node for node in tree if node.visible and node.text]
    first = next((node for node in texts if node.role is not Role.BUTTON), texts[0] if texts else None)
    return first.text.replace("\n", " ") if first is not None else "without a text"
