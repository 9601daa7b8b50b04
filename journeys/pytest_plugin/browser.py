"""What pytest-playwright has to know about this machine's browser, and where it must not interfere."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING, Any

import pytest

from flutter_bridge import BrowserMissing

if TYPE_CHECKING:
    from playwright.async_api import BrowserType

    from journeys.pytest_plugin.session import JourneySession

_PHONE = {"width": 412, "height": 915}


class BrowserFixtures:
    """Fixtures that take the place of pytest-playwright's own of the same names."""

    def __init__(self, session: JourneySession) -> None:
        self._session = session

    @pytest.fixture(scope="session")
    def browser_type_launch_args(
        self, browser_type_launch_args: dict[str, Any], browser_type: BrowserType, browser_name: str
    ) -> dict[str, Any]:
        """Add the browser found on this machine, kept from reaching anything but the app and the backend."""
        if browser_name != "chromium":
            return browser_type_launch_args
        from flutter_bridge.web import launch_options  # noqa: PLC0415 - a session without a browser needs none

        try:
            return launch_options(
                bundled=browser_type.executable_path,
                reachable=self._session.given.values(),
                given=browser_type_launch_args,
            )
        except BrowserMissing as error:
            self._session.exit_codes.add(2)
            pytest.exit(str(error), returncode=2)

    @pytest.fixture(scope="session")
    def browser_context_args(
        self, browser_context_args: dict[str, Any], device: str | None
    ) -> dict[str, Any]:
        """Show the app as large as a phone does, unless `--device` says what it is shown on."""
        return browser_context_args if device else {"viewport": _PHONE, **browser_context_args}

    @pytest.fixture(scope="session", autouse=True)
    def delete_output_dir(self) -> None:
        """Clear the results folder once for each session, not once for each of pytest-xdist's workers."""
        if not self._session.is_worker:
            shutil.rmtree(self._session.results, ignore_errors=True)
