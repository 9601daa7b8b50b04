"""How often a latency had which length, where each is known as an interval only."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count, pairwise
from math import floor, isfinite

from flutter_bridge import Interval
from journeys.report.quantiles import quantile

_BULK = 90


@dataclass(frozen=True, kw_only=True)
class Histogram:
    """Bins of one width, in seconds, and how much of the values lies in each.

    An interval is spread over the bins it overlaps, in proportion to the overlap: where in it the truth lies
    isn't known. So weights are fractions and add up, with `beyond` the last edge and `unseen`, to the number
    of values.
    """

    edges: tuple[float, ...]
    weights: tuple[float, ...]
    beyond: float
    unseen: int

    @property
    def bins(self) -> list[tuple[Interval, float]]:
        """Each bin and its weight."""
        return [
            (Interval(*edges), weight)
            for edges, weight in zip(pairwise(self.edges), self.weights, strict=True)
        ]


def histogram(values: Sequence[Interval], *, bins: int, at_most: int) -> Histogram:
    """Spread values over bins: nine tenths of them over `bins`, and all over `at_most` if that is enough.

    Otherwise what lies further away than that is `beyond`: one outlier must not squeeze all others into one
    bin. Values without a high bound are counted as unseen.
    """
    known = [value for value in values if isfinite(value.high)]
    unseen = len(values) - len(known)
    if not known:
        return Histogram(edges=(), weights=(), beyond=0.0, unseen=unseen)
    low, top = min(value.low for value in known), max(value.high for value in known)
    bulk = quantile(known, _BULK).high
    width_ms = next(width for width in _widths() if len(_edges(low, bulk, width)) <= bins + 1)
    edges = _edges(low, top, width_ms)
    if len(edges) > at_most + 1:
        end = edges[at_most]
        edges = _edges(low, max(value.high for value in known if value.high < end), width_ms)
    pairs = list(pairwise(edges))
    weights = [sum(_share(value, *pair) for value in known) for pair in pairs]
    if not weights[-1]:  # made for a value on its lower edge, and there was none
        edges, weights = edges[:-1], weights[:-1]
    beyond = sum(_share(value, edges[-1], max(top, edges[-1]) + 1) for value in known)
    return Histogram(edges=edges, weights=tuple(weights), beyond=beyond, unseen=unseen)


def _widths() -> Iterator[int]:
    """Yield widths that people can read an axis by: 1, 2, 5, 10, 20, 50 ... ms."""
    for power in count():
        yield from (digit * 10**power for digit in (1, 2, 5))


def _edges(low: float, high: float, width_ms: int) -> tuple[float, ...]:
    """Return the edges of bins that hold both; a value on an edge belongs to the bin above it."""
    first, last = _bin(low, width_ms), _bin(high, width_ms)
    return tuple(number * width_ms / 1000 for number in range(first, last + 2))


def _bin(seconds: float, width_ms: int) -> int:
    """Return the number of the bin that a value is in, by the edges themselves: a product may be rounded."""
    number = floor(seconds * 1000 / width_ms)
    if number * width_ms / 1000 > seconds:
        return number - 1
    return number + 1 if (number + 1) * width_ms / 1000 <= seconds else number


def _share(value: Interval, low: float, high: float) -> float:
    """Return how much of a value lies in a bin; its upper edge belongs to the next one."""
    if value.width == 0:
        return 1.0 if low <= value.low < high else 0.0
    return max(0.0, min(value.high, high) - max(value.low, low)) / value.width
