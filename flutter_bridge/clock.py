"""One monotonic clock for everything on one host, and intervals on it."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """A moment (or a length of time) known only to lie between two bounds, both included, in seconds.

    Raises `ValueError` where `low > high` or a bound is not a number.
    """

    low: float
    high: float

    def __post_init__(self) -> None:
        if not self.low <= self.high:
            raise ValueError(f"an interval needs low <= high, got [{self.low}, {self.high}]")

    @classmethod
    def at(cls, moment: float, *, plus_minus: float = 0.0) -> Interval:
        """Return the interval around one moment, `plus_minus` seconds to each side."""
        return cls(moment - plus_minus, moment + plus_minus)

    @property
    def width(self) -> float:
        """How much is unknown, in seconds."""
        return self.high - self.low

    def __add__(self, other: Interval) -> Interval:
        """Shift by an uncertain amount: both uncertainties add up."""
        return Interval(self.low + other.low, self.high + other.high)

    def __sub__(self, other: Interval) -> Interval:
        """Return the time that lies between two uncertain moments: both uncertainties add up."""
        return Interval(self.low - other.high, self.high - other.low)

    def hull(self, other: Interval) -> Interval:
        """Return the smallest interval that holds both."""
        return Interval(min(self.low, other.low), max(self.high, other.high))


def now() -> float:
    """Return this host's monotonic clock in seconds: the one clock every moment is put on."""
    return time.monotonic()


def wall_offset() -> Interval:
    """Return what has to be added to this host's wall clock (Unix seconds) to get `now()`.

    The wall clock is read between two readings of the monotonic clock, several times; the narrowest
    reading is kept, so a pause of the process widens nothing.
    """
    best: Interval | None = None
    for _ in range(5):
        before = time.monotonic()
        wall = time.time()
        after = time.monotonic()
        reading = Interval(before - wall, after - wall)
        if best is None or reading.width < best.width:
            best = reading
    assert best is not None  # noqa: S101 - five readings were taken
    return best
