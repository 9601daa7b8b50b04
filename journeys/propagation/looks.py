"""How pieces of a screen look: held against each other, and told apart as old and new."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain, product

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from flutter_bridge import Box
from journeys.propagation.history import Label, is_same_place
from journeys.timeline import SurfaceState

SAME = 12.0
"""Patches that are no further apart, in levels of 255, are the same.

In the reference app's frames (JPEG, quality 85) one and the same text was up to 3.5 apart, where a neighbour
in the same block of pixels changed; with one letter changed never below 90.
"""
APART = 2 * SAME
"""Patches that are further apart can't both be the same as a third one."""
INK = 32.0
"""What has less contrast, in grey levels, shows nothing."""
_HUE_WEIGHT = 0.6
"""What a level of colour counts of one of grey: a neighbour in the same block of a JPEG changes colours more.

A piece of a screen beside something that changed was up to 7 grey levels and 18 of colour apart (quality 85),
up to 14 and 23 at quality 60.
"""
_SHIFT_PX = 2
"""How far from where its box says a text may be drawn, in pixels."""
_STAYED_PX = 1.0
"""An edge that moved by less, in logical pixels, stayed where it was."""

Levels = NDArray[np.float32]


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The brightness of a piece of the screen, smoothed over 2 x 2 pixels, and its colours where they matter.

    Smoothing takes the edge off what JPEG adds around letters, and leaves the letters: a stroke is one to
    two pixels wide. A switch that turns from grey to green may be as bright as before, a letter is not.
    """

    bands: tuple[NDArray[np.uint8], ...]

    @classmethod
    def of(cls, crop: Image.Image, *, in_colour: bool = False) -> Patch:
        """Return the patch that a crop shows."""
        if not in_colour:
            return cls((_smooth(np.asarray(crop.convert("L"), dtype=np.float32)),))
        grey, *hues = (
            np.asarray(band, dtype=np.float32) for band in crop.convert("RGB").convert("YCbCr").split()
        )
        return cls((_smooth(grey), *(_smooth(_halve(hue) * _HUE_WEIGHT) for hue in hues)))

    @property
    def has_ink(self) -> bool:
        """Whether there is anything to be seen."""
        grey = self.bands[0]
        return bool(grey.size and int(np.ptp(grey)) >= INK)

    def distance(self, other: Patch) -> float:
        """Return the greatest difference at any place; infinite where the sizes differ.

        It is a metric: two patches within `SAME` of a third are within `APART` of each other.
        """
        if self is other:
            return 0.0
        grey = self.bands[0]
        if grey.shape != other.bands[0].shape or not grey.size:
            return float("inf")
        pairs = zip(self.bands, other.bands, strict=True)
        return max(float(np.abs(one.astype(np.int16) - another).max(initial=0)) for one, another in pairs)

    def is_same_as(self, other: Patch) -> bool:
        """Whether both show the same."""
        return self.distance(other) <= SAME

    def is_apart_from(self, other: Patch) -> bool:
        """Whether nothing is the same as both."""
        return self.distance(other) > APART

    def may_be_drawn_in(self, other: Patch) -> bool:
        """Whether another patch may show the same as this one, from any edge and a few pixels off."""
        mine, theirs = self.bands[0].astype(np.int16), other.bands[0].astype(np.int16)
        height, width = (min(a, b) - 2 * _SHIFT_PX for a, b in zip(mine.shape, theirs.shape, strict=True))
        if height <= 0 or width <= 0:
            return True
        for down, across in product(_places_in(mine.shape[0], height), _places_in(mine.shape[1], width)):
            part = mine[down : down + height, across : across + width]
            windows = sliding_window_view(theirs, part.shape)
            if any(
                int(np.abs(windows[at, to] - part).max()) <= APART
                for at in _near_edges(windows.shape[0])
                for to in _near_edges(windows.shape[1])
            ):
                return True
        return False


def _places_in(size: int, part: int) -> set[int]:
    """Return where a part is that is cut off at the end, at the beginning, or at both."""
    return {0, (size - part) // 2, size - part}


def _near_edges(places: int) -> list[int]:
    """Return the places that are within a few pixels of an edge or the middle."""
    middle = (places - 1) // 2
    return [at for at in range(places) if min(at, abs(at - middle), places - 1 - at) <= 2 * _SHIFT_PX]


def _smooth(levels: Levels) -> NDArray[np.uint8]:
    four = levels[1:, 1:] + levels[:-1, 1:] + levels[1:, :-1] + levels[:-1, :-1]
    # Rounded, they are half a level off at most, and a quarter as large: a minute's frames are kept.
    return np.rint(four / 4).astype(np.uint8)


def _halve(levels: Levels) -> Levels:
    """Return the means of 2 x 2 pixels: as JPEG keeps colours, which it blurs into each other."""
    even = np.pad(levels, [(0, side % 2) for side in levels.shape], mode="edge")
    return ((even[::2, ::2] + even[1::2, ::2] + even[::2, 1::2] + even[1::2, 1::2]) / 4).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Look:
    """A frame at both places: where the old state was, and where the new one is."""

    old_place: Patch
    new_place: Patch

    def is_same_as(self, other: Look) -> bool:
        """Whether both places look the same in both frames."""
        return self.old_place.is_same_as(other.old_place) and self.new_place.is_same_as(other.new_place)


@dataclass(frozen=True, slots=True)
class Places:
    """Where the old state was, and where the new one is; the same for as long as there is only one.

    One `region` that holds all of it has the boxes that the new one has in it.
    """

    old: Box
    new: Box
    region: tuple[Box, ...] | None = None

    @classmethod
    def around(cls, old: Sequence[tuple[Box, ...]], new: tuple[Box, ...] | None = None) -> Places | None:
        """Return the region of all that changed, by what was there before and is now; `new` None: not yet.

        What stayed in its place is left out, unless that is all there is: None where that is nothing.
        """
        times = [*old] if new is None else [*old, new]
        changed = [
            box
            for boxes, others in product(times, times)
            for box in boxes
            if not any(is_same_place(box, each) for each in others)
        ]
        region = changed or list(chain(*times))
        return cls(_hull(region), _hull(region), new or ()) if region else None

    def holds(self, label: Label) -> bool:
        """Whether what was said was said at its place."""
        if self.region is not None:
            return label.state is not SurfaceState.NEW or label.is_at(self.region)
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


class Classifier:
    """Tells the old look of both places from the new one, which may be unknown.

    `old_in_new` and `new_in_old` say whether one may hold the other, as a text that begins with another.
    """

    def __init__(self, old: Look, new: Look | None, *, old_in_new: bool, new_in_old: bool) -> None:
        self._old = old
        self._new = new
        self.doubt = ""
        self._old_apart = new is not None and old.old_place.is_apart_from(new.old_place)
        self._new_apart = new is not None and old.new_place.is_apart_from(new.new_place)
        if new is None:
            return
        # A place that looks as before is only to be expected where one holds the other.
        unmoved = not self._old_apart and not old_in_new
        undrawn = not self._new_apart and not new_in_old
        if unmoved or undrawn or not (self._old_apart or self._new_apart):
            self.doubt = "its pixels changed, but too little to tell the new state from the old one"

    def state_of(self, look: Look) -> SurfaceState | None:
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


def _hull(boxes: Sequence[Box]) -> Box:
    left, top = min(box.left for box in boxes), min(box.top for box in boxes)
    right, bottom = max(box.right for box in boxes), max(box.bottom for box in boxes)
    return Box(left, top, right - left, bottom - top)
