"""Tells when what arrives was sent at the earliest, also where it may have waited behind other bytes."""

from __future__ import annotations

import math

from flutter_bridge.clock import Interval


class Line:
    """The way from a device's server to here, on which bytes arrive in the order they were sent.

    What it needs to be true: a byte that is next in line arrives within `turn` seconds. So one that comes
    after a silence longer than `turn` wasn't waiting behind the byte before it, and was sent no earlier than
    `turn` before it came. One that comes sooner after others may have waited behind them for any time, and
    tells nothing. Several lines one after the other (a device's socket, adb, USB) are one whose `turn` is the
    sum of theirs.
    """

    def __init__(self, turn: float) -> None:
        self._turn = turn
        self._arrived_until = -math.inf
        self._sent_after = -math.inf

    def read(self, arrived: Interval) -> float:
        """Take in that bytes arrived within an interval, and return a moment before which none was sent."""
        if arrived.low - self._arrived_until > self._turn:
            self._sent_after = arrived.low - self._turn
        self._arrived_until = arrived.high
        return self._sent_after
