"""Frames of a device's screen from an MJPEG stream over HTTP, each with bounds on when it was shown."""

from __future__ import annotations

import asyncio
import math
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import cast
from urllib.parse import quote, urlsplit

from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import AppUnreachable, BridgeError, NotMjpeg
from flutter_bridge.frames import Frame, FrameQueue, picture_size
from flutter_bridge.mjpeg.multipart import DeliveryLine, Multipart, Part

TICK_S = 0.005
"""How often, in seconds, the event loop shows that it would have noticed bytes."""

_SAFE_CHARACTERS = "/?%:@!$&'()*+,;=~"
_READ_BYTES = 256 * 2**10


class MjpegFrames(asyncio.BufferedProtocol):
    """A running MJPEG stream; iterate over it for its frames.

    The stream carries no stamps. `shown` is a frame's arrival minus the `delay` the caller vouches for: the
    time from a moment at which the screen looked so until the picture's *first* byte was here. The first
    one, because a picture is taken and encoded before any of it is sent, so `least` can't be wrong by how
    long its bytes take; the last one would only add that time to what `most` has to cover. A picture that
    waits behind others, on a line slower than the stream, is late all the same: `most` has to cover that.

    Of a server that works in `turn`s, `shown` also begins no earlier than the picture before was sent, as far
    as `DeliveryLine` can tell when that was. Where pictures wait in the line it can't, and `shown` stays as
    wide as what was known before.

    The arrival is an interval itself, since a busy process reads late. It begins at a moment before which
    nothing that had arrived was left unread: a read that took less than it had room for, or a tick of the
    event loop without anything to read. It ends when the bytes were read. On an idle machine that is two
    ticks, 10 ms, at most; on a busy one as much as the loop lagged: a lag widens `shown`, and moves nothing.

    Consecutive pictures that look alike share their bytes: `frame.encoded is before.encoded`.
    """

    kind = "mjpeg"

    def __init__(
        self,
        address: str,
        *,
        logical_width: float,
        delay: Interval | None,
        turn: float | None = None,
        timeout: float,
    ) -> None:
        self._address = address
        self._logical_width = logical_width
        self._delay = delay
        self._line = None if turn is None else DeliveryLine(turn)
        self._taken_after = -math.inf  # a moment after which the next picture was taken
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._parts = Multipart()
        self._frames = FrameQueue()
        self._number = 0
        self._encoded = b""
        self._scale = 1.0
        self._upright: bool | None = None
        self._transport: asyncio.Transport | None = None
        self._closed = asyncio.Event()
        self._ticking: asyncio.TimerHandle | None = None
        self._space = bytearray(_READ_BYTES)
        # All that arrived before `_read_until` has been read.
        self._read_until = self._read_from = self._ticked = self._last_frame = now()
        self._read_since_tick = False

    async def wait_for_first(self) -> None:
        """Wait for the first frame; it stays to be iterated over."""
        await self._frames.wait_for_first()

    async def stop(self) -> None:
        """Hang up; an iteration ends once it has yielded what came before."""
        self._frames.end()
        self._hang_up()
        if self._transport is not None:
            await self._closed.wait()

    def __aiter__(self) -> MjpegFrames:
        """Return this stream."""
        return self

    async def __anext__(self) -> Frame:
        """Wait for the next frame."""
        return await anext(self._frames)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to watch the loop."""
        self._transport = cast(asyncio.Transport, transport)
        self._ticked = now()
        self._ticking = self._loop.call_later(TICK_S, self._tick)

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - the loop's interface
        """Return where the next bytes go; the loop asks right before it reads."""
        self._read_from = now()
        return self._space

    def buffer_updated(self, nbytes: int) -> None:
        """Take the bytes just read."""
        arrived = Interval(self._read_until, now())
        self._read_since_tick = True
        if nbytes < len(self._space):
            self._read_until = self._read_from
        if self._frames.is_closed:
            return
        try:
            sent_after = -math.inf if self._line is None else self._line.read(arrived)
            data = bytes(memoryview(self._space)[:nbytes])
            for part in self._parts.feed(data, arrived, sent_after=sent_after):
                self._take(part)
        except NotMjpeg as error:
            self._fail(
                AppUnreachable(
                    f"{self._address} sends no MJPEG stream: {error}; give the driver's MJPEG port"
                )
            )

    def eof_received(self) -> None:
        """Have the transport closed, as the server closed its side."""

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - every loss is told alike
        """End the stream where nobody asked for it."""
        within = " in the middle of a picture" if self._parts.is_in_picture else ""
        self._fail(
            AppUnreachable(
                f"{self._address} closed its MJPEG stream{within} after {self._number} frames: "
                "is the driver still running?"
            )
        )
        self._closed.set()

    def _tick(self) -> None:
        self._note_round()
        if not self._frames.is_closed:
            self._ticking = self._loop.call_later(TICK_S, self._tick)

    def _note_round(self) -> None:
        # Since it was last here the loop has looked for bytes; were there any, they'd be read.
        if not self._read_since_tick:
            self._read_until = max(self._read_until, self._ticked)
        self._read_since_tick = False
        self._ticked = now()
        if self._ticked - self._last_frame > self._timeout:
            self._fail(
                AppUnreachable(
                    f"{self._address} has sent no frame for {self._timeout:g} s: "
                    "is it an MJPEG stream, and its device awake?"
                )
            )

    def _take(self, part: Part) -> None:
        if part.encoded != self._encoded:
            self._scale = self._measure(part.encoded) / self._logical_width
            self._encoded = part.encoded
        if self._frames.is_closed:
            return
        self._last_frame = part.arrived.high
        shown = self._display_interval(part)
        if shown is not None:
            self._frames.add(Frame(self._encoded, shown, scale=self._scale, number=self._number))
        self._number += 1
        if self._frames.is_closed:
            self._hang_up()

    def _display_interval(self, part: Part) -> Interval | None:
        """Return when a picture was on screen; None where nothing says how long ago that may be."""
        begun_after, self._taken_after = self._taken_after, part.sent_after
        if self._delay is None:
            return Interval(begun_after, part.arrived.high) if begun_after > -math.inf else None
        shown = part.arrived - self._delay
        if begun_after > shown.high:
            self._fail(
                BridgeError(
                    f"{self._address} sent a picture within {self._delay.low:g} s of the one before: "
                    "it doesn't work in turns, or its delay can be shorter"
                )
            )
            return None
        return Interval(max(shown.low, begun_after), shown.high)

    def _measure(self, encoded: bytes) -> int:
        try:
            width, height = picture_size(encoded, f"part {self._number + 1}")
        except BridgeError as error:
            raise NotMjpeg(str(error)) from error
        upright = height >= width
        if self._upright is not None and upright is not self._upright:
            # One width was given, and it isn't that of the turned screen.
            self._fail(BridgeError(f"the screen of {self._address} was turned: open its stream anew"))
        self._upright = upright
        return width

    def _fail(self, failure: BridgeError) -> None:
        self._frames.fail(failure)
        self._hang_up()

    def _hang_up(self) -> None:
        if self._ticking is not None:
            self._ticking.cancel()
        if self._transport is not None:
            self._transport.abort()


@asynccontextmanager
async def mjpeg_frames(
    url: str,
    *,
    logical_width: float,
    delay: Interval | None = None,
    turn: float | None = None,
    timeout: float = 10.0,
) -> AsyncIterator[MjpegFrames]:
    """Stream the frames that an MJPEG server sends while the context is open; begins with the first one.

    `logical_width` is the screen's width in logical pixels. `delay` bounds, in seconds, how long after a
    moment at which the screen looked so the first byte of its picture is here: `Interval(0, most)` where
    nobody knows better, with `most` from `measure_delay`. A device later than `most` makes `shown` untrue,
    and nothing in the stream would tell.

    `turn` says that the server takes a picture, sends it, and only then takes the next, and grants that each
    byte arrives `turn` seconds after it was sent, or after the byte before it, at the latest: from
    `measure_transit`. Then a frame was shown no earlier than the one before it was sent. It is true of
    UiAutomator2's server. WebDriverAgent's takes the next picture while this one is still scaled and written,
    so for it `turn` has to cover that too. Pictures that wait in the line are noticed, and bound nothing.

    With `turn` alone a frame is bounded by the one before, so the first picture is left out, and the frames
    are numbered from 1. At least one of `delay` and `turn` has to be given.

    Raises `AppUnreachable` in one line where the server can't be reached, goes away, sends no MJPEG, or no
    frame for `timeout` seconds; `BridgeError` where the address isn't http, frames are not taken, the screen
    is turned, or `delay` and `turn` contradict each other.

    A socket of our own, as httpx refuses an answer whose picture precedes its head, which these servers
    send, and says of no byte when it came. HTTP/1.0 is spoken, so that no server sends chunks.
    """
    if not 0 < logical_width < math.inf:
        raise ValueError(f"a screen is wider than {logical_width} logical pixels")
    if delay is None and turn is None:
        raise ValueError("a frame's time is bounded by a delay, by turns or by both")
    if turn is not None and not 0 <= turn < math.inf:
        raise ValueError(f"a turn takes some time, and not {turn} s")
    if delay is not None and not 0 <= delay.low <= delay.high < math.inf:
        raise ValueError(f"no frame arrives before it was shown, so {delay} can't be its delay")
    host, port, address, request = _request(url)
    stream: MjpegFrames | None = None
    try:
        try:
            async with asyncio.timeout(timeout):
                transport, stream = await asyncio.get_running_loop().create_connection(
                    lambda: MjpegFrames(
                        address, logical_width=logical_width, delay=delay, turn=turn, timeout=timeout
                    ),
                    host,
                    port,
                )
        except TimeoutError as error:
            raise AppUnreachable(f"{address} did not answer in time: is the port forwarded?") from error
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "no such host"
            raise AppUnreachable(f"{address} can't be reached ({reason}): is the port forwarded?") from error
        # The server sends nothing until it has read something.
        transport.write(request)
        await stream.wait_for_first()
        yield stream
    finally:
        if stream is not None:
            await stream.stop()


def _request(url: str) -> tuple[str, int, str, bytes]:
    """Return host, port, the address to speak of (without what may be secret in it) and the request."""
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        host = None
    if not host or parts.scheme != "http":
        raise BridgeError("an MJPEG stream is read from an address like http://127.0.0.1:7810, and only http")
    place = parts.netloc.rpartition("@")[2]
    path = quote(parts.path or "/", safe=_SAFE_CHARACTERS)
    asked = f"{path}?{quote(parts.query, safe=_SAFE_CHARACTERS)}" if parts.query else path
    request = f"GET {asked} HTTP/1.0\r\nHost: {place}\r\nAccept: multipart/x-mixed-replace\r\n\r\n"
    return host, port, f"http://{place}{path.rstrip('/')}", request.encode()


Change = Callable[[], Awaitable[tuple[float, Callable[[Frame], bool]]]]
"""Changes what is on screen, and lets it stay.

Returns a moment on `clock.now()`'s clock before which the change wasn't on screen (when the command was
sent, say), and what tells of a frame whether it shows the change.
"""


async def measure_delay(
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


async def measure_transit(ask: Callable[[], Awaitable[object]], *, margin: float, times: int = 10) -> float:
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
