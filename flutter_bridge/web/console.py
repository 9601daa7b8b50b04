"""What a page that Playwright drives prints to its console."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable

from playwright.async_api import ConsoleMessage, Error, Page

from flutter_bridge.address import without_login
from flutter_bridge.evidence import LogEntry

_TRAP = re.compile(
    "RuntimeError: (memory access out of bounds|operation does not support unaligned accesses|"
    "table index is out of bounds|unreachable)"
)
"""What a browser says where code of WebAssembly does what it must not."""


def listen_to_console(page: Page, heard: Callable[[LogEntry], None]) -> None:
    """Have a page's messages and uncaught errors told as they come, from all its documents.

    `level` is the console's word, such as `log`, `warning` or `error`; an uncaught error is an `error`.
    """

    def forward_message(message: ConsoleMessage) -> None:
        heard(LogEntry(time.time(), _describe(message), message.type))

    def forward_error(error: Error) -> None:
        heard(LogEntry(time.time(), error.stack or error.message, "error"))

    page.on("console", forward_message)
    page.on("pageerror", forward_error)


def guess_why_silent(entries: Iterable[LogEntry]) -> str:
    """Return why a page may not answer: its WebAssembly broke, where its console says so."""
    found = (_TRAP.search(entry.text) for entry in entries if entry.level == "error")
    trap = next((match[1] for match in found if match), "")
    if trap:
        return f"its engine crashed ({trap}), as Flutter's skwasm is known to: try the canvaskit renderer"
    return "the app hangs, or the machine is far too busy"


def public_part(address: str) -> str:
    """Return an address without what may be a secret."""
    return re.sub(r"[?#].*", "", without_login(address))


def _describe(message: ConsoleMessage) -> str:
    # What could not be loaded stands beside the browser's complaint.
    where = public_part(str(message.location.get("url", "")))
    return f"{message.text} ({where})" if where and message.type == "error" else message.text
