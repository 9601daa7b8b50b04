"""Writes load.html: the curves of a run under load on one page that needs nothing but itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from importlib.resources import files
from pathlib import Path

from journeys.documents import write_atomically
from journeys.load.results import LoadResult, Range, StepResult
from journeys.load.soak import SoakFigure
from journeys.report import read_look

_HEIGHT, _TOP, _BASE = 200, 22, 170
_WORDS = {"p50": "p50", "p95": "p95", "p99": "p99"}


def write_load_page(file: Path, result: LoadResult) -> None:
    """Write the page, whole or not at all."""
    write_atomically(file, "\n".join(_page(result)) + "\n")


def _page(result: LoadResult) -> Iterator[str]:
    style = files("journeys.report").joinpath("assets", "measure_page.css").read_text(encoding="utf-8")
    held = "nobody" if result.people_held is None else f"{result.people_held} people"
    facts = (
        f"verdict {result.verdict}",
        result.scenario,
        result.url,
        result.started_at,
        f"{result.machine['system']}, {result.machine['cpus']} processors",
    )
    yield f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Under load: {escape(held)} held</title>
<style>
{read_look()}{style}</style>
</head>
<body>
<header>
<h1>What people see under load</h1>
<p class="quiet">{escape(" · ".join(facts))}</p>
<p><strong>{escape(held)}</strong> held within the budget. What holds back:
<strong>{escape(result.bottleneck)}</strong> ({escape(result.bottleneck_reason)}).{_ratio(result)}</p>"""
    if result.baseline is not None:
        yield f"<p>Against the baseline: {result.baseline.verdict}, {escape(result.baseline.reason)}.</p>"
    yield "</header>\n<main>"
    if any(step.seen for step in result.steps):
        yield from _curve("What is seen, by people", [step.seen for step in result.steps], result, "seen")
    yield from _curve("Requests, by people", [step.all_requests for step in result.steps], result, "asked")
    yield from _steps_table(result.steps)
    for number, step in enumerate(result.steps):
        yield from _step(step, number)
    for number, figure in enumerate(result.soak):
        yield from _soak_figure(figure, f"soak-{number}")
    yield "</main>\n</body>\n</html>"


def _ratio(result: LoadResult) -> str:
    if result.ratio is None:
        return ""
    high = "∞" if result.ratio.high is None else f"{result.ratio.high:.2f}"
    return f" {escape(result.ratio_of)} is {result.ratio.low:.2f} to {high} times that of the reference."


def _curve(title: str, quantiles: Sequence[dict[str, Range]], result: LoadResult, name: str) -> Iterator[str]:
    """Draw each step's quantiles as bars from low to high, side by side; the table has all of it."""
    budgets = [step.budget_s for step in result.steps if step.budget_s is not None] if name == "seen" else []
    values = [bound for each in quantiles for one in each.values() for bound in (one.low, one.high) if bound]
    top = max([*values, *budgets, 1e-3]) * 1.1
    yield f"<section>\n<h2>{escape(title)}</h2>\n<figure>"
    yield "<figcaption>milliseconds, from the low to the high bound of p50, p95 and p99</figcaption>"
    yield (
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" height="{_HEIGHT}">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">The table below has the same figures.</desc>'
    )
    for share in (0.0, 0.5, 1.0):
        y = _BASE - share * (_BASE - _TOP)
        yield f'<line class="axis" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text x="0" y="{y - 3:.1f}">{top * share * 1000:.0f}</text>'
    for budget in budgets[:1]:
        y = _BASE - budget / top * (_BASE - _TOP)
        yield f'<line class="budget" x1="0" x2="100%" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield (
            f'<text class="limit" x="100%" y="{y - 4:.1f}" text-anchor="end">'
            f"budget {budget * 1000:.0f} ms</text>"
        )
    wide = 92 / len(result.steps)
    for number, (step, each) in enumerate(zip(result.steps, quantiles, strict=True)):
        left = 8 + number * wide
        for place, (word, one) in enumerate(each.items()):
            high = top if one.high is None else one.high
            y, low = (_BASE - value / top * (_BASE - _TOP) for value in (high, one.low))
            yield (
                f'<rect class="{"bin" if word != "p95" else "run"}" x="{left + place * wide / 4:.2f}%" '
                f'width="{wide / 5:.2f}%" y="{y:.1f}" height="{max(1.5, low - y):.1f}">'
                f"<title>{step.people} people, {_WORDS[word]}: {one}</title></rect>"
            )
        yield (
            f'<text x="{left + wide * 0.35:.2f}%" y="{_BASE + 18}" text-anchor="middle">{step.people}</text>'
        )
    yield "</svg>\n</figure>\n</section>"


def _steps_table(steps: Sequence[StepResult]) -> Iterator[str]:
    head = (
        "people", "streams", "requests/s", "failed", "requests p50", "p95", "p99", "looks", "seen p50", "p95",
        "p99",
    )  # fmt: skip
    yield from _open_table("Steps")
    yield "<thead><tr>" + "".join(f'<th scope="col" class="number">{word}</th>' for word in head)
    yield '<th scope="col">verdict</th><th scope="col">what holds back</th></tr></thead>\n<tbody>'
    for step in steps:
        cells = [
            str(step.streams),
            f"{step.rate:g}",
            f"{step.failed_share:.1%}",
            *(_text(step.all_requests.get(word)) for word in _WORDS),
            str(step.looks),
            *(_text(step.seen.get(word)) for word in _WORDS),
        ]
        yield f'<tr><th scope="row" class="number">{step.people}</th>' + "".join(
            f'<td class="number">{cell}</td>' for cell in cells
        )
        yield f"<td>{step.verdict}: {escape(step.reason)}</td><td>{escape(step.bottleneck)}</td></tr>"
    yield "</tbody></table>\n</div>"


def _step(step: StepResult, number: int) -> Iterator[str]:
    which = "the reference" if number == 0 else f"step {number}"
    yield f"<details>\n<summary>{step.people} people ({which}): requests, time, processor</summary>"
    yield f"<p>{escape(step.bottleneck)}: {escape(step.bottleneck_reason)}.</p>"
    yield from _open_table(f"Requests of {step.people} people, {which}")
    yield '<thead><tr><th scope="col">request</th><th scope="col" class="number">count</th>'
    yield "".join(f'<th scope="col" class="number">{word}</th>' for word in _WORDS)
    yield '<th scope="col">failures</th></tr></thead>\n<tbody>'
    for row in step.requests:
        failures = ", ".join(f"{count} × {kind}" for kind, count in row.failures.items()) or "none"
        yield f'<tr><th scope="row">{escape(row.name)}</th><td class="number">{row.count}</td>' + "".join(
            f'<td class="number">{_text(row.quantiles.get(word))}</td>' for word in _WORDS
        )
        yield f"<td>{escape(failures)}</td></tr>"
    yield "</tbody></table>\n</div>"
    for title, values in (("share of the requests' time", step.parts), ("cores used", step.cores)):
        if values:
            yield from _open_table(f"{title}, {step.people} people, {which}")
            yield f'<thead><tr><th scope="col">part</th><th scope="col" class="number">{title}</th></tr>'
            yield "</thead>\n<tbody>"
            for name, value in values.items():
                figure = f"{value:.0%}" if values is step.parts else f"{value:.2f}"
                yield f'<tr><th scope="row">{escape(name)}</th><td class="number">{figure}</td></tr>'
            yield "</tbody></table>\n</div>"
    yield "</details>"


def _soak_figure(figure: SoakFigure, name: str) -> Iterator[str]:
    """Draw a figure over time, from 0 up."""
    slope = figure.slope_per_hour
    text = "" if slope is None else f": {slope[0]:+g} to {slope[1]:+g} an hour"
    top, wide = max([*figure.values, 1e-9]) * 1.1, 92 / max(1, len(figure.values))
    yield f"<section>\n<h2>{escape(figure.name)}</h2>\n<figure>"
    yield f"<figcaption>{figure.verdict}{text}; every {figure.every_s:g} s</figcaption>"
    yield f'<svg role="img" aria-labelledby="{name}-title" height="{_HEIGHT}">'
    yield f'<title id="{name}-title">{escape(figure.name)}: {figure.verdict}{text}</title>'
    yield f'<line class="axis" x1="0" x2="100%" y1="{_BASE}" y2="{_BASE}"/>'
    yield f'<text x="0" y="{_BASE - 3}">0</text><text x="0" y="{_TOP - 6}">{top:.4g}</text>'
    for number, value in enumerate(figure.values):
        y = _BASE - value / top * (_BASE - _TOP)
        yield (
            f'<rect class="bin" x="{8 + number * wide:.2f}%" width="{wide * 0.8:.2f}%" y="{y:.1f}" '
            f'height="{max(1.0, _BASE - y):.1f}"><title>{value:g}</title></rect>'
        )
    yield "</svg>\n</figure>\n</section>"


def _text(value: Range | None) -> str:
    return "–" if value is None else str(value)


def _open_table(label: str) -> Iterator[str]:
    yield f'<div class="wide" tabindex="0" role="group" aria-label="{escape(label)}">\n<table>'
