"""Frames wait for whoever watches them, within a bound, and a failure comes after the last of them."""

from __future__ import annotations

import asyncio

import pytest

from flutter_bridge import AppUnreachable, BridgeError, Frame, Interval
from flutter_bridge import frames as streams
from flutter_bridge.frames import FrameQueue


def frame(number: int, encoded: bytes = b"a picture") -> Frame:
    return Frame(encoded, Interval.at(number), number=number)


async def numbers(frames: FrameQueue) -> list[int]:
    return [one.number async for one in frames]


async def test_frames_come_in_order_and_end_with_the_stream() -> None:
    frames = FrameQueue()
    frames.add(frame(0))
    frames.add(frame(1))
    frames.end()
    frames.add(frame(2))
    assert await numbers(frames) == [0, 1]


async def test_a_failure_comes_after_the_frames_before_it_and_the_first_one_counts() -> None:
    frames = FrameQueue()
    frames.add(frame(0))
    frames.fail(AppUnreachable("the first"))
    frames.fail(AppUnreachable("the second"))
    await frames.wait_for_first()
    assert (await anext(frames)).number == 0
    for waiting in (anext(frames), frames.wait_for_first()):
        with pytest.raises(AppUnreachable, match="the first"):
            await waiting


async def test_what_fails_after_the_end_is_no_failure() -> None:
    frames = FrameQueue()
    frames.end()
    frames.fail(AppUnreachable("too late"))
    await frames.wait_for_first()
    assert await numbers(frames) == []


async def test_the_first_frame_wakes_who_waits_and_stays() -> None:
    frames = FrameQueue()
    async with asyncio.TaskGroup() as group:
        waiting = [group.create_task(frames.wait_for_first()), group.create_task(frames.wait_for_first())]
        await asyncio.sleep(0)
        assert not any(task.done() for task in waiting)
        frames.add(frame(7))
    assert (await anext(frames)).number == 7


async def test_frames_that_share_their_bytes_count_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_WAITING_BYTES", 100_000)
    picture = bytes(60_000)
    frames = FrameQueue()
    for number in range(10):
        frames.add(frame(number, picture))
    assert not frames.is_closed
    frames.add(frame(10, bytes(60_000)))
    with pytest.raises(BridgeError, match=r"^11 frames wait and nobody takes them"):
        await numbers(frames)


async def test_frames_that_are_taken_leave_room_for_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(streams, "MAX_WAITING_BYTES", 3_000)
    frames = FrameQueue()
    pictures = [bytes(800), bytes(801)]
    frames.add(frame(0, pictures[0]))
    for number in range(1, 50):
        frames.add(frame(number, pictures[number // 2 % 2]))
        assert (await anext(frames)).number == number - 1
    assert not frames.is_closed
