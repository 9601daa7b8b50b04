"""Frames of a page from Chromium's own screencast: every picture it presented, with the moment it did."""

from __future__ import annotations

import asyncio
import base64
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any, Final, NotRequired, TypedDict

import msgspec
from playwright.async_api import CDPSession, Error, Page

from flutter_bridge.clock import Interval, now, wall_offset
from flutter_bridge.errors import AppUnreachable, BridgeError
from flutter_bridge.frames import Frame, FrameQueue, picture_size
from flutter_bridge.web.browser import playwright_errors

QUALITY = 85
"""JPEG quality: the recognition's fingerprints are the same from 70 up; 85 leaves room and costs little."""

CLOCK_TOLERANCE_S = 0.05
"""How far apart, in seconds, the browser's two clocks may be and still be this host's."""

_Moment = Annotated[float, msgspec.Meta(ge=0, le=1e11)]


class _Metadata(TypedDict):
    timestamp: _Moment
    monotonicTimestamp: NotRequired[_Moment | None]
    deviceWidth: Annotated[float, msgspec.Meta(gt=0)]


class _FrameEvent(TypedDict):
    """What is read of Chromium's event `Page.screencastFrame`."""

    data: str
    metadata: _Metadata


class Screencast:
    """A running screencast; iterate over it for its frames.

    Chromium stamps each frame with the moment at which it expects the display to take it. On a busy machine
    the display takes it later, but before it arrives here: so `shown` runs from the stamp to the arrival
    where that is later, and is the stamp alone where the frame arrives ahead of it, as on an idle machine.

    The stamp is in both of the browser's clocks; where its monotonic clock is this host's (Linux, macOS) it
    is taken as it is, else the wall clock's is converted, and the conversion's uncertainty widens `shown`.

    A heartbeat makes the page present frames though nothing changes, so that a change lies between two stamps
    close to each other.

    Chromium encodes several frames at once, so on a busy machine one may come after a younger one; the stamps
    tell their order.

    It begins with what the page showed once all that was changed before was drawn: the heartbeat goes on
    where the page itself is late, and its frames would be of something that is no longer so.

    Frames that look alike share their bytes: `frame.encoded is before.encoded` spares a second look.
    """

    kind = "screencast"

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._frames = FrameQueue()
        self._data = ""
        self._encoded = b""
        self._scale = 1.0
        self._number = 0
        self._begin = float("inf")
        self._acknowledging: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin the stream."""
        self._session.on("Page.screencastFrame", self._take)
        self._session.once("close", self._fail_frames)
        await self._session.send(
            "Page.startScreencast", {"format": "jpeg", "quality": QUALITY, "everyNthFrame": 1}
        )

    def begin(self) -> None:
        """Take what is shown from now on."""
        self._begin = now()

    async def stop(self) -> None:
        """End the stream; an iteration ends once it has yielded what came before."""
        self._frames.end()
        for task in self._acknowledging:
            task.cancel()
        await asyncio.gather(*self._acknowledging, return_exceptions=True)

    def __aiter__(self) -> Screencast:
        """Return this stream."""
        return self

    async def __anext__(self) -> Frame:
        """Wait for the next frame."""
        return await anext(self._frames)

    def _take(self, event: dict[str, Any]) -> None:
        arrived = now()
        task = asyncio.ensure_future(self._acknowledge(event.get("sessionId")))
        self._acknowledging.add(task)
        task.add_done_callback(self._acknowledging.discard)
        if self._frames.is_closed:
            return
        try:
            self._add(msgspec.convert(event, _FrameEvent), arrived)
        except (BridgeError, ValueError) as error:
            reason = " ".join(str(error).split())[:200]
            self._frames.fail(BridgeError(f"the browser sent a frame that can't be read: {reason}"))

    def _add(self, event: _FrameEvent, arrived: float) -> None:
        metadata, data = event["metadata"], event["data"]
        moment = presentation_time(metadata, wall_offset(), arrived=arrived)
        if moment.low < self._begin:
            return
        if data != self._data:
            encoded = base64.b64decode(data)
            self._scale = picture_size(encoded, "it")[0] / metadata["deviceWidth"]
            self._data, self._encoded = data, encoded
        self._frames.add(Frame(self._encoded, moment, scale=self._scale, number=self._number))
        self._number += 1

    async def _acknowledge(self, session: object) -> None:
        # A page that is closing answers no more, and its frames are none we wait for.
        with suppress(Error):
            await self._session.send("Page.screencastFrameAck", {"sessionId": session})

    def _fail_frames(self, *_: object) -> None:
        self._frames.fail(AppUnreachable("the page went away while its frames were watched"))


def presentation_time(metadata: Mapping[str, Any], offset: Interval, *, arrived: float) -> Interval:
    """Return when a frame was presented, on `clock.now()`'s clock; `offset` is `wall_offset()`."""
    wall = offset + Interval.at(metadata["timestamp"])
    monotonic = metadata.get("monotonicTimestamp")
    # The browser's monotonic clock is this host's wherever both read the same one; where they don't, they are
    # far apart. It is the better one: nobody sets it.
    if monotonic is not None and wall.low - CLOCK_TOLERANCE_S <= monotonic <= wall.high + CLOCK_TOLERANCE_S:
        return Interval(monotonic, max(monotonic, arrived))
    return Interval(wall.low, max(wall.high, arrived))


@asynccontextmanager
async def screencast(page: Page, url: str) -> AsyncIterator[Screencast]:
    """Stream a page's frames while the context is open; the page has to be Chromium's."""
    with playwright_errors(url):
        session = await page.context.new_cdp_session(page)
    stream = Screencast(session)
    try:
        async with heartbeat(page):
            with playwright_errors(url):
                await stream.start()
            # On a busy machine a canvas was seen to stay seconds behind its semantics until asked to paint
            # again.
            with suppress(Error):
                await page.evaluate("() => (__flutterBridge.repaint(), __flutterBridge.drawn())")
            stream.begin()
            try:
                yield stream
            finally:
                await stream.stop()
    finally:
        # Nothing to undo on a page that is gone.
        with suppress(Error):
            await session.send("Page.stopScreencast")
            await session.detach()


MAX_RATE_HZ: Final = 60
"""Beats a second at most: the display's own rate, so that nothing lies between two frames."""

MIN_RATE_HZ: Final = 20
"""Beats a second at least."""

RATE_PER_CORE_HZ: Final = 30
"""Beats a second, of all pages together, that a core can spare.

A frame costs about 7 ms of the machine, most of it the browser's for encoding it. With three pages at 60
beats on two cores a picture took twice as long to show as with 20: then it is the observer that misses the
budget.
"""

_hearts: dict[Page, _PageHeartbeat] = {}


def heartbeat_rate(pages: int, *, cores: int) -> int:
    """Return at how many beats a second each of so many pages is kept, watched at once on so many cores."""
    return max(MIN_RATE_HZ, min(MAX_RATE_HZ, RATE_PER_CORE_HZ * cores // max(1, pages)))


@asynccontextmanager
async def heartbeat(page: Page) -> AsyncIterator[None]:
    """Keep a page beating while the context is open, through reloads too.

    All that beat at the same time share what the machine can spare: see `heartbeat_rate`.
    """
    heart = _hearts.get(page)
    if heart is None:
        heart = _hearts[page] = _PageHeartbeat(page)
    heart.wanted += 1
    try:
        await _share()
        yield
    finally:
        heart.wanted -= 1
        if not heart.wanted:
            del _hearts[page]
            await heart.stop()
            await _share()


class _PageHeartbeat:
    """One page's; `wanted` by so many."""

    def __init__(self, page: Page) -> None:
        self.wanted = 0
        self._page = page
        self._rate = 0
        self._restarts: set[asyncio.Task[None]] = set()
        page.on("domcontentloaded", self._restart)

    async def beat(self, times: int) -> None:
        """Beat so many times a second, if it doesn't yet."""
        if times != self._rate:
            self._rate = times
            await self._tell()

    def _restart(self, _: Page) -> None:
        """Begin anew: another document has no heart yet."""
        task = asyncio.ensure_future(self._tell())
        self._restarts.add(task)
        task.add_done_callback(self._restarts.discard)

    async def stop(self) -> None:
        """Stand still for good."""
        self._page.remove_listener("domcontentloaded", self._restart)
        await asyncio.gather(*self._restarts)
        await self.beat(0)

    async def _tell(self) -> None:
        # A page that is gone, or has just replaced its document, has no heart: the stamps show the gap.
        with suppress(Error):
            await self._page.evaluate("times => __flutterBridge.beat(times)", self._rate)


async def _share() -> None:
    """Tell every page how fast to beat, now that there are more or fewer."""
    times = heartbeat_rate(len(_hearts), cores=usable_cores())
    await asyncio.gather(*(heart.beat(times) for heart in _hearts.values()))


def usable_cores() -> int:
    """Return how many processor cores this process may use."""
    # Not all of the machine's, where this process may use some only.
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
