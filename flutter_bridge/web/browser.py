"""Finds a browser to show a web build in, says how to start it, and tells when it is gone."""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.async_api import Error
from playwright.async_api import TimeoutError as PlaywrightTimeout

from flutter_bridge.errors import AppUnreachable, BrowserMissing, WindowGone

VARIABLE = "JOURNEYS_BROWSER"
"""The environment variable that names a browser's executable."""

COMMANDS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
APPLICATIONS = (
    "Google Chrome.app/Contents/MacOS/Google Chrome",
    "Chromium.app/Contents/MacOS/Chromium",
)
_EXIT_CODE = re.compile(r"exitCode=(\d+)")
_LOG_PREFIX = re.compile(r"^\s*-?\s*(\[pid=[^\]]*\])?")
_MAX_REASON_LENGTH = 200
QUIET_ARGUMENTS = (
    # A page that Chromium keeps for its "back" button takes the touches meant for the one after it: for some
    # seconds none of them arrives.
    "--disable-back-forward-cache",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SWITCHED_OFF = (
    # Two pages of the address bar's that each window loads: a third of what opening a page costs.
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    # Playwright's own list, since a second one takes the place of the first.
    "AimEnabled",
    "AvoidCorsURLLoaderRestartOnRedirect",
    "AvoidUnnecessaryBeforeUnloadCheckSync",
    "DestroyProfileOnBrowserClose",
    "HttpsFirstBalancedModeAutoEnable",
    "HttpsUpgrades",
    "LensOverlay",
    "MediaRouter",
    "NetworkTimeServiceQuerying",
    "OptimizationHints",
    "PaintHolding",
    "PreconnectToSearch",
    "TcpPortRandomizationWin",
    "ThirdPartyStoragePartitioning",
    "msEdgeUpdateLaunchServicesPreferredVersion",
    "msForceBrowserSignIn",
)


def find_browser(wanted: str | Path | None = None, *, bundled: str | Path | None = None) -> Path:
    """Return the Chromium to use: the one named, else an installed one, else Playwright's own.

    - `wanted`: an executable or a command; the environment variable `JOURNEYS_BROWSER` takes its place.
    - `bundled`: where Playwright keeps its own (`playwright.chromium.executable_path`), there or not.

    Raises `BrowserMissing` where there is none, and where the one named isn't there.
    """
    named = wanted or os.environ.get(VARIABLE)
    if named:
        found = shutil.which(str(named))
        if found is None:
            raise BrowserMissing(f"no browser at {named}: name an executable in {VARIABLE}, or unset it")
        return Path(found)
    candidates = [*_find_installed(), *([Path(bundled)] if bundled else [])]
    for candidate in candidates:
        if os.access(candidate, os.X_OK) and candidate.is_file():
            return candidate
    raise BrowserMissing(
        "no Chromium found: run `playwright install chromium`, install Chromium or Google Chrome, "
        f"or name an executable in {VARIABLE}"
    )


def launch_arguments(
    *, reachable: Iterable[str] = (), hosts: Iterable[str] = (), as_root: bool | None = None
) -> list[str]:
    """Return the arguments to start a Chromium with.

    Only this host, `hosts` (`*.example.com`: all below it) and those of the addresses in `reachable` can be
    reached: what an app loads from elsewhere would make a measurement depend on the weather. The rule is the
    browser's own, as routing through Playwright would switch its HTTP cache off, and stale pictures with it.
    """
    known = ["127.0.0.1", "localhost", "[::1]", *hosts]
    for address in reachable:
        host = urlsplit(address).hostname
        if host is None:
            raise ValueError(f"{address} is not an address to reach: write it as http://host:port")
        host = f"[{host}]" if ":" in host else host
        if host not in known:
            known.append(host)
    rules = ", ".join(["MAP * ~NOTFOUND", *(f"EXCLUDE {host}" for host in known)])
    root = sys.platform == "linux" and os.geteuid() == 0 if as_root is None else as_root
    # Chromium refuses its sandbox to root.
    return [
        *QUIET_ARGUMENTS,
        f"--disable-features={','.join(SWITCHED_OFF)}",
        f"--host-resolver-rules={rules}",
        *(["--no-sandbox"] if root else []),
    ]


def launch_options(
    *,
    wanted: str | Path | None = None,
    bundled: str | Path | None = None,
    reachable: Iterable[str] = (),
    hosts: Iterable[str] = (),
    given: Mapping[str, object] | None = None,
) -> dict[str, object]:
    """Return what Playwright's `launch` takes, `given` options (as pytest's plugin has them) added."""
    options: dict[str, object] = {**(given or {})}
    more = options.get("args")
    options["args"] = [
        *launch_arguments(reachable=reachable, hosts=hosts),
        *(more if isinstance(more, list) else []),
    ]
    # Playwright lets every page open windows; people's browsers block those that nobody asked for.
    options.setdefault("ignore_default_args", ["--disable-popup-blocking"])
    if "channel" not in options and "executable_path" not in options:
        options["executable_path"] = str(find_browser(wanted, bundled=bundled))
    return options


def launch_failure(executable: object, message: str) -> BrowserMissing:
    """Return in one line why a browser did not start, of what Playwright says at length."""
    ended = _EXIT_CODE.search(message)
    lines = [line for line in (_LOG_PREFIX.sub("", each).strip() for each in message.splitlines()) if line]
    complaints = [line.removeprefix("[err]").strip() for line in lines if line.startswith("[err]")]
    first = lines[0].partition(": ")[2] or lines[0] if lines else "it says nothing"
    reason = complaints[-1] if complaints else f"it ended with exit code {ended[1]}" if ended else first
    reason = reason if len(reason) <= _MAX_REASON_LENGTH else f"{reason[:_MAX_REASON_LENGTH]} …"
    return BrowserMissing(
        f"the browser {executable} does not start ({reason}): try it by hand, or name another in {VARIABLE}"
    )


def _find_installed() -> Iterable[Path]:
    for command in COMMANDS:
        found = shutil.which(command)
        if found:
            yield Path(found)
    if sys.platform == "darwin":
        for folder in (Path("/Applications"), Path.home() / "Applications"):
            yield from (folder / application for application in APPLICATIONS)


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
def playwright_errors(url: str, *, slow: bool = True) -> Iterator[None]:
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
        reason = unreachable_error(error, url)
        if reason is None:
            raise
        raise reason from error


def unreachable_error(error: Error, url: str) -> AppUnreachable | None:
    """Return what to raise where Playwright's error means that the app is gone; None where it doesn't."""
    message = error.message
    if any(word in message for word in GONE):
        return WindowGone(f"the browser showing {url} is gone: it was closed or it crashed")
    if "net::ERR_" in message or "NS_ERROR_" in message or "Could not connect" in message:
        code = next(
            (word for word in message.replace(":", " ").split() if word.startswith(("ERR_", "NS_"))), ""
        )
        return AppUnreachable(
            f"{url} can't be reached ({code or 'no connection'}): is the app running there?"
        )
    return None


def is_document_replaced(error: Error) -> bool:
    """Whether the document was replaced while something ran in it: the same can be asked of the new one."""
    return any(word in error.message for word in REPLACED)
