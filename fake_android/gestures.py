"""Ways of fingers over a screen."""

from __future__ import annotations

import math

from fake_android.device import TouchStep

Point = tuple[float, float]

STEP = 0.01
"""Seconds between the points of a moving finger: 100 Hz, as touch screens have it."""

LIFT = 0.01
"""How long a finger that only taps stays down, in seconds."""


def tap(at: Point, *, seconds: float = LIFT, begins: float = 0.0) -> list[TouchStep]:
    """Touch a point for so long."""
    return [TouchStep(begins, *at), TouchStep(begins + seconds, *at, down=False)]


def stroke(start: Point, end: Point, *, seconds: float, rests: float = 0.0) -> list[TouchStep]:
    """Go from one point to another in so many seconds, rest there, and lift."""
    steps = max(1, round(seconds / STEP))
    way = [
        TouchStep(
            seconds * step / steps,
            start[0] + (end[0] - start[0]) * step / steps,
            start[1] + (end[1] - start[1]) * step / steps,
        )
        for step in range(steps + 1)
    ]
    return [*way, TouchStep(seconds + rests, *end, down=False)]


def stroke_at(start: Point, end: Point, *, speed: float, rests: float = 0.0) -> list[TouchStep]:
    """Go from one point to another at so many pixels a second."""
    return stroke(start, end, seconds=math.dist(start, end) / speed, rests=rests)
