"""What reads of the semantics found, and when it may have been so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from flutter_bridge import Interval

# Semantics and pixels of one change need not arrive in the same frame.
_SLACK = 0.1

T = TypeVar("T")


@dataclass(slots=True)
class Stay(Generic[T]):
    """One state, over all the reads in a row that found it."""

    state: T
    first: Interval
    last: Interval


class Track(Generic[T]):
    """The states that reads found, which took some time each and left gaps between them.

    States that are `alike` count as the same.
    """

    def __init__(self, alike: Callable[[T, T], bool]) -> None:
        self._alike = alike
        self._stays: list[Stay[T]] = []

    def note(self, read: Interval, state: T) -> None:
        """Record what a read, which took place within `read`, found."""
        if self._stays and self._alike(self._stays[-1].state, state):
            self._stays[-1].last = read
        else:
            self._stays.append(Stay(state, read, read))

    @property
    def stays(self) -> tuple[Stay[T], ...]:
        """All there was so far, oldest first."""
        return tuple(self._stays)

    def candidates(self, shown: Interval) -> list[T]:
        """Return every state that there may have been at some moment inside `shown`.

        A state counts from the last read that found another one until the next read that did.
        """
        stays = self.stays
        found: list[T] = []
        for index, stay in enumerate(stays):
            begun = stays[index - 1].last.low if index else float("-inf")
            ended = stays[index + 1].first.high if index + 1 < len(stays) else float("inf")
            if begun - _SLACK <= shown.high and shown.low <= ended + _SLACK:
                found.append(stay.state)
        return found
