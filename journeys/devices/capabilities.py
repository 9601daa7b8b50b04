"""The capabilities that a session of Appium is asked for, from a target's settings."""

from __future__ import annotations

from flutter_bridge import BrowserMissing
from flutter_bridge.mobile_web import chromium_capabilities, grid_capabilities
from journeys.devices.place import Place
from journeys.errors import SetupError
from journeys.targets import Target

STAND_IN_APP, STAND_IN_ACTIVITY = "app.journeys.reference", ".MainActivity"
"""What the web build that a stand-in shows is called on it."""

STAND_IN_LINKS = "journeys-reference://open"
"""What stands before a path in the stand-in's deep links."""

# What a phone has to be prepared for and a stand-in has no parts of: Appium's own apps, its lock.
_STAND_IN = {
    "appium:appPackage": STAND_IN_APP,
    "appium:appActivity": STAND_IN_ACTIVITY,
    "appium:skipServerInstallation": True,
    "appium:skipDeviceInitialization": True,
    "appium:skipUnlock": True,
    "appium:ignoreHiddenApiPolicyError": True,
    "appium:suppressKillServer": True,
}
# How long adb may take for one command: on a busy machine a cold start takes longer than Appium's 20 s.
_ADB_PATIENCE = {"appium:adbExecTimeout": 60_000}
_NAMES = {"android": "Android", "ios": "iOS"}


def app_capabilities(place: Place, device: str | None) -> dict[str, object]:
    """Return what a session with the app on a device is asked for; None: whichever device Appium finds."""
    target = place.target
    wanted: dict[str, object] = {"platformName": _NAMES[target.platform]}
    if target.platform == "android":
        wanted |= _ADB_PATIENCE
    if place.stand_in:
        wanted |= _STAND_IN
    if device is not None:
        wanted["appium:udid"] = device
    if target.app is not None:
        wanted["appium:app"] = target.app
    if target.app_id is not None:
        wanted["appium:appPackage" if target.platform == "android" else "appium:bundleId"] = target.app_id
    if target.activity is not None:
        wanted["appium:appActivity"] = target.activity
    return wanted | dict(target.capabilities)


def browser_capabilities(target: Target) -> dict[str, object]:
    """Return what a session with the web build in a browser is asked for."""
    if target.platform != "chromium":
        wanted: dict[str, object] = {"platformName": _NAMES[target.platform], "browserName": target.browser}
        if target.devices:
            wanted["appium:udid"] = target.devices[0]
        return wanted | dict(target.capabilities)
    if target.provider == "grid":
        return grid_capabilities(target.capabilities, pixel_ratio=target.pixel_ratio or 1.0)
    try:
        return chromium_capabilities(pixel_ratio=target.pixel_ratio or 1.0) | dict(target.capabilities)
    except BrowserMissing as problem:
        raise SetupError(f"{target.name}: {problem}") from problem
