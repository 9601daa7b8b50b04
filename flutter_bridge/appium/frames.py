"""Streams a device's screen: from the driver's MJPEG server, or by one screenshot after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Literal
from urllib.parse import urlsplit

from flutter_bridge.appium.session import AppiumSession
from flutter_bridge.errors import AppUnreachable, BridgeError
from flutter_bridge.frames import FrameSource, ScreenshotFrames, Shoot
from flutter_bridge.mjpeg import mjpeg_frames

FrameKind = Literal["mjpeg", "screenshots"]

TRANSIT = 0.05
"""Seconds after which a byte that a device sent by cable, through `adb`'s forward, is here at the latest."""

FASTEST = 30
"""Pictures a second at most: what more of them would tell, they take from the app."""

SILENCE = 0.012
"""Seconds that a pause has to be longer than the transit for the stream to see that it was one."""


@asynccontextmanager
async def device_frames(
    session: AppiumSession, shoot: Shoot, *, logical_width: float, kind: FrameKind | None, transit: float
) -> AsyncIterator[FrameSource]:
    """Stream frames while the context is open; without a `kind`, by MJPEG where it can be had.

    The driver's server takes a picture, sends it, and then takes the next: that bounds when it was shown, as
    long as the pauses between pictures are longer than one may be on its way. So the rate follows from the
    transit.
    """
    address = stream_address(session)
    if kind == "mjpeg" and address is None:
        raise BridgeError("there is no MJPEG stream to watch: give the capability mjpegServerPort")
    async with AsyncExitStack() as stack:
        frames: FrameSource = ScreenshotFrames(shoot)
        in_turns = (
            kind != "screenshots"
            and address is not None
            and await session.platform.prepare_stream(session, rate=rate(transit))
        )
        if kind == "mjpeg" and not in_turns:
            raise BridgeError(
                f"nothing bounds when the pictures of {session.platform.name}'s stream were shown: "
                "leave frames out, and screenshots are watched"
            )
        if in_turns and address is not None:
            try:
                frames = await stack.enter_async_context(
                    mjpeg_frames(address, logical_width=logical_width, turn=transit)
                )
            except AppUnreachable:
                if kind == "mjpeg":
                    raise
        yield frames


def rate(transit: float) -> int:
    """Return how many pictures a second leave pauses that are longer than a picture may be on its way."""
    return max(1, min(FASTEST, int(1 / (transit + SILENCE))))


def stream_address(session: AppiumSession) -> str | None:
    """Return where the driver streams the screen to; None where it was given no port for it."""
    port = session.capabilities.get("mjpegServerPort", session.capabilities.get("appium:mjpegServerPort"))
    host = urlsplit(session.server).hostname or "127.0.0.1"
    return f"http://[{host}]:{port}" if port and ":" in host else f"http://{host}:{port}" if port else None
