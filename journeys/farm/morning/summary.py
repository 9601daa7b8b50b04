"""The morning in a few lines of Markdown: for a chat, and for the summary of a job."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from journeys.farm.morning.causes import Group
from journeys.farm.morning.page_data import STATUSES, Morning, Section, counted, duration_of
from journeys.farm.morning.rerun import quickest
from journeys.farm.morning.since import span_of

_MOST_GROUPS: Final = 8
_MOST_TARGETS: Final = 5
_MOST_ALERTS: Final = 8
_LONGEST: Final = 200

# Whatever could be Markdown, HTML or a mention of somebody.
_SPECIAL = re.compile(r"([\\`*\[\]|~$<>&]|(?<!\w)_|_(?!\w))")
_BREAKS = re.compile(r"[\x00-\x20\x7f\u0085\u2028\u2029]+")


def summary_of(morning: Morning) -> str:
    """Return the summary: short however much went wrong, and harmless whatever the names are."""
    return "\n".join(_lines(morning)) + "\n"


def _lines(morning: Morning) -> Iterator[str]:
    night = morning.night
    yield f"## {plain(night['name'])}: {plain(morning.headline)}"
    yield ""
    revision = coded(night["revision"][:10]) if night["revision"] else ""
    on = " on " + plain(night["branch"]) if night["branch"] else ""
    facts = (plain(span_of(night)), duration_of(night["duration_s"]), f"{revision}{on}")
    yield " · ".join(part for part in facts if part)
    counts = [f"{morning.counts[status]:,} {status}" for status in STATUSES if morning.counts[status]]
    yield ""
    yield ", ".join(counts) or "no cells"
    alerts = morning.alerts
    if alerts:
        yield ""
    for alert in alerts[:_MOST_ALERTS]:
        yield f"- **{plain(alert)}**"
    if len(alerts) > _MOST_ALERTS:
        yield f"- and {len(alerts) - _MOST_ALERTS} more of the kind"
    for section in morning.sections:
        yield from _section(section, morning)
    if morning.tried_again:
        yield ""
        yield f"Tried again, and passed then: {counted(len(morning.tried_again), 'cell')}."


def _section(section: Section, morning: Morning) -> Iterator[str]:
    yield ""
    yield f"### {section.title}: {counted(section.cells, 'cell')}"
    yield ""
    for number, group in enumerate(section.groups[:_MOST_GROUPS], start=1):
        yield f"{number}. {_group(group, morning)}"
        yield f"   {coded(morning.again.command([quickest(group.cells)]))}"
    if len(section.groups) > _MOST_GROUPS:
        yield ""
        yield f"And {counted(len(section.groups) - _MOST_GROUPS, 'more cause')}: see the report."


def _group(group: Group, morning: Morning) -> str:
    castings = group.castings().most_common()
    targets = ", ".join(
        f"{plain(name)}{f' ×{count}' if count > 1 and len(castings) > 1 else ''}"
        for name, count in castings[:_MOST_TARGETS]
    )
    if len(castings) > _MOST_TARGETS:
        targets += f" and {len(castings) - _MOST_TARGETS} more"
    since = morning.history.since(group.cells)
    parts = (f"**{plain(group.title)}**", f"{counted(len(group.cells), 'cell')} on {targets}", plain(since))
    return " · ".join(part for part in parts if part)


def plain(text: str) -> str:
    """Return a text as Markdown that reads as just that text, on one line and of bounded length."""
    text = _BREAKS.sub(" ", text).strip()
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    # A mention would call somebody: a joiner without width keeps the name from being one.
    return _SPECIAL.sub(r"\\\1", text).replace("@", "@\u2060")


def coded(text: str) -> str:
    """Return a text as code in Markdown, on one line: between more backticks than it has in a row."""
    text = _BREAKS.sub(" ", text)
    fence = "`" * (1 + max(map(len, re.findall("`+", text)), default=0))
    space = " " if text[:1] == "`" or text[-1:] == "`" else ""
    return f"{fence}{space}{text}{space}{fence}"
