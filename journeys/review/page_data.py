"""What the page is drawn from: entries in groups of one likely cause, and where their pictures are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import Any

from journeys.review.decisions import Decision
from journeys.review.results import Entry
from journeys.snapshots import ChangedRegion, ScreenRecord, ScreenStatus

Address = Callable[[Entry, str], str]
"""Where the picture of an entry's side is: `actual`, `baseline`, `difference` or `film-0`."""

_REGIONS = 100
_FRAMES = 40
_NEW = "new screens"


def groups_of(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    """Return the entries' ids in groups of one likely cause, the largest first, single ones last."""
    together: dict[str, list[Entry]] = {}
    for entry in entries:
        together.setdefault(_cause(entry), []).append(entry)
    several = [each for each in together.values() if len(each) > 1]
    alone = [each[0] for each in together.values() if len(each) == 1]
    groups = [
        {
            "title": _group_title(each),
            "why": _group_why(each),
            "ids": [entry.id for entry in each],
            "one": True,
        }
        for each in sorted(several, key=len, reverse=True)
    ]
    if alone:
        title = "On their own" if groups else "All differences"
        groups.append({"title": title, "why": "", "ids": [entry.id for entry in alone], "one": False})
    return groups


def entry_data(entry: Entry, address: Address) -> dict[str, Any]:
    """Return what the page shows of an entry, but for its semantics and history."""
    record = entry.record
    sides: dict[str, Any] = {"actual": [address(entry, "actual"), *record.size]}
    if has_baseline(entry):
        sides["baseline"] = [address(entry, "baseline"), *(record.baseline_size or record.size)]
    if record.difference is not None:
        sides["difference"] = [address(entry, "difference"), *record.size]
    return {
        "id": entry.id,
        "title": title_of(entry),
        "journey": record.key.journey if record.key.target else "",
        "target": record.key.target,
        "theme": record.key.theme,
        "path": str(entry.path),
        "status": record.status.value,
        "actor": record.actor,
        "summary": record.summary,
        "problems": list(entry.problems),
        "sides": sides,
        "regions": [_region(region) for region in record.regions[:_REGIONS]],
        "more_regions": max(0, len(record.regions) - _REGIONS),
        "masks": [asdict(mask) for mask in record.masks[:_REGIONS]],
        "film": bool(record.film),
        "semantics": record.semantics is not None and record.baseline_semantics is not None,
    }


def film_data(entry: Entry, address: Address) -> list[dict[str, str]]:
    """Return the pictures of the journey around a screen, with what had been done."""
    return [
        {"title": frame.title, "url": address(entry, f"film-{number}")}
        for number, frame in enumerate(entry.record.film[:_FRAMES])
    ]


def decision_data(decision: Decision | None) -> dict[str, Any] | None:
    """Return what the page shows of a decision."""
    if decision is None:
        return None
    return {name: getattr(decision, name) for name in ("verdict", "note", "by", "at", "number")}


def has_baseline(entry: Entry) -> bool:
    """Whether there is a baseline's picture to show."""
    record = entry.record
    if record.status is ScreenStatus.NEW:
        return False
    return record.baseline is not None or entry.found is not None


def title_of(entry: Entry) -> str:
    """Return what a person calls a screen."""
    return entry.record.key.name


def _cause(entry: Entry) -> str:
    record = entry.record
    if record.cause:
        return f"cause {record.cause}"
    return _NEW if record.status is ScreenStatus.NEW else entry.id


def _group_title(entries: list[Entry]) -> str:
    if all(entry.record.status is ScreenStatus.NEW for entry in entries):
        return "New, without a baseline"
    reasons = [reason for entry in entries for reason in _reasons(entry.record)]
    if reasons:
        return reasons[0]
    return entries[0].record.summary or "Changed alike"


def _group_why(entries: list[Entry]) -> str:
    parts = [
        f"{len(found)} {name}s"
        for name, found in (
            ("screen", {(entry.record.key.journey, entry.record.key.name) for entry in entries}),
            ("target", {entry.record.key.target for entry in entries}),
            ("theme", {entry.record.key.theme for entry in entries}),
        )
        if len(found) > 1
    ]
    return " · ".join(parts)


def _reasons(record: ScreenRecord) -> list[str]:
    return [reason for region in record.regions for reason in region.reasons]


def _region(region: ChangedRegion) -> dict[str, Any]:
    return {
        **asdict(region.box),
        "pixels": region.pixels,
        "bits": region.hash_distance,
        "reasons": list(region.reasons),
    }
