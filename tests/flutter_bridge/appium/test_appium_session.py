"""How an app is started, left and started anew, and how a session outlives its apps."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import AppUnreachable, SemanticsMissing, by
from flutter_bridge.appium import AppiumApp, open_appium_app, open_appium_session
from flutter_bridge.appium.android import stream_scale
from tests.flutter_bridge.appium.scripted_device import APP, ScriptedDevice, Widget

SOURCE = "GET /source"
CAPABILITIES = {"platformName": "Android", "appPackage": APP}


async def test_a_session_is_kept_for_the_next_person(device: ScriptedDevice, tmp_path: Path) -> None:
    device.screen = [Widget((0, 0, 400, 40), label="Sample")]
    async with open_appium_session(server=device.address, capabilities=CAPABILITIES) as session:
        for _ in range(2):
            async with open_appium_app(session=session, artifacts=tmp_path):
                pass
        assert device.requests == ["POST /session", *["mobile: clearApp", "mobile: activateApp", SOURCE] * 2]
        assert session.sent_count == len(device.requests)


async def test_sessions_begun_at_once_are_two(device: ScriptedDevice) -> None:
    """Each asks with a key of its own; with one key for both, Appium would give both the same session."""

    async def once() -> None:
        async with open_appium_session(server=device.address, capabilities=CAPABILITIES):
            pass

    await asyncio.gather(once(), once())
    assert len(set(device.keys)) == 2


async def test_a_port_for_frames_is_found_where_appium_is_on_this_host(device: ScriptedDevice) -> None:
    async with open_appium_session(server=device.address, capabilities=CAPABILITIES):
        assert isinstance(device.capabilities["appium:mjpegServerPort"], int)
    async with open_appium_session(server=device.address, capabilities=CAPABILITIES, frames="screenshots"):
        assert "appium:mjpegServerPort" not in device.capabilities


async def test_what_is_asked_for_goes_before_what_we_would_set(device: ScriptedDevice) -> None:
    wanted = CAPABILITIES | {"newCommandTimeout": 5, "appium:settings[waitForIdleTimeout]": 100}
    async with open_appium_session(server=device.address, capabilities=wanted):
        assert device.capabilities["appium:newCommandTimeout"] == 5
        assert device.capabilities["appium:settings[waitForIdleTimeout]"] == 100


async def test_a_stream_has_about_the_pixels_that_are_needed() -> None:
    assert stream_scale(2.5) == 50
    assert stream_scale(1.0) == 100


async def test_a_link_is_opened_with_what_makes_it_an_address(app: AppiumApp, device: ScriptedDevice) -> None:
    def come(_: object) -> None:
        device.screen = [Widget((0, 0, 400, 40), label="Person 42")]

    device.on_script["mobile: deepLink"] = come
    await app.open("/people/42")
    assert device.scripts == [("mobile: deepLink", {"url": "sample://open/people/42", "package": APP})]
    assert device.requests == ["mobile: deepLink", SOURCE]


async def test_a_restart_ends_the_app_and_leads_where_its_link_did(
    app: AppiumApp, device: ScriptedDevice
) -> None:
    await app.restart()
    assert device.requests == ["mobile: terminateApp", "mobile: activateApp", SOURCE]
    await app.open("/people/42")
    device.requests.clear()
    await app.restart()
    assert device.requests == ["mobile: terminateApp", "mobile: deepLink", SOURCE]


LAUNCH_SCREEN = [
    Widget(
        (0, 0, 400, 600),
        "android.widget.LinearLayout",
        children=[
            Widget((0, 0, 400, 600), "android.widget.FrameLayout", identifier="android:id/content"),
            Widget(
                (0, 500, 400, 40), "android.widget.TextView", identifier=f"{APP}:id/splash", text="Loading"
            ),
        ],
    )
]


async def test_a_launch_screen_is_waited_for_until_flutter_s_own_tree_is_there(
    device: ScriptedDevice, open_app: Callable[..., Any]
) -> None:
    device.screen = LAUNCH_SCREEN

    def draw() -> None:
        device.screen = [Widget((0, 0, 400, 40), label="Sample")]

    device.on_source = [lambda: None] * 3 + [draw]
    async with open_app():
        assert device.requests.count(SOURCE) == 4


async def test_a_launch_screen_that_stays_is_no_flutter_app(
    device: ScriptedDevice, open_app: Callable[..., Any]
) -> None:
    device.screen = LAUNCH_SCREEN
    with pytest.raises(SemanticsMissing, match=r"^com\.example\.sample shows no semantics within 0 s: "):
        async with open_app(start_timeout=0.3):
            pass


async def test_back_is_the_devices_key(app: AppiumApp, device: ScriptedDevice) -> None:
    await app.back()
    assert device.requests == ["POST /back"]


async def test_a_device_is_turned(app: AppiumApp) -> None:
    assert await app.orientation() == "portrait"
    await app.turn("landscape")
    assert await app.orientation() == "landscape"


async def test_screenshots_are_frames_where_nothing_is_streamed(
    app: AppiumApp, device: ScriptedDevice
) -> None:
    assert (await app.screenshot()).size == (800, 1200)
    async with app.frames() as frames:
        frame = await anext(aiter(frames))
    assert (frames.kind, frame.scale) == ("screenshots", 2.0)


async def test_a_closed_app_asks_for_nothing_more(device: ScriptedDevice, tmp_path: Path) -> None:
    device.screen = [Widget((0, 0, 400, 40), label="Sample")]
    async with open_appium_session(server=device.address, capabilities=CAPABILITIES) as session:
        async with open_appium_app(session=session, artifacts=tmp_path) as app:
            await app.close()
        await session.close()
        await session.close()
        with pytest.raises(AppUnreachable, match="was closed"):
            await app.find(by.label("Sample"))
    assert device.requests.count("DELETE") == 1
