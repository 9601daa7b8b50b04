"""The matrix: every journey on every casting, with the time that each is expected to take."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

UNKNOWN = 15.0
"""Seconds that a journey is expected to take while no night has ever played one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A journey that was collected."""

    id: str
    name: str
    priority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One journey on one casting; `shard` counts from 1."""

    journey: Listed
    casting: str
    expected_s: float
    shard: int = 1

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.journey.id, self.casting


def matrix(
    journeys: Sequence[Listed], castings: Sequence[str], durations: Mapping[tuple[str, str], float]
) -> list[Cell]:
    """Return every journey on every casting.

    One that has no past on a casting is expected to take what it takes elsewhere, else what journeys take.
    """
    by_journey: dict[str, list[float]] = {}
    for (journey, _), seconds in durations.items():
        by_journey.setdefault(journey, []).append(seconds)
    elsewhere = {journey: statistics.median(seconds) for journey, seconds in by_journey.items()}
    usual = statistics.median(durations.values()) if durations else UNKNOWN
    return [
        Cell(
            journey=journey,
            casting=casting,
            expected_s=durations.get((journey.id, casting), elsewhere.get(journey.id, usual)),
        )
        for journey in journeys
        for casting in castings
    ]
