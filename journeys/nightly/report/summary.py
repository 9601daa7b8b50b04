"""A night in a few lines of Markdown: for a chat, and for the summary of a job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from journeys.nightly.report.causes import Group
from journeys.nightly.report.content import (
    STATUSES,
    NightReport,
    Section,
    quickest_cell,
    span_of,
)
from journeys.timeline import format_count, format_duration

_MAX_GROUPS: Final = 8
_MAX_TARGETS: Final = 5
_MAX_ALERTS: Final = 8
_MAX_CHARACTERS: Final = 200

# Whatever could be Markdown, HTML or a mention of somebody.
_SPECIAL = re.compile(r"([\\`*\[\]|~$<>&]|(?<!\w)_|_(?!\w))")
_BREAKS = re.compile(r"[\x00-\x20\x7f\u0085\u2028\u2029]+")


def summary_of(report: NightReport) -> str:
    """Return the summary: short however much went wrong, and harmless whatever the names are."""
    return "\n".join(_lines(report)) + "\n"


def _lines(report: NightReport) -> Iterator[str]:
    night = report.night
    yield f"## {as_plain(night['name'])}: {as_plain(report.headline)}"
    yield ""
    revision = as_code(night["revision"][:10]) if night["revision"] else ""
    on = " on " + as_plain(night["branch"]) if night["branch"] else ""
    facts = (as_plain(span_of(night)), format_duration(night["duration_s"]), f"{revision}{on}")
    yield " · ".join(part for part in facts if part)
    counts = [f"{report.counts[status]:,} {status}" for status in STATUSES if report.counts[status]]
    yield ""
    yield ", ".join(counts) or "no cells"
    alerts = report.alerts
    if alerts:
        yield ""
    for alert in alerts[:_MAX_ALERTS]:
        yield f"- **{as_plain(alert)}**"
    if len(alerts) > _MAX_ALERTS:
        yield f"- and {len(alerts) - _MAX_ALERTS} more of the kind"
    for section in report.sections:
        yield from _section(section, report)
    if report.retried_cells:
        yield ""
        yield f"Tried again, and passed then: {format_count(len(report.retried_cells), 'cell')}."


def _section(section: Section, report: NightReport) -> Iterator[str]:
    yield ""
    yield f"### {section.title}: {format_count(section.cells, 'cell')}"
    yield ""
    for number, group in enumerate(section.groups[:_MAX_GROUPS], start=1):
        yield f"{number}. {_group(group, report)}"
        yield f"   {as_code(report.rerun.command([quickest_cell(group.cells)]))}"
    if len(section.groups) > _MAX_GROUPS:
        yield ""
        yield f"And {format_count(len(section.groups) - _MAX_GROUPS, 'more cause')}: see the report."


def _group(group: Group, report: NightReport) -> str:
    castings = group.castings().most_common()
    targets = ", ".join(
        f"{as_plain(name)}{f' ×{count}' if count > 1 and len(castings) > 1 else ''}"
        for name, count in castings[:_MAX_TARGETS]
    )
    if len(castings) > _MAX_TARGETS:
        targets += f" and {len(castings) - _MAX_TARGETS} more"
    since = report.history.describe_since(group.cells)
    parts = (
        f"**{as_plain(group.title)}**",
        f"{format_count(len(group.cells), 'cell')} on {targets}",
        as_plain(since),
    )
    return " · ".join(part for part in parts if part)


def as_plain(text: str) -> str:
    """Return a text as Markdown that reads as just that text, on one line and of bounded length."""
    text = _BREAKS.sub(" ", text).strip()
    if len(text) > _MAX_CHARACTERS:
        text = text[: _MAX_CHARACTERS - 1] + "…"
    # A mention would call somebody: a joiner without width keeps the name from being one.
    return _SPECIAL.sub(r"\\\1", text).replace("@", "@\u2060")


def as_code(text: str) -> str:
    """Return a text as code in Markdown, on one line: between more backticks than it has in a row."""
    text = _BREAKS.sub(" ", text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}"
