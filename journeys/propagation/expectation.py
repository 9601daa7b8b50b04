"""What is expected of one surface, how one finds out whether it is there, and the moments that led to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, replace
from functools import reduce
from typing import ClassVar, Protocol

from PIL import Image

from flutter_bridge import Box, Finder, Frame, Interval, Tree
from journeys.propagation.observation import Observation
from journeys.surface import Surface


class DecodedFrame:
    """A frame that is decoded when first asked for, once for all who ask; the frame itself stays small."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._own = replace(frame)

    def crop(self, box: Box) -> Image.Image:
        """Return the part of the frame that a box in logical pixels covers."""
        return self._own.crop(box)


class Expectation(ABC):
    """One change that is expected of one surface, at the node that `finder` finds.

    `wanted` is the name of what is waited for, and `what` how a report puts it. `note` is called with every
    read of the app's semantics; `observe`, `prepare` and `observe_all` run in a worker thread.
    """

    subject: ClassVar[str]
    """What kind of change it is: `picture` or `name`."""

    def __init__(self, surface: Surface, finder: Finder, *, wanted: str, what: str) -> None:
        self.surface = surface
        self.finder = finder
        self.wanted = wanted
        self.what = what
        self.doubt = ""
        """What keeps the last of `observe_all` from being judged; empty where nothing does."""

    @property
    @abstractmethod
    def is_on_screen(self) -> bool:
        """Whether the last read of the semantics found the surface."""

    @property
    def announcement(self) -> Interval | None:
        """When the semantics began to say what they say last, if that is what is waited for."""
        return None

    @property
    def reservation(self) -> str:
        """What a change that appeared is not certified of; empty where there is no such thing."""
        return ""

    @abstractmethod
    def note(self, read: Interval, tree: Tree) -> None:
        """Take in a read of the semantics."""

    @abstractmethod
    def observe(self, decoded: DecodedFrame) -> Observation | None:
        """Judge one frame, the newest, as far as it can be told by itself; None where it can't."""

    @abstractmethod
    def prepare(self, decoded: DecodedFrame) -> None:
        """Take from a frame what `observe_all` will need of it, unless that is known."""

    @abstractmethod
    def observe_all(self, frames: Sequence[Frame]) -> list[Observation]:
        """Judge frames, the first of them from before the action; those that are unclear are left out."""


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
