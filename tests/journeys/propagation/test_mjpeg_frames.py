"""A change is watched through an MJPEG stream that is late, and the interval holds when it was shown."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from flutter_bridge import FrameSource, Interval, now
from flutter_bridge.mjpeg import mjpeg_frames
from journeys.timeline import Verdict, VerdictReached
from tests.journeys.propagation.conftest import SCREEN, TICK, ScriptedApp

if TYPE_CHECKING:
    from tests.journeys.propagation.conftest import Rig

HELD = 0.25
"""How long, in seconds, the device holds each picture back."""

DELAY = Interval(0.2, 0.6)


class StreamingApp(ScriptedApp):
    """An app whose screen is streamed as a device's driver does."""

    def __init__(self) -> None:
        super().__init__()
        self._gone = asyncio.Event()

    @asynccontextmanager
    async def frames(self) -> AsyncIterator[FrameSource]:
        async with await asyncio.start_server(self._stream, "127.0.0.1", 0) as server:
            url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with mjpeg_frames(url, logical_width=SCREEN.width, delay=DELAY) as frames:
                yield frames
            await self._gone.wait()

    async def _stream(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        held: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

        async def take() -> None:
            while True:
                held.put_nowait((now(), self.frame(now())))
                await asyncio.sleep(TICK)

        taking = asyncio.create_task(take())
        with suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(
                b"HTTP/1.0 200 OK\r\nContent-Type: multipart/x-mixed-replace; boundary=--Bound\r\n\r\n"
            )
            while not reader.at_eof():
                taken, picture = await held.get()
                await asyncio.sleep(max(0, taken + HELD - now()))
                # A machine too busy to be the device that was promised sends nothing rather than too late.
                if now() - taken < DELAY.high - 0.1:
                    head = b"--Bound\r\nContent-type: image/jpg\r\nContent-Length: %d\r\n\r\n" % len(picture)
                    writer.write(head + picture + b"\r\n\r\n")
                    await writer.drain()
        taking.cancel()
        await asyncio.gather(taking, return_exceptions=True)
        writer.close()
        self._gone.set()


async def test_the_interval_of_a_change_seen_late_holds_when_it_was_shown(rig: Rig) -> None:
    device = StreamingApp()
    device.play(now() - 1, rig.scene("header", rig.old))
    header = rig.place(app=device)
    async with rig.change(within=1.5) as change:
        change.expect(rig.new, on=header)
        await change.arm()
        moment = rig.act(change)
        device.play(moment + 0.6, rig.scene("header", rig.new))
    (verdict,) = rig.timeline.events_of(VerdictReached)
    assert verdict.verdict is Verdict.PASSED
    measured = verdict.commit_to_visible_s
    assert measured is not None
    assert measured.low <= 0.6 <= measured.high
    # What isn't known of the delay isn't known of the change.
    assert measured.width >= DELAY.width
