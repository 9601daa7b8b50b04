"""What a page prints to its console, and the errors that nothing in it catches."""

from __future__ import annotations

import time
from collections.abc import Callable

from playwright.async_api import ConsoleMessage, Error, Page

from flutter_bridge.log_entries import LogEntry


def listen(page: Page, heard: Callable[[LogEntry], None]) -> None:
    """Have a page's messages and uncaught errors told as they come, from all its documents.

    `level` is the console's word, such as `log`, `warning` or `error`; an uncaught error is an `error`.
    """

    def said(message: ConsoleMessage) -> None:
        heard(LogEntry(time.time(), _told(message), message.type))

    def failed(error: Error) -> None:
        heard(LogEntry(time.time(), error.stack or error.message, "error"))

    page.on("console", said)
    page.on("pageerror", failed)


def _told(message: ConsoleMessage) -> str:
    # What could not be loaded stands beside the browser's complaint; a query may have a token in it.
    where = str(message.location.get("url", "")).partition("?")[0]
    return f"{message.text} ({where})" if where and message.type == "error" else message.text
