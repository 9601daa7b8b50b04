"""What is expected of one surface, and how one finds out whether it is there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar, Literal

from PIL import Image

from flutter_bridge import Box, Finder, Frame, Interval, Tree
from journeys.commits import CommitOf, Tap, tap
from journeys.expectations import Wording
from journeys.propagation.observation import Observation
from journeys.surface import Surface

Subject = Literal["picture", "semantics", "pixels"]


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

    `value` is what was asked for, `wanted` its name, and `wording` how a report puts it. `note` is called
    with every read of the app's semantics; `observe`, `prepare` and `observe_all` run in a worker thread.
    """

    subject: ClassVar[Subject]
    """What tells the old state from the new one: a `picture` that is recognised, the `semantics`, or any
    change of the `pixels`."""

    def __init__(self, surface: Surface, value: object, *, wanted: str, wording: Wording) -> None:
        self.surface = surface
        self.value = value
        self.finder: Finder = surface.finder_for(value)
        self.wanted = wanted
        self.wording = wording
        self.since: Tap | CommitOf | Expectation = tap if surface.key is None else CommitOf(surface.key)
        """What the budget runs from: an action, a commit, or the moment at which another one appeared."""
        self.after: Expectation | None = None
        """What must have appeared before it."""
        self.stays_s: float | None = None
        """For how long nothing may change; None where a change is waited for."""
        self.is_armed = False
        """Whether the control was taken: what is seen from now on may be the change."""
        self.doubt = ""
        """What keeps the last of `observe_all` from being judged; empty where nothing does."""

    @property
    @abstractmethod
    def is_on_screen(self) -> bool:
        """Whether the last read of the semantics found the surface."""

    @property
    def title(self) -> str:
        """What others call it: `alice's last message`."""
        return f"{self.surface.actor}'s {self.surface.name}"

    @property
    def announcement(self) -> Interval | None:
        """When the semantics began to say what they say last, if that is what is waited for."""
        return None

    @property
    def reservation(self) -> str:
        """What a change that appeared is not certified of; empty where there is no such thing."""
        return ""

    @abstractmethod
    def find_box(self, shown: Interval) -> Box | None:
        """Return the last place the surface had inside `shown`; None where it had none."""

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
