"""How much may be asked of a measurement: how many runs, and how many people who look on."""

from __future__ import annotations

from typing import Final

from journeys.errors import UsageError

MOST_RUNS: Final = 10_000
MOST_OBSERVERS: Final = 32
DEFAULT_OBSERVERS: Final = 2


def check_repeat(number: int, *, option: str) -> None:
    """Refuse a number of runs that can't be."""
    if not 1 <= number <= MOST_RUNS:
        raise UsageError(f"{option} {number}: a journey is run from 1 to {MOST_RUNS} times")


def check_observers(number: int, *, option: str) -> None:
    """Refuse a number of observers that can't be: each has a browser context of their own."""
    if not 1 <= number <= MOST_OBSERVERS:
        raise UsageError(f"{option} {number}: from 1 to {MOST_OBSERVERS} people can look on")
