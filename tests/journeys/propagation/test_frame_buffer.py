"""The buffer keeps frames in the order in which they were shown."""

from __future__ import annotations

import asyncio

from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge import Frame, Interval
from journeys.propagation.observer import FrameBuffer


def frame(moment: float, encoded: bytes = b"picture") -> Frame:
    return Frame(encoded, Interval.at(moment))


def moments(frames: list[Frame]) -> list[float]:
    return [one.shown.high for one in frames]


@given(st.lists(st.integers(0, 1000), min_size=1))
def test_frames_are_in_the_order_of_their_stamps_however_they_came(stamps: list[int]) -> None:
    buffer = FrameBuffer()
    for stamp in stamps:
        buffer.add(frame(stamp))
    assert moments(buffer.frames_since(-1)) == sorted(stamps)
    assert buffer.latest is not None
    assert buffer.latest.shown.high == max(stamps)


def test_a_late_frame_hides_none_of_those_that_came_before_it() -> None:
    buffer = FrameBuffer()
    for stamp in (1.0, 3.0, 4.0, 2.0, 5.0):
        buffer.add(frame(stamp))
    assert moments(buffer.frames_since(3.0)) == [2.0, 3.0, 4.0, 5.0]


def test_frames_whose_times_overlap_are_in_the_order_of_their_earliest_moments() -> None:
    buffer = FrameBuffer()
    new, old = Frame(b"new", Interval(1.2, 1.3)), Frame(b"old", Interval(1.1, 1.4))
    buffer.add(new)
    buffer.add(old)
    assert [one.encoded for one in buffer.frames_since(0)] == [b"old", b"new"]


def test_a_reel_begins_with_a_frame_that_is_wholly_from_before() -> None:
    buffer = FrameBuffer()
    for shown in (Interval(0.1, 0.2), Interval(1.0, 2.1), Interval(1.5, 1.6), Interval(2.2, 2.3)):
        buffer.add(Frame(b"picture", shown))
    assert [one.shown.low for one in buffer.frames_since(2.0)] == [0.1, 1.0, 1.5, 2.2]


def test_a_full_reel_forgets_what_was_shown_first() -> None:
    buffer = FrameBuffer(capacity=8)
    for stamp in (3.0, 1.0, 2.0):
        buffer.add(frame(stamp, encoded=b"%4d" % int(stamp)))
    assert moments(buffer.frames_since(0)) == [2.0, 3.0]
    assert buffer.lost_until == 1.0


def test_a_screen_at_rest_is_kept_once() -> None:
    buffer = FrameBuffer(capacity=10)
    for stamp in range(100):
        buffer.add(frame(stamp, encoded=bytes(bytearray(b"12345678"))))
    frames = buffer.frames_since(-1)
    assert len(frames) == 100
    assert all(one.encoded is frames[0].encoded for one in frames)


async def test_who_waits_for_a_frame_is_woken_by_the_next_one_and_not_by_those_before() -> None:
    buffer = FrameBuffer()
    buffer.add(frame(1.0))
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(buffer.next()) for _ in range(2)]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        buffer.add(frame(2.0))


def test_a_reel_knows_when_the_screen_changed_last_at_the_latest() -> None:
    buffer = FrameBuffer()
    assert buffer.changed == float("-inf")
    for shown, encoded in (
        (Interval(0.9, 1.0), b"before"),
        (Interval(1.9, 2.0), b"before"),
        (Interval(2.5, 3.0), b"after"),
        (Interval(3.9, 4.0), bytes(bytearray(b"after"))),
    ):
        buffer.add(Frame(encoded, shown))
    assert buffer.changed == 3.0


def test_a_screen_that_looks_again_as_it_once_did_has_changed() -> None:
    buffer = FrameBuffer()
    for stamp, encoded in ((1.0, b"one"), (2.0, b"other"), (3.0, b"one")):
        buffer.add(frame(stamp, encoded))
    assert buffer.changed == 3.0
