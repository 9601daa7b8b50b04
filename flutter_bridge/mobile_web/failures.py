"""Tells what is gone when a browser's driver complains: the browser, the app, or only the document."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from selenium.common.exceptions import TimeoutException, WebDriverException

from flutter_bridge.appium.failures import Refused, first_line, message_of, opening, reaching
from flutter_bridge.errors import AppUnreachable
from flutter_bridge.web.page import DocumentReplaced

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
