"""Fixtures in the place of pytest-playwright's own: this machine's browser, and a phone's size.

Registered after pytest-playwright, which is how a plugin's fixture takes the place of another's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import Browser, BrowserType, Error

from flutter_bridge import BrowserMissing
from flutter_bridge.web import launch_failure, launch_options
from journeys.errors import SetupError
from journeys.pytest_plugin.session import SESSION

_PHONE = {"width": 412, "height": 915}


@pytest.fixture(scope="session")
def browser_type_launch_args(
    browser_type_launch_args: dict[str, Any],
    browser_type: BrowserType,
    browser_name: str,
    pytestconfig: pytest.Config,
) -> dict[str, Any]:
    """Add the browser found on this machine, kept from reaching anything but the app and the backend."""
    if browser_name != "chromium":
        return browser_type_launch_args
    session = pytestconfig.stash[SESSION]
    try:
        return launch_options(
            bundled=browser_type.executable_path,
            reachable=session.spec.external.values(),
            hosts=session.spec.configuration.allow_hosts,
            given=browser_type_launch_args,
        )
    except BrowserMissing as error:
        session.end(SetupError(str(error)))


@pytest.fixture(scope="session")
def browser_context_args(browser_context_args: dict[str, Any], device: str | None) -> dict[str, Any]:
    """Show the app as large as a phone does, unless `--device` says what it is shown on."""
    return browser_context_args if device else {"viewport": _PHONE, **browser_context_args}


@pytest.fixture(scope="session")
def launch_browser(
    launch_browser: Callable[..., Awaitable[Browser]], browser_type_launch_args: dict[str, Any]
) -> Callable[..., Awaitable[Browser]]:
    """Start the browser; where it doesn't, say so in one line and not in a page of its log."""

    async def launch(**options: Any) -> Browser:
        try:
            return await launch_browser(**options)
        except Error as error:
            named = {**browser_type_launch_args, **options}
            program = named.get("executable_path") or named.get("channel") or "of Playwright"
            raise launch_failure(program, error.message) from error

    return launch
