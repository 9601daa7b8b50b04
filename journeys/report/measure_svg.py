"""One surface's distribution as an SVG: a histogram, and below it every run as a thin bar.

Everything across is in percent and everything down in pixels: the drawing fills whatever width it gets, and
its letters stay as large as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape
from math import ceil, floor, isfinite

from flutter_bridge import Interval
from journeys.report.distribution import PERCENTS, Distribution, Sample, Since
from journeys.report.histogram import Histogram, histogram
from journeys.report.milliseconds import latency_in_milliseconds

_BINS, _MOST_BINS = 30, 90
_LABEL_HEIGHT = 16
_HISTOGRAM_HEIGHT = 110
_AXIS_HEIGHT = 26
_RUNS_HEIGHT = 480
_ROW = (1.0, 8.0)
_THINNEST = 0.35
# A budget not much further than the slowest run is shown in its place; one far off would hide all the rest.
_ROOM_FOR_BUDGET = 1.6
_TICKS = 8


@dataclass(frozen=True)
class _Axis:
    """Where a latency lies across, in percent; what is beyond the end is put at the end."""

    low: float
    high: float

    def at(self, seconds: float) -> float:
        return min(100.0, max(0.0, (seconds - self.low) / (self.high - self.low) * 100))

    def ticks(self) -> list[float]:
        wide = (self.high - self.low) * 1000 / _TICKS
        power = 10 ** max(0, len(str(floor(wide))) - 1)
        step = next(digit * power for digit in (1, 2, 5, 10) if digit * power >= wide)
        first, last = ceil(self.low * 1000 / step), floor(self.high * 1000 / step)
        return [number * step / 1000 for number in range(first, last + 1)]


def measure_svg(distribution: Distribution, since: Since, *, name: str) -> str:
    """Draw a distribution; `name` makes its ids unique on the page. Empty where nothing was measured."""
    latencies = distribution.latencies(since)
    if not latencies:
        return ""
    bins = histogram(latencies, bins=_BINS, at_most=_MOST_BINS)
    axis = _axis(bins, distribution.budget_s)
    return "\n".join(_parts(distribution, since, bins, axis, name))


def not_drawn(distribution: Distribution, since: Since) -> str:
    """Say how much of a distribution is not in its histogram; empty where all of it is."""
    bins = histogram(distribution.latencies(since), bins=_BINS, at_most=_MOST_BINS)
    parts = [f"{bins.beyond:.1f} further right"] if bins.beyond > 0 else []
    parts += [f"{bins.unseen} not seen"] if bins.unseen else []
    return ", ".join(parts)


def _axis(bins: Histogram, budget: float) -> _Axis:
    low, high = (bins.edges[0], bins.edges[-1]) if bins.edges else (0.0, budget * 1.1)
    width = high - low
    if high < budget <= low + width * _ROOM_FOR_BUDGET:
        high = budget + width * 0.05
    return _Axis(low, high)


def _parts(
    distribution: Distribution, since: Since, bins: Histogram, axis: _Axis, name: str
) -> Iterator[str]:
    drawn = [sample for sample in distribution.samples if sample.latency(since) is not None]
    top = _LABEL_HEIGHT * 3 + 4
    base = top + _HISTOGRAM_HEIGHT
    first_row = base + _AXIS_HEIGHT
    row = min(_ROW[1], max(_ROW[0], _RUNS_HEIGHT / len(drawn)))
    height = first_row + row * len(drawn) + 4
    yield (
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" height="{height:.0f}">'
        f'<title id="{name}-title">{escape(_title(distribution, since))}</title>'
        f'<desc id="{name}-desc">{escape(_description(distribution, since))}</desc>'
    )
    yield from _histogram(bins, axis, top, base)
    yield from _ticks(axis, base)
    yield from _quantiles(distribution, since, axis, height)
    yield from _budget(distribution, since, axis, height)
    for number, sample in enumerate(drawn):
        yield _run(sample, since, axis, y=first_row + number * row, row=row)
    yield "</svg>"


def _title(distribution: Distribution, since: Since) -> str:
    return f"{distribution.title}: {since} to visible, {len(distribution.samples)} samples"


def _description(distribution: Distribution, since: Since) -> str:
    found = [
        f"p{percent} {latency_in_milliseconds(distribution.quantile(percent, since))}" for percent in PERCENTS
    ]
    return (
        f"{'; '.join(found)}; budget {distribution.budget_s * 1000:.0f} ms. The table has the same figures."
    )


def _histogram(bins: Histogram, axis: _Axis, top: float, base: float) -> Iterator[str]:
    most = max([*bins.weights, bins.beyond, 1e-9])
    for edge, weight in bins.bins:
        if weight <= 0:
            continue
        tall = weight / most * (base - top)
        left, right = axis.at(edge.low), axis.at(edge.high)
        said = f"{edge.low * 1000:.0f}–{edge.high * 1000:.0f} ms: {weight:.1f}"
        yield (
            f'<rect class="bin" x="{left:.3f}%" width="{max(0.1, right - left - 0.15):.3f}%" '
            f'y="{base - tall:.1f}" height="{tall:.1f}"><title>{said}</title></rect>'
        )


def _ticks(axis: _Axis, base: float) -> Iterator[str]:
    yield f'<line class="axis" x1="0" x2="100%" y1="{base}" y2="{base}"/>'
    for number, tick in enumerate(axis.ticks()):
        at = axis.at(tick)
        # Every second one goes where there is no room for all.
        spare = ' class="spare"' if number % 2 else ""
        yield f'<line class="axis" x1="{at:.3f}%" x2="{at:.3f}%" y1="{base}" y2="{base + 5}"/>'
        yield f'<text{spare} x="{at:.3f}%" y="{base + 18}"{_anchor(at)}>{tick * 1000:.0f}</text>'


def _anchor(at: float) -> str:
    """Keep a text about a place inside the drawing."""
    if at < 8:
        return ""
    return ' text-anchor="end"' if at > 92 else ' text-anchor="middle"'


def _beside(at: float) -> str:
    """Put a long text on the side of a line where there is room."""
    return ' text-anchor="end" dx="-4"' if at > 50 else ' dx="4"'


def _label_place(left: float, right: float) -> tuple[float, str]:
    """Put a band's label beside it where there is room, and into it where it takes up nearly all."""
    if left >= 50:
        return left, ' text-anchor="end" dx="-4"'
    return (right if right <= 60 else left), ' dx="4"'


def _quantiles(distribution: Distribution, since: Since, axis: _Axis, height: float) -> Iterator[str]:
    for number, percent in enumerate(PERCENTS):
        within = distribution.quantile(percent, since)
        if within is None:
            continue
        left, right = axis.at(within.low), axis.at(within.high)
        y = _LABEL_HEIGHT * (number + 1)
        label = f"p{percent} {latency_in_milliseconds(within)}"
        yield (
            f'<rect class="band p{percent}" x="{left:.3f}%" width="{max(0.2, right - left):.3f}%" '
            f'y="{y - 10}" height="{height - y + 10:.0f}"><title>{label}</title></rect>'
        )
        at, side = _label_place(left, right)
        yield f'<text class="p{percent}" x="{at:.3f}%" y="{y}"{side}>{label}</text>'


def _budget(distribution: Distribution, since: Since, axis: _Axis, height: float) -> Iterator[str]:
    if since != "commit":
        return
    budget, y = distribution.budget_s, _LABEL_HEIGHT * 3
    label = f"budget {budget * 1000:.0f} ms"
    if budget > axis.high:
        yield f'<text class="limit" x="100%" y="{y}" text-anchor="end">{label} ▸</text>'
    elif budget < axis.low:
        yield f'<text class="limit" x="0" y="{y}">◂ {label}</text>'
    else:
        at = axis.at(budget)
        yield f'<line class="budget" x1="{at:.3f}%" x2="{at:.3f}%" y1="{y - 10}" y2="{height:.0f}"/>'
        yield f'<text class="limit" x="{at:.3f}%" y="{y}"{_beside(at)}>{label}</text>'


def _run(sample: Sample, since: Since, axis: _Axis, *, y: float, row: float) -> str:
    latency = sample.latency(since)
    assert latency is not None  # noqa: S101 - only such samples are drawn
    said = escape(f"run {sample.run}, {sample.actor}: {_said(sample, latency)}")
    thick = max(0.7, row * 0.6)
    if not isfinite(latency.high):
        middle = y + row / 2
        return (
            f'<line class="unseen" x1="0" x2="100%" y1="{middle:.1f}" y2="{middle:.1f}">'
            f"<title>{said}</title></line>"
        )
    left, right = axis.at(latency.low), axis.at(latency.high)
    mark = ""
    if latency.high > axis.high:
        # It ends further on: a small arrow says so, and the title where.
        left = min(left, 99.0)
        mark = f'<text class="on" x="100%" dx="2" y="{y + thick / 2 + 4:.1f}">▸</text>'
    return (
        f'<rect class="run {sample.verdict}" x="{left:.3f}%" width="{max(_THINNEST, right - left):.3f}%" '
        f'y="{y:.1f}" height="{thick:.1f}"><title>{said}</title></rect>{mark}'
    )


def _said(sample: Sample, latency: Interval) -> str:
    if not isfinite(latency.high):
        return f"{sample.verdict}, {sample.reason}"
    return f"{latency_in_milliseconds(latency)}, {sample.verdict}"
