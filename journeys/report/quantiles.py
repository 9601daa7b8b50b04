"""Quantiles of values that are known as intervals only."""

from __future__ import annotations

from collections.abc import Sequence

from flutter_bridge import Interval


def rank(percent: int, count: int) -> int:
    """Return which of `count` values, counted from 1 and the smallest, is the quantile: the nearest rank.

    The smallest value that at least `percent` of all do not exceed: ceil(percent/100 · count). The 95th
    percentile is therefore the largest of fewer than 20 values, and the second largest of 20.
    """
    return max(1, -(-percent * count // 100))


def quantile(latencies: Sequence[Interval], percent: int) -> Interval:
    """Return the interval in which the quantile of the true latencies lies, wherever each of them does.

    It goes from the quantile of the low bounds to the quantile of the high bounds. The k-th smallest of some
    values never falls when one of them grows. So it is least where every truth is at its low bound, greatest
    where every one is at its high bound, and no narrower interval would hold it for certain.

    It speaks of the values given and not of those other runs would have had. Raises `ValueError` for none.
    """
    if not latencies:
        raise ValueError("there is no quantile of nothing")
    if not 0 < percent <= 100:
        raise ValueError(f"a quantile lies above 0 % and up to 100 %, got {percent}")
    index = rank(percent, len(latencies)) - 1
    return Interval(
        sorted(one.low for one in latencies)[index],
        sorted(one.high for one in latencies)[index],
    )
