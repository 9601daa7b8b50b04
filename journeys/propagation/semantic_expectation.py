"""Observes one surface for what its semantics tell of: they say what is where, the pixels when it changed."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import takewhile

from flutter_bridge import Box, Frame, Interval, Tree
from journeys.expectations import Wording
from journeys.propagation.expectation import DecodedFrame, Expectation
from journeys.propagation.history import Label, LabelHistory
from journeys.propagation.looks import Classifier, Look, Patch, Places
from journeys.propagation.observation import Observation
from journeys.propagation.reading import Reading
from journeys.surface import Surface
from journeys.timeline import SurfaceState

_KNOWN = {SurfaceState.OLD, SurfaceState.NEW}
_UNCLEAR = "it looks neither as it did nor as it does in the end"
_NOTHING_DRAWN = "nothing is drawn where its semantics say it is"
_AHEAD = "its semantics say that it is there, its pixels are as they were"
_AHEAD_TEXT = (
    "its semantics say the new text, its pixels are as they were (or differ only where the text is cut off)"
)
_LEAD_S = 1.0
"""How far ahead of the pixels semantics may be: what they have said for longer is drawn, if anything is."""
_CONTRADICTED = "its pixels changed, and its semantics say that it is as before: something may lie over it"
_UNSAID = "its semantics say that it is as before, whatever its pixels do"


class SemanticExpectation(Expectation):
    """Looks for a text, a state, or something that comes or goes, in the frames of a surface's app.

    A `reading` of the semantics says whether the old state is there or the new one, and in which boxes. The
    *old look* is that of the last frame before the action, the *new look* that of the last frame, once the
    semantics say the new state and the pixels have stood still for `still` seconds. Both are taken at two
    places, in the box of the old state and in that of the new one, for one text may be a part of the other;
    of several nodes, in the region of those that came, went or moved.
    A frame is new where it has the new look and can't have the old one, and the other way round. One that
    has neither says nothing of when the change came, while the semantics say one of the states, as what
    moves or is covered for a moment may be there all the same; but the new look has to stay after it. What
    is no text may move all the time, as a spinner does: it is old for as long as the semantics say so alone.

    What can't be told: a text that is the beginning or the end of the other one, and whose neighbour alone is
    painted again, from the longer one that takes the neighbour's place. A canvas painted as a whole, as
    Flutter's is, has both or none.

    Semantics run ahead of the canvas on a busy machine: what they say is no proof that anybody can see it.
    """

    subject = "semantics"

    def __init__(
        self,
        surface: Surface,
        value: object,
        *,
        wanted: str,
        wording: Wording,
        reading: Reading,
        still: float,
    ) -> None:
        super().__init__(surface, value, wanted=wanted, wording=wording)
        self._reading = reading
        self._still = still
        self._labels = LabelHistory()
        self._patches: dict[tuple[bytes, Box, bool], Patch] = {}
        self._control: Frame | None = None

    @property
    def is_on_screen(self) -> bool:
        """Whether the last read of the semantics found the surface."""
        latest = self._labels.latest
        return latest is not None and latest.state is not SurfaceState.ABSENT

    @property
    def announcement(self) -> Interval | None:
        """When the semantics began to say the new state: what a screen reader says from then on."""
        return self._labels.announcement

    def find_box(self, shown: Interval) -> Box | None:
        """Return the last place it had then."""
        return next((each.box for each in reversed(self._labels.candidates(shown)) if each.box), None)

    def note(self, read: Interval, tree: Tree) -> None:
        """Record what is said, and where."""
        self._labels.note(read, self._reading.read(tree))

    def observe(self, decoded: DecodedFrame) -> Observation | None:
        """Judge the newest frame by itself; whether it is the new look only later frames tell."""
        periods = self._labels.periods
        if not periods:
            return None
        label, frame = periods[-1].state, decoded.frame
        if label.state not in _KNOWN:
            return Observation(shown=periods[-1].last, state=label.state, frame=frame, reason=label.reason)
        if self._reading.is_text and label.box and not self._patch_at(decoded, label.box).has_ink:
            return Observation.of(frame, SurfaceState.OTHER, _NOTHING_DRAWN)
        if label.state is SurfaceState.OLD:
            self._control = frame
        elif self._is_as_before(decoded):
            return Observation.of(frame, SurfaceState.OLD, self._ahead)
        return Observation.of(frame, label.state)

    def _is_as_before(self, decoded: DecodedFrame) -> bool:
        """Whether a frame looks as the last one did that came while the old state was said."""
        places = None if self._control is None else self._places(self._control)
        if self._control is None or places is None:
            return False
        return self._look_of(decoded, places).is_same_as(self._look_of(DecodedFrame(self._control), places))

    def prepare(self, decoded: DecodedFrame) -> None:
        """Keep how both places look in a frame."""
        places = self._places(self._control or decoded.frame)
        if places is not None:
            self._look_of(decoded, places)

    def observe_all(self, frames: Sequence[Frame]) -> list[Observation]:
        """Return what each frame shows, without those that leave it unclear."""
        self.doubt = ""
        found: list[Observation] = []
        places = self._places(frames[0]) if frames else None
        if places is not None:
            found = self._compare(frames, places)
        if not self._labels.periods:
            return found
        last = self._labels.periods[-1]
        if last.state.state is SurfaceState.ABSENT:
            self.doubt = ""
            found.append(Observation(shown=last.last, state=SurfaceState.ABSENT, reason=last.state.reason))
        elif places is None and self._reading.is_of_many:
            # What was never there has no place to look at.
            found.append(
                Observation(
                    shown=last.last, state=last.state.state, frame=frames[-1], reason=last.state.reason
                )
            )
        return found

    def _compare(self, frames: Sequence[Frame], places: Places) -> list[Observation]:
        looks = self._looks_of(frames, places)
        new = self._new_look(frames, looks, places)
        moving = self._moving_looks(frames, looks, places) if new is None else []
        has_moved = not places.is_anchored
        if new is None:
            unsettled = self._labels.lasting_periods and not self._is_unchanged(looks[0], looks[-1])
            if unsettled and not moving:
                self.doubt = "its pixels did not settle, so when the change was drawn can't be told"
        elif not self._can_be_compared(frames[0], looks[0], new, places):
            new, self.doubt = None, "its place moved while it changed, so its pixels can't be compared"
        reading = self._reading
        # What is new at another place may leave the old one as it was, as a message does the one before it.
        classifier = Classifier(
            looks[0],
            new,
            old_in_new=reading.old_in_new or has_moved,
            new_in_old=reading.new_in_old and not has_moved,
        )
        self.doubt = self.doubt or classifier.doubt
        found: list[Observation] = []
        for frame, look in zip(frames, looks, strict=True):
            seen = self._judge(frame, look, classifier, places)
            if seen is None and self._is_moving(frame, look, moving, looks[0], found):
                seen = Observation.of(frame, SurfaceState.NEW)
            if seen is not None:
                found.append(seen)
            elif any(before.state is SurfaceState.NEW for before in found):
                # Left out, it would seem that the new look stayed.
                found.append(Observation.of(frame, SurfaceState.OTHER, _UNCLEAR))
            elif not reading.is_text and self._is_said_to_be_old(frame):
                found.append(Observation.of(frame, SurfaceState.OLD, _UNSAID))
        if not self.doubt:
            self.doubt = self._doubt_about(found, frames[-1], is_placed=reading.is_text and not has_moved)
        return found

    def _doubt_about(self, found: Sequence[Observation], last: Frame, *, is_placed: bool) -> str:
        """Return what keeps observations from being judged; `is_placed` where letters tell old from new."""
        if not found or found[-1].reason == _UNCLEAR or found[-1].frame is not last:
            latest = self._labels.latest
            if latest is not None and latest.state is SurfaceState.OLD:
                return _CONTRADICTED
            return "its pixels ended up neither as they were nor as they stand still"
        if not is_placed and self._is_ahead_of_semantics(found):
            return "its pixels changed well before its semantics did: they may show something else"
        return ""

    def _can_be_compared(self, control: Frame, old: Look, new: Look, places: Places) -> bool:
        """Whether the new look can't be that of the old state, drawn at another place."""
        if not all(places.holds(label) for label in self._labels.candidates(control.shown)):
            return False
        return places.is_anchored or not old.old_place.may_be_drawn_in(new.new_place)

    def _moving_looks(self, frames: Sequence[Frame], looks: Sequence[Look], places: Places) -> list[Look]:
        """Return how something looks that never stands still, once it is drawn for certain; none for texts.

        What was there before must have stood still for that, and look other than all of it.
        """
        run = self._labels.lasting_periods
        if self._reading.is_text or not run or not places.is_anchored:
            return []
        drawn = run[0].first.high + _LEAD_S
        seen = {
            id(look.new_place): look
            for frame, look in zip(frames, looks, strict=True)
            if frame.shown.low >= drawn
        }
        around = self._labels.candidates(Interval(min(drawn, frames[-1].shown.high), frames[-1].shown.high))
        is_calm = all(
            look.is_same_as(looks[0])
            for frame, look in zip(frames, looks, strict=True)
            if self._is_said_to_be_old(frame)
        )
        is_another = all(look.new_place.is_apart_from(looks[0].new_place) for look in seen.values())
        is_still_there = all(label.state is SurfaceState.NEW and places.holds(label) for label in around)
        return list(seen.values()) if is_calm and is_another and is_still_there else []

    def _is_moving(
        self,
        frame: Frame,
        look: Look,
        moving: Sequence[Look],
        old: Look,
        found: Sequence[Observation],
    ) -> bool:
        """Whether a frame shows what moves: a look that it has later too, or any other one after that."""
        if any(look.new_place.is_same_as(each.new_place) for each in moving):
            return True
        labels = self._labels.candidates(frame.shown)
        return (
            bool(moving and found)
            and found[-1].state is SurfaceState.NEW
            and all(label.state is SurfaceState.NEW for label in labels)
            and look.new_place.is_apart_from(old.new_place)
        )

    def _is_said_to_be_old(self, frame: Frame) -> bool:
        """Whether the semantics said nothing but the old state around a frame; they were read after it."""
        states = {label.state for label in self._labels.candidates(frame.shown)}
        return states == {SurfaceState.OLD} and self._labels.periods[-1].last.high >= frame.shown.low

    def _is_ahead_of_semantics(self, found: Sequence[Observation]) -> bool:
        """Whether the look that lasts was there when the semantics said the old state for certain."""
        lasting = takewhile(lambda seen: seen.state is SurfaceState.NEW, reversed(found))
        return any(seen.frame is not None and self._is_said_to_be_old(seen.frame) for seen in lasting)

    def _judge(self, frame: Frame, look: Look, classifier: Classifier, places: Places) -> Observation | None:
        labels = self._labels.candidates(frame.shown)
        states = {label.state for label in labels}
        if states == {SurfaceState.ABSENT}:
            return Observation.of(frame, SurfaceState.ABSENT, labels[-1].reason)
        still = all(places.holds(label) for label in labels)
        state = classifier.state_of(look)
        if state is SurfaceState.NEW:
            return Observation.of(frame, SurfaceState.NEW)
        if state is SurfaceState.OLD and still:
            return Observation.of(
                frame, SurfaceState.OLD, self._ahead if states == {SurfaceState.NEW} else ""
            )
        if states == {SurfaceState.OTHER}:
            return Observation.of(frame, SurfaceState.OTHER, labels[-1].reason)
        if states == {SurfaceState.NEW} and still and self._reading.is_text and not look.new_place.has_ink:
            return Observation.of(frame, SurfaceState.OTHER, _NOTHING_DRAWN)
        return None

    def _new_look(self, frames: Sequence[Frame], looks: Sequence[Look], places: Places) -> Look | None:
        """Return how the new state looks; None where that is unknown, or nothing has changed."""
        run = self._labels.lasting_periods
        if run:
            # A read that comes after the last frame may tell of a place where it was not yet.
            around = self._labels.candidates(frames[-1].shown)
            if not all(label.state in _KNOWN and places.holds(label) for label in around):
                return None
            return self._settled_look(frames, looks, since=run[0].first.low)
        # It was taken back: a look that came with it has to do, to give what happened its name.
        announced = [each for each in self._labels.periods if each.state.state is SurfaceState.NEW]
        if not announced:
            return None
        return next(
            (
                look
                for frame, look in zip(frames, looks, strict=True)
                if frame.shown.high >= announced[-1].first.low and not self._is_unchanged(looks[0], look)
            ),
            None,
        )

    def _settled_look(self, frames: Sequence[Frame], looks: Sequence[Look], *, since: float) -> Look | None:
        """Return the last look if it has been there for long enough, and came from a time that says it."""
        last, begun = looks[-1], frames[-1].shown.high
        if begun < since or self._is_unchanged(looks[0], last):
            return None
        # Neighbours may go on moving in the old state's box, if the new one's tells enough.
        enough = last.new_place.is_apart_from(looks[0].new_place)
        for frame, look in zip(reversed(frames), reversed(looks), strict=True):
            if not (look.new_place.is_same_as(last.new_place) if enough else look.is_same_as(last)):
                break
            begun = frame.shown.high
        return last if frames[-1].shown.low - begun >= self._still else None

    def _is_unchanged(self, first: Look, last: Look) -> bool:
        """Whether the new state is not there for certain: all is as before, or no letter is there."""
        return last.is_same_as(first) or (self._reading.is_text and not last.new_place.has_ink)

    @property
    def _ahead(self) -> str:
        return _AHEAD_TEXT if self._reading.is_text else _AHEAD

    def _places(self, control: Frame) -> Places | None:
        """Return where to look; None where the old state was nowhere, and nothing came."""
        labels = [period.state for period in self._labels.periods]
        if self._reading.is_of_many:
            since = self._labels.candidates_since(control.shown)
            before = [label.boxes for label in since if label.state is SurfaceState.OLD]
            latest = [label.boxes for label in since if label.state is SurfaceState.NEW][-1:]
            return Places.around(before, *latest) if before else None
        old = _boxes(self._labels.candidates(control.shown), SurfaceState.OLD)
        old = old or _boxes(labels, SurfaceState.OLD)[:1]
        if not old:
            return None
        new = _boxes(labels, SurfaceState.NEW)
        return Places(old[0], new[-1] if new else old[-1])

    def _looks_of(self, frames: Sequence[Frame], places: Places) -> list[Look]:
        """Return how frames look: in colour where a text says something new, and is as bright as before."""
        looks = [self._look_of(DecodedFrame(frame), places) for frame in frames]
        if self._reading.is_text and self._labels.lasting_periods and looks[-1].is_same_as(looks[0]):
            coloured = [self._look_of(DecodedFrame(frame), places, in_colour=True) for frame in frames]
            return looks if coloured[-1].is_same_as(coloured[0]) else coloured
        return looks

    def _look_of(self, decoded: DecodedFrame, places: Places, *, in_colour: bool = False) -> Look:
        old, new = (self._patch_at(decoded, box, in_colour=in_colour) for box in (places.old, places.new))
        return Look(old, new)

    def _patch_at(self, decoded: DecodedFrame, box: Box, *, in_colour: bool = False) -> Patch:
        coloured = in_colour or not self._reading.is_text
        key = decoded.frame.encoded, box, coloured
        if key not in self._patches:
            self._patches[key] = Patch.of(decoded.crop(box), in_colour=coloured)
        return self._patches[key]


def _boxes(labels: Sequence[Label], state: SurfaceState) -> list[Box]:
    return [label.box for label in labels if label.state is state and label.box is not None]
