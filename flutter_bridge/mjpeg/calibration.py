"""Bounds how late an MJPEG stream is: by changes whose moment is known, and by round trips."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import BridgeError
from flutter_bridge.frames import Frame
from flutter_bridge.mjpeg.stream import mjpeg_frames

Change = Callable[[], Awaitable[tuple[float, Callable[[Frame], bool]]]]
"""Changes what is on screen, and lets it stay.

Returns a moment on `clock.now()`'s clock before which the change wasn't on screen (when the command was
sent, say), and what tells of a frame whether it shows the change.
"""


async def measured_delay(
    url: str,
    change: Change,
    *,
    margin: float,
    times: int = 10,
    within: float = 10.0,
) -> Interval:
    """Return the delay to give `mjpeg_frames`: from 0 to the longest seen in so many changes, and a margin.

    A frame that shows a change looked so no earlier than the change was commanded, so it was no later than
    from there to its arrival. That holds for each frame looked for: it counts the driver's and the app's
    time too, which makes it too long and never too short. Of frames nobody looked for, and of a device that
    is busier another day, it proves nothing: `margin`, in seconds, is what the caller grants them.

    Raises `BridgeError` where a change isn't seen `within` seconds, or was seen before it was made.
    """
    if times < 1 or margin < 0:
        raise ValueError("a delay is measured by one change or more, and its margin isn't negative")
    longest = 0.0
    # Without a delay, `shown` is the arrival.
    async with mjpeg_frames(url, logical_width=1, delay=Interval(0, 0)) as frames:
        for _ in range(times):
            earliest, shows = await change()
            try:
                async with asyncio.timeout(within):
                    async for frame in frames:
                        if shows(frame):
                            break
            except TimeoutError as error:
                raise BridgeError(f"no frame of {url} showed a change within {within:g} s") from error
            if frame.shown.high < earliest:
                raise BridgeError("a frame showed a change before it was made: it tells nothing of the delay")
            longest = max(longest, frame.shown.high - earliest)
    return Interval(0, longest + margin)


async def measured_transit(ask: Callable[[], Awaitable[object]], *, margin: float, times: int = 10) -> float:
    """Return the turn to give `mjpeg_frames`: the longest of so many round trips, and a margin.

    `ask` sends a small request through the same door as the stream's (the driver's port forwarded from the
    same device) and waits for the answer; best while a stream runs, since both share the line. Its answer
    took no longer than the way there, the server's work and the way back together, so each round trip is too
    long for a byte's way and never too short. Size doesn't matter: a turn is from one byte to the next.

    No round trip shows what TCP holds back on a way of its own, 40 ms where Nagle's algorithm meets a delayed
    acknowledgement, nor a device that is busier later, nor what a server still does with a picture while it
    takes the next: `margin`, in seconds, is what the caller grants them.
    """
    if times < 1 or margin < 0:
        raise ValueError("a transit is measured by one round trip or more, and its margin isn't negative")
    longest = 0.0
    for _ in range(times):
        sent = now()
        await ask()
        longest = max(longest, now() - sent)
    return longest + margin
