"""Observes one surface for a name: the semantics say which text is where, the pixels when it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from flutter_bridge import Box, Frame, Interval, Tree
from journeys.propagation.expectation import DecodedFrame, Expectation
from journeys.propagation.history import Label, LabelHistory, is_same_place
from journeys.propagation.observation import Observation
from journeys.surface import Surface
from journeys.timeline import SurfaceState

SAME = 12.0
"""Patches that are no further apart, in grey levels of 255, are the same.

In the reference app's frames (JPEG, quality 85) one and the same text was up to 3.5 apart, where a neighbour
in the same block of pixels changed; with one letter changed never below 90.
"""
APART = 2 * SAME
"""Patches that are further apart can't both be the same as a third one."""
INK = 32.0
"""What has less contrast, in grey levels, shows nothing."""
_STAYED_PX = 1.0
"""An edge that moved by less, in logical pixels, stayed where it was."""

_NAMES = {SurfaceState.OLD, SurfaceState.NEW}
_UNCLEAR = "it looks neither as it did nor as it does in the end"
_NOTHING_DRAWN = "nothing is drawn where its semantics say it is"
_AHEAD = (
    "its semantics say the new name, its pixels are as they were (or differ only where the name is cut off)"
)


@dataclass(frozen=True, slots=True, eq=False)
class TextPatch:
    """The brightness of a piece of the screen, smoothed over 2 x 2 pixels; shape (height - 1, width - 1).

    Smoothing takes the edge off what JPEG adds around letters, and leaves the letters: a stroke is one to
    two pixels wide.
    """

    grey: NDArray[np.float32]

    @classmethod
    def of(cls, crop: Image.Image) -> TextPatch:
        """Return the patch that a crop shows."""
        grey: NDArray[np.float32] = np.asarray(crop.convert("L"), dtype=np.float32)
        four = grey[1:, 1:] + grey[:-1, 1:] + grey[1:, :-1] + grey[:-1, :-1]
        return cls((four / 4).astype(np.float32))

    @property
    def has_ink(self) -> bool:
        """Whether there is anything to be seen."""
        return bool(self.grey.size and float(np.ptp(self.grey)) >= INK)

    def distance(self, other: TextPatch) -> float:
        """Return the greatest difference at any place; infinite where the sizes differ.

        It is a metric: two patches within `SAME` of a third are within `APART` of each other.
        """
        if self is other:
            return 0.0
        if self.grey.shape != other.grey.shape or not self.grey.size:
            return float("inf")
        return float(np.abs(self.grey - other.grey).max())

    def is_same_as(self, other: TextPatch) -> bool:
        """Whether both show the same."""
        return self.distance(other) <= SAME

    def is_apart_from(self, other: TextPatch) -> bool:
        """Whether nothing is the same as both."""
        return self.distance(other) > APART


@dataclass(frozen=True, slots=True)
class _Patches:
    """A frame at both places: where the old name was, and where the new one is."""

    old_place: TextPatch
    new_place: TextPatch

    def is_same_as(self, other: _Patches) -> bool:
        return self.old_place.is_same_as(other.old_place) and self.new_place.is_same_as(other.new_place)


@dataclass(frozen=True, slots=True)
class _Places:
    """Where the old name was, and where the new one is; the same for as long as there is only one."""

    old: Box
    new: Box

    def holds(self, label: Label) -> bool:
        """Whether what was said was said at its place."""
        if label.state is SurfaceState.OLD:
            return is_same_place(label.box, self.old)
        return label.state is not SurfaceState.NEW or is_same_place(label.box, self.new)

    @property
    def is_anchored(self) -> bool:
        """Whether the box only grew or shrank: one edge or the middle stayed, both across and down."""
        old, new = self.old, self.new
        across = (new.left - old.left, new.right - old.right, new.centre[0] - old.centre[0])
        down = (new.top - old.top, new.bottom - old.bottom, new.centre[1] - old.centre[1])
        return min(map(abs, across)) < _STAYED_PX and min(map(abs, down)) < _STAYED_PX


class NameExpectation(Expectation):
    """Looks for a name in the frames of a surface's app.

    The *old look* is that of the last frame before the action, the *new look* that of the last frame, once
    the semantics say the new name and the pixels have stood still for `still` seconds. Both are taken at two
    places, in the box of the old name and in that of the new one, for one name may be a part of the other.
    A frame is new where it has the new look and can't have the old one, and the other way round; one that
    has neither says nothing of when the name came, while the semantics say one of the names, as a name that
    moves or is covered for a moment may be there all the same; but the new look has to stay after it.

    What can't be told: a name that is the beginning or the end of the other one, and whose neighbour alone is
    painted again, from the longer one that takes the neighbour's place. A canvas painted as a whole, as
    Flutter's is, has both or none.

    Semantics run ahead of the canvas on a busy machine: what they say is no proof that anybody can see it.
    """

    subject = "name"

    def __init__(self, surface: Surface, name: str, *, before: str, still: float) -> None:
        super().__init__(surface, name, wanted=name, what=f"the name “{name}”")
        self._old_in_new = before in name
        self._new_in_old = name in before
        self._still = still
        self._labels = LabelHistory(old=before, new=name)
        self._patches: dict[tuple[bytes, Box], TextPatch] = {}
        self._control: Frame | None = None

    @property
    def is_on_screen(self) -> bool:
        """Whether the last read of the semantics found the surface."""
        latest = self._labels.latest
        return latest is not None and latest.state is not SurfaceState.ABSENT

    @property
    def announcement(self) -> Interval | None:
        """When the semantics began to say the new name: what a screen reader says from then on."""
        return self._labels.announcement

    def note(self, read: Interval, tree: Tree) -> None:
        """Record what the name is said to be, and where."""
        self._labels.note_node(read, self.finder.first_match_in(tree))

    def observe(self, decoded: DecodedFrame) -> Observation | None:
        """Judge the newest frame by itself; whether it is the new name only later frames tell."""
        periods = self._labels.periods
        if not periods:
            return None
        label, frame = periods[-1].state, decoded.frame
        if label.box is None or label.state is SurfaceState.OTHER:
            return Observation(shown=periods[-1].last, state=label.state, frame=frame, reason=label.reason)
        if not self._patch_at(decoded, label.box).has_ink:
            return Observation.of(frame, SurfaceState.OTHER, _NOTHING_DRAWN)
        if label.state is SurfaceState.OLD:
            self._control = frame
        elif self._is_as_before(decoded):
            return Observation.of(frame, SurfaceState.OLD, _AHEAD)
        return Observation.of(frame, label.state)

    def _is_as_before(self, decoded: DecodedFrame) -> bool:
        """Whether a frame looks as the last one did that came while the old name was said."""
        places = None if self._control is None else self._places(self._control)
        if self._control is None or places is None:
            return False
        return self._patches_of(decoded, places).is_same_as(
            self._patches_of(DecodedFrame(self._control), places)
        )

    def prepare(self, decoded: DecodedFrame) -> None:
        """Keep how both places look in a frame."""
        places = self._places(self._control or decoded.frame)
        if places is not None:
            self._patches_of(decoded, places)

    def observe_all(self, frames: Sequence[Frame]) -> list[Observation]:
        """Return what each frame shows, without those that leave it unclear."""
        self.doubt = ""
        found: list[Observation] = []
        places = self._places(frames[0]) if frames else None
        if places is not None:
            found = self._compare(frames, places)
        periods = self._labels.periods
        if periods and periods[-1].state.state is SurfaceState.ABSENT:
            self.doubt = ""
            found.append(
                Observation(
                    shown=periods[-1].last, state=SurfaceState.ABSENT, reason=periods[-1].state.reason
                )
            )
        return found

    def _compare(self, frames: Sequence[Frame], places: _Places) -> list[Observation]:
        looks = [self._patches_of(DecodedFrame(frame), places) for frame in frames]
        new = self._new_look(frames, looks, places)
        if new is None and self._labels.lasting_periods and not _is_unchanged(looks[0], looks[-1]):
            self.doubt = "its pixels did not settle, so when the name was drawn can't be told"
        before = self._labels.candidates(frames[0].shown)
        if new is not None and not (places.is_anchored and all(places.holds(label) for label in before)):
            # The old name, drawn at another place, would look as new as the new one.
            new, self.doubt = None, "its place moved while it changed, so its pixels can't be compared"
        classifier = _Classifier(looks[0], new, old_in_new=self._old_in_new, new_in_old=self._new_in_old)
        self.doubt = self.doubt or classifier.doubt
        found: list[Observation] = []
        for frame, look in zip(frames, looks, strict=True):
            seen = self._judge(frame, look, classifier, places)
            if seen is not None:
                found.append(seen)
            elif any(before.state is SurfaceState.NEW for before in found):
                # Left out, it would seem that the new name stayed.
                found.append(Observation.of(frame, SurfaceState.OTHER, _UNCLEAR))
        if (found and found[-1].reason == _UNCLEAR) or not found or found[-1].frame is not frames[-1]:
            self.doubt = (
                self.doubt or "its pixels ended up neither as they were nor as a name that stands still"
            )
        return found

    def _judge(
        self, frame: Frame, look: _Patches, classifier: _Classifier, places: _Places
    ) -> Observation | None:
        labels = self._labels.candidates(frame.shown)
        states = {label.state for label in labels}
        if states == {SurfaceState.ABSENT}:
            return Observation.of(frame, SurfaceState.ABSENT, labels[-1].reason)
        still = all(places.holds(label) for label in labels)
        state = classifier.state_of(look)
        if state is SurfaceState.NEW:
            return Observation.of(frame, SurfaceState.NEW)
        if state is SurfaceState.OLD and still:
            return Observation.of(frame, SurfaceState.OLD, _AHEAD if states == {SurfaceState.NEW} else "")
        if states == {SurfaceState.OTHER}:
            return Observation.of(frame, SurfaceState.OTHER, labels[-1].reason)
        if states == {SurfaceState.NEW} and still and not look.new_place.has_ink:
            return Observation.of(frame, SurfaceState.OTHER, _NOTHING_DRAWN)
        return None

    def _new_look(
        self, frames: Sequence[Frame], looks: Sequence[_Patches], places: _Places
    ) -> _Patches | None:
        """Return how the new name looks; None where that is unknown, or nothing has changed."""
        run = self._labels.lasting_periods
        if run:
            # A read that comes after the last frame may tell of a place where the name was not yet.
            around = self._labels.candidates(frames[-1].shown)
            if not all(label.state in _NAMES and places.holds(label) for label in around):
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
                if frame.shown.high >= announced[-1].first.low
                and look.new_place.has_ink
                and not look.is_same_as(looks[0])
            ),
            None,
        )

    def _settled_look(
        self, frames: Sequence[Frame], looks: Sequence[_Patches], *, since: float
    ) -> _Patches | None:
        """Return the last look if it has been there for long enough, and came from a time that says it."""
        last, begun = looks[-1], frames[-1].shown.high
        if begun < since or _is_unchanged(looks[0], last):
            return None
        # Neighbours may go on moving in the old name's box, if the new one's tells enough.
        enough = last.new_place.is_apart_from(looks[0].new_place)
        for frame, look in zip(reversed(frames), reversed(looks), strict=True):
            if not (look.new_place.is_same_as(last.new_place) if enough else look.is_same_as(last)):
                break
            begun = frame.shown.high
        return last if frames[-1].shown.low - begun >= self._still else None

    def _places(self, control: Frame) -> _Places | None:
        """Return where to look; None where the old name was nowhere."""
        labels = [period.state for period in self._labels.periods]
        old = _boxes(self._labels.candidates(control.shown), SurfaceState.OLD)
        old = old or _boxes(labels, SurfaceState.OLD)[:1]
        if not old:
            return None
        new = _boxes(labels, SurfaceState.NEW)
        return _Places(old[0], new[-1] if new else old[-1])

    def _patches_of(self, decoded: DecodedFrame, places: _Places) -> _Patches:
        return _Patches(self._patch_at(decoded, places.old), self._patch_at(decoded, places.new))

    def _patch_at(self, decoded: DecodedFrame, box: Box) -> TextPatch:
        key = decoded.frame.encoded, box
        if key not in self._patches:
            self._patches[key] = TextPatch.of(decoded.crop(box))
        return self._patches[key]


class _Classifier:
    """Tells the old look of both places from the new one, which may be unknown."""

    def __init__(self, old: _Patches, new: _Patches | None, *, old_in_new: bool, new_in_old: bool) -> None:
        self._old = old
        self._new = new
        self.doubt = ""
        self._old_apart = new is not None and old.old_place.is_apart_from(new.old_place)
        self._new_apart = new is not None and old.new_place.is_apart_from(new.new_place)
        if new is None:
            return
        # A place that looks as before is only to be expected where both names look alike there: one holds the
        # other.
        unmoved = not self._old_apart and not old_in_new
        undrawn = not self._new_apart and not new_in_old
        if unmoved or undrawn or not (self._old_apart or self._new_apart):
            self.doubt = "its pixels changed, but too little to tell the new name from the old one"

    def state_of(self, look: _Patches) -> SurfaceState | None:
        """Return whether it is the old or the new look; None where it may be either, or is neither."""
        old = look.old_place.is_same_as(self._old.old_place) and (
            self._old_apart or look.new_place.is_same_as(self._old.new_place)
        )
        new = (
            self._new is not None
            and not self.doubt
            and look.new_place.is_same_as(self._new.new_place)
            and (self._new_apart or look.old_place.is_same_as(self._new.old_place))
        )
        if old is new:
            return None
        return SurfaceState.OLD if old else SurfaceState.NEW


def _is_unchanged(first: _Patches, last: _Patches) -> bool:
    """Whether the new name is not there for certain: all is as before, or nothing is there."""
    return last.is_same_as(first) or not last.new_place.has_ink


def _boxes(labels: Sequence[Label], state: SurfaceState) -> list[Box]:
    return [label.box for label in labels if label.state is state and label.box is not None]
