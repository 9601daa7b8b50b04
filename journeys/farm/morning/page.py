"""The page as HTML: rendered by Jinja2, which escapes all that comes from a night, with nothing to load."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Final

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from journeys.farm.morning.causes import Group
from journeys.farm.morning.cell_list import cell_list
from journeys.farm.morning.evidence import Evidence, Link, Strip
from journeys.farm.morning.page_data import STATUSES, Morning, Section, counted, duration_of, reopened
from journeys.farm.morning.rerun import MOST_JOURNEYS, quickest
from journeys.farm.morning.since import day_of, span_of
from journeys.farm.morning.trends_data import trends_data
from journeys.farm.night_record import CellRecord

MOST_GROUPS: Final = 60
"""Groups of a section that are told in full: nobody reads more of them in a morning."""

_MOST_STRIPS = 6
_MOST_ROWS = 12
_MOST_TARGETS = 12
_MOST_TRIED_AGAIN = 50

_environment = Environment(
    loader=PackageLoader("journeys.farm.morning", "assets"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_environment.filters.update(counted=counted, duration=duration_of, day=day_of)


@dataclass(frozen=True)
class Row:
    """One cell of a group as the page tells it: what was said there, and what lies beside the page."""

    cell: CellRecord
    command: str
    logs: Sequence[Link]
    outcomes: str
    said: str
    reopened: Sequence[str]

    @property
    def has_trace(self) -> bool:
        """Whether a trace is among what lies beside the page."""
        return any(link.href and link.title.partition(" ")[0] == "trace" for link in self.logs)


@dataclass(frozen=True)
class Told:
    """A group as the page tells it."""

    group: Group
    since: str
    targets: Sequence[tuple[str, int]]
    more_targets: int
    strips: Sequence[Strip]
    rows: Sequence[Row]
    again: str
    again_all: str


def render_page(morning: Morning, evidence: Evidence) -> str:
    """Return the page of a night."""
    night = morning.night
    style, script = asset("morning.css"), asset("morning.js")
    return _environment.get_template("morning.html").render(
        night=night,
        morning=morning,
        span=span_of(night),
        statuses=STATUSES,
        sections=[
            (section, list(_told(section, morning, evidence)), section.groups[MOST_GROUPS:])
            for section in morning.sections
        ],
        tried_again=[_row(cell, morning, evidence) for cell in morning.tried_again[:_MOST_TRIED_AGAIN]],
        trends=trends_data(morning),
        night_logs=evidence.night_logs(),
        cells=cell_list(morning, evidence),
        style=Markup(style),  # noqa: S704 - the package's own file
        script=Markup(script),  # noqa: S704 - likewise
        policy=_policy(style, script),
    )


@cache
def asset(name: str) -> str:
    """Return the page's script or its style."""
    return files("journeys.farm.morning").joinpath("assets", name).read_text(encoding="utf-8")


def _policy(style: str, script: str) -> str:
    """Return what the page may load: its own style and script, and pictures from beside it."""
    allowed = {"style-src": style, "script-src": script}
    hashed = (f"{what} 'sha256-{_digest(text)}'" for what, text in allowed.items())
    return "; ".join(("default-src 'none'", "img-src 'self' file:", *hashed, "base-uri 'none'"))


def _digest(text: str) -> str:
    return base64.b64encode(sha256(text.encode()).digest()).decode()


def _told(section: Section, morning: Morning, evidence: Evidence) -> Iterator[Told]:
    for group in section.groups[:MOST_GROUPS]:
        # One cell of each target first: what differs between targets is what tells most.
        shown = _spread(group.cells)
        targets = list(group.castings().items())
        again = quickest(group.cells)
        several = len(group.cells) > 1 and len(group.journeys()) <= MOST_JOURNEYS
        yield Told(
            group=group,
            since=morning.history.since(group.cells),
            targets=targets[:_MOST_TARGETS],
            more_targets=max(0, len(targets) - _MOST_TARGETS),
            strips=[strip for cell in shown[:_MOST_STRIPS] for strip in evidence.strips(cell)][:_MOST_STRIPS],
            rows=[_row(cell, morning, evidence) for cell in shown],
            again=morning.again.command([again]),
            again_all=morning.again.command(group.cells) if several else "",
        )


def _spread(cells: Sequence[CellRecord]) -> list[CellRecord]:
    """Return a few of the cells, of as many targets as there are."""
    first: dict[str, CellRecord] = {}
    for cell in cells:
        first.setdefault(cell["casting"], cell)
    chosen = list(first.values())[:_MOST_ROWS]
    taken = {id(cell) for cell in chosen}
    for cell in cells:
        if len(chosen) >= _MOST_ROWS:
            break
        if id(cell) not in taken:
            chosen.append(cell)
    return chosen


def _row(cell: CellRecord, morning: Morning, evidence: Evidence) -> Row:
    trend = morning.history.of(cell)
    return Row(
        cell=cell,
        command=morning.again.command([cell]),
        logs=_told_apart(evidence.logs(cell)),
        outcomes=trend["outcomes"] if trend is not None else "",
        said=cell["error"],
        reopened=reopened(cell),
    )


def _told_apart(links: Sequence[Link]) -> list[Link]:
    """Return links with a number each, where several are called the same: a trace of every window."""
    several = {title for title, count in Counter(link.title for link in links).items() if count > 1}
    seen = Counter[str]()
    told = []
    for link in links:
        seen[link.title] += 1
        told.append(
            replace(link, title=f"{link.title} {seen[link.title]}") if link.title in several else link
        )
    return told
