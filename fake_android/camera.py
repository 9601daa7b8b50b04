"""Pictures of a page as it is after they were asked for, as cheap as they can be had."""

from __future__ import annotations

import asyncio
import base64
import io
import math
from contextlib import suppress
from typing import Any, ClassVar, Final

from PIL import Image
from playwright.async_api import CDPSession, Error, Page

from flutter_bridge import now, wall_offset
from flutter_bridge.web import heartbeat_rate, presentation_time, usable_cores

LINGER_S: Final = 2.0
"""How long a screencast is kept after its last picture: a client of a stream asks again soon."""

PRESENT_AGAIN_S: Final = 0.1
"""Without a frame for so long, the page is asked to present one again."""

FRAME_TIMEOUT_S: Final = 3.0
"""Without a frame for so long, a screenshot is taken in its place."""


class Camera:
    """Takes one page's pictures; `close` it before the page."""

    def __init__(self, page: Page, *, pixel_ratio: float) -> None:
        self._page = page
        self._ratio = pixel_ratio
        self._casts: dict[tuple[int, float], _LazyScreencast] = {}

    async def png(self) -> bytes:
        """Take a PNG in physical pixels."""
        return await self._page.screenshot(type="png", scale="device", caret="initial")

    async def jpeg(self, *, quality: int, scale: float) -> bytes:
        """Take a JPEG, `scale` times as large as the screen in physical pixels.

        A frame of a screencast where that has pixels enough: it has one for each logical pixel.
        """
        begun = now()
        if self._ratio * scale <= 1.0:
            frame = await self._cast(quality, self._ratio * scale).after(begun)
            if frame is not None:
                return frame
        encoded = await self._page.screenshot(type="jpeg", quality=quality, scale="device", caret="initial")
        return encoded if scale == 1.0 else await asyncio.to_thread(_scale_jpeg, encoded, quality, scale)

    async def close(self) -> None:
        """End what runs."""
        for cast in self._casts.values():
            await cast.stop()
        self._casts.clear()

    def _cast(self, quality: int, scale: float) -> _LazyScreencast:
        wanted = (quality, scale)
        cast = self._casts.get(wanted)
        if cast is None or cast.ended:
            cast = self._casts[wanted] = _LazyScreencast(self._page, quality=quality, scale=scale)
        return cast


class _LazyScreencast:
    """A screencast that has a frame presented when one is asked for, and ends when none was for a while.

    What an app draws by itself comes at once. A page that rests presents no more frames a second than its
    share: all that are watched in this process share what the machine can spare (`heartbeat_rate`). Frames
    are acknowledged only once somebody wants another, so that the browser encodes none for nobody.
    """

    _watching: ClassVar[set[_LazyScreencast]] = set()

    def __init__(self, page: Page, *, quality: int, scale: float) -> None:
        self._page = page
        self._quality = quality
        self._scale = scale
        self._wanted = asyncio.Event()
        self._waiting: list[tuple[float, asyncio.Future[bytes | None]]] = []
        self._unanswered: list[int] = []
        self._sending: set[asyncio.Task[Any]] = set()
        self._session: CDPSession | None = None
        self.ended = False
        self._running = asyncio.ensure_future(self._run())

    async def after(self, moment: float) -> bytes | None:
        """Return the first frame presented after a moment; None where none comes."""
        answer: asyncio.Future[bytes | None] = asyncio.get_running_loop().create_future()
        self._waiting.append((moment, answer))
        self._wanted.set()
        with suppress(TimeoutError):
            async with asyncio.timeout(FRAME_TIMEOUT_S):
                return await answer
        return None

    async def stop(self) -> None:
        """End it, and those who wait for a frame get none."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def _run(self) -> None:
        self._watching.add(self)
        try:
            self._session = await self._page.context.new_cdp_session(self._page)
            self._session.on("Page.screencastFrame", self._on_frame)
            await self._session.send("Page.startScreencast", await self._options())
            presented_at = -math.inf
            while await self._is_wanted():
                self._acknowledge()
                times = heartbeat_rate(len(self._watching), cores=usable_cores())
                await self._wait_for_frames(presented_at + 1 / times - now())
                if self._waiting:
                    presented_at = now()
                    self._send(self._page.evaluate("__standin.present()"))
                    await self._wait_for_frames(PRESENT_AGAIN_S)
        except Error:
            pass  # the page went away: whoever waits hears of it from a screenshot
        finally:
            self.ended = True
            self._watching.discard(self)
            for task in self._sending:
                task.cancel()
            for _, answer in self._waiting:
                if not answer.done():
                    answer.set_result(None)
            if self._session is not None:
                # Nothing to undo on a page that is gone.
                with suppress(Error):
                    await self._session.detach()

    async def _options(self) -> dict[str, object]:
        options: dict[str, object] = {"format": "jpeg", "quality": self._quality, "everyNthFrame": 1}
        if self._scale < 1.0:
            size = await self._page.evaluate("[innerWidth, innerHeight]")
            options["maxWidth"], options["maxHeight"] = (max(1, round(side * self._scale)) for side in size)
        return options

    async def _wait_for_frames(self, seconds: float) -> None:
        """Wait until all who want a frame have one, `seconds` at most."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await asyncio.wait([answer for _, answer in self._waiting])
        self._waiting = [pair for pair in self._waiting if not pair[1].done()]

    async def _is_wanted(self) -> bool:
        """Wait until somebody wants a frame; false when nobody did for a while."""
        if not self._waiting:
            self._wanted.clear()
            with suppress(TimeoutError):
                async with asyncio.timeout(LINGER_S):
                    await self._wanted.wait()
        return bool(self._waiting)

    def _on_frame(self, event: dict[str, Any]) -> None:
        shown_at = presentation_time(event["metadata"], wall_offset(), arrived=now())
        self._unanswered.append(event["sessionId"])
        due = [answer for moment, answer in self._waiting if moment <= shown_at.low and not answer.done()]
        if due:
            encoded = base64.b64decode(event["data"])
            for answer in due:
                answer.set_result(encoded)
        elif self._waiting:
            # One from before: the next is waited for.
            self._acknowledge()

    def _acknowledge(self) -> None:
        assert self._session is not None  # noqa: S101 - frames come of a session
        for number in self._unanswered:
            self._send(self._session.send("Page.screencastFrameAck", {"sessionId": number}))
        self._unanswered.clear()

    def _send(self, sending: Any) -> None:
        async def await_quietly() -> None:
            # A page that is closing, or has just replaced its document, can't be asked.
            with suppress(Error):
                await sending

        task = asyncio.ensure_future(await_quietly())
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)


def _scale_jpeg(encoded: bytes, quality: int, scale: float) -> bytes:
    with Image.open(io.BytesIO(encoded)) as picture:
        size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
        target = io.BytesIO()
        picture.resize(size, Image.Resampling.BILINEAR).save(target, "JPEG", quality=quality)
    return target.getvalue()
