"""Chromium without its windows, for the tests of the parts: it opens a page in a quarter of the time.

Journeys are played in the whole browser, as their users play them; so are all tests where there is no shell.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Not the command, which is a script that starts it: who ends that, as chromedriver does, ends no browser.
_DEBIANS = Path("/usr/lib/chromium/chromium-headless-shell")
_PACKAGE = "chromium-headless-shell"
_VARIABLE = "JOURNEYS_BROWSER"


def use_headless_shell() -> None:
    """Let this process, and what it starts, take the shell, unless a browser is named or versions differ."""
    if _VARIABLE not in os.environ and _DEBIANS.is_file() and _version(_DEBIANS) == _version(_browser()):
        os.environ[_VARIABLE] = str(_DEBIANS)


def install_headless_shell() -> None:
    """Get the shell from Debian in CI, where the browser is Debian's, too; tests are slower without it."""
    debians = _DEBIANS.with_name("chromium").is_file() and not _DEBIANS.is_file()
    if not (debians and os.environ.get("CI") and os.geteuid() == 0 and shutil.which("apt-get")):
        return
    order = ("apt-get", "-o", "DPkg::Lock::Timeout=120", "install", "--yes", "--no-install-recommends")
    subprocess.run(  # noqa: S603 - our own words only
        [*order, _PACKAGE],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=sys.stderr,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
    )


def _browser() -> Path | None:
    # Not above: what pytest has not imported itself it can't rewrite the assertions of, and it says so.
    from flutter_bridge import BrowserMissing  # noqa: PLC0415
    from flutter_bridge.web import find_browser  # noqa: PLC0415

    try:
        return find_browser()
    except BrowserMissing:
        return None


def _version(browser: Path | None) -> str:
    """Return what a browser says it is, the last number of it; empty where it says nothing."""
    if browser is None:
        return ""
    try:
        done = subprocess.run(  # noqa: S603 - the browser that was found
            [browser, "--version"], check=False, capture_output=True, text=True, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    numbers = [word for word in done.stdout.split() if word[0].isdigit() and "." in word]
    return numbers[0] if numbers else ""
