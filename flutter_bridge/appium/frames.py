"""Streams a device's screen: from the driver's MJPEG server, or by one screenshot after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal
from urllib.parse import urlsplit

from flutter_bridge.appium.session import AppiumSession
from flutter_bridge.errors import AppUnreachable, BridgeError
from flutter_bridge.frames import FrameSource
from flutter_bridge.mjpeg import mjpeg_frames
from flutter_bridge.screenshots import ScreenshotFrames, Shoot

FrameKind = Literal["mjpeg", "screenshots"]

TRANSIT = 0.05
"""Seconds after which a byte that a device sent by cable, through `adb`'s forward, is here at the latest."""


@asynccontextmanager
async def device_frames(
    session: AppiumSession, shoot: Shoot, *, logical_width: float, kind: FrameKind | None, transit: float
) -> AsyncIterator[FrameSource]:
    """Stream frames while the context is open; without a `kind`, by MJPEG where it can be had.

    The driver's server takes a picture, sends it, and then takes the next: that bounds when it was shown.
    """
    address = stream_address(session)
    if kind == "mjpeg" and address is None:
        raise BridgeError("there is no MJPEG stream to watch: give the capability mjpegServerPort")
    async with AsyncExitStack() as stack:
        frames: FrameSource = ScreenshotFrames(shoot)
        if kind != "screenshots" and address is not None:
            await session.platform.prepare_stream(session)
            try:
                frames = await stack.enter_async_context(
                    mjpeg_frames(address, logical_width=logical_width, turn=transit)
                )
            except AppUnreachable:
                if kind == "mjpeg":
                    raise
        yield frames


def stream_address(session: AppiumSession) -> str | None:
    """Return where the driver streams the screen to; None where it was given no port for it."""
    port = session.capabilities.get("mjpegServerPort", session.capabilities.get("appium:mjpegServerPort"))
    host = urlsplit(session.server).hostname or "127.0.0.1"
    return f"http://[{host}]:{port}" if port and ":" in host else f"http://{host}:{port}" if port else None
