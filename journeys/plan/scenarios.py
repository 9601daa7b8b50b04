"""A page of what the journeys do, made from their code, so that it can't drift from it."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Collection, Iterator, Sequence

from journeys.errors import SetupError, UsageError, name_nearest
from journeys.journey import Journey
from journeys.plan.script import Line, Script, read_script
from journeys.timeline import format_count, format_duration

_WIDTH = 110
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_INTRODUCTION = """\
# Scenarios

What the journeys do, in the words of their code. This page is made by `journeys plan scenarios`: change the
journeys, not the page.
"""


def format_scenarios(journeys: Sequence[Journey], *, seams: Collection[str] | None = None) -> str:
    """Return the page of some journeys, in Markdown, in the order given.

    `seams` are the ids of a test plan. Raises `UsageError` where a journey names one that isn't in it, and
    `SetupError` where a journey's code can't be read.
    """
    for journey in journeys:
        for seam in journey.seams if seams is not None else ():
            if seam not in (seams or ()):
                raise UsageError(
                    f"{journey.module}: {journey.id} covers {seam}, which is in no row of the test plan: "
                    f"{name_nearest(seam, seams or ())}"
                )
    table = ["| journey | priority | kind | seams |", "| --- | --- | --- | --- |"]
    table += [
        f"| [{each.name}](#{_anchor(each.name)}) | {each.priority} | {each.kind} "
        f"| {', '.join(each.seams) or '–'} |"
        for each in journeys
    ]
    parts = [_INTRODUCTION, "\n".join(table) + "\n", *map(_format_scenario, journeys)]
    return "\n".join(parts)


def differences(page: str, wanted: str) -> list[str]:
    """Return the names of scenarios that a page has otherwise than it should; an empty one for its head."""
    ours, theirs = _sections(page), _sections(wanted)
    return [name for name in (ours | theirs) if ours.get(name) != theirs.get(name)]


def _sections(page: str) -> dict[str, str]:
    first, *parts = _HEADING.split(page)
    return {"": first, **{name: text.strip() for name, text in zip(parts[::2], parts[1::2], strict=True)}}


def _format_scenario(journey: Journey) -> str:
    try:
        script = read_script(journey)
    except (OSError, SyntaxError, ValueError) as error:
        raise SetupError(f"{journey.module}: the code of {journey.id} can't be read: {error}") from error
    facts = {
        "Journey": f"`{journey.id}` in `{journey.module}`, {journey.priority}, {journey.kind}",
        "Covers": ", ".join(journey.seams),
        "Cast": "; ".join(script.people),
        "Given": "; ".join(script.given),
        "Takes": "; ".join(_needs(journey, script)),
    }
    lines = [f"## {journey.name}", ""]
    if journey.description:
        lines += [*_wrap(" ".join(journey.description.split())), ""]
    for name, fact in facts.items():
        lines += _wrap(f"**{name}**: {fact}", first="- ", rest="  ") if fact else []
    lines += ["", *_format_lines(script.lines)] if script.lines else []
    return "\n".join(lines) + "\n"


def _needs(journey: Journey, script: Script) -> Iterator[str]:
    yield f"{format_count(script.apps, 'app')}{' or more' if script.has_groups else ''}"
    if script.fixtures:
        yield f"fixtures {', '.join(f'`{name}`' for name in script.fixtures)}"
    if journey.timeout is not None:
        yield f"at most {format_duration(journey.timeout)}"


def _format_lines(lines: Sequence[Line]) -> Iterator[str]:
    number = 0
    for line in lines:
        text = f"**see** {line.text}" if line.is_seen else line.text
        if line.depth == 0:
            number += 1
            mark = f"{number}. "
        else:
            mark = "   " + "  " * (line.depth - 1) + "- "
        yield from _wrap(text, first=mark, rest=" " * len(mark))


def _wrap(text: str, *, first: str = "", rest: str = "") -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent=first,
        subsequent_indent=rest,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _anchor(title: str) -> str:
    return re.sub(r"[^\w\- ]", "", title).strip().lower().replace(" ", "-")
