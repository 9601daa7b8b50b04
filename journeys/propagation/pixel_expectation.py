"""Observes one surface for any change at all: the semantics only give the place."""

from __future__ import annotations

from collections.abc import Sequence

from flutter_bridge import Box, Frame, Interval, Tree
from journeys.expectations import Wording
from journeys.propagation.expectation import DecodedFrame, Expectation
from journeys.propagation.history import BoxHistory, is_same_place
from journeys.propagation.looks import Classifier, Look, Patch
from journeys.propagation.observation import NOT_ON_SCREEN, Observation
from journeys.surface import Surface
from journeys.timeline import SurfaceState

CALM_S = 0.6
"""How long a surface must look the same before the action: longer than a caret shows, or a spinner rests."""

_UNCLEAR = "it looks neither as it did nor as it does in the end"


class PixelExpectation(Expectation):
    """Looks for a change that lasts, or, where `stays_s` is given, for any that there must not be.

    The old look is that of the last frame before the action, in the surface's box, which must have stood
    still until then: the control. The new look is that of the last frame, once it has stood still for `still`
    seconds. Where nothing may change, each look that isn't the old one is a change.
    """

    subject = "pixels"

    def __init__(
        self,
        surface: Surface,
        value: object,
        *,
        wanted: str,
        wording: Wording,
        still: float,
        stays_s: float | None = None,
    ) -> None:
        super().__init__(surface, value, wanted=wanted, wording=wording)
        self.stays_s = stays_s
        self._still = still
        self._boxes = BoxHistory()
        self._patches: dict[tuple[bytes, Box], Patch] = {}
        self._control: Frame | None = None
        self._calm_since = float("inf")
        self._box: Box | None = None

    @property
    def is_on_screen(self) -> bool:
        """Whether the last read of the semantics found the surface."""
        return self._boxes.latest is not None

    def find_box(self, shown: Interval) -> Box | None:
        """Return the last place it had then."""
        return self._boxes.last_at(shown)

    def note(self, read: Interval, tree: Tree) -> None:
        """Note where the surface is."""
        node = self.finder.first_match_in(tree)
        self._boxes.note(read, None if node is None or not node.visible or node.box.is_empty else node.box)

    def observe(self, decoded: DecodedFrame) -> Observation | None:
        """Judge the newest frame by itself; before the action, whether it stands still."""
        frame, box = decoded.frame, self._boxes.latest
        if not self.is_armed:
            return self._take_control(decoded, box)
        if self._control is None or self._box is None:
            return None
        is_old = self._patch(decoded, self._box).is_same_as(
            self._patch(DecodedFrame(self._control), self._box)
        )
        if self.stays_s is None and box is None:
            return self._absence()
        return Observation.of(frame, SurfaceState.OLD if is_old else SurfaceState.NEW)

    def _take_control(self, decoded: DecodedFrame, box: Box | None) -> Observation | None:
        if box is None:
            return self._absence()
        patch, frame = self._patch(decoded, box), decoded.frame
        if (
            self._control is None
            or not is_same_place(self._box, box)
            or not patch.is_same_as(self._patch(DecodedFrame(self._control), box))
        ):
            self._control, self._box, self._calm_since = frame, box, frame.shown.high
        if frame.shown.low - self._calm_since < CALM_S:
            return None
        return Observation.of(frame, SurfaceState.OLD)

    def prepare(self, decoded: DecodedFrame) -> None:
        """Keep how the place looks in a frame."""
        if self._box is not None:
            self._patch(decoded, self._box)

    def observe_all(self, frames: Sequence[Frame]) -> list[Observation]:
        """Return what each frame shows, without those that leave it unclear."""
        self.doubt = ""
        box = self._box
        if box is None or not frames:
            return []
        patches = [self._patch(DecodedFrame(frame), box) for frame in frames]
        if self.stays_s is not None:
            return [
                _stillness_of(frame, patches[0], patch) for frame, patch in zip(frames, patches, strict=True)
            ]
        found = self._compare(frames, patches, box)
        return found if self._boxes.absence is None else [*found, self._absence()]

    def _compare(self, frames: Sequence[Frame], patches: Sequence[Patch], box: Box) -> list[Observation]:
        looks = [Look(patch, patch) for patch in patches]
        new = self._settled(frames, looks)
        is_there = self._boxes.latest is not None
        if new is None and is_there and not looks[-1].is_same_as(looks[0]):
            self.doubt = "its pixels did not settle, so when it changed can't be told"
        if is_there and not all(
            is_same_place(each, box) for each in self._boxes.candidates(frames[-1].shown)
        ):
            new, self.doubt = None, "its place moved while it was watched, so its pixels can't be compared"
        classifier = Classifier(looks[0], new, old_in_new=True, new_in_old=True)
        self.doubt = self.doubt or classifier.doubt
        found: list[Observation] = []
        for frame, look in zip(frames, looks, strict=True):
            there = self._boxes.candidates(frame.shown)
            state = classifier.state_of(look) if all(is_same_place(each, box) for each in there) else None
            if state is not None:
                found.append(Observation.of(frame, state))
            elif any(before.state is SurfaceState.NEW for before in found):
                found.append(Observation.of(frame, SurfaceState.OTHER, _UNCLEAR))
        return found

    def _settled(self, frames: Sequence[Frame], looks: Sequence[Look]) -> Look | None:
        """Return the last look, if it is another one and has been there for long enough."""
        last, begun = looks[-1], frames[-1].shown.high
        if last.is_same_as(looks[0]):
            # It came and went: any other look gives what happened its name.
            return next((look for look in looks if look.old_place.is_apart_from(looks[0].old_place)), None)
        for frame, look in zip(reversed(frames), reversed(looks), strict=True):
            if not look.is_same_as(last):
                break
            begun = frame.shown.high
        return last if frames[-1].shown.low - begun >= self._still else None

    def _absence(self) -> Observation:
        read = self._boxes.periods[-1].last
        return Observation(shown=read, state=SurfaceState.ABSENT, reason=NOT_ON_SCREEN)

    def _patch(self, decoded: DecodedFrame, box: Box) -> Patch:
        key = decoded.frame.encoded, box
        if key not in self._patches:
            self._patches[key] = Patch.of(decoded.crop(box), in_colour=True)
        return self._patches[key]


def _stillness_of(frame: Frame, old: Patch, seen: Patch) -> Observation:
    """Return whether a place looks as it did; `OTHER` where that can't be told."""
    if seen.is_same_as(old):
        return Observation.of(frame, SurfaceState.OLD)
    if seen.is_apart_from(old):
        return Observation.of(frame, SurfaceState.NEW)
    return Observation.of(frame, SurfaceState.OTHER, "its pixels changed, but too little to be sure")
