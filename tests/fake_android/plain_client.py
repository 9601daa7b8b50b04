"""The plain Appium client on a stand-in, as somebody else's tests use it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from appium import webdriver
from appium.options.android import UiAutomator2Options
from appium.webdriver.common.appiumby import AppiumBy
from appium.webdriver.webdriver import WebDriver

from local_server import free_port
from tests.fake_android.stand_in_process import ACTIVITY, PACKAGE


def capabilities(serial: str = "stand-in-1", **more: Any) -> dict[str, Any]:
    """Return all that a session needs."""
    return {
        "platformName": "Android",
        "appium:automationName": "UiAutomator2",
        "appium:udid": serial,
        "appium:appPackage": PACKAGE,
        "appium:appActivity": ACTIVITY,
        "appium:systemPort": free_port(),
        # Tests of the other phone leave this one alone for longer than the driver likes.
        "appium:newCommandTimeout": 300,
        "appium:skipServerInstallation": True,
        "appium:skipDeviceInitialization": True,
        "appium:skipUnlock": True,
        "appium:suppressKillServer": True,
        "appium:settings[waitForIdleTimeout]": 0,
        "appium:settings[disableIdLocatorAutocompletion]": True,
        **{f"appium:{name}": value for name, value in more.items()},
    }


def options(wanted: dict[str, Any]) -> UiAutomator2Options:
    return UiAutomator2Options().load_capabilities(wanted)


@contextmanager
def session(appium: str, wanted: dict[str, Any]) -> Iterator[WebDriver]:
    driver = webdriver.Remote(appium, options=options(wanted))
    try:
        driver.implicitly_wait(10)
        yield driver
    finally:
        driver.quit()


def by_id(driver: WebDriver, identifier: str) -> Any:
    return driver.find_element(AppiumBy.ID, identifier)


def described(driver: WebDriver, text: str) -> Any:
    return driver.find_element(AppiumBy.ACCESSIBILITY_ID, text)
