"""An MJPEG stream as the drivers' servers send it, over a real socket."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from contextlib import suppress

import pytest

from flutter_bridge import (
    Frame,
    FrameSource,
    Interval,
    now,
)
from flutter_bridge.mjpeg import MjpegFrames, mjpeg_frames
from flutter_bridge.mjpeg import stream as streaming
from tests.flutter_bridge.mjpeg_server import (
    ANSWER,
    BLUE,
    DRIVERS,
    LAYOUTS,
    RED,
    part,
    saying,
    serving,
)

AT_ONCE = Interval(0, 0)


@LAYOUTS
async def test_frames_come_with_their_scale_and_number(sent: bytes) -> None:
    async with (
        serving(saying(sent)) as server,
        mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE) as frames,
    ):
        source: FrameSource = frames
        assert source.kind == "mjpeg"
        seen = [await anext(frames) for _ in range(3)]
    assert [frame.encoded for frame in seen] == [RED, BLUE, RED]
    assert [(frame.number, frame.scale) for frame in seen] == [(0, 2.0), (1, 2.0), (2, 2.0)]
    assert seen[1].image.size == (40, 80)
    assert server.asked.startswith(b"GET / HTTP/1.0\r\nHost: 127.0.0.1:")


async def test_pictures_that_look_alike_share_their_bytes() -> None:
    async with (
        serving(saying(ANSWER + part(RED) + part(RED) + part(BLUE))) as server,
        mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE) as frames,
    ):
        first, second, third = [await anext(frames) for _ in range(3)]
    assert first.encoded is second.encoded
    assert third.encoded == BLUE


async def test_a_frame_was_shown_before_its_first_byte_came_by_the_delay() -> None:
    """Though its head was here before, and however late the rest of it is."""
    moments = []

    async def say(writer: asyncio.StreamWriter) -> None:
        head, _, picture = part(RED).partition(b"\r\n\r\n")
        for piece in (ANSWER + head + b"\r\n\r\n", picture[:1], picture[1:]):
            moments.append(now())
            writer.write(piece)
            for _ in range(20):
                await asyncio.sleep(0)  # the client reads meanwhile

    async with (
        serving(say) as server,
        mjpeg_frames(server.url, logical_width=20, delay=Interval(1, 3)) as frames,
    ):
        shown = (await anext(frames)).shown
    _, first_byte, the_rest = moments
    assert shown.low + 3 <= the_rest
    assert first_byte <= shown.high + 1 <= the_rest


class Clock:
    """Says one given moment after the other."""

    def __init__(self, *moments: float) -> None:
        self._moments = iter(moments)

    def __call__(self) -> float:
        return next(self._moments)


async def test_bytes_that_lay_unread_came_at_any_moment_since_nothing_was_left(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(streaming, "now", Clock(10, 11, 12, 13, 14, 15, 16))
    monkeypatch.setattr(streaming, "_READ_BYTES", len(part(RED)))
    frames = MjpegFrames("the device", logical_width=20, delay=Interval(0.5, 2), timeout=30)
    # The first read, from 11 to 12, fills all there is room for: more may have lain there since 10.
    for sent in (part(RED), part(BLUE)[:-1], part(RED)):
        space = frames.get_buffer(-1)
        space[: len(sent)] = sent
        frames.buffer_updated(len(sent))
    shown = [(await anext(frames)).shown for _ in range(3)]
    assert shown == [Interval(10 - 2, 12 - 0.5), Interval(10 - 2, 14 - 0.5), Interval(13 - 2, 16 - 0.5)]


@pytest.mark.parametrize("one_read", [256 * 2**10, 512])
async def test_a_loop_that_lags_moves_no_arrival(monkeypatch: pytest.MonkeyPatch, one_read: int) -> None:
    """A thread sends whatever the loop does; each frame's arrival holds the moment it was sent at."""
    monkeypatch.setattr(streaming, "_READ_BYTES", one_read)
    sent: list[tuple[float, float]] = []

    def send(listening: socket.socket) -> None:
        with listening.accept()[0] as connection:
            # Else the sender's own TCP would keep bytes back, and they'd arrive later than they were sent.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.recv(4096)
            connection.sendall(ANSWER)
            for at in range(40):
                before = now()
                connection.sendall(part((RED, BLUE)[at % 2]))
                sent.append((before, now()))
                threading.Event().wait(0.004)
            with suppress(ConnectionError):
                connection.recv(4096)

    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(30)
        sending = asyncio.get_running_loop().run_in_executor(None, send, listening)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        async with mjpeg_frames(url, logical_width=20, delay=AT_ONCE) as frames:
            seen: list[Frame] = []
            while len(seen) < 40:
                seen.append(await anext(frames))
                # Whoever computes in the loop blocks it like this.
                chance = random.Random(len(seen))  # noqa: S311 - a pace, not a secret
                threading.Event().wait(chance.choice([0, 0, 0.03]))
        await sending
    for frame, (before, after) in zip(seen, sent, strict=True):
        assert frame.shown.low <= after
        assert frame.shown.high >= before


async def test_a_cancelled_watch_hangs_up() -> None:
    watching = asyncio.Event()

    async def watch(url: str) -> None:
        async with mjpeg_frames(url, logical_width=20, delay=AT_ONCE) as frames:
            async for _ in frames:
                watching.set()

    async with serving(saying(DRIVERS)) as server:
        task = asyncio.create_task(watch(server.url))
        await watching.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.hung_up.wait()


async def test_an_iteration_ends_with_its_context() -> None:
    async with serving(saying(DRIVERS)) as server:
        async with mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE) as frames:
            pass
        assert all([isinstance(frame, Frame) async for frame in frames])
