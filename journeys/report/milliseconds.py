"""Intervals as people read them."""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor, isinf

from flutter_bridge import Interval
from journeys.report.record import Bounds


def in_milliseconds(bounds: Bounds | None) -> str:
    """Write an interval as a person reads it: `82–99 ms`, rounded outwards; a dash where there is none."""
    if bounds is None:
        return "—"
    if isinf(bounds["high"]):
        return f"{floor(_milliseconds(bounds['low']))} ms–never"
    # Outwards, so that what is printed never claims more than was measured.
    return f"{floor(_milliseconds(bounds['low']))}–{ceil(_milliseconds(bounds['high']))} ms"


def latency_in_milliseconds(latency: Interval | None) -> str:
    """Write a latency likewise; one that may be infinite ends in `never`."""
    return in_milliseconds(None if latency is None else Bounds(low=latency.low, high=latency.high))


def _milliseconds(seconds: float) -> Decimal:
    # By the digits one would read: the nearest binary fraction is nobody's measurement.
    return Decimal(str(seconds)) * 1000
