"""Where a slider's thumb has to be dragged, told from where it is and what its semantics say there.

Nothing says how long a slider's track is. So the thumb is dragged, and what became of that says the rest: how
far it came, and what the slider says there. Newer engines say where the thumb is: the node's box lies round
it (48 pixels wide). Older ones have the whole slider's box, in which the thumb is where Material's is.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from flutter_bridge.occlusion import Anchor, Point
from flutter_bridge.semantics import Box, Node
from flutter_bridge.touch import SLOP_PX

TRACK_INSET_PX = 24.0
"""How far from a slider's ends Material's track begins."""

THUMB_SHARE = 1.5
"""A box that is more than so many times as long as it is wide is a whole slider's, and not its thumb's."""

FIRST_PX = 80.0
"""How far a thumb is dragged at first where nothing tells how far it should."""

LIKELY_SHARE = 0.85
"""How long a track is likely to be, of the longest that the screen has room for."""

MAX_VAIN = 4
"""After so many drags in a row that brought it no nearer, a slider doesn't take a value."""

MAX_SILENT = 3
"""How often one that says nothing is touched to have it speak: a touch may come too early."""

NUMBER = re.compile(r"[-\u2212]?\d+(?:[.,]\d+)?")


def number_in(text: str) -> float | None:
    """Return the number in what a slider says, such as `40%` or `-2,5 °C`; None where there is none."""
    found = NUMBER.search(text)
    return float(found[0].replace("\u2212", "-").replace(",", ".")) if found else None


@dataclass(frozen=True, slots=True)
class Slide:
    """Where on a slider's box its thumb is, and the point on the screen to drag it to."""

    anchor: Anchor
    end: Point


@dataclass(frozen=True, slots=True)
class _Thumb:
    """Where a thumb is, in pixels along its way: to the right, or up; and what the slider says there."""

    at: float
    number: float


class SliderPlan:
    """How a slider comes to say a number: from one drag to the next it learns how far they lead."""

    def __init__(self, screen: Box, wanted: float) -> None:
        self._screen = screen
        self._wanted = wanted
        self._goes_up = False
        self._slope = 0.0
        self._lost = 0.0
        self._last: tuple[_Thumb, float] | None = None
        self._nearest, self._vain = math.inf, 0
        self._silent = 0

    def next_slide(self, slider: Node) -> Slide | None:
        """Return what to do with a slider as it is now; None where nothing tells, or nothing helped."""
        thumb = self._find_thumb(slider)
        if thumb is None and not slider.value and self._silent < MAX_SILENT:
            # On the web one that appeared while a touch was going on says nothing before the next one.
            self._silent += 1
            return Slide((0.5, 0.5), slider.box.centre)
        if thumb is None or not self._has_hope(thumb.number):
            return None
        if self._last is not None:
            self._learn(thumb, *self._last)
            thumb = self._find_thumb(slider) or thumb
        missing = self._wanted - thumb.number
        slope = self._slope or self._likely_slope(slider, thumb)
        distance = missing / slope if slope else math.copysign(FIRST_PX, missing)
        distance += math.copysign(self._lost, distance)
        self._last = thumb, distance
        across, down = self._thumb_anchor(slider, thumb.number)
        x, y = slider.box.at(across, down)
        end = (x, y - distance) if self._goes_up else (x + distance, y)
        return Slide((across, down), self._keep_on_screen(end))

    def _has_hope(self, number: float) -> bool:
        """Whether one of the last drags brought the slider nearer to what it is to say."""
        missing = abs(self._wanted - number)
        self._vain = 0 if missing < self._nearest else self._vain + 1
        self._nearest = min(missing, self._nearest)
        return self._vain < MAX_VAIN

    def _learn(self, thumb: _Thumb, before: _Thumb, distance: float) -> None:
        moved = thumb.at - before.at
        if thumb.number != before.number and abs(moved) >= 1:
            self._slope = (thumb.number - before.number) / moved
        elif not self._slope and not moved:
            # It did not follow at all: it goes up, where others go to the right; or the drag got lost.
            self._goes_up = not self._goes_up
        # Some follow a finger only from where that counts as dragging.
        self._lost = min(SLOP_PX, max(0.0, abs(distance) - abs(moved)))

    def _find_thumb(self, slider: Node) -> _Thumb | None:
        number = number_in(slider.value)
        if number is None or (_is_whole(slider.box) and "%" not in slider.value):
            return None
        x, y = slider.box.at(*self._thumb_anchor(slider, number))
        return _Thumb(-y if self._goes_up else x, number)

    def _thumb_anchor(self, slider: Node, number: float) -> Anchor:
        if not _is_whole(slider.box):
            return 0.5, 0.5
        inset = TRACK_INSET_PX / slider.box.width
        return inset + (1 - 2 * inset) * number / 100, 0.5

    def _likely_slope(self, slider: Node, thumb: _Thumb) -> float:
        """Return how many per cent make a pixel, on a track that is as long as most; 0 where none says."""
        if "%" not in slider.value or self._goes_up:
            return 0.0
        if _is_whole(slider.box):
            return 100 / (slider.box.width - 2 * TRACK_INSET_PX)
        share = min(0.99, max(0.01, thumb.number / 100))
        longest = min((thumb.at - self._screen.left) / share, (self._screen.right - thumb.at) / (1 - share))
        return 100 / max(1.0, longest * LIKELY_SHARE)

    def _keep_on_screen(self, point: Point) -> Point:
        x, y = point
        return (
            min(self._screen.right - 1, max(self._screen.left + 1, x)),
            min(self._screen.bottom - 1, max(self._screen.top + 1, y)),
        )


def _is_whole(box: Box) -> bool:
    """Whether a box is a whole slider's, and not its thumb's."""
    return box.width > THUMB_SHARE * box.height
