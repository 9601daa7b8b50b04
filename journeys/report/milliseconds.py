"""Intervals as people read them."""

from __future__ import annotations

from flutter_bridge import Interval
from journeys.milliseconds import milliseconds_between
from journeys.report.record import Bounds


def in_milliseconds(bounds: Bounds | None) -> str:
    """Write an interval as a person reads it: `82–99 ms`, rounded outwards; a dash where there is none."""
    return "—" if bounds is None else milliseconds_between(bounds["low"], bounds["high"])


def latency_in_milliseconds(latency: Interval | None) -> str:
    """Write a latency likewise; one that may be infinite ends in `never`."""
    return "—" if latency is None else milliseconds_between(latency.low, latency.high)
