"""Stand-in phones to take in hand: with the sample app, and with pages that look like an app to them."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import pytest
from playwright.async_api import Browser

from fake_android.connected_phone import ConnectedPhone
from fake_android.device import InstalledApp, PhoneSetup
from fake_android.phone import Phone, open_phone
from fake_android.uiautomator2 import UiAutomatorServer
from tests.fake_android.hand import Hand
from tests.fake_android.scripted_phone import ScriptedPhone
from tests.fake_android.stand_in_process import PACKAGE
from tests.fake_android.uiautomator_client import Ask
from tests.site_server import page_server

SERIALS = (f"stand-in-{number}" for number in itertools.count(1))
VISITS = itertools.count(1)


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """Leave the viewport to each test."""
    return {name: value for name, value in browser_context_args.items() if name != "viewport"}


@pytest.fixture(scope="session")
async def sample_phone(browser: Browser, sample_app: str) -> AsyncIterator[Phone]:
    """Switch on a phone with the sample app."""
    app = InstalledApp(PACKAGE, ".MainActivity", sample_app, label="Sample")
    async with open_phone(PhoneSetup(next(SERIALS), pixel_ratio=2.0, apps=(app,)), browser=browser) as phone:
        yield phone


@pytest.fixture(scope="module")
async def resting_phone(sample_phone: Phone) -> AsyncIterator[Phone]:
    """Leave the app without a focused field, whose caret would be drawn until the last test of all."""
    yield sample_phone
    await sample_phone.start(PACKAGE, link=f"/fresh-{next(VISITS)}")


@pytest.fixture
async def hand(resting_phone: Phone) -> Hand:
    """Hold a phone that shows a first screen of the sample app nobody did anything on."""
    hand = Hand(resting_phone)
    if resting_phone.rotation:
        await resting_phone.rotate(0)
    await resting_phone.start(PACKAGE)
    if resting_phone.foreground[0] != PACKAGE:
        # A test that failed left something over the app.
        await resting_phone.clear(PACKAGE)
    before = {node.ref for node in (await resting_phone.window()).walk()}
    await resting_phone.start(PACKAGE, link=f"/fresh-{next(VISITS)}")
    await hand.sees(lambda node: node.resource_id == "press" and node.ref not in before)
    # One screen slides over the other.
    await resting_phone.wait_until_idle(5)
    return hand


@pytest.fixture
async def fresh_hand(sample_phone: Phone) -> Hand:
    """Hold a phone on which the sample app has just been started for the first time."""
    await sample_phone.clear(PACKAGE)
    await sample_phone.start(PACKAGE)
    return Hand(sample_phone)


@pytest.fixture
async def serve_page() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Return a function that serves one page at every path of an address of its own, and returns that.

    With a `login`, a name and a password, it is shown to nobody else.
    """
    async with page_server() as serve:
        yield serve


@pytest.fixture
async def hold(
    browser: Browser, serve_page: Callable[[str], Awaitable[str]]
) -> AsyncIterator[Callable[..., Awaitable[Hand]]]:
    """Return a function that gives a phone with one app, of which the markup is given, not started yet."""
    async with AsyncExitStack() as held:

        async def hold_with(markup: str, **setup: Any) -> Hand:
            head = "<!doctype html><meta name=viewport content='width=device-width, initial-scale=1'>"
            url = await serve_page(f"{head}<body style='margin:0'>{markup}")
            app = InstalledApp(PACKAGE, ".MainActivity", url, label="Sample")
            opening = open_phone(PhoneSetup(next(SERIALS), apps=(app,), **setup), browser=browser)
            return Hand(await held.enter_async_context(opening))

        yield hold_with


@pytest.fixture
def phone() -> ScriptedPhone:
    """Give a phone that shows what a test has it show."""
    return ScriptedPhone(PhoneSetup("stand-in-1", pixel_ratio=2.0))


@pytest.fixture
async def client(phone: ScriptedPhone) -> AsyncIterator[httpx.AsyncClient]:
    """Open a session with its UiAutomator2 server."""
    server = UiAutomatorServer(ConnectedPhone(phone), 0)
    transport = httpx.ASGITransport(server.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://phone") as client:
        capabilities = {"firstMatch": [{"appPackage": PACKAGE}], "alwaysMatch": {}}
        created = await client.post("/session", json={"capabilities": capabilities})
        client.base_url = httpx.URL(f"http://phone/session/{created.json()['sessionId']}/")
        await client.post("appium/settings", json={"settings": {"waitForIdleTimeout": 0}})
        yield client


@pytest.fixture
def ask(client: httpx.AsyncClient) -> Ask:
    """Return what posts a command, or gets an answer where there is no body, and returns its value."""

    async def value(path: str, body: dict[str, Any] | None = None, *, status: int = 200) -> Any:
        answer = await (client.get(path) if body is None else client.post(path, json=body))
        assert answer.status_code == status, answer.text
        return answer.json()["value"]

    return value
