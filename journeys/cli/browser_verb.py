"""`journeys browser`: show the browser that web journeys use, or its chromedriver, or install them."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from flutter_bridge import BrowserMissing, run_command
from flutter_bridge.web import find_browser
from journeys.cli.conventions import PASSED
from journeys.errors import SetupError

_PLAYWRIGHT = (sys.executable, "-m", "playwright")
_APT = ("apt-get", "-o", "DPkg::Lock::Timeout=120")
CHROMEDRIVER_VARIABLE = "JOURNEYS_CHROMEDRIVER"
"""The environment variable that names a chromedriver's executable."""

_CHROMEDRIVER_FOLDERS = (Path("/usr/bin"), Path("/usr/lib/chromium"), Path("/usr/lib/chromium-browser"))
"""Where Debian and Ubuntu keep theirs, on the path or not."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what `journeys browser` takes."""
    parser.add_argument(
        "--install",
        action="store_true",
        help="where there is none: get Playwright's Chromium, else (as root on Debian) Debian's",
    )
    parser.add_argument(
        "--chromedriver",
        action="store_true",
        help="show the chromedriver that fits the browser instead, which Appium drives mobile browsers with",
    )


def call(arguments: argparse.Namespace) -> int:
    """Print the path of the browser or its chromedriver; what the installers say goes to standard error."""
    browser = _working_browser(install=arguments.install)
    print(_chromedriver(browser, install=arguments.install) if arguments.chromedriver else browser)
    return PASSED


def _working_browser(*, install: bool) -> Path:
    try:
        browser = _find()
    except BrowserMissing as error:
        if not install:
            raise SetupError(f"{error}; or let `journeys browser --install` do it") from error
        browser = _install()
    problem = _find_obstacle(browser)
    if problem and install and _may_use_apt() and browser == _bundled_browser():
        # Playwright brings the browser, not the system's libraries it needs.
        _do(*_PLAYWRIGHT, "install-deps", "chromium")
        problem = _find_obstacle(browser)
    if problem:
        raise SetupError(
            f"the browser {browser} does not start ({problem}): `playwright install-deps chromium` brings"
            " what the system lacks, and JOURNEYS_BROWSER names another browser"
        )
    return browser


def _chromedriver(browser: Path, *, install: bool) -> Path:
    found = find_chromedriver(browser)
    if found is None and install and _may_use_apt() and browser != _bundled_browser():
        _install_from_debian("chromium-driver")
        found = find_chromedriver(browser)
    if found is None:
        raise SetupError(
            f"no chromedriver of the same version as {browser}: install it (Debian: chromium-driver),"
            f" or name one in {CHROMEDRIVER_VARIABLE}"
        )
    return found


def _find() -> Path:
    try:
        return find_browser()
    except BrowserMissing:
        # Asking Playwright takes half a second, so only when nothing is installed.
        return find_browser(bundled=_bundled_browser())


def _bundled_browser() -> Path:
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - rarely needed, slow to import

    with sync_playwright() as playwright:
        return Path(playwright.chromium.executable_path)


def _install() -> Path:
    if not _do(*_PLAYWRIGHT, "install", "chromium") and _may_use_apt():
        _install_from_debian("chromium", "chromium-driver")
    try:
        return _find()
    except BrowserMissing as error:
        raise SetupError(f"no Chromium could be installed: {error}") from error


def _install_from_debian(*packages: str) -> None:
    _do(*_APT, "update")
    _do(*_APT, "install", "--yes", "--no-install-recommends", *packages)


def _may_use_apt() -> bool:
    return os.geteuid() == 0 and Path("/etc/debian_version").exists() and shutil.which("apt-get") is not None


def _do(*command: str) -> bool:
    print("$", *command, file=sys.stderr, flush=True)
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    done = subprocess.run(  # noqa: S603 - our own words only
        command, check=False, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=env
    )
    return done.returncode == 0


def _find_obstacle(browser: Path) -> str | None:
    """Start the browser just to say its version; return what is wrong, if anything."""
    try:
        answer = run_command((browser, "--version"), timeout=60)
    except OSError as error:  # a time-out is one
        return str(error)
    if answer.code == 0:
        return None
    said = answer.complaint.strip().splitlines()
    return said[-1] if said else f"exit code {answer.code}"


def find_chromedriver(browser: Path) -> Path | None:
    """Return a chromedriver of the browser's major version, if there is one.

    The one named in `JOURNEYS_CHROMEDRIVER` is the only one that is looked at; else one on the
    path, beside the browser, or where Linux distributions put it.
    """
    wanted = read_major_version(browser)
    if wanted is None:
        return None
    fitting = (found for found in _candidates(browser) if read_major_version(found) == wanted)
    return next(fitting, None)


def read_major_version(executable: Path) -> int | None:
    """Return the major version that an executable says it has, if it says one."""
    try:
        said = run_command((executable, "--version"), timeout=60).printed
    except OSError:  # a time-out is one
        return None
    version = re.search(r"\b(\d+)\.\d+\.\d+", said)
    return int(version[1]) if version else None


def _candidates(browser: Path) -> Iterator[Path]:
    named = os.environ.get(CHROMEDRIVER_VARIABLE)
    folders = (browser.parent, *_CHROMEDRIVER_FOLDERS)
    usual = ["chromedriver", *(str(folder / "chromedriver") for folder in folders)]
    for place in [named] if named else usual:
        found = shutil.which(place)
        if found:
            yield Path(found)
