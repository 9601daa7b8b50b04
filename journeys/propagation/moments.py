"""Collects when people acted and when the backend committed, and says which of these belong to a change."""

from __future__ import annotations

from flutter_bridge import Interval
from journeys.propagation.commits import Commit
from journeys.propagation.watch import Watch


class Moments:
    """The actions and commits of one watched change."""

    def __init__(self) -> None:
        self._acts: list[Interval] = []
        self._commits: list[tuple[str, Commit]] = []

    def acted(self, received: Interval) -> None:
        """Note that an app received an action within this interval."""
        self._acts.append(received)

    def committed(self, person_id: str, commit: Commit) -> None:
        """Note that a person's change became durable."""
        self._commits.append((person_id, commit))

    def commit(self, watch: Watch) -> Interval | None:
        """Return when the change behind a watch was committed; None while nothing is reported.

        Where there were several it may be any of them, so the interval holds all.
        """
        moments = [
            commit.committed
            for person_id, commit in self._commits
            if person_id == watch.on.person_id and commit.concerns(watch.subject)
        ]
        found: Interval | None = None
        for moment in moments:
            found = moment if found is None else found.hull(moment)
        return found

    def tap(self, watch: Watch) -> Interval | None:
        """Return the last action that can have led to the change: the last one not after its commit."""
        commit = self.commit(watch)
        before = (act for act in self._acts if commit is None or act.low <= commit.high)
        return max(before, key=lambda act: act.low, default=None)

    def begin(self, watch: Watch) -> float:
        """Return the moment from which on looks matter; minus infinity while nothing has happened."""
        known = [moment.low for moment in (self.tap(watch), self.commit(watch)) if moment is not None]
        return min(known, default=float("-inf"))
