"""Opens a Flutter web build in a browser that Appium drives, and says which browser to ask for."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from flutter_bridge.address import is_loopback, login_in, without_login
from flutter_bridge.app import FlutterApp, evidence_of_failed_start
from flutter_bridge.errors import BrowserMissing
from flutter_bridge.mobile_web.session import open_session
from flutter_bridge.mobile_web.webdriver_page import WebDriverPage
from flutter_bridge.web import QUIET_ARGUMENTS, BrowserDriver, find_browser, launch_arguments
from local_server import free_port


@asynccontextmanager
async def open_mobile_web_app(
    *,
    server: str,
    capabilities: Mapping[str, Any],
    url: str,
    artifacts: Path,
    link: str = "/",
    timeout: float = 10.0,
    start_timeout: float = 60.0,
    session_timeout: float | None = None,
    target: str = "mobile-web",
) -> AsyncIterator[FlutterApp]:
    """Open a Flutter web build in a session of its own, and end that at the end.

    - `server`: where Appium listens; `capabilities`: what the session is asked for, such as those of
      `chromium_capabilities`.
    - `url`: where the app is served, as the device reaches it; `link` is the deep link to open first.
    - `artifacts`: the folder that screenshots of failures go to; made when needed.
    - `timeout`: seconds that every wait may take; `start_timeout` those that the session and a load may, and
      `session_timeout` those that the session may where that is another time.

    Raises `AppUnreachable` where there is no Appium, no session or no app, and `SemanticsMissing` where what
    is there is no Flutter app.
    """
    async with open_session(
        server, _with_port(capabilities, server), seconds=session_timeout or start_timeout
    ) as session:
        url, login = without_login(url), login_in(url)
        driver = BrowserDriver(
            WebDriverPage(session, url, seconds=start_timeout, login=login),
            url,
            artifacts=artifacts,
            start_timeout=start_timeout,
            target=target,
        )
        app = FlutterApp(driver, target=target, links=url, timeout=timeout)
        async with evidence_of_failed_start(app, artifacts):
            await app.start(link)
        yield app


VARIABLE = "JOURNEYS_CHROMEDRIVER"
"""The environment variable that names a chromedriver's executable."""

POPUPS_ALLOWED = "disable-popup-blocking"
"""What chromedriver asks of Chrome, and people don't: to let pages open windows that nobody wanted."""

IDLE_SESSION_S = 300
"""After how long Appium ends a session that nobody asks anything of."""


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
        "appium:newCommandTimeout": IDLE_SESSION_S,
        "goog:chromeOptions": {
            "binary": str(find_browser(browser)),
            "args": arguments,
            "excludeSwitches": [POPUPS_ALLOWED],
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
    arguments = [*QUIET_ARGUMENTS, "--headless=new", *options.pop("args", ())]
    return {
        "browserName": "chrome",
        "pageLoadStrategy": "eager",
        **given,
        "goog:chromeOptions": {
            "excludeSwitches": [POPUPS_ALLOWED],
            "mobileEmulation": {"deviceMetrics": screen},
            **options,
            "args": arguments,
        },
    }


def _with_port(capabilities: Mapping[str, Any], server: str) -> dict[str, Any]:
    """Return capabilities that name a free port for the Chromium driver's chromedriver, where none is named.

    Left to itself the driver takes one and the same port for every session, and ends whoever has it. Which
    ports are free is known of this machine only.
    """
    named = {name.removeprefix("appium:"): value for name, value in capabilities.items()}
    driver = str(named.get("automationName", "")).casefold()
    if driver != "chromium" or "chromedriverPort" in named or not is_loopback(server):
        return dict(capabilities)
    return {**capabilities, "appium:chromedriverPort": free_port()}
