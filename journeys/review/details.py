"""What is fetched of an entry once somebody looks at it: what it said, and its baseline's history."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from journeys.review.baseline_file import earlier_of, place_of
from journeys.review.errors import Refused
from journeys.review.history import history_of
from journeys.review.limits import TREE
from journeys.review.pictures import inside, read_inside
from journeys.review.results import Entry, Results
from journeys.review.semantics_changes import semantics_changes


def semantics_data(results: Results, entry: Entry) -> dict[str, Any]:
    """Return what a screen says otherwise: `changes`, `same`, and `missing`, a line where it isn't known."""
    record = entry.record
    if record.semantics is None or record.baseline_semantics is None:
        return {"changes": [], "same": 0, "missing": "What one side said isn't known."}
    try:
        before = read_inside(results.folder, record.baseline_semantics, largest=TREE)
        after = read_inside(results.folder, record.semantics, largest=TREE)
        found = semantics_changes(before, after)
    except Refused as error:
        return {"changes": [], "same": 0, "missing": str(error)}
    return {"changes": [asdict(each) for each in found.changes], "same": found.same, "missing": ""}


def history_data(results: Results, entry: Entry) -> dict[str, Any]:
    """Return the versions of a baseline, the newest first, and `missing`, a line where there are none."""
    try:
        return asdict(history_of(place_of(results, entry)))
    except Refused as error:
        return {"versions": [], "missing": str(error)}


def picture_path(results: Results, entry: Entry, side: str) -> Path:
    """Return the file of an entry's picture; raises `Refused` where there is none of that name."""
    record = entry.record
    named = {"actual": record.actual, "baseline": record.baseline, "difference": record.difference}
    named |= {f"film-{number}": frame.picture for number, frame in enumerate(record.film)}
    relative = named.get(side)
    if relative is not None:
        return inside(results.folder, relative)
    if side == "baseline":
        # A comparison of reg-cli's keeps no copy: an approval does.
        kept = earlier_of(results, entry)
        return kept if kept.exists() else place_of(results, entry)
    raise Refused(f"this screen has no picture called {side!r:.80}")
