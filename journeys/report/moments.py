"""What happened when in a journey, and what its apps looked like, as the journey's entry has it."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Final, TypedDict

from msgspec import Meta

from flutter_bridge import Interval
from journeys.timeline import Acted, Committed, Event, Filmed, Requested, SurfaceChanged

Seconds = Annotated[float, Meta(ge=-1e9, le=1e9)]
"""What a moment can be moved by, whoever has written it: thirty years."""


MOST_REQUESTS: Final = 100
"""Of an actor's app in a journey, the last ones."""


class Bounds(TypedDict):
    """An interval in seconds."""

    low: Seconds
    high: Seconds


class MomentRecord(TypedDict):
    """Something that happened at a moment inside `within_s`, in seconds after the journey's beginning.

    `kind` is `acted`, `requested`, `committed` or `shown`; `actor` is null for a backend's commit.
    """

    kind: str
    actor: str | None
    what: str
    within_s: Bounds


class FilmRecord(TypedDict):
    """Small pictures of an actor's app, side by side in one file; each was shown inside its interval.

    `texts` is a file beside it with what could be read in the app.
    """

    actor: str
    sheet: str | None
    texts: str | None
    width: int
    height: int
    shown_s: list[Bounds]


def moments_of(events: Sequence[Event], began: float) -> list[MomentRecord]:
    """Return what people did, what was committed and what surfaces showed, as recorded."""
    made: list[MomentRecord] = []

    def note(kind: str, actor: str | None, what: str, within: Interval) -> None:
        made.append(MomentRecord(kind=kind, actor=actor, what=what, within_s=_after(began, within)))

    left = Counter(event.actor for event in events if isinstance(event, Requested))
    for event in events:
        match event:
            case Acted():
                note("acted", event.actor, event.action, event.received)
            case Requested():
                if left[event.actor] <= MOST_REQUESTS:
                    note("requested", event.actor, event.request, event.taken)
                left[event.actor] -= 1
            case Committed():
                note("committed", None, event.change, event.committed)
            case SurfaceChanged():
                note("shown", event.actor, f"{event.surface}: {event.state.value}", event.shown)
    return made


def films_of(events: Sequence[Event], began: float, results: Path) -> list[FilmRecord]:
    """Return the strips of pictures that were kept, with their paths relative to `results`."""
    return [
        FilmRecord(
            actor=event.actor,
            sheet=relative_path(event.sheet, results),
            texts=relative_path(event.texts, results),
            width=event.width,
            height=event.height,
            shown_s=[_after(began, shown) for shown in event.shown],
        )
        for event in events
        if isinstance(event, Filmed)
    ]


def relative_path(path: Path | None, results: Path) -> str | None:
    """Return a path relative to the folder of the results, with slashes; None for none."""
    return None if path is None else Path(os.path.relpath(path, results)).as_posix()


def rounded(seconds: float) -> float:
    """Return seconds to a tenth of a millisecond, which is finer than anything that is measured here."""
    return float(round(Decimal(seconds), 4))


def _after(began: float, within: Interval) -> Bounds:
    return Bounds(low=rounded(within.low - began), high=rounded(within.high - began))
