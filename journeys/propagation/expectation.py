"""What is expected of one surface, and how one finds out whether it is there."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import replace
from typing import ClassVar

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
