"""Writes measure.html: the distributions of repeated runs on one page that needs nothing but itself.

Each surface is drawn as an SVG: a histogram, and below it every run as a thin bar. Everything across is in
percent and everything down in pixels: the drawing fills whatever width it gets, and its letters stay as large
as they are.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from html import escape
from importlib.resources import files
from itertools import groupby
from math import ceil, floor, isfinite
from pathlib import Path

from flutter_bridge import Interval
from journeys.documents import write_atomically
from journeys.report.distribution import (
    BOTH,
    PERCENTS,
    Distribution,
    Histogram,
    Run,
    Sample,
    Since,
    count_statuses,
    describe_small_samples,
    distributions,
    format_counts,
    histogram,
)
from journeys.report.json_report import describe_machine, overall_status
from journeys.report.look import read_look
from journeys.report.record import format_latency, rfc3339

_EXPLAINED = """\
Every latency is an interval that holds the true one, and so is each quantile: from that of the low bounds
to that of the high ones. In the histogram an interval is spread over the bins it overlaps. Below it each run
is a bar from its low to its high bound, the first run on top; point at one to read it."""

# Of the drawing, in pixels.
_LABEL_HEIGHT = 16
_HISTOGRAM_HEIGHT = 110
_AXIS_HEIGHT = 26
_RUNS_HEIGHT = 480
_MIN_ROW, _MAX_ROW = 1.0, 8.0
_THINNEST_PERCENT = 0.35
_BINS, _MAX_BINS = 30, 90
_TICKS = 8
# A budget not much further than the slowest run is shown in its place; one far off would hide all the rest.
_ROOM_FOR_BUDGET = 1.6


def write_measure_page(
    file: Path,
    runs: Sequence[Run],
    *,
    repeat: int,
    started_at: datetime,
    error: str = "",
) -> None:
    """Write the page, whole or not at all; `error` says why there are fewer runs than `repeat`."""
    write_atomically(file, "\n".join(_page(runs, repeat=repeat, started_at=started_at, error=error)) + "\n")


def _page(runs: Sequence[Run], *, repeat: int, started_at: datetime, error: str) -> Iterator[str]:
    gathered = distributions(runs)
    names = ", ".join(dict.fromkeys(one.name for one in gathered))
    style = files("journeys.report").joinpath("assets", "measure_page.css").read_text(encoding="utf-8")
    machine = describe_machine()
    facts = (
        f"{len(runs)} runs, {repeat} of each journey asked for",
        f"status {overall_status([run.record for run in runs])}",
        rfc3339(started_at),
        f"{machine['system']}, {machine['cpus']} processors",
    )
    yield f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Measured: {escape(names or "nothing")}</title>
<style>
{read_look()}{style}</style>
</head>
<body>
<header>
<h1>How long until people see it</h1>
<p class="quiet">{escape(" · ".join(facts))}</p>"""
    if error:
        yield f'<p class="error">Ended early: {escape(error)}</p>'
    if gathered:
        yield f"<p>{_EXPLAINED} {describe_small_samples(gathered)}</p>"
    yield "</header>\n<main>"
    if not gathered:
        yield f"<p>Nothing was measured: {_describe_nothing(runs)}.</p>"
        yield from _unsound(runs, is_open=True)
    for _, of_one in groupby(enumerate(gathered), key=lambda pair: (pair[1].journey, pair[1].targets)):
        yield from _journey(list(of_one), runs)
    yield "</main>\n</body>\n</html>"


def _journey(surfaces: Sequence[tuple[int, Distribution]], all_runs: Sequence[Run]) -> Iterator[str]:
    first = surfaces[0][1]
    runs = [run for run in all_runs if first.is_of(run)]
    statuses = format_counts(count_statuses(run.record["status"] for run in runs))
    yield f"<section>\n<h2>{escape(first.name)}</h2>"
    yield f'<p class="quiet">on {escape(first.place)}, {len(runs)} runs: {statuses}</p>'
    yield from _quantiles_table([surface for _, surface in surfaces])
    for number, surface in surfaces:
        yield from _surface(surface, f"surface-{number}")
    yield from _unsound(runs)
    yield "</section>"


def _unsound(runs: Sequence[Run], *, is_open: bool = False) -> Iterator[str]:
    """Yield why runs did not pass; nothing where all did."""
    unsound = [run for run in runs if run.record["error"]]
    if unsound:
        yield f"<details{' open' * is_open}>"
        yield f"<summary>{len(unsound)} of the runs did not pass: why</summary>\n<ul>"
        for run in unsound:
            error = escape(run.record["error"]).replace("\n", "<br>")
            yield f"<li>run {run.number}, {run.record['status']}: {error}</li>"
        yield "</ul>\n</details>"


def _describe_nothing(runs: Sequence[Run]) -> str:
    if not runs:
        return "no run ended"
    if any(run.record["error"] for run in runs):
        return "no run came as far as a change that it watched"
    return (
        "these journeys watch no change. One that does has a block <code>cast.propagation(within=1.0)</code>"
    )


def _quantiles_table(surfaces: Sequence[Distribution]) -> Iterator[str]:
    yield from _open_wide_table("Quantiles")
    yield '<thead><tr><th scope="col" rowspan="2">surface, seen by</th>'
    yield '<th scope="col" rowspan="2" class="number">samples</th>'
    yield "".join(
        f'<th scope="colgroup" colspan="{len(PERCENTS)}" class="number">{since} → visible</th>'
        for since in BOTH
    )
    yield '<th scope="col" rowspan="2" class="number">budget</th>'
    yield '<th scope="col" rowspan="2">verdicts</th></tr>'
    yield "<tr>" + "".join(
        f'<th scope="col" class="number">p{percent}</th>' for _ in BOTH for percent in PERCENTS
    )
    yield "</tr></thead>\n<tbody>"
    for surface in surfaces:
        yield _quantiles_row(surface, f"{surface.title}, {surface.observers}", kind="")
        if len(surface.actors) > 1:
            last = surface.last()
            yield _quantiles_row(last, f"{surface.title}, {last.observers}", kind="")
            for one in surface.by_actor():
                yield _quantiles_row(one, one.observers, kind=' class="one"')
    yield "</tbody></table>\n</div>"


def _quantiles_row(surface: Distribution, head: str, *, kind: str) -> str:
    latencies = (surface.quantile(percent, since) for since in BOTH for percent in PERCENTS)
    cells = [
        str(len(surface.samples)),
        *map(format_latency, latencies),
        f"{surface.budget_s * 1000:.0f} ms",
    ]
    return (
        f'<tr{kind}><th scope="row">{escape(head)}</th>'
        + "".join(f'<td class="number">{cell}</td>' for cell in cells)
        + f"<td>{format_counts(surface.counts())}</td></tr>"
    )


def _surface(surface: Distribution, name: str) -> Iterator[str]:
    yield f"<h3>{escape(surface.title)}, seen by {escape(surface.observers)}</h3>"
    since = surface.drawn_since
    latencies = surface.latencies(since)
    if latencies:
        bins = histogram(latencies, bins=_BINS, at_most=_MAX_BINS)
        caption = f"{since} → visible, in milliseconds"
        if beside := _describe_not_drawn(bins):
            caption += f"; {beside}"
        drawing = "\n".join(_drawing(surface, since, bins, name))
        yield f"<figure>\n<figcaption>{caption}</figcaption>\n{drawing}\n</figure>"
    else:
        yield "<p>Nothing was measured here.</p>"
    yield "<details>\n<summary>Every sample</summary>"
    yield from _open_wide_table(f"Samples of {surface.title}")
    yield '<thead><tr><th scope="col">run</th><th scope="col">seen by</th>'
    yield "".join(f'<th scope="col" class="number">{moment} → visible</th>' for moment in BOTH)
    yield '<th scope="col">verdict</th></tr></thead>\n<tbody>'
    for sample in surface.samples:
        commit, tap = (format_latency(sample.latency(moment)) for moment in BOTH)
        verdict = sample.verdict if sample.fault is None else f"{sample.verdict}: {sample.fault}"
        yield (
            f'<tr><th scope="row">{sample.run}</th><td>{escape(sample.actor)}</td>'
            f'<td class="number">{commit}</td><td class="number">{tap}</td><td>{escape(verdict)}</td></tr>'
        )
    yield "</tbody></table>\n</div>\n</details>"


def _open_wide_table(label: str) -> Iterator[str]:
    """Begin a table that may be wider than a phone: it is moved sideways, by the keyboard too."""
    yield f'<div class="wide" tabindex="0" role="group" aria-label="{escape(label)}">'
    yield "<table>"


def _describe_not_drawn(bins: Histogram) -> str:
    """Say how much of a distribution is not in its histogram; empty where all of it is."""
    parts = [f"{bins.beyond:.1f} further right"] if bins.beyond > 0 else []
    parts += [f"{bins.unseen} not seen"] if bins.unseen else []
    return ", ".join(parts)


# --- the drawing ---


@dataclass(frozen=True)
class _Axis:
    """Where a latency lies across, in percent; what is beyond the end is put at the end."""

    low: float
    high: float

    def position_of(self, seconds: float) -> float:
        return min(100.0, max(0.0, (seconds - self.low) / (self.high - self.low) * 100))

    def ticks(self) -> list[float]:
        wide = (self.high - self.low) * 1000 / _TICKS
        power = 10 ** max(0, len(str(floor(wide))) - 1)
        step = next(digit * power for digit in (1, 2, 5, 10) if digit * power >= wide)
        first, last = ceil(self.low * 1000 / step), floor(self.high * 1000 / step)
        return [number * step / 1000 for number in range(first, last + 1)]


def _axis_for(bins: Histogram, budget_s: float) -> _Axis:
    low, high = (bins.edges[0], bins.edges[-1]) if bins.edges else (0.0, budget_s * 1.1)
    width = high - low
    if high < budget_s <= low + width * _ROOM_FOR_BUDGET:
        high = budget_s + width * 0.05
    return _Axis(low, high)


def _drawing(distribution: Distribution, since: Since, bins: Histogram, name: str) -> Iterator[str]:
    """Draw a distribution; `name` makes its ids unique on the page."""
    axis = _axis_for(bins, distribution.budget_s)
    drawn = [
        (sample, known) for sample in distribution.samples if (known := sample.latency(since)) is not None
    ]
    top = _LABEL_HEIGHT * 3 + 4
    base = top + _HISTOGRAM_HEIGHT
    first_row = base + _AXIS_HEIGHT
    row = min(_MAX_ROW, max(_MIN_ROW, _RUNS_HEIGHT / len(drawn)))
    height = first_row + row * len(drawn) + 4
    title = f"{distribution.title}: {since} to visible, {len(distribution.samples)} samples"
    figures = "; ".join(
        f"p{percent} {format_latency(distribution.quantile(percent, since))}" for percent in PERCENTS
    )
    budget = f"budget {distribution.budget_s * 1000:.0f} ms"
    yield (
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" height="{height:.0f}">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(figures)}; {budget}. The table has the same figures.</desc>'
    )
    yield from _histogram_bars(bins, axis, top, base)
    yield from _ticks(axis, base)
    yield from _quantile_bands(distribution, since, axis, height)
    if since == distribution.since:
        yield _budget_line(distribution.budget_s, axis, height)
    for number, (sample, latency) in enumerate(drawn):
        yield _run_bar(sample, latency, axis, y=first_row + number * row, row=row)
    yield "</svg>"


def _histogram_bars(bins: Histogram, axis: _Axis, top: float, base: float) -> Iterator[str]:
    most = max([*bins.weights, bins.beyond, 1e-9])
    for edge, weight in bins.bins:
        if weight <= 0:
            continue
        tall = weight / most * (base - top)
        left, right = axis.position_of(edge.low), axis.position_of(edge.high)
        title = f"{edge.low * 1000:.0f}–{edge.high * 1000:.0f} ms: {weight:.1f}"
        yield (
            f'<rect class="bin" x="{left:.3f}%" width="{max(0.1, right - left - 0.15):.3f}%" '
            f'y="{base - tall:.1f}" height="{tall:.1f}"><title>{title}</title></rect>'
        )


def _ticks(axis: _Axis, base: float) -> Iterator[str]:
    yield f'<line class="axis" x1="0" x2="100%" y1="{base}" y2="{base}"/>'
    for number, tick in enumerate(axis.ticks()):
        at = axis.position_of(tick)
        # Every second one goes where there is no room for all.
        spare = ' class="spare"' if number % 2 else ""
        # Texts stay inside the drawing.
        anchor = "" if at < 8 else ' text-anchor="end"' if at > 92 else ' text-anchor="middle"'
        yield f'<line class="axis" x1="{at:.3f}%" x2="{at:.3f}%" y1="{base}" y2="{base + 5}"/>'
        yield f'<text{spare} x="{at:.3f}%" y="{base + 18}"{anchor}>{tick * 1000:.0f}</text>'


def _quantile_bands(distribution: Distribution, since: Since, axis: _Axis, height: float) -> Iterator[str]:
    for number, percent in enumerate(PERCENTS):
        within = distribution.quantile(percent, since)
        if within is None:
            continue
        left, right = axis.position_of(within.low), axis.position_of(within.high)
        y = _LABEL_HEIGHT * (number + 1)
        label = f"p{percent} {format_latency(within)}"
        yield (
            f'<rect class="band p{percent}" x="{left:.3f}%" width="{max(0.2, right - left):.3f}%" '
            f'y="{y - 10}" height="{height - y + 10:.0f}"><title>{label}</title></rect>'
        )
        # The label stands beside the band where there is room, and in it where it takes up nearly all.
        at = left if left >= 50 or right > 60 else right
        yield f'<text class="p{percent}" x="{at:.3f}%" y="{y}"{_anchor_beside(left >= 50)}>{label}</text>'


def _budget_line(budget_s: float, axis: _Axis, height: float) -> str:
    y = _LABEL_HEIGHT * 3
    label = f"budget {budget_s * 1000:.0f} ms"
    if budget_s > axis.high:
        return f'<text class="limit" x="100%" y="{y}" text-anchor="end">{label} ▸</text>'
    if budget_s < axis.low:
        return f'<text class="limit" x="0" y="{y}">◂ {label}</text>'
    at = axis.position_of(budget_s)
    return (
        f'<line class="budget" x1="{at:.3f}%" x2="{at:.3f}%" y1="{y - 10}" y2="{height:.0f}"/>\n'
        f'<text class="limit" x="{at:.3f}%" y="{y}"{_anchor_beside(at > 50)}>{label}</text>'
    )


def _anchor_beside(on_the_left: bool) -> str:
    """Put a long text on the side of a line where there is room."""
    return ' text-anchor="end" dx="-4"' if on_the_left else ' dx="4"'


def _run_bar(sample: Sample, latency: Interval, axis: _Axis, *, y: float, row: float) -> str:
    thick = max(0.7, row * 0.6)
    who = f"run {sample.run}, {sample.actor}"
    if not isfinite(latency.high):
        title = escape(f"{who}: {sample.verdict}, {sample.reason}")
        middle = y + row / 2
        return (
            f'<line class="unseen" x1="0" x2="100%" y1="{middle:.1f}" y2="{middle:.1f}">'
            f"<title>{title}</title></line>"
        )
    title = escape(f"{who}: {format_latency(latency)}, {sample.verdict}")
    left, right = axis.position_of(latency.low), axis.position_of(latency.high)
    mark = ""
    if latency.high > axis.high:
        # It ends further on: a small arrow says so, and the title where.
        left = min(left, 99.0)
        mark = f'<text class="on" x="100%" dx="2" y="{y + thick / 2 + 4:.1f}">▸</text>'
    return (
        f'<rect class="run {sample.verdict}" x="{left:.3f}%" '
        f'width="{max(_THINNEST_PERCENT, right - left):.3f}%" '
        f'y="{y:.1f}" height="{thick:.1f}"><title>{title}</title></rect>{mark}'
    )
