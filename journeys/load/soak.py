"""A soak: what a backend holds, by the minute, and whether that grows."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from math import sqrt
from statistics import fmean, median
from typing import Literal

import msgspec

Growth = Literal["flat", "grows", "too few"]

FEWEST = 10
"""So few values say nothing of a slope."""

WARM_UP_SHARE = 0.2
"""The first values, in which caches fill, are no part of a slope."""

MATERIAL_SHARE = 0.02
"""Growth by less than this share of the level in an hour is noise, whatever its interval says."""

EVERY_S = 60.0
_Z95 = 1.96


class SoakFigure(msgspec.Struct, frozen=True, kw_only=True):
    """One figure over time: its values, and the interval of its slope in an hour, at 95 %."""

    name: str
    every_s: float
    values: list[float]
    slope_per_hour: tuple[float, float] | None
    verdict: Growth


def slope_bounds(values: Sequence[float]) -> tuple[float, float] | None:
    """Return the interval of the slope from one value to the next, at 95 %; None for too few values.

    The slopes between all pairs, by their ranks (Theil and Sen): a few values far off change nothing.
    """
    count = len(values)
    if count < FEWEST:
        return None
    slopes = sorted(
        (values[later] - values[first]) / (later - first)
        for first in range(count)
        for later in range(first + 1, count)
    )
    spread = _Z95 * sqrt(count * (count - 1) * (2 * count + 5) / 18)
    first = max(0, int((len(slopes) - spread) / 2))
    last = min(len(slopes) - 1, int((len(slopes) + spread) / 2) + 1)
    return slopes[first], slopes[last]


def figure_of(name: str, values: Sequence[float], *, every_s: float) -> SoakFigure:
    """Return a figure with its verdict."""
    settled = values[int(len(values) * WARM_UP_SHARE) :]
    bounds = slope_bounds(settled)
    verdict: Growth = "too few"
    if bounds is not None:
        per_hour = 3600 / every_s
        bounds = (round(bounds[0] * per_hour, 4), round(bounds[1] * per_hour, 4))
        level = max(abs(fmean(settled)), 1.0)
        grows = bounds[0] > 0 and median(bounds) > MATERIAL_SHARE * level
        verdict = "grows" if grows else "flat"
    return SoakFigure(name=name, every_s=every_s, values=list(values), slope_per_hour=bounds, verdict=verdict)


async def follow(
    read: Callable[[], Awaitable[Mapping[str, float]]], *, every_s: float, into: dict[str, list[float]]
) -> None:
    """Read figures again and again, until this is cancelled."""
    while True:
        for name, value in (await read()).items():
            into.setdefault(name, []).append(value)
        await asyncio.sleep(every_s)
