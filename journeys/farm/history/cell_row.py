"""A cell of a night as the database has it."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from journeys.farm.night_record import AttemptRecord, CellRecord
from journeys.report.record import JourneyRecord

LETTERS = {"passed": "p", "failed": "f", "inconclusive": "i", "error": "e", "not run": "n"}
"""How an outcome is written in one letter."""

NOT_RUN = LETTERS["not run"]
SPOILED = "x"
"""The letter of a try that the infrastructure spoiled."""


class CellRow(NamedTuple):
    """The columns of the table `cells` but the night's number, in their order."""

    journey: str
    casting: str
    name: str
    priority: str
    outcome: str
    tries: str
    duration_s: float | None
    step_titles: list[str]
    step_s: list[float]
    look_surfaces: list[str]
    look_targets: list[str]
    look_budgets_s: list[float]
    look_lows_s: list[float]
    look_highs_s: list[float]


def cell_rows(cells: Iterable[CellRecord]) -> dict[tuple[str, str], CellRow]:
    """Return the cells' rows by (journey, casting)."""
    rows = map(_row, cells)
    return {(row.journey, row.casting): row for row in rows}


def storable(text: str) -> str:
    """Return a text as PostgreSQL takes it: a title that holds NUL or half a character loses no night."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "\ufffd")


def _row(cell: CellRecord) -> CellRow:
    attempts = [attempt for attempt in cell["attempts"] if attempt["status"] != "not run"]
    last = attempts[-1] if attempts else None
    record = None if last is None or _spoiled(last) else last["record"]
    looks = _looks(record)
    steps = [step for step in record["steps"] if step["depth"] == 0] if record is not None else []
    return CellRow(
        journey=storable(cell["journey"]),
        casting=storable(cell["casting"]),
        name=storable(cell["name"]),
        priority=storable(cell["priority"]),
        outcome=LETTERS[cell["status"]],
        tries="".join(_letter(attempt) for attempt in attempts),
        duration_s=None if last is None or _spoiled(last) else last["duration_s"],
        step_titles=[storable(step["title"]) for step in steps],
        step_s=[step["duration_s"] for step in steps],
        look_surfaces=[storable(look[0]) for look in looks],
        look_targets=[storable(look[1]) for look in looks],
        look_budgets_s=[look[2] for look in looks],
        look_lows_s=[look[3] for look in looks],
        look_highs_s=[look[4] for look in looks],
    )


def _spoiled(attempt: AttemptRecord) -> bool:
    return attempt["cause"] == "infrastructure"


def _letter(attempt: AttemptRecord) -> str:
    return SPOILED if _spoiled(attempt) else LETTERS.get(attempt["status"], "e")


def _looks(record: JourneyRecord | None) -> list[tuple[str, str, float, float, float]]:
    looks = []
    for surface in record["surfaces"] if record is not None else ():
        bounds = surface["commit_to_visible_s"]
        if bounds is None and surface["verdict"] == "error":
            # An observer who could certify nothing says nothing of how long it took.
            continue
        # Leaving out what was never seen would make a slow app look fast.
        low, high = (bounds["low"], bounds["high"]) if bounds is not None else (0.0, inf)
        looks.append((surface["surface"], surface["target"], surface["budget_s"], low, high))
    return looks
