"""The first opinion: which pixels of two pictures differ, beyond what drawing the same again explains.

pixelmatch (in C++) measures colours in YIQ and tells anti-aliased pixels (V. Vysniauskas, 2009). It is asked
for the parts of the pictures in which anything differs at all. A pixel is

- *firm* where its colour is clearly another one (pixelmatch's own default) and anti-aliasing doesn't explain
  it: it counts;
- *weak* otherwise, from two levels of grey: a shade off, or at an edge that is drawn a fraction of a pixel
  further. It counts where the weak pixels around it all go one way, as a changed colour or a heavier stroke
  makes them: an edge that is drawn elsewhere makes as many darker as brighter, and so does rounding. Where
  nothing counts yet, it also does if it changed by most of the contrast around it: an edge went by more than
  half a pixel.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pybind11_pixelmatch  # type: ignore[import-untyped]  # it says no types
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from journeys.screens.record import PixelBox

NOISE: Final = 0.005
"""A threshold in pixelmatch's terms below which two colours are one: two levels of grey are above it."""
FIRM: Final = 0.1
"""pixelmatch's own default: from here on a colour is another one."""
ONE_WAY: Final = 0.7
"""Part of all change around a weak pixel that must go the same way. (0 is as much there as back.)"""
ENOUGH: Final = 12
"""Weak pixels that must be around one to count."""
FAR: Final = 0.6
"""Part of the contrast around a weak pixel by which an edge has gone too far to be the same one."""
CONTRAST: Final = 10
"""Levels of brightness that make an edge."""
_AROUND: Final = 16
"""Pixels on a side of the blocks that weak pixels are looked at in, by three by three."""
_AT_ONCE: Final = 50_000
"""Weak pixels whose surroundings are looked at together: a few megabytes."""
_REACH: Final = 2
"""How far from a pixel pixelmatch looks."""
_MOST_YIQ: Final = 35215.0
"""The largest difference of two colours in YIQ, squared and weighed: what thresholds are a part of."""
_DIFFERS: Final = (255, 0, 0)

Flags = NDArray[np.bool_]
Levels = NDArray[np.uint8]


@dataclass(frozen=True)
class Differing:
    """The pixels that differ: flags for the part of the picture that `box` says, True where one does.

    `tolerated` is how many pixels differ by no more than drawing the same again explains.
    """

    box: PixelBox
    flags: Flags = field(repr=False)
    tolerated: int = 0

    @property
    def count(self) -> int:
        """How many differ."""
        return int(np.count_nonzero(self.flags))


NOTHING: Final = Differing(PixelBox(0, 0, 0, 0), np.zeros((0, 0), dtype=np.bool_))


def differing(actual: Image.Image, baseline: Image.Image, ignored: Sequence[PixelBox] = ()) -> Differing:
    """Return which pixels of two RGB pictures of one size differ, those in `ignored` boxes left out."""
    difference = ImageChops.difference(actual, baseline)
    pen = ImageDraw.Draw(difference)
    for each in ignored:
        if each.width > 0 and each.height > 0:
            right, bottom = each.left + each.width - 1, each.top + each.height - 1
            pen.rectangle((each.left, each.top, right, bottom), fill=(0, 0, 0))
    bounds = difference.getbbox()
    if bounds is None:
        return NOTHING
    left, top = max(0, bounds[0] - _REACH), max(0, bounds[1] - _REACH)
    right, bottom = min(actual.width, bounds[2] + _REACH), min(actual.height, bounds[3] + _REACH)
    ours, theirs = (_rgba(image, (left, top, right, bottom)) for image in (actual, baseline))
    unlike = ours.view(np.uint32)[..., 0] != theirs.view(np.uint32)[..., 0]
    for each in ignored:
        rows = slice(max(0, each.top - top), max(0, each.top + each.height - top))
        unlike[rows, max(0, each.left - left) : max(0, each.left + each.width - left)] = False
    flags = np.zeros(unlike.shape, dtype=np.bool_)
    tolerated = 0
    for tall, wide in _bands(unlike):
        around = (
            slice(max(0, tall.start - _REACH), tall.stop + _REACH),
            slice(max(0, wide.start - _REACH), wide.stop + _REACH),
        )
        # pixelmatch takes whatever memory it is given for whole rows: it must be.
        mine, its = np.ascontiguousarray(ours[around]), np.ascontiguousarray(theirs[around])
        flags[around], more = _judged(mine, its, _firm(mine, its), unlike[around])
        tolerated += more
    return Differing(PixelBox(left, top, right - left, bottom - top), flags, tolerated)


def _bands(unlike: Flags) -> Iterator[tuple[slice, slice]]:
    """Yield the parts with anything in them: bands of rows, apart from one another, each as wide as need be.

    What lies between two bands is looked at by neither: two weak pixels that far apart are no neighbours.
    """
    rows = np.flatnonzero(unlike.any(axis=1))
    for band in np.split(rows, np.flatnonzero(np.diff(rows) > 3 * _AROUND) + 1):
        tall = slice(int(band[0]), int(band[-1]) + 1)
        columns = np.flatnonzero(unlike[tall].any(axis=0))
        yield tall, slice(int(columns[0]), int(columns[-1]) + 1)


def _judged(ours: Levels, theirs: Levels, firm: Flags, unlike: Flags) -> tuple[Flags, int]:
    """Return which pixels differ, of those that are unlike at all, and how many are tolerated."""
    flags = firm & unlike
    rest = unlike & ~flags
    change = np.subtract(_picked(ours, rest), _picked(theirs, rest), dtype=np.float32)
    above = _yiq_distance(change) > _MOST_YIQ * NOISE**2
    rows, columns = np.nonzero(rest)
    rows, columns = rows[above], columns[above]
    counts = _one_way(rows, columns, change[above], unlike.shape)
    flags[rows[counts], columns[counts]] = True
    # Where something is found already, the rest of it can't change the verdict.
    alone = ~counts & ~_beside(flags, rows, columns)
    counts[alone] = _went_far(rows[alone], columns[alone], ours, theirs)
    flags[rows[counts], columns[counts]] = True
    return flags, int(np.count_nonzero(~counts))


def _picked(levels: Levels, which: Flags) -> Levels:
    """Return some pixels, one below the other; taken as whole ones they are had in a third of the time."""
    return levels.view(np.uint32)[..., 0][which].view(np.uint8).reshape(-1, 4)


def _firm(ours: Levels, theirs: Levels) -> Flags:
    """Return which pixels have another colour that anti-aliasing doesn't explain, as pixelmatch says."""
    options = pybind11_pixelmatch.Options()
    options.threshold = FIRM
    options.diffMask = True
    options.diffColor = pybind11_pixelmatch.Color(*_DIFFERS, 255)
    drawn = np.zeros_like(ours)
    pybind11_pixelmatch.pixelmatch(ours, theirs, output=drawn, options=options)
    firm: Flags = drawn[..., 3] != 0
    return firm


def _one_way(
    rows: NDArray[np.intp], columns: NDArray[np.intp], change: NDArray[np.float32], shape: tuple[int, int]
) -> Flags:
    """Tell of each weak pixel whether those around it all go one way."""
    across = shape[1] // _AROUND + 1
    blocks = (rows // _AROUND) * across + columns // _AROUND
    size = (shape[0] // _AROUND + 1, across)

    def around(weights: NDArray[np.float32] | None) -> NDArray[np.float64]:
        sums = np.bincount(blocks, weights=weights, minlength=size[0] * size[1])
        padded = np.pad(sums.reshape(size), 1)
        three = padded[:-2] + padded[1:-1] + padded[2:]
        return np.asarray(three[:, :-2] + three[:, 1:-1] + three[:, 2:], dtype=np.float64)

    there = sum(np.abs(around(change[:, channel])) for channel in range(3))
    total = around(np.abs(change).sum(axis=1))
    holds = (around(None) >= ENOUGH) & (there >= ONE_WAY * total)
    return np.asarray(holds.reshape(-1)[blocks], dtype=np.bool_)


def _beside(flags: Flags, rows: NDArray[np.intp], columns: NDArray[np.intp]) -> Flags:
    """Tell of each pixel whether one that counts lies in the blocks around it."""
    blocks = np.logical_or.reduceat(flags, np.arange(0, flags.shape[0], _AROUND), axis=0)
    padded = np.pad(np.logical_or.reduceat(blocks, np.arange(0, flags.shape[1], _AROUND), axis=1), 1)
    three = padded[:-2] | padded[1:-1] | padded[2:]
    near = three[:, :-2] | three[:, 1:-1] | three[:, 2:]
    return np.asarray(near[rows // _AROUND, columns // _AROUND], dtype=np.bool_)


def _went_far(rows: NDArray[np.intp], columns: NDArray[np.intp], ours: Levels, theirs: Levels) -> Flags:
    """Tell of each weak pixel whether its brightness changed by most of the contrast around it."""
    down, right = (part.reshape(-1) - 1 for part in np.indices((3, 3)))
    far = np.zeros(len(rows), dtype=np.bool_)
    for start in range(0, len(rows), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        near = (
            np.clip(rows[part, None] + down, 0, ours.shape[0] - 1),
            np.clip(columns[part, None] + right, 0, ours.shape[1] - 1),
        )
        new, old = (_brightness(side.view(np.uint32)[..., 0][near]) for side in (ours, theirs))
        contrast = np.maximum(new.max(axis=1), old.max(axis=1)) - np.minimum(new.min(axis=1), old.min(axis=1))
        far[part] = (contrast >= CONTRAST) & (np.abs(new[:, 4] - old[:, 4]) > FAR * contrast)
    return far


def _brightness(packed: NDArray[np.uint32]) -> NDArray[np.float32]:
    levels = packed.view(np.uint8).reshape(*packed.shape, 4)
    return np.asarray(levels @ np.array([0.299, 0.587, 0.114, 0.0], dtype=np.float32), dtype=np.float32)


def _yiq_distance(change: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far apart colours are, as pixelmatch measures it."""
    red, green, blue = change[:, 0], change[:, 1], change[:, 2]
    y = 0.29889531 * red + 0.58662247 * green + 0.11448223 * blue
    i = 0.59597799 * red - 0.2741761 * green - 0.32180189 * blue
    q = 0.21147017 * red - 0.52261711 * green + 0.31114694 * blue
    return np.asarray(0.5053 * y * y + 0.299 * i * i + 0.1957 * q * q, dtype=np.float32)


def _rgba(image: Image.Image, part: tuple[int, int, int, int]) -> Levels:
    """Return a part of a picture as pixelmatch wants it: contiguous, four channels (it checks neither)."""
    return np.ascontiguousarray(np.asarray(image.crop(part).convert("RGBA")))
