"""A WebDriver session with a browser, whose blocking client has a thread of its own."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any, TypeVar

from selenium.common.exceptions import TimeoutException, WebDriverException

from flutter_bridge.address import is_loopback
from flutter_bridge.appium import WebDriverSession, command_errors, first_line, message_of, start_session
from flutter_bridge.clock import now
from flutter_bridge.errors import AppUnreachable, CommandRefused, DocumentReplaced, WindowGone

T = TypeVar("T")

COMMAND_S = 60.0
"""How long one command may take beyond what a load may; a browser that is slower is taken for gone."""

ENDING_S = 2.0
"""How long a browser may take to end after its session."""

CDP = "executeCdpCommand"
"""The client's name for a command of the browser's own protocol."""

PROTOCOL = "/session/$sessionId/goog/cdp/execute"
"""Where Chromium's drivers take such commands."""


class BrowserSession(WebDriverSession):
    """A session with a browser; `window` is the one that commands go to."""

    window = ""

    async def close(self) -> None:
        """End the session, and a browser on this machine that doesn't end with it.

        One whose page hangs was seen to go on with a core to itself, whatever its driver was told.
        """
        await super().close()
        known = self.capabilities
        profile = (known.get("chrome") or {}).get("userDataDir")
        if profile and is_loopback(self.server):
            await asyncio.to_thread(_end_browser, known.get("goog:processID"), str(profile))

    @property
    def is_safari(self) -> bool:
        """Whether the browser is Safari on a phone."""
        return str(self.capabilities.get("browserName", "")).casefold() == "safari"

    @property
    def shortcut_modifier(self) -> str:
        """Which key is held for an app's shortcuts."""
        platform = str(self.capabilities.get("platformName", "")).casefold()
        return "Meta" if platform.startswith(("mac", "ios")) else "Control"

    @property
    def browser(self) -> str:
        """The browser's name and version, as the driver tells them."""
        known = self.capabilities
        return f"{known.get('browserName', '')} {known.get('browserVersion', '')}".strip().lower()


def _end_browser(number: object, profile: str) -> None:
    """End the process of a number, once it has had the time to end by itself, if it has this profile.

    Nobody else has a profile that was made for a session; a number alone may be another machine's, behind a
    tunnel, or somebody else's by now. Where processes can't be looked at, nothing is ended.
    """
    words = Path(f"/proc/{number}/cmdline")
    until = now() + ENDING_S
    with suppress(OSError):
        while f"--user-data-dir={profile}\0".encode() in words.read_bytes():
            if now() > until:
                os.kill(int(str(number)), signal.SIGKILL)
                return
            time.sleep(0.05)  # a process that isn't our child tells nobody of its end


@asynccontextmanager
async def open_session(
    server: str, capabilities: Mapping[str, Any], *, seconds: float
) -> AsyncIterator[BrowserSession]:
    """Start a session, and end it at the end; `seconds` bounds its start."""
    driver, worker = await start_session(server, capabilities, seconds=seconds)
    driver.command_executor.add_command(  # type: ignore[no-untyped-call]  # the client says no types
        CDP, "POST", PROTOCOL
    )
    session = BrowserSession(driver, worker, command_s=seconds + COMMAND_S)
    try:
        yield session
    finally:
        await session.close()


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


@contextmanager
def browser_errors(server: str, url: str) -> Iterator[None]:
    """Turn a driver's complaints into `AppUnreachable`, or into `DocumentReplaced` where that is all."""
    try:
        with command_errors(server):
            try:
                yield
            except WebDriverException as error:
                meant = _error_meant_by(error, url)
                if meant is None:
                    raise
                raise meant from error
    except CommandRefused as error:
        raise AppUnreachable(f"the browser showing {url} can't be driven: {error}") from error


def _error_meant_by(error: WebDriverException, url: str) -> Exception | None:
    message = message_of(error).lower()
    if any(word in message for word in BROWSER):
        return WindowGone(f"the browser showing {url} is gone: it was closed or it crashed")
    if isinstance(error, TimeoutException) and "script timeout" not in message:
        return AppUnreachable(f"{url} did not answer in time: is the app running there?")
    if code := re.search(r"net::(ERR_\w+)", message_of(error)):
        return AppUnreachable(f"{url} can't be reached ({code[1]}): is the app running there?")
    return DocumentReplaced(first_line(error)) if any(word in message for word in REPLACED) else None
