"""The actions and commits of one change: which of them led to what is expected of a surface."""

from __future__ import annotations

from functools import reduce

from flutter_bridge import Interval
from journeys.commits import Commit, CommitOf
from journeys.propagation.expectation import Expectation


class Moments:
    """The actions and commits of one change."""

    def __init__(self) -> None:
        self._actions: list[tuple[Interval, object]] = []
        self._commits: list[tuple[str, Commit]] = []

    def record_action(self, received: Interval, *, step: object = None) -> None:
        """Record that an app received an action within this interval, in a step of the journey."""
        self._actions.append((received, step))

    def record_commit(self, key: str, commit: Commit) -> None:
        """Record that a change about a key became durable."""
        self._commits.append((key, commit))

    def commit(self, expectation: Expectation) -> Interval | None:
        """Return when the expected change was committed; None while nothing is reported.

        Where there were several it may be any of them, so the interval holds all.
        """
        moments = [commit.committed for key, commit in self._commits if _led_to(expectation, key, commit)]
        return reduce(Interval.hull, moments) if moments else None

    def tap(self, expectation: Expectation) -> Interval | None:
        """Return the action that led to the change.

        With a commit that is the last one not after it. Without, it is the last one of a step, as typing
        comes before sending; of several steps it may be any, so the interval holds the last ones of all.
        """
        commit = self.commit(expectation)
        if commit is not None:
            before = (action for action, _ in self._actions if action.low <= commit.high)
            return max(before, key=lambda action: action.low, default=None)
        last: dict[object, Interval] = {}
        for action, step in self._actions:
            last[step or action] = action
        return reduce(Interval.hull, last.values()) if last else None

    def begin(self, expectation: Expectation) -> float:
        """Return the moment from which on observations matter; minus infinity while nothing has happened."""
        known = [
            moment.low for moment in (self.tap(expectation), self.commit(expectation)) if moment is not None
        ]
        return min(known, default=float("-inf"))


def _led_to(expectation: Expectation, key: str, commit: Commit) -> bool:
    """Whether a commit about a key may have led to what is expected."""
    since, surface = expectation.since, expectation.surface
    if isinstance(since, CommitOf) and since.change:
        return (key, commit.change) == (since.key, since.change)
    return key == surface.key and surface.is_changed_by(commit, expectation.value)
