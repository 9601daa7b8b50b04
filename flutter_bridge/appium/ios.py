"""iOS through the XCUITest driver.

Written after the driver's documentation and the engine's sources; `docs/explanations/ios.md` says what of it
has met a device.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from selenium.webdriver.remote.command import Command

from flutter_bridge.appium.ios_source import ios_tree
from flutter_bridge.appium.platform import (
    SLOW_COMMAND_S,
    DeviceScreen,
    Platform,
    State,
    SystemDialog,
    element_in,
    number_in,
    read_capability,
)
from flutter_bridge.appium.session import DeviceInfo, DeviceSession
from flutter_bridge.errors import AppUnreachable, BridgeError, CommandRefused, ElementMissing
from flutter_bridge.keys import KeyPress
from flutter_bridge.semantics import Box, Node, Role, Tree
from flutter_bridge.system_names import SystemNames, is_called
from flutter_bridge.touch import Move, Stroke

SETTINGS: Mapping[str, object] = {
    # We wait for what we need, and not for a screen that may never be idle.
    "waitForIdleTimeout": 0,
    "animationCoolOffTimeout": 0,
    # The driver cuts at fifty levels; Flutter's deepest screens have more, and XCTest fails beyond sixty-odd.
    "snapshotMaxDepth": 62,
    # An alert of the system is seen though it isn't the app's.
    "respectSystemAlerts": True,
    # What is typed stays as it is.
    "keyboardAutocorrection": False,
    "keyboardPrediction": False,
}
FLING_S = 0.15
"""How long the swipe from the edge takes that goes back: quick enough to be a fling."""

BACK_FROM, BACK_TO = 1.0, 0.8
"""Where that swipe begins, in points from the left edge, and where it ends, as a share of the screen."""

MODIFIER_BITS = {"Shift": 1, "Control": 2, "Alt": 3, "Meta": 4}
"""The bits of XCUIKeyModifierFlags."""

KEYS = {
    "Space": " ",
    "Enter": "XCUIKeyboardKeyReturn",
    "Backspace": "XCUIKeyboardKeyDelete",
    "Delete": "XCUIKeyboardKeyForwardDelete",
} | {
    name: f"XCUIKeyboardKey{ours}"
    for name, ours in {
        "ArrowUp": "UpArrow",
        "ArrowDown": "DownArrow",
        "ArrowLeft": "LeftArrow",
        "ArrowRight": "RightArrow",
        **{name: name for name in ("Tab", "Escape", "Home", "End", "PageUp", "PageDown")},
        **{f"F{number}": f"F{number}" for number in range(1, 13)},
    }.items()
}
"""What XCTest calls the keys that have another name."""

BUNDLE = re.compile(r'<XCUIElementTypeApplication\b[^>]*\sbundleId="([^"]*)"')
SIMULATOR = re.compile(r"[0-9A-F]{8}(-[0-9A-F]{4}){3}-[0-9A-F]{12}", re.IGNORECASE)
STATES: Mapping[int, State] = {0: "not installed", 1: "not running", 2: "behind", 3: "behind", 4: "in front"}


class IOS(Platform):
    """An iPhone, an iPad or a simulator with XCUITest. Points are logical pixels."""

    name = "iOS"
    automation = "XCUITest"
    log = "syslog"
    settings = SETTINGS
    states = STATES

    _package: object = None

    def capabilities(self, given: Mapping[str, object]) -> dict[str, object]:
        """Return the capabilities to ask for, and remember the app's file."""
        wanted = super().capabilities(given)
        self._package = wanted.get("appium:app")
        return wanted

    def device(self, answered: Mapping[str, Any]) -> DeviceInfo:
        """Read bundle, name and pixel ratio from the session's capabilities."""
        bundle = read_capability(answered, "bundleId")
        if not bundle:
            raise AppUnreachable("no app is named: give the capability bundleId")
        name = read_capability(answered, "deviceName") or read_capability(answered, "udid") or "device"
        known = answered.get("pixelRatio", answered.get("appium:pixelRatio"))
        ratio = self._pixel_ratio or number_in(known)
        if not ratio:
            raise AppUnreachable(f"{name} doesn't say its pixel ratio: set pixel_ratio for this target")
        bar = answered.get("statBarHeight", answered.get("appium:statBarHeight"))
        height = number_in(bar) or 0.0
        return DeviceInfo(bundle, name, ratio, status_bar=height)

    def screen(self, source: str, device: DeviceInfo) -> DeviceScreen:
        """Parse a page source of XCUITest; where it doesn't say whose it is, it is taken for ours."""
        tree = ios_tree(source, pixel_ratio=device.pixel_ratio)
        named = BUNDLE.search(source)
        return DeviceScreen(tree, named[1] if named else device.app, ios_dialog(tree, self.system_names))

    async def launch(self, session: DeviceSession) -> None:
        """Launch the app."""
        await session.script("mobile: launchApp", bundleId=session.device.app)

    async def link(self, session: DeviceSession, url: str) -> None:
        """Have the app open an address; iOS 16.4 is the first that can be asked."""
        await session.script("mobile: deepLink", url=url, bundleId=session.device.app)

    async def stop(self, session: DeviceSession) -> None:
        """Terminate the app."""
        await session.script("mobile: terminateApp", bundleId=session.device.app)

    async def clear(self, session: DeviceSession) -> None:
        """Terminate the app and remove its data: on a real device by installing it anew."""
        await self.stop(session)
        if is_on_simulator(session):
            await session.script("mobile: clearApp", bundleId=session.device.app)
            # Where apps keep their tokens; it outlives the app.
            await session.script("mobile: clearKeychains")
        elif self._package:
            await session.script("mobile: removeApp", bundleId=session.device.app)
            await session.script("mobile: installApp", app=self._package, seconds=SLOW_COMMAND_S)
        else:
            raise BridgeError(
                f"the data of {session.device.app} can't be removed from a real device but with the app: "
                "give the capability app, to install it from"
            )

    async def ask_state(self, session: DeviceSession) -> object:
        """Ask what became of the app."""
        return await session.script("mobile: queryAppState", bundleId=session.device.app)

    async def back(self, session: DeviceSession) -> None:
        """Swipe from the left edge."""
        size = await session.command(Command.GET_WINDOW_RECT)
        width, height = _numbers(size, "width", "height")
        end = (width * BACK_TO, height / 2)
        await self.touch(session, [[Stroke((BACK_FROM, height / 2), (Move(end, FLING_S),))]])

    async def send_home(self, session: DeviceSession) -> None:
        """Press the home button."""
        await session.command(
            Command.W3C_EXECUTE_SCRIPT, script="mobile: pressButton", args=[{"name": "home"}]
        )

    async def press(self, session: DeviceSession, key: KeyPress) -> None:
        """Press a key of a hardware keyboard: iPads have one, iPhones refuse."""
        pressed = key.resolve("Meta")
        if pressed.key == "Insert":
            raise CommandRefused("there is no such key")
        flags = sum(1 << MODIFIER_BITS[name] for name in pressed.held)
        await session.script(
            "mobile: keys", keys=[{"key": KEYS.get(pressed.key, pressed.key), "modifierFlags": flags}]
        )

    async def set_text(self, session: DeviceSession, node: Node, text: str) -> bool:
        """Clear the field and type, if it is the one that has the keyboard."""
        try:
            field = element_in(await session.command(Command.W3C_GET_ACTIVE_ELEMENT))
            rect = await session.command(Command.GET_ELEMENT_RECT, id=field)
            if not _overlap(node.box, rect):
                return False
            await session.command(Command.CLEAR_ELEMENT, id=field)
            if text:
                await session.command(Command.SEND_KEYS_TO_ELEMENT, id=field, text=text, value=list(text))
        except ElementMissing:
            return False
        return True


def is_on_simulator(session: DeviceSession) -> bool:
    """Whether a session is with a simulator, whose identifiers are UUIDs; a real device's never are."""
    return SIMULATOR.fullmatch(read_capability(session.capabilities, "udid")) is not None


def _numbers(answer: Any, *names: str) -> list[float]:
    try:
        return [float(answer[name]) for name in names]
    except (LookupError, TypeError, ValueError, OverflowError) as error:
        raise BridgeError(f"the driver said no {names[0]}, but {str(answer)[:60]!r}") from error


def _overlap(box: Box, rect: object) -> bool:
    other = Box(*_numbers(rect, "x", "y", "width", "height"))
    return not box.intersection(other).is_empty


ALLOW = re.compile(
    r"^(Allow|OK|Continue|Allow Once|Allow While Using( the)? App"
    r"|Allow Full Access|Allow Access to All Photos|Allow Paste|Change to Always Allow)$"
)
DENY = re.compile(
    r"^(Don['\u2019]t Allow( Paste)?|Deny|Ask App Not to Track|Keep Only While Using|Keep Add Only)$"
)
"""The buttons of an alert that asks to permit something, on a device in English. Both have to be there."""


def ios_dialog(tree: Tree, names: SystemNames = SystemNames()) -> SystemDialog | None:  # noqa: B008 - it never changes
    """Return the alert on a screen; None where there is none."""
    alert = next((node for node in tree if node.role is Role.DIALOG and node.visible), None)
    if alert is None:
        return None
    buttons = [node for node in alert.walk() if node.role is Role.BUTTON and node.visible and node.enabled]
    allow = next((button for button in buttons if is_called(button, names.allow, ALLOW)), None)
    deny = next((button for button in buttons if is_called(button, names.deny, DENY)), None)
    permission = allow is not None and deny is not None
    return SystemDialog(
        _text(alert),
        permission=permission,
        allow=allow if permission else None,
        deny=deny if permission else None,
    )


def _text(alert: Node) -> str:
    """Return an alert's title: its own label, or the first text in it."""
    text = next((node.text for node in alert.walk() if node.text and node.role is not Role.BUTTON), "")
    return text.replace("\n", " ") or "without a text"
