"""Stand-in phones to take in hand: with the sample app, and with pages that look like an app to them."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from playwright.async_api import Browser

from flutter_bridge.standin.device import App, Setup
from flutter_bridge.standin.phone import open_phone
from tests.flutter_bridge.standin.hand import PACKAGE, Hand

SERIALS = (f"stand-in-{number}" for number in itertools.count(1))


@pytest.fixture
async def hand(browser: Browser, sample_app: str) -> AsyncIterator[Hand]:
    """Hold a phone on which the sample app has just been started."""
    app = App(PACKAGE, ".MainActivity", sample_app, label="Sample")
    async with open_phone(Setup(next(SERIALS), pixel_ratio=2.0, apps=(app,)), browser=browser) as phone:
        await phone.start(PACKAGE)
        hand = Hand(phone)
        await hand.reads("Pressed 0 times")
        # The app puts its screen in place once more, told of its address: taps on the first are lost.
        await phone.quiet(5)
        yield hand


@pytest.fixture
async def hold(
    browser: Browser, serve_page: Callable[[str], Awaitable[str]]
) -> AsyncIterator[Callable[..., Awaitable[Hand]]]:
    """Return a function that gives a phone with one app, of which the markup is given, not started yet."""
    async with AsyncExitStack() as held:

        async def hold_with(markup: str, **setup: Any) -> Hand:
            head = "<!doctype html><meta name=viewport content='width=device-width, initial-scale=1'>"
            url = await serve_page(f"{head}<body style='margin:0'>{markup}")
            app = App(PACKAGE, ".MainActivity", url, label="Sample")
            opening = open_phone(Setup(next(SERIALS), apps=(app,), **setup), browser=browser)
            return Hand(await held.enter_async_context(opening))

        yield hold_with
