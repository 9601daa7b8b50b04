"""What came of the faults of a run: what people saw, how soon all was well again, and what was lost."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from math import ceil, floor
from pathlib import Path
from typing import TypedDict

from journeys.report.moments import Bounds, Seconds, relative_path
from journeys.timeline import DataChecked, Event, FaultStarted, Noticed, Recovered


class NoticedRecord(TypedDict):
    """What an app told someone of a fault, and a picture of their screen then."""

    actor: str
    words: str
    picture: str | None


class RecoveredRecord(TypedDict):
    """What was well again, so many seconds after the fault's end, and how many were allowed."""

    what: str
    took_s: Bounds
    within_s: Seconds


class ChaosRecord(TypedDict):
    """What went wrong on purpose in a journey, and what came of it; `lost` is what didn't outlive it."""

    faults: list[str]
    noticed: list[NoticedRecord]
    recovered: list[RecoveredRecord]
    kept: list[str]
    lost: list[str]


def chaos_of(events: Iterable[Event], results: Path) -> ChaosRecord | None:
    """Return what came of a journey's faults; None where it had none."""
    record = ChaosRecord(faults=[], noticed=[], recovered=[], kept=[], lost=[])
    for event in events:
        match event:
            case FaultStarted():
                record["faults"].append(event.fault)
            case Noticed():
                picture = None if event.picture is None else relative_path(event.picture, results)
                record["noticed"].append(NoticedRecord(actor=event.actor, words=event.words, picture=picture))
            case Recovered():
                # Outwards, so that the report never claims more than was measured.
                low, high = floor(event.took.low * 1000) / 1000, ceil(event.took.high * 1000) / 1000
                took = Bounds(low=low, high=high)
                record["recovered"].append(
                    RecoveredRecord(what=event.what, took_s=took, within_s=event.within_s)
                )
            case DataChecked():
                record["kept" if event.is_kept else "lost"].append(event.what)
    return record if record["faults"] else None


CHAOS_HEADER = ("fault", "what the person saw", "recovered after", "data lost", "verdict")


def chaos_rows(journeys: Sequence[tuple[str, ChaosRecord]]) -> list[tuple[str, ...]]:
    """Return a row of `CHAOS_HEADER` for each journey with faults, given with its status."""
    return [
        (
            "; ".join(dict.fromkeys(record["faults"])),
            "; ".join(each["words"] for each in record["noticed"]) or "—",
            "; ".join(_format_seconds(each["took_s"]) for each in record["recovered"]) or "—",
            "; ".join(record["lost"]) or ("nothing" if record["kept"] else "—"),
            status,
        )
        for status, record in journeys
    ]


def _format_seconds(took: Bounds) -> str:
    return f"{took['low']:.3f}–{took['high']:.3f} s"
