"""The longest cell goes to the shard that has least to do: never worse than 4/3 of the best packing.

The same cells and times give the same shards wherever it is done, as each shard does it for itself.
"""

from __future__ import annotations

import heapq
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import replace

from journeys.farm.night import Cell


def packed(cells: Iterable[Cell], shards: int) -> list[list[Cell]]:
    """Return the cells of each shard, those that take longest first."""
    # Equals go by name: the order of collection is no promise.
    ordered = sorted(cells, key=lambda cell: (-cell.expected_s, cell.key))
    loads = [(0.0, number) for number in range(shards)]
    filled: list[list[Cell]] = [[] for _ in range(shards)]
    for cell in ordered:
        load, number = heapq.heappop(loads)
        filled[number].append(replace(cell, shard=number + 1))
        heapq.heappush(loads, (load + cell.expected_s, number))
    return filled


def wall(seconds: Iterable[float], workers: int) -> float:
    """Return how long so many workers are expected to take that take one after the other, in this order."""
    free = [0.0] * workers
    for each in seconds:
        heapq.heapreplace(free, free[0] + each)
    return max(free)


def packing_ratio(shards: Sequence[Sequence[Cell]]) -> float:
    """Return what the longest shard takes, over what a shard takes on average: 1 is best."""
    loads = [sum(cell.expected_s for cell in shard) for shard in shards]
    mean = statistics.fmean(loads)
    return max(loads) / mean if mean else 1.0
