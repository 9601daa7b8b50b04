"""Tells a browser that went away from a page that merely changed under a reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from playwright.async_api import Error
from playwright.async_api import TimeoutError as PlaywrightTimeout

from flutter_bridge.errors import AppUnreachable

GONE = (
    "has been closed",
    "Connection closed",
    "Target crashed",
    "Page crashed",
    "Browser closed",
    "browser has disconnected",
)
REPLACED = (
    "Execution context was destroyed",
    "Cannot find context",
    "Inspected target navigated",
    "__flutterBridge is not defined",
    "Frame was detached",
)


@contextmanager
def reaching(url: str, *, slow: bool = True) -> Iterator[None]:
    """Turn what Playwright says of an app or a browser that can't be reached into `AppUnreachable`.

    A time-out is the app's too, unless `slow` says that the caller wants to hear of it.
    """
    try:
        yield
    except PlaywrightTimeout as error:
        if not slow:
            raise
        raise AppUnreachable(f"{url} did not answer in time: is the app running there?") from error
    except Error as error:
        reason = unreachable(error, url)
        if reason is None:
            raise
        raise reason from error


def unreachable(error: Error, url: str) -> AppUnreachable | None:
    """Return what to raise where Playwright's error means that the app is gone; None where it doesn't."""
    said = error.message
    if any(word in said for word in GONE):
        return AppUnreachable(f"the browser showing {url} is gone: it was closed or it crashed")
    if "net::ERR_" in said or "NS_ERROR_" in said or "Could not connect" in said:
        code = next((word for word in said.replace(":", " ").split() if word.startswith(("ERR_", "NS_"))), "")
        return AppUnreachable(
            f"{url} can't be reached ({code or 'no connection'}): is the app running there?"
        )
    return None


def replaced(error: Error) -> bool:
    """Whether the document was replaced while something ran in it: the same can be asked of the new one."""
    return any(word in error.message for word in REPLACED)
