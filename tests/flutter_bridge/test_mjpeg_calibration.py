"""How late an MJPEG stream is, and how long its bytes are on the way, is bounded by what is known."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable

import pytest

from flutter_bridge import BridgeError, Frame, now
from flutter_bridge.mjpeg import measure_delay, measure_transit
from tests.flutter_bridge.mjpeg_server import ANSWER, BLUE, RED, part, serving


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
        delay = await measure_delay(server.url, device.change, margin=0.01, times=4)
    assert len(device.told) == 4
    assert delay.low == 0
    assert 0.03 + 0.01 <= delay.high <= now() - begun + 0.01


async def test_a_change_that_no_frame_shows_gives_no_delay() -> None:
    async def change() -> tuple[float, Callable[[Frame], bool]]:
        return now(), lambda _: False

    async with serving(Device(late=0.01).say) as server:
        with pytest.raises(BridgeError, match=r"showed a change within 0\.1 s$"):
            await measure_delay(server.url, change, margin=0, within=0.1)


async def test_a_change_that_shows_before_it_is_made_gives_no_delay() -> None:
    async def change() -> tuple[float, Callable[[Frame], bool]]:
        return now() + 60, lambda _: True

    async with serving(Device(late=0.01).say) as server:
        with pytest.raises(BridgeError, match="before it was made"):
            await measure_delay(server.url, change, margin=0)


async def test_a_measured_transit_is_the_longest_round_trip_and_a_margin() -> None:
    taken: list[float] = []

    async def ask() -> None:
        begun = now()
        await asyncio.to_thread(threading.Event().wait, 0.03 if len(taken) == 1 else 0)
        taken.append(now() - begun)

    begun = now()
    turn = await measure_transit(ask, margin=0.05, times=3)
    assert len(taken) == 3
    assert max(taken) + 0.05 <= turn <= now() - begun + 0.05


@pytest.mark.parametrize(("times", "margin"), [(0, 0.0), (1, -0.1)])
async def test_a_transit_measured_by_nothing_is_refused(times: int, margin: float) -> None:
    async def ask() -> None:
        raise AssertionError

    with pytest.raises(ValueError, match="one round trip or more"):
        await measure_transit(ask, margin=margin, times=times)
