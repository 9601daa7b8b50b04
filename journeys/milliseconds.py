"""Lengths of time between two bounds, as people read them: the same in a message as in a table."""

from __future__ import annotations

from decimal import Decimal
from math import ceil, floor, isinf


def milliseconds_between(low: float, high: float) -> str:
    """Write two bounds in seconds as `82–99 ms`, rounded outwards; an infinite one as `82 ms–never`."""
    if isinf(high):
        return f"{floor(_milliseconds(low))} ms–never"
    # Outwards, so that what is printed never claims more than was measured.
    return f"{floor(_milliseconds(low))}–{ceil(_milliseconds(high))} ms"


def _milliseconds(seconds: float) -> Decimal:
    # By the digits one would read: the nearest binary fraction is nobody's measurement.
    return Decimal(str(seconds)) * 1000
