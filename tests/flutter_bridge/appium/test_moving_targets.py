"""A tap on a device lands on what it is meant for, however that moves, and waits no longer than it has to."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterator
from itertools import cycle, product
from typing import Any

import pytest

from flutter_bridge import by, now
from flutter_bridge.appium import AppiumApp, screens
from tests.flutter_bridge.appium.scripted_device import ScriptedDevice, button
from tests.flutter_bridge.appium.skipped_pauses import SkippingClock

Motion = Callable[[float], float]
"""How far something has gone, in logical pixels, so many seconds after it began to move."""

FRAME_S = 1 / 60

REQUEST_S = 0.02
"""How long a touch is on its way."""

MOTIONS: dict[str, Motion] = {
    # A page that slides in, and one whose animation is shorter.
    "slows down": lambda at: 300 * (1 - (1 - min(1.0, at / 0.6)) ** 3),
    "eases": lambda at: 150 * (1 - math.cos(math.pi * min(1.0, at / 0.3))),
    "begins slowly": lambda at: 300 * min(1.0, at / 0.6) ** 3,
    # A list that was flung: friction takes as much of its speed in each second.
    "settles": lambda at: 400 * (1 - math.exp(-4 * at)),
    # A pixel in each frame, and so little that one can't see it move.
    "one pixel a frame": lambda at: 60 * min(2.0, at),
    "creeps": lambda at: 6 * min(2.0, at),
}

BEGINS_S = (-0.4, -0.2, -0.1, *(step / 100 for step in range(-6, 10, 2)), 0.15)
"""When things begin to move: before or after the tap is asked for."""


class MovingTarget:
    """A button on a device that takes its time, over one that takes what misses it.

    `moments` say of one reading after the other when in it the screen is read: 0 at its beginning, 1 at its
    end.
    """

    def __init__(
        self, device: ScriptedDevice, clock: SkippingClock, *, reading_s: float, moments: Iterator[float]
    ) -> None:
        self._clock = clock
        self._reading_s = reading_s
        self._moments = moments
        self._motion: Motion = lambda _: 0.0
        self._began = self._looked = now()
        self.tapped: list[str] = []
        self._target = button("Target", (150, 10, 48, 48), tapped=lambda: self.tapped.append("target"))
        around = button("Around", (0, 0, 400, 600), tapped=lambda: self.tapped.append("around"))
        device.screen = [around, self._target]
        device.on_source = [self._read] * 10_000
        self._touch = device.on_request["POST /actions"]
        device.on_request["POST /actions"] = self._get_touch

    def begin(self, motion: Motion, at: float) -> None:
        """Be where a motion begins, and move so from a moment on."""
        self._motion, self._began = motion, at
        self.tapped.clear()

    @property
    def is_unforeseen(self) -> bool:
        """Whether it set off at full speed after the last look at it, so that nobody could know."""
        return self._motion(FRAME_S) > 1 and self._began + FRAME_S > self._looked

    def _place(self) -> None:
        left, _, width, height = self._target.box
        self._target.box = (left, 10 + self._motion(max(0.0, now() - self._began)), width, height)

    def _read(self) -> None:
        share = next(self._moments)
        self._clock.spend(share * self._reading_s)
        self._place()
        self._looked = now()
        self._clock.spend((1 - share) * self._reading_s)

    def _get_touch(self, body: dict[str, Any]) -> object:
        self._clock.spend(REQUEST_S)
        self._place()
        return self._touch(body)


@pytest.mark.parametrize("motion", MOTIONS.values(), ids=MOTIONS)
@pytest.mark.parametrize(
    ("reading_s", "moments"),
    [(0.02, (0.0,)), (0.02, (1.0, 0.0)), (0.08, (1.0, 0.0)), (0.4, (0.0,))],
    ids=["quick", "quick and uneven", "busy and uneven", "slow"],
)
async def test_what_moves_is_tapped_and_nothing_else(
    app: AppiumApp,
    device: ScriptedDevice,
    skipping_clock: SkippingClock,
    motion: Motion,
    reading_s: float,
    moments: tuple[float, ...],
) -> None:
    target = MovingTarget(device, skipping_clock, reading_s=reading_s, moments=cycle(moments))
    for begins, is_watched in product(BEGINS_S, (False, True)):
        target.begin(motion, now() + 1 + begins)
        if is_watched:
            await app.semantics()
        await asyncio.sleep(1)
        await app.semantics()
        await app.tap(by.label("Target"), timeout=10)
        if not target.is_unforeseen:
            assert target.tapped == ["target"], f"began {begins} s after a tap was asked for, {is_watched=}"


@pytest.fixture
def long_rest(monkeypatch: pytest.MonkeyPatch) -> float:
    """Have two readings an hour apart to show that something rests."""
    monkeypatch.setattr(screens, "TWO_FRAMES_S", 3600.0)
    monkeypatch.setattr(screens, "MAX_REST_S", 3600.0)
    return 3600.0


async def test_what_was_read_long_ago_and_stayed_is_tapped_at_once(
    app: AppiumApp, device: ScriptedDevice, long_rest: float
) -> None:
    device.screen.append(button("Press", (100, 100, 80, 40)))
    await app.find(by.label("Press"))
    await asyncio.sleep(long_rest)
    await app.find(by.label("Press"))
    begun = now()
    await app.tap(by.label("Press"))
    assert now() - begun < long_rest / 2


async def test_what_has_moved_and_come_back_is_watched_anew(
    app: AppiumApp, device: ScriptedDevice, long_rest: float
) -> None:
    there = (100.0, 100.0, 80.0, 40.0)
    moving = button("Press", there)
    device.screen.append(moving)
    await app.find(by.label("Press"))
    await asyncio.sleep(long_rest)
    moving.box = (110, 100, 80, 40)
    await app.find(by.label("Press"))
    moving.box = there
    begun = now()
    await app.tap(by.label("Press"), timeout=10 * long_rest)
    assert now() - begun >= long_rest


async def test_a_slow_devices_readings_lie_further_apart(
    app: AppiumApp, device: ScriptedDevice, skipping_clock: SkippingClock
) -> None:
    device.screen.append(button("Press", (100, 100, 80, 40)))
    read: list[float] = []

    def take() -> None:
        read.append(now())
        skipping_clock.spend(0.08)

    device.on_source = [take, take]
    await app.tap(by.label("Press"))
    first, second = read
    assert second - first >= 0.08 + 0.08
