"""When people acted and when the backend committed, and which of these moments belong to a change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import reduce
from typing import TYPE_CHECKING, Protocol

from flutter_bridge import Interval

if TYPE_CHECKING:
    from journeys.propagation.expectation import Expectation


@dataclass(frozen=True, slots=True, kw_only=True)
class Commit:
    """A change became durable at a moment inside `committed`, on `flutter_bridge.now()`'s clock.

    `change` is what changed, in the backend's words: `avatar…` and `picture…` concern pictures, `name…` and
    `display_name…` concern names, `bio…` and `post…` neither, anything else both. `source` says how
    the moment is known.
    """

    change: str
    committed: Interval
    source: str

    def concerns(self, subject: str) -> bool:
        """Whether it may have changed a subject: `picture` or `name`."""
        change = self.change.removeprefix("profile.").lower()
        for prefixes, concerned in _SUBJECTS:
            if change.startswith(prefixes):
                return concerned == subject
        return True


_SUBJECTS = (
    (("avatar", "picture"), "picture"),
    (("name", "display_name"), "name"),
    (("bio", "post"), ""),
)


class Commits(Protocol):
    """A backend's reports of what it has committed."""

    def listen(self, person_id: str) -> AbstractAsyncContextManager[AsyncIterator[Commit]]:
        """Report a person's changes: all that are committed while the context is open."""
        ...


class Moments:
    """The actions and commits of one change."""

    def __init__(self) -> None:
        self._actions: list[Interval] = []
        self._commits: list[tuple[str, Commit]] = []

    def record_action(self, received: Interval) -> None:
        """Record that an app received an action within this interval."""
        self._actions.append(received)

    def record_commit(self, person_id: str, commit: Commit) -> None:
        """Record that a person's change became durable."""
        self._commits.append((person_id, commit))

    def commit(self, expectation: Expectation) -> Interval | None:
        """Return when the expected change was committed; None while nothing is reported.

        Where there were several it may be any of them, so the interval holds all.
        """
        moments = [
            commit.committed
            for person_id, commit in self._commits
            if person_id == expectation.surface.person_id and commit.concerns(expectation.subject)
        ]
        return reduce(Interval.hull, moments) if moments else None

    def tap(self, expectation: Expectation) -> Interval | None:
        """Return the last action that can have led to the change: the last one not after its commit."""
        commit = self.commit(expectation)
        before = (action for action in self._actions if commit is None or action.low <= commit.high)
        return max(before, key=lambda action: action.low, default=None)

    def begin(self, expectation: Expectation) -> float:
        """Return the moment from which on observations matter; minus infinity while nothing has happened."""
        known = [
            moment.low for moment in (self.tap(expectation), self.commit(expectation)) if moment is not None
        ]
        return min(known, default=float("-inf"))
