"""Watches one surface for one change: a picture by the pixels, a name by the semantics."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from PIL import Image

from flutter_bridge import Box, Finder, Frame, Interval, Node, Tree
from journeys.propagation.boxes import BoxTrack
from journeys.propagation.sighting import Sighting
from journeys.propagation.watched import Recogniser, Watched
from journeys.timeline import Sight

if TYPE_CHECKING:
    from journeys.pictures import Picture


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

    `note` is called with every read of the app's semantics; `look` and `sightings` run in a worker thread.
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

    def note(self, read: Interval, tree: Tree, *, before: Frame | None, after: Frame | None) -> None:
        """Take in a read of the semantics, and the newest frames when it began and when it ended."""
        ...

    def look(self, screen: Screen) -> None:
        """Judge one frame, if this watch goes by frames and does not know it yet."""
        ...

    def sightings(self, frames: Sequence[Frame], *, since: float) -> list[Sighting]:
        """Return the looks from `since` on, and the one before; `frames` are those of that time."""
        ...


@dataclass(frozen=True, slots=True)
class _Look:
    sight: Sight
    distance: int | None = None
    reason: str = ""


_NOT_ON_SCREEN = _Look(Sight.ABSENT, None, "it was not on screen")


class PictureWatch:
    """Looks for a picture in the frames of a surface's app, at the place the semantics tell.

    Where the surface moved between two reads, a frame is judged at both places: it shows the new picture if
    one place does and none shows the old one, and the other way round. What stays unclear says nothing, and
    is left out; so are the frames of a time in which the surface went away or came.
    """

    subject = "picture"
    what = "the new picture"

    def __init__(self, on: Watched, picture: Picture, *, recogniser: Recogniser) -> None:
        self.on = on
        self.finder = on.picture_finder
        self.wanted = picture.name
        self._new = picture
        self._old = on.current_picture
        self._recogniser = recogniser
        self._track = BoxTrack()
        self._by_bytes: dict[tuple[bytes, Box], _Look] = {}
        self._by_crop: dict[bytes, _Look] = {}

    @property
    def on_screen(self) -> bool:
        """Whether the last read of the semantics found the surface."""
        return self._track.latest is not None

    def note(self, read: Interval, tree: Tree, *, before: Frame | None, after: Frame | None) -> None:  # noqa: ARG002 - it judges every frame, so none needs to be handed to it
        """Note where the surface is."""
        node = self.finder.first_in(tree)
        self._track.note(read, None if node is None or not node.visible or node.box.empty else node.box)

    def look(self, screen: Screen) -> None:
        """Judge a frame at every place where the surface may have been."""
        for box in self._track.candidates(screen.frame.shown):
            self._look_at(screen, box)

    def sightings(self, frames: Sequence[Frame], *, since: float) -> list[Sighting]:  # noqa: ARG002 - the frames are of that time
        """Return what each frame shows, without those that leave it unclear."""
        found = [seen for frame in frames if (seen := self._sighting(frame)) is not None]
        gone = self._track.gone
        if gone is not None:
            found.append(Sighting(shown=gone, sight=Sight.ABSENT, reason=_NOT_ON_SCREEN.reason))
        return found

    def _sighting(self, frame: Frame) -> Sighting | None:
        screen = Screen(frame)
        looks = [self._look_at(screen, box) for box in self._track.candidates(frame.shown)]
        decided = _agreed(looks)
        if decided is None:
            return None
        return Sighting(
            shown=frame.shown,
            sight=decided.sight,
            number=frame.number,
            distance=decided.distance,
            frame=frame,
            reason=decided.reason,
        )

    def _look_at(self, screen: Screen, box: Box | None) -> _Look:
        if box is None:
            return _NOT_ON_SCREEN
        key = screen.frame.encoded, box
        if key not in self._by_bytes:
            self._by_bytes[key] = self._recognise(screen.crop(box))
        return self._by_bytes[key]

    def _recognise(self, crop: Image.Image) -> _Look:
        """Recognise a crop, unless its very pixels have been judged before."""
        if not crop.width or not crop.height:
            return _NOT_ON_SCREEN
        key = hashlib.blake2b(crop.tobytes(), digest_size=16, salt=crop.width.to_bytes(4)).digest()
        if key not in self._by_crop:
            self._by_crop[key] = self._compare(crop)
        return self._by_crop[key]

    def _compare(self, crop: Image.Image) -> _Look:
        new = self._recogniser.recognise(crop, self._new)
        old = self._recogniser.recognise(crop, self._old)
        if new.same and old.same:
            return _Look(
                Sight.OTHER, new.distance, "the old picture and the new one can't be told apart in it"
            )
        if new.same:
            return _Look(Sight.NEW, new.distance)
        if old.same:
            return _Look(Sight.OLD, new.distance)
        return _Look(
            Sight.OTHER, new.distance, f"not the new one: {new.reason}; not the old one: {old.reason}"
        )


def _agreed(looks: Sequence[_Look]) -> _Look | None:
    """Return what looks at several possible places come to; None where that is unclear."""
    if len(looks) == 1:
        return looks[0]
    sights = {look.sight for look in looks}
    if Sight.ABSENT in sights or {Sight.NEW, Sight.OLD} <= sights:
        return None
    return next((look for look in looks if look.sight in {Sight.NEW, Sight.OLD}), None)


class TextWatch:
    """Reads a name from the semantics of a surface's app.

    A read took place somewhere between its beginning and its end, so a name that is new in one read and old
    in the one before appeared between the beginning of that one and the end of this one.
    """

    subject = "name"

    def __init__(self, on: Watched, name: str) -> None:
        self.on = on
        self.finder = on.name_finder
        self.wanted = name
        self.what = f"the name “{name}”"
        self._old = on.current_name
        self._looks: list[Sighting] = []

    @property
    def on_screen(self) -> bool:
        """Whether the last read of the semantics found the surface."""
        return bool(self._looks) and self._looks[-1].sight is not Sight.ABSENT

    def note(self, read: Interval, tree: Tree, *, before: Frame | None, after: Frame | None) -> None:
        """Read the name; the frame kept with it shows it at the latest by then, or still the old one."""
        node = self.finder.first_in(tree)
        if node is None or not node.visible:
            sight, reason = Sight.ABSENT, _NOT_ON_SCREEN.reason
        else:
            said = _text_of(node)
            sight = read_name(said, new=self.wanted, old=self._old)
            reason = f"it said {said!r}" if sight is Sight.OTHER else ""
        self._looks.append(
            Sighting(
                shown=read,
                sight=sight,
                number=len(self._looks),
                frame=after if sight is Sight.NEW else before,
                reason=reason,
            )
        )

    def look(self, screen: Screen) -> None:
        """Pass: a name is read, not seen."""

    def sightings(self, frames: Sequence[Frame], *, since: float) -> list[Sighting]:  # noqa: ARG002 - a name is read, not seen
        """Return what was read from `since` on, and once before."""
        looks = tuple(self._looks)
        start = len(looks)
        while start and looks[start - 1].shown.high >= since:
            start -= 1
        return list(looks[max(0, start - 1) :])


def read_name(said: str, *, new: str, old: str) -> Sight:
    """Say which of two names a text shows: as a whole line, else as whole words, the longer name first."""
    lines = {line.strip() for line in said.splitlines()}
    names = sorted(((new, Sight.NEW), (old, Sight.OLD)), key=lambda name: -len(name[0]))
    for name, sight in names:
        if name in lines:
            return sight
    for name, sight in names:
        if name and re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said):
            return sight
    return Sight.OTHER


def _text_of(node: Node) -> str:
    return "\n".join(part.text for part in node.walk() if part.text)
