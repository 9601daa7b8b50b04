"""Observes one surface for a picture, by the pixels of every frame."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image

from flutter_bridge import Box, Frame, Interval, Tree
from journeys.expectations import Wording
from journeys.pictures import Overlay, Picture, Recogniser, Recognition
from journeys.propagation.expectation import DecodedFrame, Expectation
from journeys.propagation.history import BoxHistory
from journeys.propagation.looks import Patch
from journeys.propagation.observation import NOT_ON_SCREEN, Observation
from journeys.surface import Surface
from journeys.timeline import SurfaceState


@dataclass(frozen=True, slots=True)
class _Result:
    """What the pixels at one place show."""

    state: SurfaceState
    distance: int | None = None
    reason: str = ""
    patch: Patch | None = None
    """How it looks, where nobody knows which picture is the old one."""

    def observation_of(self, frame: Frame) -> Observation:
        return Observation.of(frame, self.state, self.reason, distance=self.distance)


@dataclass(frozen=True, slots=True)
class _FrameResult:
    """What a frame shows at the surface's place; uncertain where the surface may not have been there."""

    result: _Result | None
    certain: bool
    shows_new: bool


_NOT_ON_SCREEN = _Result(SurfaceState.ABSENT, None, NOT_ON_SCREEN)
_UNCLEAR = _Result(SurfaceState.OTHER, None, "it moves, and shows neither picture where it may be")


class PictureExpectation(Expectation):
    """Looks for a picture in the frames of a surface's app, at the place the semantics tell.

    Where the surface moved between two reads, a frame is judged at both places: it shows the new picture if
    one place does and none shows the old one, and the other way round. What stays unclear says nothing, and
    is left out; between two looks at the new picture it says that this may not have stayed.

    At a time in which the surface went away or came, what is at its place may be something else: a file
    picker's thumbnail, a preview, the next page. Such a frame counts in two cases. The old picture counts as
    long as no frame showed the new one at a place: whether the surface is there or gone, it doesn't show the
    new picture. Later it could be taken for a relapse of a surface that is gone. The new picture counts where
    the place looks the same, pixel for pixel, in every frame from then until it is certain that the surface
    is there: nobody who looks could tell the two apart. A picker's thumbnail or a preview that only resembles
    it doesn't pass for it, and neither does what a page leaves behind that goes away.

    Where nobody knows the old picture (`before` is None), the old look is that of the last frame before the
    action, whatever it shows.

    What the app draws over the picture is learnt at the first glance at which the old picture is recognised:
    it lies where that one doesn't explain the pixels. From then on it is left out.
    """

    subject = "picture"

    def __init__(
        self, surface: Surface, picture: Picture, *, before: Picture | None, recogniser: Recogniser
    ) -> None:
        super().__init__(surface, picture, wanted=picture.name, wording=Wording.of("the new picture"))
        self._new = picture
        self._old = before
        self._recogniser = recogniser
        self._overlay: Overlay | None = None
        self._old_recognised = False
        self._left_out = 0.0
        self._uncertain = ""
        self._boxes = BoxHistory()
        self._by_bytes: dict[tuple[bytes, Box], _Result] = {}
        self._by_crop: dict[bytes, _Result] = {}

    @property
    def is_on_screen(self) -> bool:
        """Whether the last read of the semantics found the surface."""
        return self._boxes.latest is not None

    @property
    def reservation(self) -> str:
        """What is not certified of the new picture: what is covered of it, or that it is this very one."""
        covered = f"{self._left_out:.0%} of it is covered and was not judged" if self._left_out else ""
        return "; ".join(filter(None, (self._uncertain, covered)))

    def find_box(self, shown: Interval) -> Box | None:
        """Return the last place it had then."""
        return self._boxes.last_at(shown)

    def note(self, read: Interval, tree: Tree) -> None:
        """Note where the surface is."""
        node = self.finder.first_match_in(tree)
        self._boxes.note(read, None if node is None or not node.visible or node.box.is_empty else node.box)

    def observe(self, decoded: DecodedFrame) -> Observation | None:
        """Judge the newest frame by itself."""
        absence = self._absence()
        if absence is not None:
            return absence
        judged = self._judge(decoded)
        result = judged.result
        if not judged.certain or result is None:
            return None
        if self._old is None:
            # As it looks now, so it looks before the action: whatever isn't the new picture is the old look.
            state = SurfaceState.OLD if result.state is SurfaceState.OTHER else result.state
            return Observation.of(decoded.frame, state, distance=result.distance)
        if not self._old_recognised and result.state in {SurfaceState.OLD, SurfaceState.OTHER}:
            result = self._learn(decoded) or result
            self._old_recognised = result.state is SurfaceState.OLD
        return result.observation_of(decoded.frame)

    def _learn(self, decoded: DecodedFrame) -> _Result | None:
        """Find out what lies over the old picture, and judge the frame without it; None where nothing does.

        Only until the old picture has been recognised, and so before anything is done.
        """
        box = self._boxes.latest
        if box is None or self._old is None:
            return None
        crop = decoded.crop(box)
        seen = self._recogniser.recognise(crop, self._old)
        if not seen.same or seen.left_out:
            self._overlay = self._recogniser.overlay_on(crop, self._old)
        if self._overlay is None:
            return None
        self._by_bytes.clear()
        self._by_crop.clear()
        return self._result_at(decoded, box)

    def prepare(self, decoded: DecodedFrame) -> None:
        """Judge a frame at every place where the surface may have been."""
        for box in self._boxes.candidates(decoded.frame.shown):
            self._result_at(decoded, box)

    def observe_all(self, frames: Sequence[Frame]) -> list[Observation]:
        """Return what each frame shows, without those that leave it unclear."""
        judged = [self._judge(DecodedFrame(frame)) for frame in frames]
        if self._old is None and judged and judged[0].result is not None:
            judged = [_by_look(one, judged[0].result.patch) for one in judged]
        results = _choose_convincing(judged)
        new = [at for at, each in enumerate(results) if each and each.state is SurfaceState.NEW]
        for at in range(new[0], new[-1]) if new else ():
            if results[at] is None and judged[at].certain:
                # It is somewhere on its way: left out, it would seem that the new picture stayed.
                results[at] = _UNCLEAR
        found = [
            result.observation_of(frame)
            for frame, result in zip(frames, results, strict=True)
            if result is not None
        ]
        absence = self._absence()
        return found if absence is None else [*found, absence]

    def _absence(self) -> Observation | None:
        """Return that the surface was not on screen, where the last read did not find it."""
        read = self._boxes.absence
        if read is None:
            return None
        return Observation(shown=read, state=SurfaceState.ABSENT, reason=NOT_ON_SCREEN)

    def _judge(self, decoded: DecodedFrame) -> _FrameResult:
        """Judge a frame by every place where the surface may have been."""
        results = [self._result_at(decoded, box) for box in self._boxes.candidates(decoded.frame.shown)]
        there = [one for one in results if one.state is not SurfaceState.ABSENT]
        return _FrameResult(
            _agree(there or results),
            certain=len(there) == len(results) or not there,
            shows_new=any(one.state is SurfaceState.NEW for one in results),
        )

    def _result_at(self, decoded: DecodedFrame, box: Box | None) -> _Result:
        if box is None:
            return _NOT_ON_SCREEN
        key = decoded.frame.encoded, box
        if key not in self._by_bytes:
            self._by_bytes[key] = self._recognise(decoded.crop(box))
        return self._by_bytes[key]

    def _recognise(self, crop: Image.Image) -> _Result:
        """Recognise a crop, unless its very pixels have been judged before."""
        if not crop.width or not crop.height:
            return _NOT_ON_SCREEN
        key = hashlib.blake2b(crop.tobytes(), digest_size=16, salt=crop.width.to_bytes(4)).digest()
        if key not in self._by_crop:
            self._by_crop[key] = self._compare(crop)
        return self._by_crop[key]

    def _compare(self, crop: Image.Image) -> _Result:
        new = self._recogniser.recognise(crop, self._new, overlay=self._overlay)
        if self._old is None:
            if new.same:
                return self._recognised(new)
            reason = f"it {new.reason}, nor does it look as it did"
            patch = Patch.of(crop, in_colour=True)
            return _Result(SurfaceState.OTHER, new.distance, reason, patch)
        old = self._recogniser.recognise(crop, self._old, overlay=self._overlay)
        if new.same and old.same:
            reason = "the old picture and the new one can't be told apart in it"
            return _Result(SurfaceState.OTHER, new.distance, reason)
        if new.same:
            return self._recognised(new)
        if old.same:
            return _Result(SurfaceState.OLD, new.distance)
        reason = f"it {new.reason}, and {old.reason}"
        return _Result(SurfaceState.OTHER, new.distance, reason)

    def _recognised(self, new: Recognition) -> _Result:
        self._left_out = max(self._left_out, new.left_out)
        self._uncertain = new.reservation
        return _Result(SurfaceState.NEW, new.distance)


def _by_look(judged: _FrameResult, old: Patch | None) -> _FrameResult:
    """Return a frame's result where the old picture is unknown, by the look that the place had."""
    result = judged.result
    if result is None or result.patch is None or old is None or not result.patch.is_same_as(old):
        return judged
    return replace(judged, result=_Result(SurfaceState.OLD, result.distance))


def _agree(results: Sequence[_Result]) -> _Result | None:
    """Return what the results at several possible places come to; None where that is unclear."""
    if len(results) == 1:
        return results[0]
    known = [one for one in results if one.state in {SurfaceState.NEW, SurfaceState.OLD}]
    return known[0] if len({one.state for one in known}) == 1 else None


def _choose_convincing(judged: Sequence[_FrameResult]) -> list[_Result | None]:
    """Return the results that count, in the same order; None for those that don't."""
    counting = [one.result if one.certain else None for one in judged]
    # The new picture: back from where it is certain that the surface is there, as long as nothing changes.
    for at in range(len(judged) - 2, -1, -1):
        result = judged[at].result
        # The same pixels have the same result.
        if (
            not judged[at].certain
            and result is not None
            and result.state is SurfaceState.NEW
            and result is counting[at + 1]
        ):
            counting[at] = result
    # The old one: until a place shows the new one, be it the surface's or not.
    for at, one in enumerate(judged):
        if one.shows_new:
            break
        if one.result is not None and one.result.state is SurfaceState.OLD:
            counting[at] = one.result
    return counting
