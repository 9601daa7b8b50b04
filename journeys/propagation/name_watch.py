"""Watches one surface for a name: the semantics say which text is where, the pixels when it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flutter_bridge import Box, Frame, Interval, Tree
from journeys.propagation.boxes import same_place
from journeys.propagation.lettering import Lettering
from journeys.propagation.sayings import Saying, Sayings
from journeys.propagation.sighting import Sighting
from journeys.propagation.watch import Screen
from journeys.propagation.watched import Watched
from journeys.timeline import Sight

# An edge that moved by less, in logical pixels, stayed where it was.
_STAYED = 1.0

_NAMES = {Sight.OLD, Sight.NEW}
_UNCLEAR = "it looks neither as it did nor as it does in the end"
_NOTHING_DRAWN = "nothing is drawn where its semantics say it is"
_AHEAD = (
    "its semantics say the new name, its pixels are as they were (or differ only where the name is cut off)"
)


@dataclass(frozen=True, slots=True)
class _Look:
    """A frame at both places: where the old name was, and where the new one is."""

    old_place: Lettering
    new_place: Lettering

    def same_as(self, other: _Look) -> bool:
        return self.old_place.same_as(other.old_place) and self.new_place.same_as(other.new_place)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the old name was, and where the new one is; the same for as long as there is only one."""

    old: Box
    new: Box

    def hold(self, saying: Saying) -> bool:
        """Whether what was said was said at its place."""
        if saying.sight is Sight.OLD:
            return same_place(saying.box, self.old)
        return saying.sight is not Sight.NEW or same_place(saying.box, self.new)

    @property
    def anchored(self) -> bool:
        """Whether the box only grew or shrank: one edge or the middle stayed, both across and down."""
        old, new = self.old, self.new
        across = (new.left - old.left, new.right - old.right, new.centre[0] - old.centre[0])
        down = (new.top - old.top, new.bottom - old.bottom, new.centre[1] - old.centre[1])
        return min(map(abs, across)) < _STAYED and min(map(abs, down)) < _STAYED


class NameWatch:
    """Looks for a name in the frames of a surface's app.

    The *old look* is that of the last frame before the action, the *new look* that of the last frame, once
    the semantics say the new name and the pixels have stood still for `still` seconds. Both are taken at two
    places, in the box of the old name and in that of the new one, for one name may be a part of the other.
    A frame is new where it has the new look and can't have the old one, and the other way round; one that
    has neither says nothing of when the name came, while the semantics say one of the names, as a name that
    moves or is covered for a moment may be there all the same; but the new look has to stay after it.

    What can't be told: a name that is the beginning or the end of the other one, and whose neighbour alone is
    painted anew, from the longer one that takes the neighbour's place. A canvas painted as a whole, as
    Flutter's is, has both or none.

    Semantics run ahead of the canvas on a busy machine: what they say is no proof that anybody can see it.
    """

    subject = "name"
    reservation = ""

    def __init__(self, on: Watched, name: str, *, still: float) -> None:
        self.on = on
        self.finder = on.name_finder
        self.wanted = name
        self.what = f"the name “{name}”"
        self.doubt = ""
        self._old_in_new = on.current_name in name
        self._new_in_old = name in on.current_name
        self._still = still
        self._sayings = Sayings(old=on.current_name, new=name)
        self._lettering: dict[tuple[bytes, Box], Lettering] = {}
        self._control: Frame | None = None

    @property
    def on_screen(self) -> bool:
        """Whether the last read of the semantics found the surface."""
        latest = self._sayings.latest
        return latest is not None and latest.sight is not Sight.ABSENT

    @property
    def said(self) -> Interval | None:
        """When the semantics began to say the new name: what a screen reader says from then on."""
        return self._sayings.began

    def note(self, read: Interval, tree: Tree) -> None:
        """Note what the name is said to be, and where."""
        self._sayings.hear(read, self.finder.first_in(tree))

    def glance(self, screen: Screen) -> Sighting | None:
        """Say what the newest frame seems to show; whether it is the new name only later frames tell."""
        stays = self._sayings.stays
        if not stays:
            return None
        said, frame = stays[-1].state, screen.frame
        if said.box is None or said.sight is Sight.OTHER:
            return Sighting(shown=stays[-1].last, sight=said.sight, frame=frame, reason=said.reason)
        if not self._at(screen, said.box).shows_something:
            return _sighting(frame, Sight.OTHER, _NOTHING_DRAWN)
        if said.sight is Sight.OLD:
            self._control = frame
        elif self._is_as_before(screen):
            return _sighting(frame, Sight.OLD, _AHEAD)
        return _sighting(frame, said.sight)

    def _is_as_before(self, screen: Screen) -> bool:
        """Whether a frame looks as the last one did that came while the old name was said."""
        places = None if self._control is None else self._places(self._control)
        if self._control is None or places is None:
            return False
        return self._both(screen, places).same_as(self._both(Screen(self._control), places))

    def look(self, screen: Screen) -> None:
        """Keep how both places look in a frame."""
        places = self._places(self._control or screen.frame)
        if places is not None:
            self._both(screen, places)

    def sightings(self, frames: Sequence[Frame]) -> list[Sighting]:
        """Return what each frame shows, without those that leave it unclear."""
        self.doubt = ""
        found: list[Sighting] = []
        places = self._places(frames[0]) if frames else None
        if places is not None:
            found = self._compare(frames, places)
        stays = self._sayings.stays
        if stays and stays[-1].state.sight is Sight.ABSENT:
            self.doubt = ""
            found.append(Sighting(shown=stays[-1].last, sight=Sight.ABSENT, reason=stays[-1].state.reason))
        return found

    def _compare(self, frames: Sequence[Frame], places: _Places) -> list[Sighting]:
        looks = [self._both(Screen(frame), places) for frame in frames]
        new = self._new_look(frames, looks, places)
        if new is None and self._sayings.lasting() and not _unchanged(looks[0], looks[-1]):
            self.doubt = "its pixels did not come to rest, so when the name was drawn can't be told"
        before = self._sayings.candidates(frames[0].shown)
        if new is not None and not (places.anchored and all(places.hold(saying) for saying in before)):
            # The old name, drawn at another place, would look as new as the new one.
            new, self.doubt = None, "its place moved while it changed, so its pixels can't be compared"
        judge = _Judge(looks[0], new, old_in_new=self._old_in_new, new_in_old=self._new_in_old)
        self.doubt = self.doubt or judge.doubt
        found: list[Sighting] = []
        for frame, look in zip(frames, looks, strict=True):
            seen = self._judged(frame, look, judge, places)
            if seen is not None:
                found.append(seen)
            elif any(before.sight is Sight.NEW for before in found):
                # Left out, it would seem that the new name stayed.
                found.append(_sighting(frame, Sight.OTHER, _UNCLEAR))
        if (found and found[-1].reason == _UNCLEAR) or not found or found[-1].frame is not frames[-1]:
            self.doubt = (
                self.doubt or "its pixels ended up neither as they were nor as a name that stands still"
            )
        return found

    def _judged(self, frame: Frame, look: _Look, judge: _Judge, places: _Places) -> Sighting | None:
        sayings = self._sayings.candidates(frame.shown)
        sights = {saying.sight for saying in sayings}
        if sights == {Sight.ABSENT}:
            return _sighting(frame, Sight.ABSENT, sayings[-1].reason)
        still = all(places.hold(saying) for saying in sayings)
        sight = judge.sight(look)
        if sight is Sight.NEW:
            return _sighting(frame, Sight.NEW)
        if sight is Sight.OLD and still:
            return _sighting(frame, Sight.OLD, _AHEAD if sights == {Sight.NEW} else "")
        if sights == {Sight.OTHER}:
            return _sighting(frame, Sight.OTHER, sayings[-1].reason)
        if sights == {Sight.NEW} and still and not look.new_place.shows_something:
            return _sighting(frame, Sight.OTHER, _NOTHING_DRAWN)
        return None

    def _new_look(self, frames: Sequence[Frame], looks: Sequence[_Look], places: _Places) -> _Look | None:
        """Return how the new name looks; None where that is unknown, or nothing has changed."""
        run = self._sayings.lasting()
        if run:
            # A read that comes after the last frame may tell of a place where the name was not yet.
            around = self._sayings.candidates(frames[-1].shown)
            if not all(saying.sight in _NAMES and places.hold(saying) for saying in around):
                return None
            return self._resting(frames, looks, since=run[0].first.low)
        # It was taken back: a look that came with it has to do, to give what happened its name.
        said = [stay for stay in self._sayings.stays if stay.state.sight is Sight.NEW]
        if not said:
            return None
        return next(
            (
                look
                for frame, look in zip(frames, looks, strict=True)
                if frame.shown.high >= said[-1].first.low
                and look.new_place.shows_something
                and not look.same_as(looks[0])
            ),
            None,
        )

    def _resting(self, frames: Sequence[Frame], looks: Sequence[_Look], *, since: float) -> _Look | None:
        """Return the last look if it has been there for long enough, and came from a time that says it."""
        last, begun = looks[-1], frames[-1].shown.high
        if begun < since or _unchanged(looks[0], last):
            return None
        # Neighbours may go on moving in the old name's box, if the new one's tells enough.
        enough = last.new_place.apart_from(looks[0].new_place)
        for frame, look in zip(reversed(frames), reversed(looks), strict=True):
            if not (look.new_place.same_as(last.new_place) if enough else look.same_as(last)):
                break
            begun = frame.shown.high
        return last if frames[-1].shown.low - begun >= self._still else None

    def _places(self, control: Frame) -> _Places | None:
        """Return where to look; None where the old name was nowhere."""
        stays = self._sayings.stays
        old = [
            saying.box
            for saying in self._sayings.candidates(control.shown)
            if saying.sight is Sight.OLD and saying.box is not None
        ]
        if not old:
            old = [stay.state.box for stay in stays if stay.state.sight is Sight.OLD and stay.state.box][:1]
        if not old:
            return None
        new = [stay.state.box for stay in stays if stay.state.sight is Sight.NEW and stay.state.box]
        return _Places(old[0], new[-1] if new else old[-1])

    def _both(self, screen: Screen, places: _Places) -> _Look:
        return _Look(self._at(screen, places.old), self._at(screen, places.new))

    def _at(self, screen: Screen, box: Box) -> Lettering:
        key = screen.frame.encoded, box
        if key not in self._lettering:
            self._lettering[key] = Lettering.of(screen.crop(box))
        return self._lettering[key]


class _Judge:
    """Tells the old look of both places from the new one, which may be unknown."""

    def __init__(self, old: _Look, new: _Look | None, *, old_in_new: bool, new_in_old: bool) -> None:
        self._old = old
        self._new = new
        self.doubt = ""
        self._old_apart = new is not None and old.old_place.apart_from(new.old_place)
        self._new_apart = new is not None and old.new_place.apart_from(new.new_place)
        if new is None:
            return
        # A place that looks as before is only to be expected where both names look alike there: one holds the
        # other.
        unmoved = not self._old_apart and not old_in_new
        undrawn = not self._new_apart and not new_in_old
        if unmoved or undrawn or not (self._old_apart or self._new_apart):
            self.doubt = "its pixels changed, but too little to tell the new name from the old one"

    def sight(self, look: _Look) -> Sight | None:
        """Return whether it is the old or the new look; None where it may be either, or is neither."""
        old = look.old_place.same_as(self._old.old_place) and (
            self._old_apart or look.new_place.same_as(self._old.new_place)
        )
        new = (
            self._new is not None
            and not self.doubt
            and look.new_place.same_as(self._new.new_place)
            and (self._new_apart or look.old_place.same_as(self._new.old_place))
        )
        if old is new:
            return None
        return Sight.OLD if old else Sight.NEW


def _unchanged(first: _Look, last: _Look) -> bool:
    """Whether the new name is not there for certain: all is as before, or nothing is there."""
    return last.same_as(first) or not last.new_place.shows_something


def _sighting(frame: Frame, sight: Sight, reason: str = "") -> Sighting:
    return Sighting(shown=frame.shown, sight=sight, number=frame.number, frame=frame, reason=reason)
