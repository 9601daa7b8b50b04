"""What it takes to watch one surface for one change: the screen it is looked for on, and the looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol

from PIL import Image

from flutter_bridge import Box, Finder, Frame, Interval, Tree
from journeys.propagation.sighting import Sighting
from journeys.propagation.watched import Watched

NOT_ON_SCREEN = "it was not on screen"


class Screen:
    """A frame that is decoded when first asked for, once for all who ask; the frame itself stays small."""

    def __init__(self, frame: Frame) -> None:
        self.frame = frame
        self._own = replace(frame)

    def crop(self, box: Box) -> Image.Image:
        """Return the part of the frame that a box in logical pixels covers."""
        return self._own.crop(box)


class Watch(Protocol):
    """One surface that is watched for one change.

    `note` is called with every read of the app's semantics; `glance`, `look` and `sightings` run in a worker
    thread.
    """

    @property
    def on(self) -> Watched:
        """The surface."""
        ...

    @property
    def subject(self) -> str:
        """What kind of change it is: `picture` or `name`."""
        ...

    @property
    def what(self) -> str:
        """What is waited for, as a report says it."""
        ...

    @property
    def wanted(self) -> str:
        """The name of what is waited for."""
        ...

    @property
    def finder(self) -> Finder:
        """The node that shows it."""
        ...

    @property
    def on_screen(self) -> bool:
        """Whether the last read of the semantics found the surface."""
        ...

    @property
    def said(self) -> Interval | None:
        """When the semantics began to say what they say last, if that is what is waited for."""
        ...

    @property
    def doubt(self) -> str:
        """What keeps the last `sightings` from being judged; empty where nothing does."""
        ...

    @property
    def reservation(self) -> str:
        """What a change that appeared is not certified of; empty where there is no such thing."""
        ...

    def note(self, read: Interval, tree: Tree) -> None:
        """Take in a read of the semantics."""
        ...

    def glance(self, screen: Screen) -> Sighting | None:
        """Say what one frame, the newest, shows as far as it can be told by itself; None where it can't."""
        ...

    def look(self, screen: Screen) -> None:
        """Take from a frame what `sightings` will need of it, unless that is known."""
        ...

    def sightings(self, frames: Sequence[Frame]) -> list[Sighting]:
        """Return what each frame shows, without those that leave it unclear.

        The first frame is from before the action.
        """
        ...
