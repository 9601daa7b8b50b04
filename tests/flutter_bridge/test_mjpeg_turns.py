"""A server that takes a picture only once the one before is sent bounds by itself when each was taken."""

from __future__ import annotations

import asyncio
import random
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flutter_bridge import BridgeError, Frame, Interval, now
from flutter_bridge.mjpeg import MjpegFrames, mjpeg_frames
from flutter_bridge.mjpeg import stream as streaming
from tests.flutter_bridge.mjpeg_server import ANSWER, BLUE, NO_LENGTHS, RED, part, saying, serving

TURN = 0.05
MOST = 40.0
"""A delay that no invented device is longer than."""


@dataclass
class Device:
    """A server in turns and the line to it; what it really did is known.

    The line has room for `room` pieces, else the server waits until it may write. A piece that is next in
    line arrives within `TURN`.
    """

    room: int
    clock: float = 100.0
    taken: list[float] = field(default_factory=list)
    pieces: list[tuple[float, bytes]] = field(default_factory=list)

    def turn(self, *, takes: float, encodes: float, lags: list[float], rests: float) -> None:
        self.clock += takes
        self.taken.append(self.clock)
        self.clock += encodes
        sent = part((RED, BLUE)[len(self.taken) % 2])
        if len(self.taken) == 1:
            sent = ANSWER + sent
        for at, lag in enumerate(lags):
            piece = sent[len(sent) * at // len(lags) : len(sent) * (at + 1) // len(lags)]
            if len(self.pieces) >= self.room:
                self.clock = max(self.clock, self.pieces[-self.room][0])
            before = self.pieces[-1][0] if self.pieces else 0.0
            self.pieces.append((max(self.clock, before) + lag, piece))
        self.clock += rests


@contextmanager
def at(moment: list[float]) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(streaming, "now", lambda: moment[0])
        yield


def plan(seed: int) -> random.Random:
    """What chance has planned: the same each time."""
    return random.Random(seed)  # noqa: S311 - a plan, not a secret


async def watched(
    device: Device, lags: random.Random, *, delay: Interval | None, laziness: float
) -> list[Frame]:
    """What a stream makes of the device's pieces; its event loop lags, and reads what came meanwhile."""
    moment = [99.9]
    waiting = list(device.pieces)
    with at(moment):
        stream = MjpegFrames("the device", logical_width=20, delay=delay, turn=TURN, timeout=1e9)
        while waiting:
            moment[0] += lags.choice([0.001, 0.005, laziness])
            here = b"".join(piece for arrived, piece in waiting if arrived <= moment[0])
            waiting = [one for one in waiting if one[0] > moment[0]]
            if here:
                stream.get_buffer(-1)[: len(here)] = here
                stream.buffer_updated(len(here))
            stream._note_round()
    await stream.stop()
    return [frame async for frame in stream]


turns: st.SearchStrategy[dict[str, Any]] = st.builds(
    dict,
    takes=st.floats(0, 0.3),
    encodes=st.floats(0, 0.2),
    lags=st.lists(st.floats(0, TURN), min_size=1, max_size=4),
    rests=st.floats(0, 0.3),
)


@settings(deadline=None)  # how long the event loop is simulated is drawn too
@given(
    script=st.lists(turns, min_size=2, max_size=12),
    room=st.sampled_from([1, 2, 5, 20, 100]),
    seed=st.integers(0, 1000),
    delay=st.sampled_from([None, Interval(0, MOST)]),
    laziness=st.sampled_from([0.005, 0.1, 0.5]),
)
def test_the_true_moment_is_always_inside(
    script: list[dict[str, Any]], room: int, seed: int, delay: Interval | None, laziness: float
) -> None:
    device = Device(room)
    for turn in script:
        device.turn(**turn)
    frames = asyncio.run(watched(device, plan(seed), delay=delay, laziness=laziness))
    # Without a delay nothing bounds the first picture.
    assert [frame.number for frame in frames] == list(range(delay is None, len(script)))
    for frame in frames:
        assert frame.shown.low <= device.taken[frame.number] <= frame.shown.high


async def test_a_frame_is_bounded_by_the_one_before_however_late_the_device_may_be() -> None:
    device = Device(room=100)
    for _ in range(20):
        device.turn(takes=0.02, encodes=0.02, lags=[0.01], rests=0.06)
    frames = await watched(device, plan(1), delay=Interval(0, MOST), laziness=0.005)
    assert frames[0].shown.width >= MOST
    for frame in frames[1:]:
        # The frames are 100 ms apart, the turn grants 50, and two looks of the loop go at 10 each.
        assert frame.shown.width <= 0.1 + TURN + 4 * 0.01


async def test_pictures_that_wait_in_the_line_bound_nothing() -> None:
    """A picture taken long before the one ahead of it arrived."""
    device = Device(room=1000)
    for _ in range(30):
        device.turn(takes=0.001, encodes=0, lags=[0.03, 0.03], rests=0.01)
    frames = await watched(device, plan(1), delay=None, laziness=0.005)
    arrivals = [device.pieces[2 * number + 1][0] for number in range(30)]
    assert device.taken[29] < arrivals[28] - TURN, "else no picture waited"
    for frame in frames:
        assert frame.shown.low <= device.taken[frame.number] <= frame.shown.high


def test_over_real_sockets_the_moment_a_picture_is_taken_at_is_inside() -> None:
    taken: list[float] = []

    def serve(listening: socket.socket) -> None:
        rests = plan(5)
        with listening.accept()[0] as connection:
            # Else the sender's own TCP would keep bytes back longer than the turn grants.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            connection.recv(4096)
            connection.sendall(ANSWER)
            for number in range(12):
                taken.append(now())
                threading.Event().wait(rests.uniform(0.02, 0.12))
                connection.sendall(part((RED, BLUE)[number % 2]))
            with suppress(ConnectionError):
                connection.recv(4096)

    async def watch() -> list[Frame]:
        with socket.create_server(("127.0.0.1", 0)) as listening:
            listening.settimeout(30)
            serving = asyncio.get_running_loop().run_in_executor(None, serve, listening)
            url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            async with mjpeg_frames(url, logical_width=20, turn=TURN) as frames:
                seen = [await anext(frames) for _ in range(11)]
            await serving
        return seen

    frames = asyncio.run(watch())
    assert [frame.number for frame in frames] == list(range(1, 12))
    for frame in frames:
        assert frame.shown.low <= taken[frame.number] <= frame.shown.high


async def test_a_delay_that_turns_rule_out_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its pictures come 0.2 s apart, each a second old at least: it took them before it was done."""
    moment = [10.0]
    monkeypatch.setattr(streaming, "now", lambda: moment[0])
    stream = MjpegFrames("the device", logical_width=20, delay=Interval(1, 3), turn=TURN, timeout=1e9)
    for sent in (ANSWER + part(RED), part(BLUE)):
        stream._note_round()
        moment[0] += 0.1
        stream._note_round()
        moment[0] += 0.1
        stream.get_buffer(-1)[: len(sent)] = sent
        stream.buffer_updated(len(sent))
    await stream.stop()
    assert (await anext(stream)).number == 0
    with pytest.raises(BridgeError, match=r"within 1 s of the one before: it doesn't work in turns"):
        await anext(stream)


async def test_a_picture_whose_end_the_next_one_tells_bounds_by_its_own_bytes() -> None:
    """The boundary that ends it is sent with the next picture, and says nothing of when this one was."""
    ends = [NO_LENGTHS.index(picture) + len(picture) for picture in (RED, BLUE)] + [len(NO_LENGTHS)]
    pieces = [NO_LENGTHS[start:end] for start, end in zip([0, *ends], ends, strict=False)]
    device = Device(room=9, taken=[100.0, 101.0, 102.0])
    device.pieces = [(moment + 0.9, piece) for moment, piece in zip(device.taken, pieces, strict=True)]
    (frame, last) = await watched(device, plan(1), delay=None, laziness=0.005)
    assert [one.encoded for one in (frame, last)] == [BLUE, RED]
    assert frame.shown.low <= 101.0
    assert last.shown.low <= 102.0


@pytest.mark.parametrize("turn", [-0.1, float("nan"), float("inf")])
async def test_a_turn_that_cant_be_is_refused(turn: float) -> None:
    with pytest.raises(ValueError, match="a turn takes some time"):
        async with mjpeg_frames("http://127.0.0.1:1", logical_width=20, turn=turn):
            pass


async def test_a_time_that_nothing_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match="by a delay, by turns or by both"):
        async with mjpeg_frames("http://127.0.0.1:1", logical_width=20):
            pass


async def test_the_first_picture_is_left_out_where_only_turns_bound_it() -> None:
    sent = ANSWER + part(RED) + part(BLUE)
    async with (
        serving(saying(sent)) as server,
        mjpeg_frames(server.url, logical_width=20, turn=TURN) as frames,
    ):
        frame = await anext(frames)
    assert (frame.encoded, frame.number) == (BLUE, 1)
