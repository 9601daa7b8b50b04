"""An MJPEG stream as the drivers' servers send it, over a real socket, well-behaved and not."""

from __future__ import annotations

import asyncio
import io
import random
import re
import socket
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from flutter_bridge import (
    AppUnreachable,
    BridgeError,
    Frame,
    FrameSource,
    Interval,
    frame_queue,
    mjpeg_frames,
    now,
)
from flutter_bridge.mjpeg import MjpegFrames, measured_delay
from flutter_bridge.mjpeg import stream as streaming
from flutter_bridge.mjpeg.multipart import HEAD, PICTURE, Multipart, NotMjpeg

AT_ONCE = Interval(0, 0)


def drawn(colour: str, size: tuple[int, int] = (40, 80)) -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", size, colour).save(encoded, "JPEG")
    return encoded.getvalue()


RED, BLUE = drawn("red"), drawn("blue")

# Both drivers' servers send these very bytes; only the server's name differs.
ANSWER = (
    b"HTTP/1.0 200 OK\r\nServer: WDA MJPEG Server\r\nConnection: close\r\nMax-Age: 0\r\nExpires: 0\r\n"
    b"Cache-Control: no-cache, private\r\nPragma: no-cache\r\n"
    b"Content-Type: multipart/x-mixed-replace; boundary=--BoundaryString\r\n\r\n"
)


def part(picture: bytes) -> bytes:
    return b"--BoundaryString\r\nContent-type: image/jpg\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (
        len(picture),
        picture,
    )


DRIVERS = ANSWER + part(RED) + part(BLUE) + part(RED)
HEAD_LATE = part(RED) + ANSWER + part(BLUE) + part(RED)
NO_LENGTHS = (
    b'HTTP/1.1 200 OK\ncontent-type: Multipart/X-Mixed-Replace;boundary="frame"\n\n'
    b"--frame\nCONTENT-TYPE: image/jpeg\n\n" + RED + b"\n--frame\nCONTENT-TYPE: image/jpeg\n\n" + BLUE
) + (b"\r\n--frame\r\n\r\n" + RED + b"\r\n--frame\r\n")
LAYOUTS = pytest.mark.parametrize(
    "sent", [DRIVERS, HEAD_LATE, NO_LENGTHS], ids=["drivers", "head late", "no lengths"]
)


def read(pieces: Sequence[bytes]) -> list[tuple[bytes, Interval]]:
    """Feed pieces, each at the moment of its number; the pictures and when they came."""
    parts = Multipart()
    return [
        (one.encoded, one.arrived)
        for moment, piece in enumerate(pieces)
        for one in parts.feed(piece, Interval.at(moment))
    ]


@LAYOUTS
@given(data=st.data())
def test_pictures_are_the_same_however_the_bytes_are_cut(sent: bytes, data: st.DataObject) -> None:
    cuts = data.draw(st.lists(st.integers(0, len(sent)), max_size=12).map(sorted))
    pieces = [sent[start:end] for start, end in zip([0, *cuts], [*cuts, len(sent)], strict=True)]
    seen = read(pieces)
    assert [picture for picture, _ in seen] == [RED, BLUE, RED]
    # Each arrived with the piece that its first byte is in.
    ends = [sum(map(len, pieces[: at + 1])) for at in range(len(pieces))]
    start = 0
    for picture, arrived in seen:
        start = sent.index(picture, start)
        assert arrived == Interval.at(next(at for at, end in enumerate(ends) if start < end))
        start += len(picture)


@LAYOUTS
def test_bytes_may_come_one_by_one(sent: bytes) -> None:
    assert [picture for picture, _ in read([bytes([one]) for one in sent])] == [RED, BLUE, RED]


@LAYOUTS
def test_bytes_may_be_cut_once_anywhere(sent: bytes) -> None:
    for cut in range(len(sent)):
        assert [picture for picture, _ in read([sent[:cut], sent[cut:]])] == [RED, BLUE, RED]


def test_a_picture_may_hold_what_looks_like_a_boundary() -> None:
    odd = RED + b"\r\n--BoundaryString\r\n\r\n"
    assert [picture for picture, _ in read([ANSWER + part(odd) + part(BLUE)])] == [odd, BLUE]


@given(garbage=st.binary(max_size=300), after=st.sampled_from([b"", ANSWER, DRIVERS]))
def test_garbage_is_refused_or_waited_on_and_nothing_else(garbage: bytes, after: bytes) -> None:
    with suppress(NotMjpeg):
        for one in Multipart().feed(after + garbage, AT_ONCE):
            assert one.encoded


NEVER_ENDING = b"x: " + b"y" * HEAD
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
    (ANSWER + b"--BoundaryString\r\nContent-Length: %d\r\n\r\n" % (PICTURE + 1), "has Content-Length"),
    (ANSWER + b"--BoundaryString\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", "has Content-Length"),
    (ANSWER + b"--BoundaryString\r\nContent-Length: -1\r\n\r\n", "has Content-Length"),
    (ANSWER + b"--BoundaryString\r\nContent-Length: 0\r\n\r\n", "has Content-Length"),
    (ANSWER + part(b"no picture"), "part 1 is no picture"),
    (ANSWER + part(RED[:20]), "part 1 is no picture"),
]


class Server:
    """Says to each client what a test tells it to, once the client has sent something."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = b""
        self.clients = 0
        self.hung_up = asyncio.Event()


Say = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(say: Say, *, hang_up: bool = False) -> AsyncIterator[Server]:
    """Serve on loopback; the server stays silent after what it says, or hangs up."""
    server = Server()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.clients += 1
        try:
            server.asked = await reader.readuntil(b"\r\n\r\n")
            await say(writer)
            if not hang_up:
                await reader.read()
        except OSError:
            pass  # the client may leave whenever it likes
        finally:
            server.hung_up.set()
            writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield server
        if server.clients:
            async with asyncio.timeout(30):
                await server.hung_up.wait()


def saying(sent: bytes) -> Say:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()

    return say


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
    monkeypatch.setattr(streaming, "_ONE_READ", len(part(RED)))
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
    monkeypatch.setattr(streaming, "_ONE_READ", one_read)
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
                threading.Event().wait(random.Random(len(seen)).choice([0, 0, 0.03]))  # noqa: S311
        await sending
    for frame, (before, after) in zip(seen, sent, strict=True):
        assert frame.shown.low <= after
        assert frame.shown.high >= before


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
    monkeypatch.setattr(frame_queue, "KEPT", 20_000)
    async with (
        serving(saying(ANSWER + part(RED) * 100)) as server,
        mjpeg_frames(server.url, logical_width=20, delay=AT_ONCE) as frames,
    ):
        await server.hung_up.wait()
        with pytest.raises(BridgeError, match=r"^\d+ frames wait and nobody takes them"):
            assert len([frame async for frame in frames]) < 50


async def test_frames_that_are_taken_leave_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frame_queue, "KEPT", 4 * (len(RED) + 500))

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


class Device:
    """A screen of one colour, and a stream that shows it late."""

    def __init__(self, *, late: float) -> None:
        self.late = late
        self.colour = RED
        self.told: list[float] = []

    async def say(self, writer: asyncio.StreamWriter) -> None:
        writer.write(ANSWER)
        while True:
            taken = self.colour
            await asyncio.sleep(self.late)
            writer.write(part(taken))
            await writer.drain()

    async def change(self) -> tuple[float, Callable[[Frame], bool]]:
        earliest = now()
        self.colour = wanted = BLUE if self.colour is RED else RED
        self.told.append(earliest)
        return earliest, lambda frame: frame.encoded == wanted


async def test_a_measured_delay_is_no_shorter_than_the_true_one() -> None:
    device = Device(late=0.03)
    begun = now()
    async with serving(device.say) as server:
        delay = await measured_delay(server.url, device.change, margin=0.01, times=4)
    assert len(device.told) == 4
    assert delay.low == 0
    assert 0.03 + 0.01 <= delay.high <= now() - begun + 0.01


async def test_a_change_that_no_frame_shows_gives_no_delay() -> None:
    async def change() -> tuple[float, Callable[[Frame], bool]]:
        return now(), lambda _: False

    async with serving(Device(late=0.01).say) as server:
        with pytest.raises(BridgeError, match=r"showed a change within 0\.1 s$"):
            await measured_delay(server.url, change, margin=0, within=0.1)


async def test_a_change_that_shows_before_it_is_made_gives_no_delay() -> None:
    async def change() -> tuple[float, Callable[[Frame], bool]]:
        return now() + 60, lambda _: True

    async with serving(Device(late=0.01).say) as server:
        with pytest.raises(BridgeError, match="before it was made"):
            await measured_delay(server.url, change, margin=0)
