"""Pictures of an app's screen with the moment each of them was on it, and the streams they come in."""

from __future__ import annotations

import asyncio
import base64
import io
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, Protocol

from PIL import UnidentifiedImageError

from flutter_bridge.clock import Interval, now
from flutter_bridge.errors import BridgeError
from flutter_bridge.semantics import Box

if TYPE_CHECKING:
    from PIL import Image

MAX_PIXELS: Final = 89_000_000
"""Of a picture of a screen: ten times a 4K screen's, and as many as Pillow decodes without a warning."""

_FORMATS: Final = ["PNG", "JPEG", "WEBP"]


def decode_picture(encoded: bytes, what: str) -> Image.Image:
    """Return a picture in RGB; raises `BridgeError`, which calls it `what`, where it is none or not whole."""
    try:
        with _open_picture(encoded) as opened:
            # Converting what is RGB already copies it all, which takes longer than decoding it.
            opened.load()
            return opened if opened.mode == "RGB" else opened.convert("RGB")
    except Exception as error:
        raise _unreadable_error(encoded, what, error) from error


def picture_size(encoded: bytes, what: str) -> tuple[int, int]:
    """Return a picture's width and height by its head; raises `BridgeError` where it is none."""
    try:
        with _open_picture(encoded) as opened:
            return opened.size
    except Exception as error:
        raise _unreadable_error(encoded, what, error) from error


def decode_base64(encoded: object, what: str) -> bytes:
    """Return what base64 has; raises `BridgeError`, which calls it `what`, where it is none."""
    try:
        return base64.b64decode(encoded)  # type: ignore[arg-type]  # whatever it is: it says no
    except (TypeError, ValueError) as error:
        raise BridgeError(f"{what} is no picture: {str(encoded)[:40]!r}") from error


def _open_picture(encoded: bytes) -> Image.Image:
    from PIL import Image  # noqa: PLC0415 - a third of what pytest pays for a plugin that it has no use for

    opened = Image.open(io.BytesIO(encoded), formats=_FORMATS)
    if opened.width * opened.height > MAX_PIXELS:
        raise ValueError(f"{opened.width}x{opened.height} pixels, which no screen has")
    return opened


def _unreadable_error(encoded: bytes, what: str, error: Exception) -> BridgeError:
    if isinstance(error, UnidentifiedImageError):
        return BridgeError(f"{what} is no picture: it has {len(encoded)} bytes, {encoded[:12]!r} at first")
    return BridgeError(f"{what} is no whole picture: {' '.join(str(error).split())[:100]}")


@dataclass(frozen=True, eq=False)
class Frame:
    """One picture of the screen.

    `encoded` is the picture as it came (PNG, JPEG or WebP), decoded on first use only. `shown` bounds, on
    `clock.now()`'s clock, a moment at which the screen looked like this. `scale` is how many of the
    picture's pixels make one logical pixel.
    """

    encoded: bytes = field(repr=False)
    shown: Interval
    scale: float = 1.0
    number: int = 0

    @cached_property
    def image(self) -> Image.Image:
        """The picture, decoded to RGB; raises `BridgeError` where it is damaged."""
        return decode_picture(self.encoded, f"frame {self.number} of the screen")

    def reduce(self, width: int) -> Image.Image:
        """Return the whole picture so many pixels wide, without decoding more of it than that needs."""
        try:
            with _open_picture(self.encoded) as opened:
                size = (width, max(1, round(opened.height * width / opened.width)))
                opened.draft("RGB", size)
                return opened.convert("RGB").resize(size, reducing_gap=2.0)
        except Exception as error:
            raise _unreadable_error(self.encoded, f"frame {self.number} of the screen", error) from error

    def crop(self, box: Box) -> Image.Image:
        """Return the part of the picture that a box in logical pixels covers, on whole pixels."""
        picture = self.image
        left, top = max(0, round(box.left * self.scale)), max(0, round(box.top * self.scale))
        right = min(picture.width, round(box.right * self.scale))
        bottom = min(picture.height, round(box.bottom * self.scale))
        return picture.crop((left, top, max(left, right), max(top, bottom)))


class FrameSource(Protocol):
    """A running stream of frames; iterating waits for the next frame and ends with the stream.

    Frames come as soon as they are there, which need not be the order they were shown in: `shown.low` tells,
    though the intervals of neighbours may overlap. Each says what the screen looked like at one moment. When
    it changed between two of them is left open, so a source that misses paints makes what follows from its
    frames less exact, never wrong.

    A source that sends nothing while nothing changes proves nothing meanwhile, neither that the old look is
    still there nor that the new one stays: it should yield its last frame again now and then, with a new
    `shown`. `frame.encoded` may be the same object; it is then not decoded again.
    """

    @property
    def kind(self) -> str:
        """How the frames are made, for the report: `screencast`, `screenshots`, `mjpeg`."""
        ...

    def __aiter__(self) -> AsyncIterator[Frame]:
        """Yield frames as they come."""
        ...


MAX_WAITING_BYTES = 256 * 2**20
"""How many bytes of frames wait for a consumer at most."""

_FRAME_BYTES = 500  # bytes of a Frame without its picture, roughly


class FrameQueue:
    """The frames of one stream between the one that adds them and the one that iterates over them.

    Consecutive frames with the same `encoded` object count once. Frames of more than `MAX_WAITING_BYTES` are
    a failure: nobody takes them. An iteration yields what came before a failure or the end, then raises the
    failure or ends.
    """

    def __init__(self) -> None:
        self._frames: deque[Frame] = deque()
        self._waiting_bytes = 0
        self._changed = asyncio.Event()
        self._failure: BridgeError | None = None
        self._ended = False

    @property
    def is_closed(self) -> bool:
        """Whether it takes no more frames."""
        return self._ended or self._failure is not None

    def add(self, frame: Frame) -> None:
        """Let a frame wait, unless the queue is closed."""
        if self.is_closed:
            return
        self._waiting_bytes += _FRAME_BYTES
        if not self._frames or self._frames[-1].encoded is not frame.encoded:
            self._waiting_bytes += len(frame.encoded)
        self._frames.append(frame)
        if self._waiting_bytes > MAX_WAITING_BYTES:
            self.fail(
                BridgeError(f"{len(self._frames)} frames wait and nobody takes them: the stream was ended")
            )
        self._changed.set()

    def fail(self, failure: BridgeError) -> None:
        """Close the queue for a reason, unless it is closed."""
        if not self.is_closed:
            self._failure = failure
        self._changed.set()

    def end(self) -> None:
        """Close the queue."""
        self._ended = True
        self._changed.set()

    async def wait_for_first(self) -> None:
        """Wait for the first frame, which stays, or for the end; raises the failure where none came."""
        while not self._frames and not self.is_closed:
            await self._change()
        if not self._frames and self._failure is not None:
            raise self._failure

    def __aiter__(self) -> FrameQueue:
        """Return this queue."""
        return self

    async def __anext__(self) -> Frame:
        """Wait for the next frame."""
        while not self._frames:
            if self._failure is not None:
                raise self._failure
            if self._ended:
                raise StopAsyncIteration
            await self._change()
        frame = self._frames.popleft()
        self._waiting_bytes -= _FRAME_BYTES
        if not self._frames or self._frames[0].encoded is not frame.encoded:
            self._waiting_bytes -= len(frame.encoded)
        return frame

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()


Shoot = Callable[[], Awaitable[tuple[bytes, float]]]
"""Takes one screenshot and returns it encoded, with how many of its pixels make one logical pixel."""


class ScreenshotFrames:
    """An endless stream of screenshots, each taken when it is asked for.

    What a screenshot shows was on screen at some moment between its beginning and its end.
    """

    kind = "screenshots"

    def __init__(self, shoot: Shoot) -> None:
        self._shoot = shoot
        self._number = 0

    def __aiter__(self) -> ScreenshotFrames:
        """Return this stream."""
        return self

    async def __anext__(self) -> Frame:
        """Take the next screenshot."""
        begun = now()
        encoded, scale = await self._shoot()
        frame = Frame(encoded, Interval(begun, now()), scale=scale, number=self._number)
        self._number += 1
        return frame
