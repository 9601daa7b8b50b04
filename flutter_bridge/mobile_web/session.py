"""A WebDriver session with a browser, whose blocking client has a thread of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from appium.options.common.base import AppiumOptions
from appium.webdriver.webdriver import WebDriver
from selenium.webdriver.remote.command import Command

from flutter_bridge.appium.connection import CLOSING_S, LATE_SESSION_S, Connection, connection, start_session
from flutter_bridge.appium.failures import understanding
from flutter_bridge.appium.worker import Worker
from flutter_bridge.errors import BridgeError
from flutter_bridge.mobile_web.failures import starting, talking

T = TypeVar("T")

COMMAND = 60.0
"""Seconds one command may take beyond what a load may; a browser that is slower is taken for gone."""

CDP = "executeCdpCommand"
"""The client's name for a command of the browser's own protocol."""

PROTOCOL = "/session/$sessionId/goog/cdp/execute"
"""Where Chromium's drivers take such commands."""


class BrowserSession:
    """One session; what it is asked for is done one after the other, in one thread."""

    def __init__(self, to_appium: Connection, worker: Worker, driver: WebDriver) -> None:
        self._connection = to_appium
        self._worker = worker
        self._driver = driver
        self._ended = False

    @property
    def server(self) -> str:
        """Appium's address, without what is secret in it."""
        return str(self._connection.client_config.remote_server_addr)

    @property
    def sent(self) -> int:
        """How many requests were sent to Appium so far."""
        return self._connection.sent

    @property
    def in_safari(self) -> bool:
        """Whether the browser is Safari on a phone."""
        return str(self._known.get("browserName", "")).casefold() == "safari"

    @property
    def browser(self) -> str:
        """The browser's name and version, as the driver tells them."""
        known = self._known
        return f"{known.get('browserName', '')} {known.get('browserVersion', '')}".strip().lower()

    @property
    def _known(self) -> Mapping[str, Any]:
        known = self._driver.caps
        return known if isinstance(known, dict) else {}

    async def call(self, question: Callable[[WebDriver], T], *, seconds: float | None = None) -> T:
        """Ask the client something in its thread, within `seconds` if given; raises what it raises."""

        def ask() -> T:
            usual = self._connection.client_config.timeout
            self._connection.limit(seconds or usual)
            try:
                with understanding(self.server):
                    return question(self._driver)
            finally:
                self._connection.limit(usual)

        return await self._worker.do(ask)

    async def end(self) -> None:
        """End the session and its thread; it always ends, and does nothing the second time."""
        if self._ended:
            return
        self._ended = True
        try:
            with suppress(BridgeError):
                await self._worker.do(self._quit)
        finally:
            # A thread that hangs in a dead connection is given up; Appium ends its session by itself.
            await self._worker.stop(seconds=CLOSING_S)
            self._connection.close()  # type: ignore[no-untyped-call]  # the client says no types

    def _quit(self) -> None:
        self._connection.limit(CLOSING_S)
        with talking(self.server, "the app"):
            self._driver.execute(Command.QUIT)


@asynccontextmanager
async def open_session(
    server: str, capabilities: Mapping[str, Any], *, seconds: float
) -> AsyncIterator[BrowserSession]:
    """Start a session, and end it at the end; `seconds` bounds its start."""
    to_appium = connection(server, seconds=LATE_SESSION_S)
    options = AppiumOptions()
    options.load_capabilities(dict(capabilities))
    worker = Worker("appium-browser")
    shown = str(to_appium.client_config.remote_server_addr)
    with starting(shown):
        driver = await start_session(
            worker, lambda: WebDriver(command_executor=to_appium, options=options), shown, seconds=seconds
        )
    to_appium.add_command(  # type: ignore[no-untyped-call]  # the client says no types
        CDP, "POST", PROTOCOL
    )
    to_appium.limit(seconds + COMMAND)
    session = BrowserSession(to_appium, worker, driver)
    try:
        yield session
    finally:
        await session.end()
