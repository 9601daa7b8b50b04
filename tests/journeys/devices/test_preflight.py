"""A device that lies about its screen, or has lost the time, is told before anything is measured on it."""

from __future__ import annotations

import base64
import io
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import pytest
from PIL import Image

from flutter_bridge import BridgeError
from flutter_bridge.appium import AppiumSession
from flutter_bridge.appium.session import DeviceInfo
from journeys.devices import check_device
from journeys.errors import SetupError

Size = tuple[int, int]


class ScriptedSession:
    """A session with a phone that says what it is told to."""

    def __init__(
        self, *, window: Size, screen: Size, ios: float | None = None, late: timedelta | None
    ) -> None:
        self.device = DeviceInfo("app", "Pixel 9", ios or 1.0)
        self.platform = type("Platform", (), {"name": "iOS" if ios else "Android"})
        self.asked: list[str] = []
        self._window, self._screen, self._late = window, screen, late

    async def command(self, name: str) -> Any:
        self.asked.append(name)
        return {"x": 0, "y": 0, "width": self._window[0], "height": self._window[1]}

    async def screenshot(self) -> bytes:
        self.asked.append("screenshot")
        picture = io.BytesIO()
        Image.new("1", self._screen).save(picture, "PNG")
        return base64.b64decode(base64.b64encode(picture.getvalue()))

    async def script(self, name: str) -> str:
        self.asked.append(name)
        if self._late is None:
            raise BridgeError("the driver refused: not allowed here")
        return (datetime.now(UTC) - self._late).astimezone().isoformat(timespec="seconds")


def phone(
    window: Size = (1080, 2400),
    screen: Size = (1080, 2400),
    *,
    ios: float | None = None,
    late: timedelta | None = timedelta(0),
) -> AppiumSession:
    return cast(AppiumSession, ScriptedSession(window=window, screen=screen, ios=ios, late=late))


@pytest.mark.parametrize(
    "honest",
    [
        phone(),
        # Without the system's bars, above or beside.
        phone(window=(1080, 2154)),
        phone(window=(2214, 1080), screen=(2400, 1080)),
        phone(window=(393, 852), screen=(1179, 2556), ios=3.0),
        phone(late=timedelta(minutes=-2)),
        # A provider that doesn't tell the time.
        phone(late=None),
    ],
)
async def test_an_honest_device_is_played_on(honest: AppiumSession) -> None:
    await check_device(honest, "pixel")


@pytest.mark.parametrize(
    ("lying", "problem"),
    [
        (
            phone(screen=(720, 1600)),
            r"Pixel 9 says that its screen has 1080 × 2400 pixels, and .* have 720 × 1600",
        ),
        (phone(window=(720, 1600)), "says that its screen has 720 × 1600 pixels"),
        (phone(window=(2400, 1080)), "says that its screen has 2400 × 1080 pixels"),
        (
            phone(window=(393, 852), screen=(786, 1704), ios=3.0),
            "1179 × 2556 .* 786 × 1704: .* or pixel_ratio",
        ),
        (phone(late=timedelta(hours=3)), r"Pixel 9's clock is 3\.0 h behind: let the device take its time"),
        (phone(late=timedelta(days=-40)), r"clock is 40\.0 days ahead"),
    ],
)
async def test_a_device_that_is_not_what_it_says_is_told_for_its_target(
    lying: AppiumSession, problem: str
) -> None:
    with pytest.raises(SetupError, match=rf"^pixel: .*{problem.removeprefix('Pixel 9')}"):
        await check_device(lying, "pixel")


async def test_a_session_is_looked_at_once() -> None:
    session = phone()
    await check_device(session, "pixel")
    asked = list(cast(ScriptedSession, session).asked)
    await check_device(session, "pixel")
    assert (
        cast(ScriptedSession, session).asked
        == asked
        == ["getWindowRect", "screenshot", "mobile: getDeviceTime"]
    )
