"""The browser behind phones, and what of it makes a page believe that it is on one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from playwright.async_api import Browser, BrowserContext, Error, async_playwright

from fake_android.device import Setup
from fake_android.window import prepare
from flutter_bridge.web import launch_failure, launch_options


@asynccontextmanager
async def open_browser(arguments: Sequence[str] = ()) -> AsyncIterator[Browser]:
    """Start a Chromium that phones can share; it ends with the context.

    Raises `BrowserMissing` where there is none, or it does not start.
    """
    async with async_playwright() as playwright:
        options: dict[str, Any] = launch_options(
            bundled=playwright.chromium.executable_path, given={"args": list(arguments)}
        )
        try:
            browser = await playwright.chromium.launch(**options)
        except Error as error:
            raise launch_failure(options["executable_path"], error.message) from error
        try:
            yield browser
        finally:
            # One that died needs no closing.
            with suppress(Error):
                await browser.close()


async def new_storage(browser: Browser, setup: Setup) -> BrowserContext:
    """Make a browser context of a phone's kind, with nothing in it."""
    width, height = setup.size
    context = await browser.new_context(
        viewport={"width": width, "height": height},
        device_scale_factor=setup.pixel_ratio,
        has_touch=True,
        is_mobile=True,
        user_agent=user_agent(browser.version, setup.sdk),
    )
    await prepare(context)
    return context


def user_agent(browser_version: str, sdk: int) -> str:
    """Return what Chrome on a phone says of itself: an app's engine takes its platform from it."""
    major = browser_version.partition(".")[0]
    # Android's name for what it runs on: 13 for 33, 14 for 34, and so on.
    return (
        f"Mozilla/5.0 (Linux; Android {sdk - 20}; K) AppleWebKit/537.36 (KHTML, like Gecko) "
        f"Chrome/{major}.0.0.0 Mobile Safari/537.36"
    )
