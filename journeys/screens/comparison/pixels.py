"""The first opinion: which pixels of two pictures differ, beyond what drawing the same again explains.

pixelmatch (in C++) measures colours in YIQ and tells anti-aliased pixels (V. Vysniauskas, 2009). It is asked
at a threshold of two grey levels, and only for the part of the pictures in which anything differs at all. A
pixel is then

- *firm* where its colour is clearly another one (pixelmatch's own default) and anti-aliasing doesn't explain
  it: it counts;
- *weak* otherwise: a shade off, or at an edge that is drawn a fraction of a pixel further. It counts only
  where the weak pixels around it all go one way, as a changed colour or a heavier stroke makes them. An edge
  that is drawn elsewhere makes as many darker as brighter; so does rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import pybind11_pixelmatch  # type: ignore[import-untyped]  # it says no types
from numpy.typing import NDArray
from PIL import Image, ImageChops, ImageDraw

from journeys.screens.record import PixelBox

NOISE: Final = 0.005
"""pixelmatch's threshold below which two colours are one: two levels of grey are above it, one is not."""
FIRM: Final = 0.1
"""pixelmatch's own default: from here on a colour is another one."""
ONE_WAY: Final = 0.7
"""Part of all change around a weak pixel that must go the same way. (0 is as much there as back.)"""
ENOUGH: Final = 12
"""Weak pixels that must be around one to count."""
_AROUND: Final = 16
"""Pixels on a side of the blocks that weak pixels are looked at in, by three by three."""
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
    part = (left, top, right, bottom)
    ours, theirs = _rgba(actual, part), _rgba(baseline, part)
    unlike: Flags = np.asarray(np.asarray(difference.crop(part)).any(axis=2))
    flags, tolerated = _judged(ours, theirs, unlike)
    return Differing(PixelBox(left, top, right - left, bottom - top), flags, tolerated)


def _judged(ours: Levels, theirs: Levels, unlike: Flags) -> tuple[Flags, int]:
    """Return which pixels differ, of those that are unlike at all, and how many are tolerated."""
    marked = _not_antialiased(ours, theirs)
    rows, columns = np.nonzero(unlike)
    change = ours[rows, columns, :3].astype(np.float32) - theirs[rows, columns, :3]
    distance = _yiq_distance(change)
    above = distance > _MOST_YIQ * NOISE**2
    rows, columns, change, distance = rows[above], columns[above], change[above], distance[above]
    firm = marked[rows, columns] & (distance > _MOST_YIQ * FIRM**2)
    counts = firm.copy()
    counts[~firm] = _one_way(rows[~firm], columns[~firm], change[~firm], unlike.shape)
    flags = np.zeros(unlike.shape, dtype=np.bool_)
    flags[rows[counts], columns[counts]] = True
    return flags, int(np.count_nonzero(~counts))


def _not_antialiased(ours: Levels, theirs: Levels) -> Flags:
    """Return where two pictures differ at all and anti-aliasing doesn't explain it, as pixelmatch says."""
    options = pybind11_pixelmatch.Options()
    options.threshold = NOISE
    options.diffMask = True
    options.diffColor = pybind11_pixelmatch.Color(*_DIFFERS, 255)
    drawn = np.zeros_like(ours)
    pybind11_pixelmatch.pixelmatch(ours, theirs, output=drawn, options=options)
    marked: Flags = drawn[..., 3] != 0
    return marked


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
