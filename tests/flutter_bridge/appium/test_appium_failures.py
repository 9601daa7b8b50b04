"""What goes wrong between us, Appium and a device is told in one line."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest

from flutter_bridge import AppUnreachable, BridgeError, NotSetUp, by
from flutter_bridge.appium import AppiumApp
from tests.flutter_bridge.appium.scripted_device import APP, Failure, ScriptedDevice, Widget

SOURCE = "GET /source"


def free_address() -> str:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return f"http://127.0.0.1:{taken.getsockname()[1]}"


async def refused(open_app: Callable[..., Any], **options: Any) -> str:
    with pytest.raises(AppUnreachable) as caught:
        async with open_app(**options):
            pass
    assert "\n" not in str(caught.value)
    return str(caught.value)


async def test_an_appium_that_is_not_there(open_app: Callable[..., Any]) -> None:
    server = free_address()
    assert await refused(open_app, server=server) == (
        f"Appium at {server} can't be reached: is it running there?"
    )


async def test_an_address_that_is_none(open_app: Callable[..., Any]) -> None:
    assert "like http://127.0.0.1:4723" in await refused(open_app, server="localhost")


async def test_a_session_that_is_refused_says_why(
    device: ScriptedDevice, open_app: Callable[..., Any]
) -> None:
    device.failing["POST /session"] = Failure(
        "session not created",
        "A new session could not be created. Original error: 'mjpegServerPort' must be of type number\nat x",
    )
    said = await refused(open_app)
    assert said == f"Appium at {device.address} opened no session: 'mjpegServerPort' must be of type number"


async def test_a_device_that_is_not_plugged_in(device: ScriptedDevice, open_app: Callable[..., Any]) -> None:
    device.failing["POST /session"] = Failure(
        "session not created", "Device phone was not in the list of connected devices"
    )
    assert "the device is gone" in await refused(open_app)


async def test_an_app_that_is_not_installed(device: ScriptedDevice, open_app: Callable[..., Any]) -> None:
    device.failing["mobile: activateApp"] = Failure(
        "unknown error", f"Cannot activate '{APP}'. Are you sure it is installed?"
    )
    said = await refused(open_app)
    assert said.startswith(f"{APP} can't be started")
    assert not device.open


async def test_an_app_that_cannot_be_cleared_is_most_likely_not_installed(
    device: ScriptedDevice, open_app: Callable[..., Any]
) -> None:
    device.failing["mobile: clearApp"] = Failure("unknown error", "`pm clear` exited with code 1; Failed")
    device.on_script["mobile: queryAppState"] = lambda _: 0
    with pytest.raises(NotSetUp) as caught:
        async with open_app():
            pass
    assert str(caught.value) == f"{APP} is not installed on Scripted: install it, or name its file"
    device.on_script["mobile: queryAppState"] = lambda _: 1
    with pytest.raises(BridgeError, match=r"^the driver refused: `pm clear` exited with code 1; Failed"):
        async with open_app():
            pass


async def test_a_device_that_says_no_pixel_ratio(
    device: ScriptedDevice, open_app: Callable[..., Any]
) -> None:
    device.answers = {}
    assert "set pixel_ratio for this target" in await refused(open_app)
    assert not device.open


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        (Failure("invalid session id", "A session is either terminated or not started", 404), "the session"),
        (
            Failure(
                "unknown error",
                "'GET /source' cannot be proxied to UiAutomator2 server because the instrumentation process "
                "is not running (probably crashed)",
            ),
            "server on the device stopped",
        ),
        (Failure("unknown error", "adb: device 'phone' not found"), "the device is gone"),
        (
            Failure(
                "unknown error",
                "Unable to execute request for an existing session: Connection error "
                "(GET http://127.0.0.1:5555/session/1/source)\nBuild info: version: '4.47.0'",
            ),
            "the node of the Grid at ",
        ),
    ],
)
async def test_what_is_lost_on_the_way(
    app: AppiumApp, device: ScriptedDevice, failure: Failure, said: str
) -> None:
    device.failing[SOURCE] = failure
    with pytest.raises(AppUnreachable, match=said):
        await app.find(by.label("Sample"))


async def test_an_appium_that_dies(app: AppiumApp, device: ScriptedDevice) -> None:
    device.dead = True
    with pytest.raises(AppUnreachable, match=r"Appium at \S+ closed the connection: is it still running"):
        await app.tap(by.label("Sample"))


async def test_a_screen_that_is_just_being_replaced_is_read_again(
    app: AppiumApp, device: ScriptedDevice
) -> None:
    def come_back() -> None:
        raise Failure("unknown error", "Timed out waiting for the root AccessibilityNodeInfo in the window")

    device.on_source = [come_back]
    await app.find(by.label("Sample"))
    assert device.requests == [SOURCE, SOURCE]


async def test_links_nobody_set(device: ScriptedDevice, open_app: Callable[..., Any]) -> None:
    with pytest.raises(BridgeError, match="has no deep links to open /people/42 by"):
        async with open_app(links=None, link="/people/42"):
            pass
    assert not device.open


async def test_a_cancelled_call_lets_go_at_once_and_the_session_ends(
    open_app: Callable[..., Any], device: ScriptedDevice
) -> None:
    device.screen = [Widget((0, 0, 400, 40), label="Sample", identifier="title")]
    before = set(threading.enumerate())
    async with open_app() as app:
        (thread,) = [each for each in set(threading.enumerate()) - before if each.name == "appium"]
        await cancelled_while_reading(app, device)
        await app.session.close()
        assert not device.open
        assert not thread.is_alive()


async def cancelled_while_reading(app: AppiumApp, device: ScriptedDevice) -> None:
    """Cancel a call while the device hangs, which goes on then."""
    reading, go_on = threading.Event(), threading.Event()

    def hang() -> None:
        reading.set()
        go_on.wait()

    device.on_source = [hang]
    task = asyncio.create_task(app.semantics())
    await asyncio.to_thread(reading.wait)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    go_on.set()
