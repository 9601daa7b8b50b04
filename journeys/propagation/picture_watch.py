"""Watches one surface for a picture, by the pixels of every frame."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PIL import Image

from flutter_bridge import Box, Frame, Interval, Tree
from journeys.propagation.boxes import BoxTrack
from journeys.propagation.sighting import Sighting
from journeys.propagation.watch import NOT_ON_SCREEN, Screen
from journeys.propagation.watched import Recogniser, Recognition, Watched
from journeys.timeline import Sight

if TYPE_CHECKING:
    from journeys.pictures import Overlay, Picture


@dataclass(frozen=True, slots=True)
class _Look:
    sight: Sight
    distance: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class _Judged:
    """What a frame shows at the surface's place; uncertain where the surface may not have been there."""

    look: _Look | None
    certain: bool
    shows_new: bool


_NOT_ON_SCREEN = _Look(Sight.ABSENT, None, NOT_ON_SCREEN)


class PictureWatch:
    """Looks for a picture in the frames of a surface's app, at the place the semantics tell.

    Where the surface moved between two reads, a frame is judged at both places: it shows the new picture if
    one place does and none shows the old one, and the other way round. What stays unclear says nothing, and
    is left out.

    At a time in which the surface went away or came, what is at its place may be something else: a file
    picker's thumbnail, a preview, the next page. Such a frame counts in two cases. The old picture counts as
    long as no frame showed the new one at a place: whether the surface is there or gone, it doesn't show the
    new picture. Later it could be taken for a relapse of a surface that is gone. The new picture counts where
    the place looks the same, pixel for pixel, in every frame from then until it is certain that the surface
    is there: nobody who looks could tell the two apart. A picker's thumbnail or a preview that only resembles
    it doesn't pass for it, and neither does what a page leaves behind that goes away.

    What the app draws over the picture is learnt at the first glance at which the old picture is recognised:
    it lies where that one doesn't explain the pixels. From then on it is left out.
    """

    subject = "picture"
    what = "the new picture"
    said = None
    doubt = ""

    def __init__(self, on: Watched, picture: Picture, *, recogniser: Recogniser) -> None:
        self.on = on
        self.finder = on.picture_finder
        self.wanted = picture.name
        self._new = picture
        self._old = on.current_picture
        self._recogniser = recogniser
        self._overlay: Overlay | None = None
        self._old_recognised = False
        self._left_out = 0.0
        self._uncertain = ""
        self._track = BoxTrack()
        self._by_bytes: dict[tuple[bytes, Box], _Look] = {}
        self._by_crop: dict[bytes, _Look] = {}

    @property
    def on_screen(self) -> bool:
        """Whether the last read of the semantics found the surface."""
        return self._track.latest is not None

    @property
    def reservation(self) -> str:
        """What is not certified of the new picture: what is covered of it, or that it is this very one."""
        covered = f"{self._left_out:.0%} of it is covered and was not judged" if self._left_out else ""
        return "; ".join(filter(None, (self._uncertain, covered)))

    def note(self, read: Interval, tree: Tree) -> None:
        """Note where the surface is."""
        node = self.finder.first_in(tree)
        self._track.note(read, None if node is None or not node.visible or node.box.empty else node.box)

    def glance(self, screen: Screen) -> Sighting | None:
        """Judge the newest frame by itself."""
        if self._track.gone is not None:
            return Sighting(shown=self._track.gone, sight=Sight.ABSENT, reason=NOT_ON_SCREEN)
        judged = self._judge(screen)
        if not judged.certain or judged.look is None:
            return None
        look = judged.look
        if not self._old_recognised and look.sight in {Sight.OLD, Sight.OTHER}:
            look = self._learn(screen) or look
            self._old_recognised = look.sight is Sight.OLD
        return _sighting(screen.frame, look)

    def _learn(self, screen: Screen) -> _Look | None:
        """Find out what lies over the old picture, and judge the frame without it; None where nothing does.

        Only until the old picture has been recognised, and so before anything is done.
        """
        box = self._track.latest
        if box is None:
            return None
        crop = screen.crop(box)
        seen = self._recogniser.recognise(crop, self._old)
        if not seen.same or seen.left_out:
            self._overlay = self._recogniser.overlay_on(crop, self._old)
        if self._overlay is None:
            return None
        self._by_bytes.clear()
        self._by_crop.clear()
        return self._look_at(screen, box)

    def look(self, screen: Screen) -> None:
        """Judge a frame at every place where the surface may have been."""
        for box in self._track.candidates(screen.frame.shown):
            self._look_at(screen, box)

    def sightings(self, frames: Sequence[Frame]) -> list[Sighting]:
        """Return what each frame shows, without those that leave it unclear."""
        judged = [self._judge(Screen(frame)) for frame in frames]
        found = [
            _sighting(frame, look)
            for frame, look in zip(frames, _convincing(judged), strict=True)
            if look is not None
        ]
        gone = self._track.gone
        if gone is not None:
            found.append(Sighting(shown=gone, sight=Sight.ABSENT, reason=NOT_ON_SCREEN))
        return found

    def _judge(self, screen: Screen) -> _Judged:
        """Look at a frame at every place where the surface may have been."""
        looks = [self._look_at(screen, box) for box in self._track.candidates(screen.frame.shown)]
        there = [look for look in looks if look.sight is not Sight.ABSENT]
        certain = len(there) == len(looks) or not there
        return _Judged(
            _agreed(there or looks),
            certain=certain,
            shows_new=any(look.sight is Sight.NEW for look in looks),
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
        new = self._recognition(crop, self._new)
        old = self._recognition(crop, self._old)
        if new.same and old.same:
            return _Look(
                Sight.OTHER, new.distance, "the old picture and the new one can't be told apart in it"
            )
        if new.same:
            self._left_out = max(self._left_out, new.left_out)
            self._uncertain = new.reservation
            return _Look(Sight.NEW, new.distance)
        if old.same:
            return _Look(Sight.OLD, new.distance)
        return _Look(
            Sight.OTHER, new.distance, f"not the new one: {new.reason}; not the old one: {old.reason}"
        )

    def _recognition(self, crop: Image.Image, picture: Picture) -> Recognition:
        if self._overlay is None:
            return self._recogniser.recognise(crop, picture)
        return self._recogniser.recognise(crop, picture, overlay=self._overlay)


def _sighting(frame: Frame, look: _Look) -> Sighting:
    return Sighting(
        shown=frame.shown,
        sight=look.sight,
        number=frame.number,
        distance=look.distance,
        frame=frame,
        reason=look.reason,
    )


def _agreed(looks: Sequence[_Look]) -> _Look | None:
    """Return what looks at several possible places come to; None where that is unclear."""
    if len(looks) == 1:
        return looks[0]
    if {Sight.NEW, Sight.OLD} <= {look.sight for look in looks}:
        return None
    return next((look for look in looks if look.sight in {Sight.NEW, Sight.OLD}), None)


def _convincing(judged: Sequence[_Judged]) -> list[_Look | None]:
    """Return the looks that count, in the same order; None for those that don't."""
    counting = [one.look if one.certain else None for one in judged]
    # The new picture: back from where it is certain that the surface is there, as long as nothing changes.
    for at in range(len(judged) - 2, -1, -1):
        look = judged[at].look
        # The same pixels have the same look.
        if (
            not judged[at].certain
            and look is not None
            and look.sight is Sight.NEW
            and look is counting[at + 1]
        ):
            counting[at] = look
    # The old one: until a place shows the new one, be it the surface's or not.
    for at, one in enumerate(judged):
        if one.shows_new:
            break
        if one.look is not None and one.look.sight is Sight.OLD:
            counting[at] = one.look
    return counting
