"""An MJPEG stream that is none, ends, falls silent or isn't read is told in one line."""

from __future__ import annotations

import asyncio
import re
import socket

import pytest

from flutter_bridge import (
    AppUnreachable,
    BridgeError,
    Interval,
)
from flutter_bridge import frames as queue
from flutter_bridge.mjpeg import mjpeg_frames
from flutter_bridge.mjpeg.multipart import MAX_HEAD_BYTES, MAX_PICTURE_BYTES
from tests.flutter_bridge.mjpeg_server import (
    ANSWER,
    BLUE,
    DRIVERS,
    RED,
    drawn,
    part,
    saying,
    serving,
)

AT_ONCE = Interval(0, 0)

PICTURE_TOO_LARGE = MAX_PICTURE_BYTES + 1
NEVER_ENDING = b"x: " + b"y" * MAX_HEAD_BYTES
REFUSED = [
    (b"SSH-2.0-OpenSSH_9.6\r\n", "'SSH-2.0"),
    (b"HTTP/1.1 404 Not Found\r\n\r\n", "the answer is 404"),
    (b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n", "the answer is text/html"),
    (b"HTTP/1.1 200 OK\r\n\r\n", "the answer is of no declared type"),
    (ANSWER[:-2] + b"Transfer-Encoding: chunked\r\n\r\n", "comes in chunks"),
    (b"HTTP/1.1 200 OK\r\n" + NEVER_ENDING, "a head has no end"),
    (ANSWER + b"--BoundaryString\r\n" + NEVER_ENDING, "a head has no end"),
    (ANSWER + b"--Another\r\n\r\n", "'--Another' stands where a picture's boundary has to"),
    (ANSWER + RED, "stands where a picture's boundary has to"),
    (ANSWER + ANSWER, "stands where a picture's boundary has to"),
    (ANSWER + b"--BoundaryString\r\nno header at all\r\n\r\n", "the head of a part can't be read"),
    (ANSWER + b"--BoundaryString\r\nContent-Type: text/plain\r\n\r\n", "a part is text/plain"),
    (
        ANSWER + b"--BoundaryString\r\nContent-Length: %d\r\n\r\n" % (MAX_PICTURE_BYTES + 1),
        "has Content-Length",
    ),
    (ANSWER + b"--BoundaryString\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", "has Content-Length"),
    (ANSWER + b"--BoundaryString\r\nContent-Length: -1\r\n\r\n", "has Content-Length"),
    (ANSWER + b"--BoundaryString\r\nContent-Length: 9\xe9\r\n\r\n", "has Content-Length '9\u00e9'"),
    (ANSWER[:-2] + b"Transfer-Encoding: \xe9chunked\r\n\r\n", "comes in chunks"),
    (ANSWER + b"--BoundaryString\r\nContent-Length: 0\r\n\r\n", "has Content-Length"),
    (ANSWER + part(b"no picture"), "part 1 is no picture"),
    (ANSWER + part(RED[:20]), "part 1 is no picture"),
]


@pytest.mark.parametrize(("sent", "said"), REFUSED, ids=[said for _, said in REFUSED])
async def test_what_is_no_mjpeg_stream_is_refused_in_one_line(sent: bytes, said: str) -> None:
    async with serving(saying(sent)) as server:
        refused = rf"^{re.escape(server.url)} sends no MJPEG stream: [^\n]*{re.escape(said)}[^\n]*$"
        with pytest.raises(AppUnreachable, match=refused):
            async with mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE):
                pass


async def test_frames_before_the_garbage_are_still_there() -> None:
    async with (
        serving(saying(ANSWER + part(RED) + b"garbage")) as server,
        mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE) as frames,
    ):
        assert (await anext(frames)).encoded == RED
        with pytest.raises(AppUnreachable, match="b'garbage' stands where"):
            await anext(frames)


@pytest.mark.parametrize(
    ("sent", "said"),
    [
        (ANSWER + part(RED), "closed its MJPEG stream after 1 frames"),
        (ANSWER + part(RED) + part(BLUE)[:-30], "closed its MJPEG stream in the middle of a picture after 1"),
    ],
)
async def test_a_server_that_goes_away_is_told_after_the_whole_frames(sent: bytes, said: str) -> None:
    async with (
        serving(saying(sent), hang_up=True) as server,
        mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE) as frames,
    ):
        assert (await anext(frames)).encoded == RED
        with pytest.raises(AppUnreachable, match=said):
            await anext(frames)


async def test_a_server_that_hangs_up_at_once_is_told() -> None:
    async with serving(saying(b""), hang_up=True) as server:
        with pytest.raises(AppUnreachable, match="closed its MJPEG stream after 0 frames"):
            async with mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE):
                pass


@pytest.mark.parametrize("sent", [b"", ANSWER, ANSWER + part(RED)[:-40], ANSWER + b"\r\n" * 9])
async def test_a_server_that_sends_no_frame_is_given_up(sent: bytes) -> None:
    async with serving(saying(sent)) as server:
        with pytest.raises(AppUnreachable, match=r"has sent no frame for 0\.2 s: is it an MJPEG stream"):
            async with mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE, timeout=0.2):
                pass


async def test_a_stream_that_falls_silent_is_given_up() -> None:
    async with (
        serving(saying(DRIVERS)) as server,
        mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE, timeout=0.2) as frames,
    ):
        for _ in range(3):
            await anext(frames)
        with pytest.raises(AppUnreachable, match="has sent no frame for"):
            await anext(frames)


async def test_nobody_there_is_told_with_what_to_do() -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    with pytest.raises(
        AppUnreachable, match=rf"^http://127\.0\.0\.1:{port} can't be reached \(.*forwarded\?$"
    ):
        async with mjpeg_frames(f"http://127.0.0.1:{port}", logical_width=20, delay=AT_ONCE):
            pass


@pytest.mark.parametrize("url", ["https://127.0.0.1:1", "127.0.0.1:7810", "http://", "http://h:port", ""])
async def test_only_http_addresses_are_read_from(url: str) -> None:
    with pytest.raises(BridgeError, match="only http"):
        async with mjpeg_frames(url, logical_width=20, delay=AT_ONCE):
            pass


async def test_secrets_of_an_address_are_sent_and_not_told() -> None:
    async with serving(saying(b""), hang_up=True) as server:
        with pytest.raises(AppUnreachable) as told:
            async with mjpeg_frames(f"{server.url}/a b?key=secret", logical_width=20, delay=AT_ONCE):
                pass
    assert server.asked.startswith(b"GET /a%20b?key=secret HTTP/1.0\r\n")
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(("width", "delay"), [(0, AT_ONCE), (float("nan"), AT_ONCE), (9, Interval(-1, 1))])
async def test_what_cant_be_is_refused(width: float, delay: Interval) -> None:
    with pytest.raises(ValueError, match=r"wider than|before it was shown"):
        async with mjpeg_frames("http://127.0.0.1:1", logical_width=width, delay=delay):
            pass


async def test_frames_that_nobody_takes_end_the_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MAX_WAITING_BYTES", 20_000)
    async with (
        serving(saying(ANSWER + part(RED) * 100)) as server,
        mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE) as frames,
    ):
        await server.hung_up.wait()
        with pytest.raises(BridgeError, match=r"^\d+ frames wait and nobody takes them"):
            assert len([frame async for frame in frames]) < 50


async def test_frames_that_are_taken_leave_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "MAX_WAITING_BYTES", 4 * (len(RED) + 500))

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(ANSWER)
        for at in range(60):
            writer.write(part((RED, RED, BLUE)[at % 3]))
            await asked.acquire()

    asked = asyncio.Semaphore(1)
    async with (
        serving(say) as server,
        mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE) as frames,
    ):
        for _ in range(60):
            await anext(frames)
            asked.release()


async def test_a_turned_screen_ends_the_stream() -> None:
    async with (
        serving(saying(ANSWER + part(RED) + part(drawn("red", (80, 40))))) as server,
        mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE) as frames,
    ):
        await anext(frames)
        with pytest.raises(BridgeError, match="was turned: open its stream anew"):
            await anext(frames)
