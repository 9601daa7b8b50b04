"""A WebDriver session with a browser, whose blocking client has a thread of its own."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from typing import Any, TypeVar

from appium.options.common.base import AppiumOptions
from appium.webdriver.webdriver import WebDriver
from selenium.common.exceptions import TimeoutException, WebDriverException
from selenium.webdriver.remote.command import Command

from flutter_bridge.appium.connection import (
    CLOSING_S,
    LATE_SESSION_S,
    Connection,
    Worker,
    connection,
    start_session,
)
from flutter_bridge.appium.failures import Refused, first_line, message_of, opening, reaching, understanding
from flutter_bridge.errors import AppUnreachable, BridgeError
from flutter_bridge.web.page import DocumentReplaced

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


BROWSER = (
    "no such window",
    "target window already closed",
    "web view not found",
    "disconnected",
    "chrome not reachable",
    "tab crashed",
    "not connected to devtools",
)
REPLACED = (
    # No question waits as long as the driver does: its answer went with the document.
    "script timeout",
    "document unloaded",
    "aborted by navigation",
    "cannot find context",
    "execution context was destroyed",
    "cannot determine loading status",
    "inspected target navigated",
)
VERSIONS = re.compile(r"only supports Chrome version (\d+).{0,60}?browser version is ([\d.]+)", re.DOTALL)


@contextmanager
def talking(server: str, url: str) -> Iterator[None]:
    """Turn a driver's complaints into `AppUnreachable`, or into `DocumentReplaced` where that is all."""
    try:
        with reaching(server):
            try:
                yield
            except WebDriverException as error:
                meant = _meant(error, url)
                if meant is None:
                    raise
                raise meant from error
    except Refused as error:
        raise AppUnreachable(f"the browser showing {url} can't be driven: {error}") from error


@contextmanager
def starting(server: str) -> Iterator[None]:
    """Turn what stands in a session's way into `AppUnreachable`."""
    with opening(server):
        try:
            yield
        except WebDriverException as error:
            versions = VERSIONS.search(message_of(error))
            if versions is None:
                raise
            raise AppUnreachable(
                f"Appium at {server} opened no session: its chromedriver is for Chrome {versions[1]} and the "
                f"browser is {versions[2]}; name the chromedriver of the browser's version"
            ) from error


def _meant(error: WebDriverException, url: str) -> Exception | None:
    said = message_of(error).lower()
    if any(word in said for word in BROWSER):
        return AppUnreachable(f"the browser showing {url} is gone: it was closed or it crashed")
    if isinstance(error, TimeoutException) and "script timeout" not in said:
        return AppUnreachable(f"{url} did not answer in time: is the app running there?")
    if code := re.search(r"net::(ERR_\w+)", message_of(error)):
        return AppUnreachable(f"{url} can't be reached ({code[1]}): is the app running there?")
    return DocumentReplaced(first_line(error)) if any(word in said for word in REPLACED) else None
