"""What a person reads after repeated runs: a table of quantiles, and each surface's distribution."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import groupby

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from journeys.report.ascii_chart import ascii_chart
from journeys.report.distribution import (
    PERCENTS,
    VERDICTS,
    Distribution,
    Run,
    Since,
    counted,
    distributions,
    too_few,
)
from journeys.report.milliseconds import latency_in_milliseconds

_GAP = 2
_WIDEST = 1000
_BOTH: tuple[Since, ...] = ("commit", "tap")


def print_measured(console: Console, runs: Sequence[Run]) -> None:
    """Print, for each journey and target, how its runs ended and how long each surface took."""
    gathered = distributions(runs)
    for _, of_one in groupby(gathered, key=lambda one: (one.journey, one.targets)):
        surfaces = list(of_one)
        ended = Counter(run.record["status"] for run in runs if surfaces[0].is_of(run))
        statuses = counted({status: ended[status] for status in VERDICTS if ended[status]})
        console.print()
        console.print(
            f"[bold]{escape(surfaces[0].name)}[/] on {escape(surfaces[0].place)}, "
            f"{_number(ended.total(), 'run')}: {statuses}",
            soft_wrap=True,
        )
        _print_tables(console, surfaces)
        for surface in surfaces:
            _print_chart(console, surface)
    if gathered:
        console.print()
        console.print(
            "Every figure is an interval that holds the true one; weights are fractions where an interval "
            f"lies in several bins. {too_few(gathered)}".rstrip(),
            style="dim",
        )


def _print_tables(console: Console, surfaces: Sequence[Distribution]) -> None:
    """Print one table, or one for each moment that is counted from where one would be too wide."""
    table = _table(surfaces, _BOTH)
    unbounded = console.options.update(max_width=_WIDEST)
    if console.measure(table, options=unbounded).maximum <= console.width:
        console.print(table)
        return
    for since in _BOTH:
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
        several = len(surface.actors) > 1
        who = _number(len(surface.actors), "observer") if several else surface.actors[0]
        table.add_row(escape(surface.title), *_cells(surface, who, moments))
        if several:
            last = surface.last()
            table.add_row("", *_cells(last, last.actors[0], moments))
            for one in surface.by_actor():
                table.add_row("", *_cells(one, f"  {one.actors[0]}", moments), style="dim")
    return table


def _cells(surface: Distribution, who: str, moments: Sequence[Since]) -> list[str]:
    return [
        escape(who),
        str(len(surface.samples)),
        *(
            latency_in_milliseconds(surface.quantile(percent, since))
            for since in moments
            for percent in PERCENTS
        ),
        f"{surface.budget_s * 1000:.0f} ms",
        counted(surface.counts()),
    ]


def _print_chart(console: Console, surface: Distribution) -> None:
    lines = ascii_chart(surface, "commit", width=console.width - 2)
    if not lines:
        return
    seen_by = surface.actors[0] if len(surface.actors) == 1 else _number(len(surface.actors), "observer")
    console.print()
    console.print(f"[bold]{escape(surface.title)}[/], seen by {escape(seen_by)}: commit → visible")
    for line in lines:
        console.print(f"  {escape(line)}", soft_wrap=True)


def _number(count: int, thing: str) -> str:
    return f"{count} {thing}{'s' * (count != 1)}"
