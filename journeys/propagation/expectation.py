"""What is expected of one surface, how one finds out whether it is there, and the moments that led to it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import ClassVar

from PIL import Image

from flutter_bridge import Box, Finder, Frame, Interval, Tree
from journeys.commits import Commit
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

    `value` is what was asked for, `wanted` its name, and `what` how a report puts it. `note` is called with
    every read of the app's semantics; `observe`, `prepare` and `observe_all` run in a worker thread.
    """

    subject: ClassVar[str]
    """What kind of change it is: `picture` or `name`."""

    def __init__(self, surface: Surface, value: object, *, wanted: str, what: str) -> None:
        self.surface = surface
        self.value = value
        self.finder: Finder = surface.finder_for(value)
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
        surface = expectation.surface
        moments = [
            commit.committed
            for key, commit in self._commits
            if key == surface.key and surface.is_changed_by(commit, expectation.value)
        ]
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
