"""The page as HTML: rendered by Jinja2, which escapes all that comes from a night, with nothing to load."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import chain, islice
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from journeys.nightly.record import STATUS_LETTERS, CellRecord
from journeys.nightly.report.causes import Group
from journeys.nightly.report.content import (
    MAX_JOURNEYS,
    STATUSES,
    NightReport,
    Section,
    day_of,
    has_passed,
    quickest_cell,
    reopenings,
    shell_word,
    span_of,
)
from journeys.nightly.report.evidence import Evidence, Link, Strip
from journeys.nightly.trends import PropagationTrend
from journeys.report import Bounds, format_latency, read_look
from journeys.timeline import format_count, format_duration

MAX_GROUPS: Final = 60
"""Groups of a section that are shown in full: nobody reads more of them."""

_MAX_STRIPS = 6
_MAX_ROWS = 12
_MAX_TARGETS = 12
_MAX_TRIED_AGAIN = 50
_MAX_TRENDS: Final = 10
_FLAKY: Final = 0.2
"""From this score on somebody should look: one try in five went another way."""
_WIDTH, _HEIGHT = 120.0, 28.0

_environment = Environment(
    loader=PackageLoader("journeys.nightly.report", "assets"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(count_of=format_count, duration=format_duration, day=day_of)


@dataclass(frozen=True)
class Row:
    """One cell of a group as the page shows it, and what lies beside the page."""

    cell: CellRecord
    command: str
    logs: Sequence[Link]
    outcomes: str
    reopenings: Sequence[str]

    @property
    def has_trace(self) -> bool:
        """Whether a trace is among what lies beside the page."""
        return any(link.href and link.title.partition(" ")[0] == "trace" for link in self.logs)


@dataclass(frozen=True)
class GroupView:
    """A group as the page shows it."""

    group: Group
    since: str
    targets: Sequence[tuple[str, int]]
    more_targets: int
    strips: Sequence[Strip]
    rows: Sequence[Row]
    again: str
    again_all: str


@dataclass(frozen=True)
class PropagationRow:
    """How long one surface of one target took tonight, and a drawing of the nights before.

    `line` are the points of an SVG polyline in a box of 120 by 28; `budget` is the budget's height in it.
    """

    surface: str
    target: str
    p50: str
    p95: str
    budget_ms: str
    nights: int
    line: str
    budget: float
    share: float


def render_page(report: NightReport, evidence: Evidence) -> str:
    """Return the page of a night."""
    night = report.night
    style, script = read_look() + asset("report.css"), asset("report.js")
    return _environment.get_template("report.html").render(
        night=night,
        report=report,
        span=span_of(night),
        statuses=STATUSES,
        sections=[
            (section, list(_views(section, report, evidence)), section.groups[MAX_GROUPS:])
            for section in report.sections
        ],
        tried_again=[_row(cell, report, evidence) for cell in report.retried_cells[:_MAX_TRIED_AGAIN]],
        trends=_trends_data(report),
        night_logs=evidence.night_logs(),
        cells=_cell_list(report, evidence),
        style=Markup(style),  # noqa: S704 - the package's own file
        script=Markup(script),  # noqa: S704 - as above
        policy=_policy(style, script),
    )


@cache
def asset(name: str) -> str:
    """Return the page's script or its style."""
    return files("journeys.nightly.report").joinpath("assets", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Return what the page may load: its own style and script, and pictures from beside it."""
    allowed = {"style-src": style, "script-src": script}
    hashed = (f"{what} 'sha256-{_digest(text)}'" for what, text in allowed.items())
    return "; ".join(("default-src 'none'", "img-src 'self' file:", *hashed, "base-uri 'none'"))


def _digest(text: str) -> str:
    return base64.b64encode(sha256(text.encode()).digest()).decode()


def _views(section: Section, report: NightReport, evidence: Evidence) -> Iterator[GroupView]:
    for group in section.groups[:MAX_GROUPS]:
        # One cell of each target first: what differs between targets is what tells most.
        shown = _spread(group.cells)
        targets = list(group.castings().items())
        again = quickest_cell(group.cells)
        several = len(group.cells) > 1 and len(group.journeys()) <= MAX_JOURNEYS
        yield GroupView(
            group=group,
            since=report.history.describe_since(group.cells),
            targets=targets[:_MAX_TARGETS],
            more_targets=max(0, len(targets) - _MAX_TARGETS),
            strips=[strip for cell in shown[:_MAX_STRIPS] for strip in evidence.strips(cell)][:_MAX_STRIPS],
            rows=[_row(cell, report, evidence) for cell in shown],
            again=report.rerun.command([again]),
            again_all=report.rerun.command(group.cells) if several else "",
        )


def _spread(cells: Sequence[CellRecord]) -> list[CellRecord]:
    """Return a few of the cells, of as many targets as there are."""
    first: dict[str, CellRecord] = {}
    for cell in cells:
        first.setdefault(cell["casting"], cell)
    others = (cell for cell in cells if first[cell["casting"]] is not cell)
    return list(islice(chain(first.values(), others), _MAX_ROWS))


def _row(cell: CellRecord, report: NightReport, evidence: Evidence) -> Row:
    trend = report.history.trend_of(cell)
    return Row(
        cell=cell,
        command=report.rerun.command([cell]),
        logs=_number_alike(evidence.logs(cell)),
        outcomes=trend["outcomes"] if trend is not None else "",
        reopenings=reopenings(cell),
    )


def _number_alike(links: Sequence[Link]) -> list[Link]:
    """Return links with a number each, where several are called the same: a trace of every window."""
    several = {title for title, count in Counter(link.title for link in links).items() if count > 1}
    seen = Counter[str]()
    numbered = []
    for link in links:
        seen[link.title] += 1
        numbered.append(
            replace(link, title=f"{link.title} {seen[link.title]}") if link.title in several else link
        )
    return numbered


def _cell_list(report: NightReport, evidence: Evidence) -> dict[str, Any]:
    """Return the cells by journey and casting.

    `rows` has a string for each journey: a letter of `STATUS_LETTERS` for each casting, `-` where there is
    no such cell. `found` has, for each cell that did not pass, the numbers of its journey, its casting and
    its cause, and where its results are: empty where they are missing.
    """
    cells = report.night["cells"]
    journeys = {name: number for number, name in enumerate(dict.fromkeys(cell["journey"] for cell in cells))}
    castings = {name: number for number, name in enumerate(dict.fromkeys(cell["casting"] for cell in cells))}
    rows = [["-"] * len(castings) for _ in journeys]
    names = [""] * len(journeys)
    for cell in cells:
        journey = journeys[cell["journey"]]
        rows[journey][castings[cell["casting"]]] = STATUS_LETTERS[cell["status"]]
        names[journey] = cell["name"]
    groups = [(section, group) for section in report.sections for group in section.groups]
    found = [
        (journeys[cell["journey"]], castings[cell["casting"]], number, evidence.files(cell))
        for number, (_, group) in enumerate(groups)
        for cell in group.cells
    ]
    return {
        "command": report.rerun.words,
        "journeys": [
            [name, word if (word := shell_word(name)) != name else "", names[number]]
            for name, number in journeys.items()
        ],
        "castings": [[name, report.rerun.option(name)] for name in castings],
        "causes": [[group.id, group.title, section.title] for section, group in groups],
        "rows": ["".join(row) for row in rows],
        "found": found,
        "passed": sum(has_passed(cell) for cell in cells),
    }


def _trends_data(report: NightReport) -> dict[str, Any] | None:
    """Return what is shown of the last nights, the worst first, a few of each; None where none are known."""
    trends = report.trends
    if trends is None or not trends["nights"]:
        return None
    flaky = [cell for cell in trends["cells"] if (cell["flake_score"] or 0) >= _FLAKY]
    rows = sorted(
        map(_propagation_row, trends["propagation"]), key=lambda row: (-row.share, row.surface, row.target)
    )
    return {
        "nights": len(trends["nights"]),
        "changes": trends["changes"][:_MAX_TRENDS],
        "flaky": sorted(flaky, key=lambda cell: -(cell["flake_score"] or 0))[:_MAX_TRENDS],
        "propagation": rows[:_MAX_TRENDS],
        "more_propagation": max(0, len(rows) - _MAX_TRENDS),
        "steps": trends["steps"][:_MAX_TRENDS],
    }


def _propagation_row(trend: PropagationTrend) -> PropagationRow:
    highs = [night["p95_s"]["high"] if night["p95_s"] else None for night in trend["nights"]]
    seen = [high for high in highs if high is not None]
    top = max((*seen, trend["budget_s"])) * 1.1 or 1.0
    step = _WIDTH / max(1, len(highs) - 1)
    points = [
        f"{place * step:.1f},{_HEIGHT - _HEIGHT * high / top:.1f}"
        for place, high in enumerate(highs)
        if high is not None
    ]
    newest = trend["nights"][-1] if trend["nights"] else None
    last = highs[-1] if highs else None
    return PropagationRow(
        surface=trend["surface"],
        target=trend["target"],
        p50=_format_bounds(newest["p50_s"] if newest is not None else None),
        p95=_format_bounds(newest["p95_s"] if newest is not None else None),
        budget_ms=f"{trend['budget_s'] * 1000:.0f} ms",
        nights=len(highs),
        line=" ".join(points),
        budget=round(_HEIGHT - _HEIGHT * trend["budget_s"] / top, 1),
        share=float("inf") if last is None else last / trend["budget_s"] if trend["budget_s"] else 0.0,
    )


def _format_bounds(bounds: Bounds | None) -> str:
    return "not seen" if bounds is None else format_latency(bounds)
