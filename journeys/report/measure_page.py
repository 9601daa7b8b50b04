"""Writes measure.html: the distributions of repeated runs on one page that needs nothing but itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from importlib.resources import files
from itertools import groupby
from pathlib import Path

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
from journeys.report.json_report import machine, overall_status
from journeys.report.measure_svg import measure_svg, not_drawn
from journeys.report.milliseconds import latency_in_milliseconds
from journeys.report.record import rfc3339
from journeys.whole_file import write_whole

_BOTH: tuple[Since, ...] = ("commit", "tap")
_EXPLAINED = """\
Every latency is an interval that holds the true one, and so is each quantile: from that of the low bounds
to that of the high ones. In the histogram an interval is spread over the bins it overlaps. Below it each run
is a bar from its low to its high bound, the first run on top; point at one to read it."""


def write_measure_page(
    file: Path,
    runs: Sequence[Run],
    *,
    repeat: int,
    started_at: datetime,
    error: str = "",
) -> None:
    """Write the page, whole or not at all; `error` says why there are fewer runs than `repeat`."""
    write_whole(file, "\n".join(_page(runs, repeat=repeat, started_at=started_at, error=error)) + "\n")


def _page(runs: Sequence[Run], *, repeat: int, started_at: datetime, error: str) -> Iterator[str]:
    gathered = distributions(runs)
    style = files("journeys.report").joinpath("measure_page.css").read_text(encoding="utf-8")
    yield f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Measured: {escape(_names(gathered) or "nothing")}</title>
<style>
{style}</style>
</head>
<body>
<header>
<h1>How long until people see it</h1>
<p class="quiet">{_when(runs, repeat, started_at)}</p>"""
    if error:
        yield f'<p class="error">Ended early: {escape(error)}</p>'
    yield f"<p>{_EXPLAINED} {too_few(gathered) if gathered else ''}</p>\n</header>\n<main>"
    if not gathered:
        yield "<p>Nothing was measured.</p>"
    for _, of_one in groupby(enumerate(gathered), key=lambda pair: (pair[1].journey, pair[1].targets)):
        yield from _journey(list(of_one), runs)
    yield "</main>\n</body>\n</html>"


def _names(gathered: Sequence[Distribution]) -> str:
    return ", ".join(dict.fromkeys(one.name for one in gathered))


def _when(runs: Sequence[Run], repeat: int, started_at: datetime) -> str:
    made = machine()
    status = overall_status([run.record for run in runs])
    parts = (
        f"{len(runs)} runs, {repeat} of each journey asked for",
        f"status {status}",
        rfc3339(started_at),
        f"{made['system']}, {made['cpus']} processors",
    )
    return escape(" · ".join(parts))


def _journey(surfaces: Sequence[tuple[int, Distribution]], all_runs: Sequence[Run]) -> Iterator[str]:
    first = surfaces[0][1]
    runs = [run for run in all_runs if first.is_of(run)]
    ended = Counter(run.record["status"] for run in runs)
    statuses = counted({status: ended[status] for status in VERDICTS if ended[status]})
    yield f"<section>\n<h2>{escape(first.name)}</h2>"
    yield f'<p class="quiet">on {escape(first.place)}, {len(runs)} runs: {statuses}</p>'
    yield from _table([surface for _, surface in surfaces])
    for number, surface in surfaces:
        yield from _surface(surface, f"surface-{number}")
    unsound = [run for run in runs if run.record["error"]]
    if unsound:
        yield f"<details>\n<summary>{len(unsound)} of the runs did not pass: why</summary>\n<ul>"
        for run in unsound:
            said = escape(run.record["error"]).replace("\n", "<br>")
            yield f"<li>run {run.number}, {run.record['status']}: {said}</li>"
        yield "</ul>\n</details>"
    yield "</section>"


def _table(surfaces: Sequence[Distribution]) -> Iterator[str]:
    yield from _wide("Quantiles")
    yield '<thead><tr><th scope="col" rowspan="2">surface, seen by</th>'
    yield '<th scope="col" rowspan="2" class="number">samples</th>'
    yield "".join(
        f'<th scope="colgroup" colspan="{len(PERCENTS)}" class="number">{since} → visible</th>'
        for since in _BOTH
    )
    yield '<th scope="col" rowspan="2" class="number">budget</th>'
    yield '<th scope="col" rowspan="2">verdicts</th></tr>'
    yield "<tr>" + "".join(
        f'<th scope="col" class="number">p{percent}</th>' for _ in _BOTH for percent in PERCENTS
    )
    yield "</tr></thead>\n<tbody>"
    for surface in surfaces:
        actors = surface.actors
        who = actors[0] if len(actors) == 1 else f"{len(actors)} observers"
        yield _row(surface, f"{surface.title}, {who}", kind="")
        if len(actors) > 1:
            last = surface.last()
            yield _row(last, f"{surface.title}, {last.actors[0]}", kind="")
            for one in surface.by_actor():
                yield _row(one, one.actors[0], kind=' class="one"')
    yield "</tbody></table>\n</div>"


def _row(surface: Distribution, head: str, *, kind: str) -> str:
    figures = [
        latency_in_milliseconds(surface.quantile(percent, since)) for since in _BOTH for percent in PERCENTS
    ]
    cells = [str(len(surface.samples)), *figures, f"{surface.budget_s * 1000:.0f} ms"]
    return (
        f'<tr{kind}><th scope="row">{escape(head)}</th>'
        + "".join(f'<td class="number">{cell}</td>' for cell in cells)
        + f"<td>{counted(surface.counts())}</td></tr>"
    )


def _surface(surface: Distribution, name: str) -> Iterator[str]:
    who = surface.actors[0] if len(surface.actors) == 1 else f"{len(surface.actors)} observers"
    yield f"<h3>{escape(surface.title)}, seen by {escape(who)}</h3>"
    drawing = measure_svg(surface, "commit", name=name)
    beside = not_drawn(surface, "commit")
    caption = f"commit → visible, in milliseconds{f'; {beside}' if beside else ''}"
    yield (
        f"<figure>\n<figcaption>{caption}</figcaption>\n{drawing}\n</figure>"
        if drawing
        else "<p>Nothing was measured here.</p>"
    )
    yield "<details>\n<summary>Every sample</summary>"
    yield from _wide(f"Samples of {surface.title}")
    yield '<thead><tr><th scope="col">run</th><th scope="col">seen by</th>'
    yield "".join(f'<th scope="col" class="number">{since} → visible</th>' for since in _BOTH)
    yield '<th scope="col">verdict</th></tr></thead>\n<tbody>'
    for sample in surface.samples:
        commit, tap = (latency_in_milliseconds(sample.latency(since)) for since in _BOTH)
        verdict = sample.verdict if sample.fault is None else f"{sample.verdict}: {sample.fault}"
        yield (
            f'<tr><th scope="row">{sample.run}</th><td>{escape(sample.actor)}</td>'
            f'<td class="number">{commit}</td><td class="number">{tap}</td><td>{escape(verdict)}</td></tr>'
        )
    yield "</tbody></table>\n</div>\n</details>"


def _wide(label: str) -> Iterator[str]:
    """Begin a table that may be wider than a phone: it is moved sideways, by the keyboard too."""
    yield f'<div class="wide" tabindex="0" role="group" aria-label="{escape(label)}">'
    yield "<table>"
