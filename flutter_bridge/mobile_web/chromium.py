"""Says how Appium's Chromium driver starts a phone-sized browser on this machine."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from flutter_bridge.address import is_loopback
from flutter_bridge.errors import BrowserMissing
from flutter_bridge.ports import free_port
from flutter_bridge.web.browser import QUIET, find_browser, launch_arguments

VARIABLE = "JOURNEYS_CHROMEDRIVER"
"""The environment variable that names a chromedriver's executable."""

PATIENCE = 300
"""Seconds after which Appium ends a session that nobody asks anything of."""


def find_chromedriver(wanted: str | Path | None = None) -> Path:
    """Return the chromedriver to use: the one named, else that on the path.

    The environment variable `JOURNEYS_CHROMEDRIVER` takes the place of `wanted`. Raises `BrowserMissing`
    where there is none.
    """
    named = wanted or os.environ.get(VARIABLE)
    found = shutil.which(str(named or "chromedriver"))
    if found is None and named:
        raise BrowserMissing(f"no chromedriver at {named}: name an executable in {VARIABLE}, or unset it")
    if found is None:
        raise BrowserMissing(
            "no chromedriver found: install the one of your browser's version (Debian: chromium-driver), "
            f"or name an executable in {VARIABLE}"
        )
    return Path(found)


def chromium_capabilities(
    *,
    chromedriver: str | Path | None = None,
    browser: str | Path | None = None,
    size: tuple[int, int] = (412, 915),
    pixel_ratio: float = 1.0,
    headless: bool = True,
    reachable: Iterable[str] = (),
) -> dict[str, Any]:
    """Return the capabilities of a Chromium on this machine that shows pages as a phone does.

    - `chromedriver`, `browser`: executables; found where not named (`find_chromedriver`, `find_browser`).
    - `size`: the screen in logical pixels; `pixel_ratio`: physical pixels to each of them.
    - `reachable`: addresses besides this host's own that pages may load from.

    Raises `BrowserMissing` where one of the two isn't there. For Chrome on a device, write capabilities of
    UiAutomator2 with `browserName: Chrome` instead.
    """
    width, height = size
    arguments = [*launch_arguments(reachable=reachable), *(["--headless=new"] if headless else [])]
    screen = {"width": width, "height": height, "pixelRatio": pixel_ratio, "touch": True, "mobile": True}
    platform = {"darwin": "mac", "win32": "windows"}.get(sys.platform, "linux")
    return {
        "platformName": platform,
        "browserName": "chrome",
        "pageLoadStrategy": "eager",
        "appium:automationName": "Chromium",
        "appium:executable": str(find_chromedriver(chromedriver)),
        "appium:autodownloadEnabled": False,
        "appium:newCommandTimeout": PATIENCE,
        "goog:chromeOptions": {
            "binary": str(find_browser(browser)),
            "args": arguments,
            "mobileEmulation": {"deviceMetrics": screen},
        },
    }


def grid_capabilities(
    given: Mapping[str, Any], *, size: tuple[int, int] = (412, 915), pixel_ratio: float = 1.0
) -> dict[str, Any]:
    """Return the capabilities of a Chrome on some host of a Selenium Grid that shows pages as a phone does.

    - `given`: others to ask for; arguments in their `goog:chromeOptions` are added to ours.
    - `size`: the screen in logical pixels; `pixel_ratio`: physical pixels to each of them.

    Which Chrome that is, and what it may reach, is the node's to say.
    """
    width, height = size
    screen = {"width": width, "height": height, "pixelRatio": pixel_ratio, "touch": True, "mobile": True}
    options = dict(given.get("goog:chromeOptions") or {})
    arguments = [*QUIET, "--headless=new", *options.pop("args", ())]
    return {
        "browserName": "chrome",
        "pageLoadStrategy": "eager",
        **given,
        "goog:chromeOptions": {
            "mobileEmulation": {"deviceMetrics": screen},
            **options,
            "args": arguments,
        },
    }


def with_a_port(capabilities: Mapping[str, Any], server: str) -> dict[str, Any]:
    """Return capabilities that name a free port for the Chromium driver's chromedriver, where none is named.

    Left to itself the driver takes one and the same port for every session, and ends whoever has it. Which
    ports are free is known of this machine only.
    """
    named = {name.removeprefix("appium:"): value for name, value in capabilities.items()}
    driver = str(named.get("automationName", "")).casefold()
    if driver != "chromium" or "chromedriverPort" in named or not is_loopback(server):
        return dict(capabilities)
    return {**capabilities, "appium:chromedriverPort": free_port()}
