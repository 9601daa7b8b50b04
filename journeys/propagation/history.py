"""What reads of an app's semantics found of a surface, and when: the boxes it had, what it said."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Generic, TypeVar

from flutter_bridge import Box, Interval
from journeys.timeline import SurfaceState

_SLACK_S = 0.1
"""Semantics and pixels of one change need not arrive in the same frame."""
_TOLERANCE_PX = 0.25
"""A box that moved by less lands on the same pixels."""

T = TypeVar("T")


@dataclass(slots=True)
class Period(Generic[T]):
    """One state, over all the reads in a row that found it."""

    state: T
    first: Interval
    last: Interval


class StateHistory(Generic[T]):
    """The states that reads found, which took some time each and left gaps between them.

    States that are `alike` count as the same.
    """

    def __init__(self, alike: Callable[[T, T], bool]) -> None:
        self._alike = alike
        self._periods: list[Period[T]] = []

    def note(self, read: Interval, state: T) -> None:
        """Record what a read, which took place within `read`, found."""
        if self._periods and self._alike(self._periods[-1].state, state):
            self._periods[-1].last = read
        else:
            self._periods.append(Period(state, read, read))

    @property
    def periods(self) -> tuple[Period[T], ...]:
        """All there was so far, oldest first."""
        return tuple(self._periods)

    @property
    def latest(self) -> T | None:
        """What was found last; None where nothing was read yet."""
        return self._periods[-1].state if self._periods else None

    def candidates(self, shown: Interval) -> list[T]:
        """Return every state that there may have been at some moment inside `shown`.

        A state counts from the last read that found another one until the next read that did.
        """
        periods = self.periods
        found: list[T] = []
        for index, period in enumerate(periods):
            begun = periods[index - 1].last.low if index else float("-inf")
            ended = periods[index + 1].first.high if index + 1 < len(periods) else float("inf")
            if begun - _SLACK_S <= shown.high and shown.low <= ended + _SLACK_S:
                found.append(period.state)
        return found

    def candidates_since(self, shown: Interval) -> list[T]:
        """Return every state that there may have been inside `shown` or later."""
        return self.candidates(Interval(shown.low, float("inf")))


class BoxHistory(StateHistory[Box | None]):
    """The boxes a surface had; None where it was not on screen."""

    def __init__(self) -> None:
        super().__init__(is_same_place)

    def last_at(self, shown: Interval) -> Box | None:
        """Return the last box it may have had at some moment inside `shown`."""
        return next((box for box in reversed(self.candidates(shown)) if box is not None), None)

    @property
    def absence(self) -> Interval | None:
        """The last read, if it did not find the surface on screen."""
        return self._periods[-1].last if self._periods and self._periods[-1].state is None else None


@dataclass(frozen=True, slots=True)
class Label:
    """What a read of the semantics says: old or new, and in which boxes; `reason` says what else."""

    state: SurfaceState
    boxes: tuple[Box, ...] = ()
    reason: str = ""

    @property
    def box(self) -> Box | None:
        """The first of its boxes; None where it has none."""
        return self.boxes[0] if self.boxes else None

    def is_at(self, boxes: Sequence[Box]) -> bool:
        """Whether its boxes lie on the same pixels as these."""
        return len(self.boxes) == len(boxes) and all(map(is_same_place, self.boxes, boxes))


class LabelHistory(StateHistory[Label]):
    """What the semantics said of something that is to change from old to new."""

    def __init__(self) -> None:
        super().__init__(_is_alike)

    @property
    def lasting_periods(self) -> list[Period[Label]]:
        """The periods at the end that say the new one, oldest first."""
        run = takewhile(lambda period: period.state.state is SurfaceState.NEW, reversed(self._periods))
        return list(run)[::-1]

    @property
    def announcement(self) -> Interval | None:
        """When the semantics began to say the new one they say still; None where they don't."""
        run = self.lasting_periods
        if not run or len(run) == len(self._periods):
            return None
        before = self._periods[-len(run) - 1]
        return Interval(min(before.last.low, run[0].first.high), run[0].first.high)


def is_same_place(one: Box | None, other: Box | None) -> bool:
    """Whether two boxes lie on the same pixels."""
    if one is None or other is None:
        return one is other
    edges = zip(
        (one.left, one.top, one.right, one.bottom),
        (other.left, other.top, other.right, other.bottom),
        strict=True,
    )
    return all(abs(a - b) < _TOLERANCE_PX for a, b in edges)


def _is_alike(one: Label, other: Label) -> bool:
    return one.state is other.state and one.reason == other.reason and one.is_at(other.boxes)
