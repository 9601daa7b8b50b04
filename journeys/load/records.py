"""What is noted of a crowd's requests and streams, second by second and by what was asked for."""

from __future__ import annotations

import re
import time
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import ceil, floor, inf, sqrt

from flutter_bridge import Interval

_PART = re.compile(r"\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)(?:\s*;[^,]*?dur=([0-9.]+))?[^,]*")
_Z95 = 1.96
PERCENTS = (50, 95, 99)
"""The quantiles that are reported."""


@dataclass(slots=True)
class RequestFigures:
    """The requests of one name: seconds of those that were answered well, and how others ended."""

    seconds: list[float] = field(default_factory=list)
    failures: Counter[str] = field(default_factory=Counter)

    @property
    def failed(self) -> int:
        """How many failed."""
        return self.failures.total()


@dataclass(slots=True)
class LoadRecord:
    """All of one step; `parts` are seconds by the parts that servers name in `Server-Timing`."""

    began: float = field(default_factory=time.monotonic)
    requests: defaultdict[str, RequestFigures] = field(default_factory=lambda: defaultdict(RequestFigures))
    by_second: Counter[int] = field(default_factory=Counter)
    failed_by_second: Counter[int] = field(default_factory=Counter)
    parts: Counter[str] = field(default_factory=Counter)
    timed_s: float = 0.0
    events: int = 0
    streams_lost: int = 0
    lags: list[float] = field(default_factory=list)

    def add(self, name: str, seconds: float, *, failure: str = "", timing: str = "") -> None:
        """Note one request; `timing` is its answer's `Server-Timing`."""
        second = int(time.monotonic() - self.began)
        self.by_second[second] += 1
        if failure:
            self.requests[name].failures[failure] += 1
            self.failed_by_second[second] += 1
            return
        self.requests[name].seconds.append(seconds)
        parts = parse_server_timing(timing)
        if parts:
            self.timed_s += seconds
            self.parts.update(parts)

    @property
    def answered(self) -> list[float]:
        """The seconds of all requests that were answered well."""
        return [seconds for each in self.requests.values() for seconds in each.seconds]

    @property
    def failed(self) -> int:
        """How many requests failed."""
        return sum(each.failed for each in self.requests.values())

    @property
    def failed_share(self) -> float:
        """Which share of the requests failed, from 0 to 1."""
        count = len(self.answered) + self.failed
        return self.failed / count if count else 0.0


def parse_server_timing(text: str) -> dict[str, float]:
    """Return seconds by part, as the header `Server-Timing` has them in milliseconds."""
    parts: dict[str, float] = {}
    for name, duration in _PART.findall(text):
        try:
            parts[name] = parts.get(name, 0.0) + float(duration) / 1000
        except ValueError:
            continue
    return parts


def quantile_bounds(values: list[float], percent: int) -> Interval | None:
    """Return an interval that holds a quantile of where values come from, at 95 %; None for no values.

    By the order of the values alone, whatever they are distributed like. Where there are too few for an upper
    bound, it has none.
    """
    if not values:
        return None
    ordered, share = sorted(values), percent / 100
    middle, spread = len(ordered) * share, _Z95 * sqrt(len(ordered) * share * (1 - share))
    first, last = floor(middle - spread), ceil(middle + spread)
    high = ordered[last] if last < len(ordered) else inf
    return Interval(ordered[min(max(first - 1, 0), len(ordered) - 1)] if first > 0 else 0.0, high)
