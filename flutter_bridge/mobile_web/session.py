"""A WebDriver session with a browser, whose blocking client has a thread of its own."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any, TypeVar

from appium.options.common.base import AppiumOptions
from appium.webdriver.webdriver import WebDriver
from selenium.webdriver.remote.command import Command

from flutter_bridge.appium.connection import Connection, connection
from flutter_bridge.appium.failures import understanding
from flutter_bridge.appium.worker import Worker
from flutter_bridge.errors import BridgeError
from flutter_bridge.mobile_web.failures import starting, talking

T = TypeVar("T")

COMMAND = 60.0
"""Seconds one command may take beyond what a load may; a browser that is slower is taken for gone."""

CLOSING = 15.0
"""Seconds the end of a session may take."""

CDP = "executeCdpCommand"
"""The client's name for a command of the browser's own protocol."""

PROTOCOL = "/session/$sessionId/goog/cdp/execute"
"""Where Chromium's drivers take such commands."""


class BrowserSession:
    """One session; what it is asked for is done one after the other, in one thread."""

    def __init__(self, to_appium: Connection, worker: Worker, drivers: list[WebDriver]) -> None:
        self._connection = to_appium
        self._worker = worker
        self._drivers = drivers
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
        known = self._drivers[0].caps
        return known if isinstance(known, dict) else {}

    async def call(self, question: Callable[[WebDriver], T], *, seconds: float | None = None) -> T:
        """Ask the client something in its thread, within `seconds` if given; raises what it raises."""

        def ask() -> T:
            usual = self._connection.client_config.timeout
            self._connection.limit(seconds or usual)
            try:
                with understanding(self.server):
                    return question(self._drivers[0])
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
            await self._worker.stop(seconds=CLOSING)
            self._connection.close()  # type: ignore[no-untyped-call]  # the client says no types

    def _quit(self) -> None:
        self._connection.limit(CLOSING)
        for driver in self._drivers:
            with talking(self.server, "the app"):
                driver.execute(Command.QUIT)


@asynccontextmanager
async def open_session(
    server: str, capabilities: Mapping[str, Any], *, seconds: float
) -> AsyncIterator[BrowserSession]:
    """Start a session, and end it at the end; `seconds` bounds its start."""
    to_appium = connection(server, seconds=seconds)
    options = AppiumOptions()
    options.load_capabilities(dict(capabilities))
    drivers: list[WebDriver] = []
    worker = Worker("appium-browser")
    session = BrowserSession(to_appium, worker, drivers)

    def start() -> None:
        with starting(session.server):
            # Kept even where the wait for it is cancelled: a session nobody knows of holds the device.
            drivers.append(WebDriver(command_executor=to_appium, options=options))
        to_appium.add_command(  # type: ignore[no-untyped-call]  # the client says no types
            CDP, "POST", PROTOCOL
        )

    try:
        await worker.do(start)
        to_appium.limit(seconds + COMMAND)
        yield session
    finally:
        await session.end()
