"""The stand-in's stream of pictures, as a driver's client reads it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from PIL import Image

from fake_android.connected_phone import MJPEG_PORT, SERVER_PORT
from fake_android.daemon import Daemon
from flutter_bridge import Interval
from flutter_bridge.mjpeg import mjpeg_frames
from tests.fake_android.scripted_phone import ScriptedPhone, adb, running_daemon

RUNNER = "io.appium.uiautomator2.server.test/androidx.test.runner.AndroidJUnitRunner"


@pytest.fixture
async def daemon(tmp_path: Path) -> AsyncIterator[Daemon]:
    """Run a phone whose UiAutomator2 server runs."""
    async with running_daemon(tmp_path) as daemon:
        server = asyncio.create_task(adb(daemon, "shell", "am", "instrument", "-w", RUNNER))
        phone = daemon.phones["stand-in-1"]
        phone.expect_server()
        assert await phone.service_on(SERVER_PORT)
        yield daemon
        if phone.server is not None:
            phone.server.end()
        await server


async def forwarded(daemon: Daemon) -> int:
    return int((await adb(daemon, "forward", "tcp:0", f"tcp:{MJPEG_PORT}"))[1])


async def test_nothing_is_sent_before_the_client_says_something(daemon: Daemon) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", await forwarded(daemon))
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(reader.read(1), 0.2)
    writer.write(b"anything")
    assert await reader.readline() == b"HTTP/1.0 200 OK\r\n"
    head = await reader.readuntil(b"\r\n\r\n")
    assert b"Content-Type: multipart/x-mixed-replace; boundary=--BoundaryString\r\n" in head
    assert await reader.readline() == b"--BoundaryString\r\n"
    assert await reader.readline() == b"Content-type: image/jpg\r\n"
    length = int((await reader.readline()).removeprefix(b"Content-Length: "))
    assert await reader.readline() == b"\r\n"
    with Image.open(io.BytesIO(await reader.readexactly(length))) as picture:
        # Half the screen's size, as long as nobody sets another.
        assert (picture.format, picture.size) == ("JPEG", (200, 400))
    assert await reader.readexactly(4) == b"\r\n\r\n"
    writer.close()
    await writer.wait_closed()


async def test_frames_follow_the_screen(daemon: Daemon) -> None:
    phone = daemon.phones["stand-in-1"].device
    assert isinstance(phone, ScriptedPhone)
    url = f"http://127.0.0.1:{await forwarded(daemon)}/"
    async with asyncio.timeout(10), mjpeg_frames(url, logical_width=400, delay=Interval(0, 1)) as frames:
        async for frame in frames:
            if is_blue(frame.encoded):
                break
            phone.color = "#0000ff"


def is_blue(encoded: bytes) -> bool:
    with Image.open(io.BytesIO(encoded)) as picture:
        pixel = picture.convert("RGB").getpixel((5, 5))
    assert isinstance(pixel, tuple)
    return pixel[2] > 200 > pixel[0]


async def test_several_clients_watch(daemon: Daemon) -> None:
    url = f"http://127.0.0.1:{await forwarded(daemon)}/"
    delay = Interval(0, 1)
    async with (
        asyncio.timeout(10),
        mjpeg_frames(url, logical_width=400, delay=delay) as one,
        mjpeg_frames(url, logical_width=400, delay=delay) as other,
    ):
        await anext(aiter(one))
        await anext(aiter(other))


async def test_the_stream_ends_with_the_server(daemon: Daemon) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", await forwarded(daemon))
    writer.write(b"GET / HTTP/1.0\r\n\r\n")
    await reader.readuntil(b"--BoundaryString")
    server = daemon.phones["stand-in-1"].server
    assert server is not None
    server.end()
    async with asyncio.timeout(10):
        while await reader.read(65536):
            pass
    writer.close()
    await writer.wait_closed()
