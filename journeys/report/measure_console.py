"""What a person reads after repeated runs: a table of quantiles, and each surface's distribution."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from math import inf

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flutter_bridge import Interval
from journeys.report.distribution import (
    BOTH,
    PERCENTS,
    Distribution,
    Run,
    Since,
    count_statuses,
    describe_small_samples,
    distributions,
    format_counts,
    histogram,
)
from journeys.report.record import format_latency
from journeys.timeline import format_count

_GAP = 2
_WIDEST_TABLE = 1000
_BINS, _MAX_BINS = 10, 16
_LONGEST_BAR = 50
_SHORTEST_BAR = 5


def print_measured(console: Console, runs: Sequence[Run]) -> None:
    """Print, for each journey and target, how its runs ended and how long each surface took."""
    gathered = distributions(runs)
    for _, of_one in groupby(gathered, key=lambda one: (one.journey, one.targets)):
        surfaces = list(of_one)
        statuses = [run.record["status"] for run in runs if surfaces[0].is_of(run)]
        console.print()
        console.print(
            f"[bold]{escape(surfaces[0].name)}[/] on {escape(surfaces[0].place)}, "
            f"{format_count(len(statuses), 'run')}: {format_counts(count_statuses(statuses))}",
            soft_wrap=True,
        )
        _print_tables(console, surfaces)
        for surface in surfaces:
            _print_chart(console, surface)
    if gathered:
        console.print()
        console.print(
            "Every figure is an interval that holds the true one; weights are fractions where an interval "
            f"lies in several bins. {describe_small_samples(gathered)}".rstrip(),
            style="dim",
        )


def _print_tables(console: Console, surfaces: Sequence[Distribution]) -> None:
    """Print one table, or one for each moment that is counted from where one would be too wide."""
    table = _table(surfaces, BOTH)
    unbounded = console.options.update(max_width=_WIDEST_TABLE)
    if console.measure(table, options=unbounded).maximum <= console.width:
        console.print(table)
        return
    for since in BOTH:
        console.print(_table(surfaces, (since,)))


def _table(surfaces: Sequence[Distribution], moments: Sequence[Since]) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, _GAP, 0, 0), header_style="bold")
    table.add_column("surface", no_wrap=True)
    table.add_column("seen by", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    for since in moments:
        for percent in PERCENTS:
            table.add_column(f"from {since}\np{percent}", justify="right", no_wrap=True)
    table.add_column("budget", justify="right", no_wrap=True)
    table.add_column("verdicts", overflow="fold")
    for surface in surfaces:
        table.add_row(escape(surface.title), *_cells(surface, surface.observers, moments))
        if len(surface.actors) > 1:
            last = surface.last()
            table.add_row("", *_cells(last, last.observers, moments))
            for one in surface.by_actor():
                table.add_row("", *_cells(one, f"  {one.observers}", moments), style="dim")
    return table


def _cells(surface: Distribution, who: str, moments: Sequence[Since]) -> list[str]:
    return [
        escape(who),
        str(len(surface.samples)),
        *(format_latency(surface.quantile(percent, since)) for since in moments for percent in PERCENTS),
        f"{surface.budget_s * 1000:.0f} ms",
        format_counts(surface.counts()),
    ]


def _print_chart(console: Console, surface: Distribution) -> None:
    since = surface.drawn_since
    lines = ascii_chart(surface, since, width=console.width - 2)
    if lines:
        console.print()
        console.print(
            f"[bold]{escape(surface.title)}[/], seen by {escape(surface.observers)}: {since} → visible"
        )
    for line in lines:
        console.print(f"  {escape(line)}", soft_wrap=True)


def ascii_chart(distribution: Distribution, since: Since, *, width: int) -> list[str]:
    """Draw how often a latency was measured; no line is wider than `width` columns.

        80–100 ms |############################# 11.4  p50
       100–120 ms |#################              6.6  p50 p95
       120–140 ms |.                              0.2

    Behind each bar stand the weight of its bin, the quantiles that may lie in it, and the budget where it
    does. A `.` is less than half a `#`, but more than nothing.
    """
    latencies = distribution.latencies(since)
    if not latencies:
        return []
    bins = histogram(latencies, bins=_BINS, at_most=_MAX_BINS)
    rows = [
        (f"{span.low * 1000:.0f}–{span.high * 1000:.0f} ms", weight, _marks(distribution, since, span))
        for span, weight in bins.bins
    ]
    if bins.beyond > 0:
        beyond = Interval(bins.edges[-1], inf)
        rows.append((f"{beyond.low * 1000:.0f} ms or more", bins.beyond, _marks(distribution, since, beyond)))
    if bins.unseen:
        rows.append(("not seen", float(bins.unseen), ""))
    return _draw(rows, width=width)


def _marks(distribution: Distribution, since: Since, span: Interval) -> str:
    """Name what lies in a bin: quantiles, which are intervals and may lie in several, and the budget."""
    marks = [
        f"p{percent}"
        for percent in PERCENTS
        if (within := distribution.quantile(percent, since)) is not None
        and within.low < span.high
        and (within.high > span.low or within.low == span.low)
    ]
    if since == distribution.since and span.low <= distribution.budget_s < span.high:
        marks.append("budget")
    return " ".join(marks)


def _draw(rows: Sequence[tuple[str, float, str]], *, width: int) -> list[str]:
    weights = [f"{weight:.1f}" if weight == 0 or weight >= 0.05 else "<0.1" for _, weight, _ in rows]
    name_width = max(len(name) for name, _, _ in rows)
    weight_width = max(map(len, weights))
    mark_width = max(len(mark) for _, _, mark in rows)
    room = width - name_width - len(" | ") - weight_width - (mark_width + 2 if mark_width else 0)
    if room < _SHORTEST_BAR:  # the marks go before the bars do
        rows, room = [(name, weight, "") for name, weight, _ in rows], room + mark_width + 2
    longest = max(1, min(room, _LONGEST_BAR))
    most = max(weight for _, weight, _ in rows)
    lines = []
    for (name, weight, mark), label in zip(rows, weights, strict=True):
        bar = "#" * int(weight / most * longest + 0.5) or ("." if weight > 0 else "")
        line = f"{name:>{name_width}} |{bar:<{longest}} {label:>{weight_width}}  {mark}"
        lines.append(line.rstrip()[: max(width, 1)])
    return lines
