"""A scripted device, and the app opened on it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge.appium import AppiumApp, open_appium_app
from tests.flutter_bridge.appium.scripted_device import APP, ScriptedDevice, Widget
from tests.flutter_bridge.appium.skipped_pauses import SkippingClock


@pytest.fixture(scope="session")
async def skipping_clock() -> SkippingClock:
    return SkippingClock(asyncio.get_running_loop())


@pytest.fixture
def skipped_pauses(skipping_clock: SkippingClock) -> Iterator[None]:
    """Skip pauses: what a scripted device shows is there at once, or when it is next looked at."""
    with skipping_clock.skipping():
        yield


@pytest.fixture
def device(skipped_pauses: None) -> Iterator[ScriptedDevice]:
    scripted = ScriptedDevice()
    yield scripted
    scripted.close()


@pytest.fixture
def open_app(device: ScriptedDevice, tmp_path: Path) -> Callable[..., Any]:
    """Return `open_appium_app` with what every test gives it."""

    def opened(**options: Any) -> Any:
        given: dict[str, Any] = {
            "server": device.address,
            "capabilities": {"platformName": "Android", "appPackage": APP},
            "artifacts": tmp_path / "artifacts",
            "links": "sample://open",
            "timeout": 2.0,
            "start_timeout": 5.0,
            "frames": "screenshots",
        }
        return open_appium_app(**(given | options))

    return opened


@pytest.fixture
async def app(device: ScriptedDevice, open_app: Callable[..., Any]) -> AsyncIterator[AppiumApp]:
    """The app on a device that shows a title; what it took to open it is forgotten."""
    device.screen = [Widget((0, 0, 400, 40), label="Sample", identifier="title")]
    async with open_app() as opened:
        device.requests.clear()
        device.scripts.clear()
        yield opened
