"""The matrix of a night: every journey on every casting, and how its entries are packed into shards.

The longest entry goes to the shard that has least to do: never worse than 4/3 of the best packing. The same
entries and times give the same shards wherever it is done, as each shard does it for itself.
"""

from __future__ import annotations

import heapq
import statistics
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

UNKNOWN_DURATION_S = 15.0
"""What a journey is expected to take while no night has ever played one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedJourney:
    """A journey that was collected."""

    id: str
    name: str
    priority: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MatrixEntry:
    """One journey on one casting; `shard` counts from 1."""

    journey: ListedJourney
    casting: str
    expected_s: float
    shard: int = 1

    @property
    def key(self) -> tuple[str, str]:
        """What tells it from all others."""
        return self.journey.id, self.casting


def build_matrix(
    journeys: Sequence[ListedJourney], castings: Sequence[str], durations: Mapping[tuple[str, str], float]
) -> list[MatrixEntry]:
    """Return every journey on every casting.

    One that has no past on a casting is expected to take what it takes elsewhere, else what journeys take.
    """
    by_journey: dict[str, list[float]] = {}
    for (journey, _), seconds in durations.items():
        by_journey.setdefault(journey, []).append(seconds)
    elsewhere = {journey: statistics.median(seconds) for journey, seconds in by_journey.items()}
    usual = statistics.median(durations.values()) if durations else UNKNOWN_DURATION_S
    return [
        MatrixEntry(
            journey=journey,
            casting=casting,
            expected_s=durations.get((journey.id, casting), elsewhere.get(journey.id, usual)),
        )
        for journey in journeys
        for casting in castings
    ]


def pack(entries: Iterable[MatrixEntry], shards: int) -> list[list[MatrixEntry]]:
    """Return the entries of each shard, those that take longest first."""
    # Equals go by name: the order of collection is no promise.
    ordered = sorted(entries, key=lambda entry: (-entry.expected_s, entry.key))
    loads = [(0.0, number) for number in range(shards)]
    filled: list[list[MatrixEntry]] = [[] for _ in range(shards)]
    for entry in ordered:
        load, number = heapq.heappop(loads)
        filled[number].append(replace(entry, shard=number + 1))
        heapq.heappush(loads, (load + entry.expected_s, number))
    return filled


def wall_time(seconds: Iterable[float], workers: int) -> float:
    """Return how long so many workers are expected to take that take one after the other, in this order."""
    free = [0.0] * workers
    for each in seconds:
        heapq.heapreplace(free, free[0] + each)
    return max(free)
