"""A distribution drawn in plain characters, one line for each bin."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf

from flutter_bridge import Interval
from journeys.report.distribution import PERCENTS, Distribution, Since
from journeys.report.histogram import histogram

_BINS, _MOST_BINS = 10, 16
_LONGEST_BAR = 50
_SHORTEST_BAR = 5


def ascii_chart(distribution: Distribution, since: Since, *, width: int) -> list[str]:
    """Draw how often a latency was measured; no line is wider than `width` columns.

        80–100 ms |############################# 11.4  p50
       100–120 ms |#################              6.6  p50 p95
       120–140 ms |.                              0.2

    Behind each bar stand the weight of its bin, the quantiles that may lie in it, and the budget where it
    does. A `.` is less than half a `#`, but more than nothing.
    """
    latencies = distribution.latencies(since)
    bins = histogram(latencies, bins=_BINS, at_most=_MOST_BINS)
    if not latencies:
        return []
    edges = [(edge.low, edge.high) for edge, _ in bins.bins]
    marks = [_marks(distribution, since, low, high) for low, high in edges]
    rows = [
        (f"{low * 1000:.0f}–{high * 1000:.0f} ms", weight, mark)
        for (low, high), (_, weight), mark in zip(edges, bins.bins, marks, strict=True)
    ]
    if bins.beyond > 0:
        end = edges[-1][1]
        rows.append((f"{end * 1000:.0f} ms or more", bins.beyond, _marks(distribution, since, end, inf)))
    if bins.unseen:
        rows.append(("not seen", float(bins.unseen), ""))
    return _drawn(rows, width=width)


def _marks(distribution: Distribution, since: Since, low: float, high: float) -> str:
    """Name what lies in a bin: quantiles, which are intervals and may lie in several, and the budget."""
    marks = [
        f"p{percent}"
        for percent in PERCENTS
        if (within := distribution.quantile(percent, since)) is not None and _overlap(within, low, high)
    ]
    if since == "commit" and low <= distribution.budget_s < high:
        marks.append("budget")
    return " ".join(marks)


def _overlap(within: Interval, low: float, high: float) -> bool:
    return within.low < high and (within.high > low or within.low == low)


def _drawn(rows: Sequence[tuple[str, float, str]], *, width: int) -> list[str]:
    names = max(len(name) for name, _, _ in rows)
    counts = [f"{weight:.1f}" if weight == 0 or weight >= 0.05 else "<0.1" for _, weight, _ in rows]
    counted = max(map(len, counts))
    marked = max(len(mark) for _, _, mark in rows)
    room = width - names - len(" | ") - counted - (marked + 2 if marked else 0)
    if room < _SHORTEST_BAR:  # the marks go before the bars do
        rows, room = [(name, weight, "") for name, weight, _ in rows], room + marked + 2
    longest = max(1, min(room, _LONGEST_BAR))
    most = max(weight for _, weight, _ in rows)
    lines = []
    for (name, weight, mark), said in zip(rows, counts, strict=True):
        bar = "#" * int(weight / most * longest + 0.5) or ("." if weight > 0 else "")
        lines.append(f"{name:>{names}} |{bar:<{longest}} {said:>{counted}}  {mark}".rstrip()[: max(width, 1)])
    return lines
