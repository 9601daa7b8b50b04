"""What apps draw over an avatar: told from the picture by where the picture does not explain the pixels.

A presence dot, a badge, a ring, a button or a shape cut closer than a circle covers a corner or the rim of
what is looked at; all else still shows the picture. So the picture is brought into line by its core, where
none of these reach, and the pixels that it doesn't explain are left out, if they are few and lie where such
things lie. Anything else that differs is judged as ever. What an app draws elsewhere can be left out too,
once it has been seen over a picture that is known to be there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from journeys.pictures.alignment import RADIUS, Alignment
from journeys.pictures.fingerprint import VIEW, Floats, View

MOST_LEFT_OUT: Final = 0.25
"""Part of what is looked at that may be left out where only the crop itself tells of an overlay."""
MOST_LEARNT: Final = 0.35
"""Part that may be left out where the picture before was seen with the overlay."""

_MOST: Final = 0.45
"""Part that both together may be."""

_RIM: Final = 0.95
"""How far from the middle, in halves of a view's side, a ring around an avatar may reach."""
_RIM_LEFT: Final = 1.0
"""How far in the whole rim is left out at most: a fifth of a view lies beyond."""
_REACH: Final = 0.80
"""How far from a corner of a view a dot or a badge may reach, in halves of its side."""
_AT: Final = np.arange(VIEW)
_TO_CORNER: Final = np.hypot(
    *np.meshgrid(*[np.minimum(_AT + 0.5, VIEW - _AT - 0.5) / (VIEW / 2)] * 2, indexing="ij")
)
_USUAL: Final = (RADIUS >= _RIM) | (_TO_CORNER <= _REACH)
"""Where apps draw over avatars: around the rim, and in the corners."""

_LEVELS: Final = 20.0
"""Grey levels by which a pixel and its neighbours may be off and still be the picture's."""
_SMALL: Final = 300.0
"""What comes to that at one pixel, and the less the larger the drawing: codecs and scalers do it."""
_PART: Final = 0.4
"""What comes to that of the levels that lie between a pixel's neighbours."""
_STRICTER: Final = 0.5
"""What is asked of that where so much lets the picture pass nowhere: an overlay may have its colours."""
_TOGETHER: Final = 3
"""Pixels of nine that must be off, for one alone says nothing."""
_BEYOND: Final = 3 / VIEW
"""How much further than what is seen of it an overlay may reach, in halves of a view's side."""
_NEARLY_NONE: Final = 0.05

_Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Overlay:
    """What lies over a picture in its box, as parts of what is looked at that say nothing of the picture."""

    pixels: _Mask = field(repr=False)
    """Which of the 32 x 32 pixels of the middle of the box it covers."""

    @property
    def share(self) -> float:
        """The part of the middle that it covers, at most `MOST_LEARNT`."""
        return float(self.pixels.mean())

    @property
    def free_mask(self) -> Floats:
        """1 for each pixel of the middle of the box that it leaves free, 0 for the others."""
        return np.asarray(~self.pixels, dtype=np.float64)

    def covered_mask(self, found: Alignment, inner: float) -> Floats:
        """Return 1 for each pixel that it covers of a picture which lies so in its box, 0 for the others."""
        return _move(self.pixels, found, inner).astype(np.float64)


def trusted_masks(found: Alignment, view: View, size: int, known: Floats) -> Iterator[Floats]:
    """Give what may be judged of a view, 1 for each such pixel and 0 for the others: the most first.

    Left out is what is `known` to be covered, and what the picture does not explain in the usual places:
    those pixels and what lies between them and their corner, the whole of their corners, or the whole rim.
    There is none where that leaves too little.
    """
    covered = known > 0
    sure, likely = _find_unexplained(found, view, size)
    # An overlay that has a colour of the picture before was learnt too small there.
    near = _spread(_spread(_spread(covered)))
    covered |= near & _spread(sure)
    unusual, more = sure & _USUAL & ~covered, likely & _USUAL & ~covered
    ways = [covered, _fill(_spread(unusual)) & _USUAL, _corners(unusual), _rim(unusual), _corners(more)]
    yield from _keep_small([covered | way for way in ways], min(MOST_LEFT_OUT + float(known.mean()), _MOST))


def learnt_masks(found: Alignment, view: View, size: int) -> Iterator[Floats]:
    """Give what a picture that is known to be there may explain of a view, the least first."""
    sure, likely = _find_unexplained(found, view, size)
    yield from _keep_small([_spread(likely), _spread(_spread(sure)), _spread(sure)], MOST_LEARNT)


def _find_unexplained(found: Alignment, view: View, size: int) -> tuple[_Mask, _Mask]:
    """Return which pixels of a crop's middle, brought into line, aren't the picture's: surely, and likely."""
    off = np.asarray(found.view, dtype=np.float64) - view.pixels
    # Neighbours together: what a codec or a scaler does to fine detail evens out among them.
    blurred = np.abs(_neighbours(off).mean(axis=0)).max(axis=-1)
    near = _neighbours(view.pixels)
    between = (near.max(axis=0) - near.min(axis=0)).max(axis=-1)
    allowed = _LEVELS + _SMALL / size + _PART * between
    sure, likely = (
        mask & (_neighbours(mask).sum(axis=0) >= _TOGETHER)
        for mask in (blurred > allowed, blurred > _STRICTER * allowed)
    )
    return sure, likely


def overlay_of(trusted: Floats, found: Alignment, inner: float) -> Overlay:
    """Return what covers a box, from what covers a picture in it."""
    back = Alignment(
        shift=(-found.shift[0] / found.scale[0], -found.shift[1] / found.scale[1]),
        scale=(1 / found.scale[0], 1 / found.scale[1]),
        likeness=found.likeness,
        view=found.view,
    )
    return Overlay(_move(trusted == 0, back, inner))


def _keep_small(masks: Iterable[_Mask], most: float) -> Iterator[Floats]:
    """Give what masks leave, without those that leave out nothing, too much, or what was left out before."""
    before: list[_Mask] = []
    for mask in masks:
        if mask.any() and mask.mean() <= most and not any(np.array_equal(mask, each) for each in before):
            before.append(mask)
            yield np.asarray(~mask, dtype=np.float64)


def _move(pixels: _Mask, found: Alignment, inner: float) -> _Mask:
    """Return what covers a box, as it lies over a picture that is out of line with the box."""
    along = (_AT + 0.5) / VIEW - 0.5
    rows, columns = (
        np.clip(np.floor((along * scale + shift / inner + 0.5) * VIEW).astype(int), 0, VIEW - 1)
        for shift, scale in ((found.shift[1], found.scale[1]), (found.shift[0], found.scale[0]))
    )
    return np.asarray(pixels[rows[:, None], columns[None, :]])


def _fill(mask: _Mask) -> _Mask:
    """Return a mask with all that lies between its pixels and the corner of their quarter.

    A dot on a part of a picture that has its colour, or between a badge and its corner, would else be judged.
    """
    filled = np.zeros_like(mask)
    half = VIEW // 2
    for rows in (slice(0, half), slice(VIEW, half - 1, -1)):
        for columns in (slice(0, half), slice(VIEW, half - 1, -1)):
            quarter = mask[rows, columns][::-1, ::-1]
            outwards = np.maximum.accumulate(np.maximum.accumulate(quarter, axis=0), axis=1)
            filled[rows, columns] = outwards[::-1, ::-1]
    return filled


def _corners(mask: _Mask) -> _Mask:
    """Return discs around the corners that have pixels of a mask, as large as these lie apart from them."""
    whole = np.zeros_like(mask)
    half = VIEW // 2
    for rows in (slice(0, half), slice(half, VIEW)):
        for columns in (slice(0, half), slice(half, VIEW)):
            reach = _TO_CORNER[rows, columns]
            furthest = float(np.max(reach * mask[rows, columns]))
            if furthest:
                whole[rows, columns] = reach <= min(furthest + _BEYOND, _REACH)
    return whole


def _rim(mask: _Mask) -> _Mask:
    """Return all that lies further out than nearly all pixels of a mask."""
    if not mask.any():
        return mask
    innermost = float(np.quantile(RADIUS[mask], _NEARLY_NONE)) - _BEYOND / 2
    # A thick ring around a small avatar reaches as far in as a circle around it is looked at, and no further.
    return np.asarray(max(innermost, _RIM_LEFT) <= RADIUS)


def _spread(mask: _Mask) -> _Mask:
    """Return the pixels of a mask and all that touch them: an edge is half one thing, half another."""
    return np.asarray(_neighbours(mask).any(axis=0))


def _neighbours(values: NDArray[Any]) -> NDArray[Any]:
    """Return a view nine times: itself, and moved by a pixel each way."""
    padded = np.pad(values, ((1, 1), (1, 1), *[(0, 0)] * (values.ndim - 2)), mode="edge")
    return np.stack(
        [padded[down : down + VIEW, right : right + VIEW] for down in range(3) for right in range(3)]
    )
