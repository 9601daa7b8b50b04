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
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
import pybind11_pixelmatch  # type: ignore[import-untyped]  # it says no types
from numpy.typing import NDArray

from journeys.snapshots.comparison.raster import Levels, Raster
from journeys.snapshots.record import PixelBox

NOISE: Final = 0.005
"""A threshold in pixelmatch's terms below which two colours are one: two levels of grey are above it."""
FIRM: Final = 0.1
"""pixelmatch's own default: from here on a colour is another one."""
ONE_WAY: Final = 0.7
"""Part of all change around a weak pixel that must go the same way. (0 is as much there as back.)"""
MIN_WEAK_PIXELS: Final = 12
"""Weak pixels that must be around one to count, times the pixel ratio: so much longer is the same edge."""
FAR: Final = 0.6
"""Part of the contrast around a weak pixel by which an edge has gone too far to be the same one."""
MIN_CONTRAST: Final = 10
"""Levels of brightness that make an edge."""
_BLOCK: Final = 16
"""Pixels on a side of the blocks that weak pixels are looked at in, by three by three."""
_AT_ONCE: Final = 50_000
"""Weak pixels whose surroundings are looked at together: a few megabytes."""
_GAP: Final = 3 * _BLOCK
"""Rows without a difference between two bands: so far apart, two weak pixels are no neighbours."""
_ROWS: Final = 128
"""Rows looked at together: what is worked with stays in the processor's cache. Whole blocks of them."""
_REACH: Final = 2
"""How far from a pixel pixelmatch looks."""
_MAX_YIQ: Final = 35215.0
"""The largest difference of two colours in YIQ, squared and weighed: what thresholds are a part of."""

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class PixelDifference:
    """The pixels that differ: flags for the part of the picture that `box` says, True where one does.

    `tolerated` is how many pixels differ by no more than drawing the same again explains.
    """

    box: PixelBox
    flags: Flags = field(repr=False)
    tolerated: int = 0


_NONE: Final = PixelDifference(PixelBox(0, 0, 0, 0), np.zeros((0, 0), dtype=np.bool_))


def compare_pixels(
    actual: Raster, baseline: Raster, ignored: Sequence[PixelBox] = (), pixel_ratio: float = 1.0
) -> PixelDifference:
    """Return which pixels of two pictures of one size differ, those in `ignored` boxes left out.

    `pixel_ratio` is how many of their pixels make a logical one.
    """
    enough = MIN_WEAK_PIXELS * max(1.0, pixel_ratio)
    width, height = actual.size
    bands: list[PixelDifference] = []
    for first, last in _group_rows(_find_unlike_rows(actual.levels, baseline.levels), _GAP):
        unlike = _find_unlike(actual, baseline, PixelBox(0, first, width, last + 1 - first))
        for each in ignored:
            rows = slice(max(0, each.top - first), max(0, each.top + each.height - first))
            unlike[rows, max(0, each.left) : max(0, each.left + each.width)] = False
        for highest, lowest in _group_rows(_flag_rows(unlike), _GAP):
            rows = slice(highest, lowest + 1)
            columns = np.flatnonzero(unlike[rows].any(axis=0))
            left, right = max(0, int(columns[0]) - _REACH), min(width, int(columns[-1]) + 1 + _REACH)
            top, bottom = first + highest, first + lowest + 1
            above, below = min(_REACH, top), min(_REACH, height - bottom)
            box = PixelBox(left, top - above, right - left, bottom + below - (top - above))
            unlike_there = np.zeros((box.height, box.width), dtype=np.bool_)
            unlike_there[above : box.height - below] = unlike[rows, left:right]
            bands.append(_compare_band(actual, baseline, box, unlike_there, enough))
    if not bands:
        return _NONE
    left, top = min(each.box.left for each in bands), bands[0].box.top
    right = max(each.box.left + each.box.width for each in bands)
    whole = PixelBox(left, top, right - left, bands[-1].box.top + bands[-1].box.height - top)
    flags = np.zeros((whole.height, whole.width), dtype=np.bool_)
    for band in bands:
        rows = slice(band.box.top - top, band.box.top - top + band.box.height)
        flags[rows, band.box.left - left : band.box.left - left + band.box.width] = band.flags
    return PixelDifference(whole, flags, sum(each.tolerated for each in bands))


def _flag_rows(flags: Flags) -> Flags:
    return np.asarray(flags.any(axis=1), dtype=np.bool_)


def flag_cells(flags: Flags, side: int) -> Flags:
    """Return for each cell of so many rows and columns whether anything in it is flagged."""
    whole = len(flags) // side * side
    bands = flags[:whole].reshape(-1, side, flags.shape[1]).any(axis=1)
    if whole < len(flags):
        bands = np.vstack([bands, flags[whole:].any(axis=0)])
    cells: Flags = np.logical_or.reduceat(bands, np.arange(0, flags.shape[1], side), axis=1)
    return cells


def _find_unlike_rows(ours: Levels, theirs: Levels) -> Flags:
    """Return in which rows of two pictures of one size anything differs at all."""
    if ours.shape != theirs.shape:
        return _flag_rows((ours[..., :3] != theirs[..., :3]).any(axis=2))
    ours, theirs = (each.reshape(len(each), -1) for each in (ours, theirs))
    unlike = np.empty(len(ours), dtype=np.bool_)
    for start in range(0, len(ours), _ROWS):
        rows = slice(start, start + _ROWS)
        (ours[rows] != theirs[rows]).any(axis=1, out=unlike[rows])
    return unlike


def _find_unlike(actual: Raster, baseline: Raster, box: PixelBox) -> Flags:
    """Return which pixels of a part are not the very same."""
    unlike = np.empty((box.height, box.width), dtype=np.bool_)
    for start in range(0, box.height, _ROWS):
        rows = replace(box, top=box.top + start, height=min(_ROWS, box.height - start))
        ours, theirs = (_pack_pixels(each.four_channels(rows)) for each in (actual, baseline))
        np.not_equal(ours, theirs, out=unlike[start : start + _ROWS])
    return unlike


def _group_rows(rows: Flags, gap: int) -> Iterator[tuple[int, int]]:
    """Yield the first and the last of the rows that are flagged, those at most `gap` apart together."""
    flagged = np.flatnonzero(rows)
    if len(flagged):
        ends = np.flatnonzero(np.diff(flagged) > gap)
        firsts, lasts = flagged[[0, *(ends + 1)]], flagged[[*ends, -1]]
        yield from zip(firsts.tolist(), lasts.tolist(), strict=True)


def _compare_band(
    actual: Raster, baseline: Raster, box: PixelBox, unlike: Flags, enough: float
) -> PixelDifference:
    """Return which pixels of a part differ, of those that are unlike at all, and how many are tolerated."""
    flags = np.empty_like(unlike)
    blocks = _Blocks(unlike.shape)
    places, blocks_of = [], []
    for start in range(0, box.height, _ROWS):
        rows = slice(start, min(box.height, start + _ROWS))
        above, below = max(0, start - _REACH), min(box.height, rows.stop + _REACH)
        around = replace(box, top=box.top + above, height=below - above)
        ours, theirs = (each.four_channels(around) for each in (actual, baseline))
        inner = slice(start - above, rows.stop - above)
        flags[rows] = _find_firm(ours, theirs, unlike[above:below])[inner] & unlike[rows]
        at = np.flatnonzero(unlike[rows] & ~flags[rows])
        change = np.subtract(*(_colours_at(side[inner], at) for side in (ours, theirs)), dtype=np.float32)
        above_noise = np.flatnonzero(_yiq_distance(change) > _MAX_YIQ * NOISE**2)
        at = at[above_noise]
        blocks_of.append(blocks.add(start, at, change[:, above_noise]))
        places.append(at + start * box.width)
    at, block = np.concatenate(places), np.concatenate(blocks_of)
    if not len(at):
        return PixelDifference(box, flags)
    counts = blocks.go_one_way(enough)[block]
    flags.reshape(-1)[at[counts]] = True
    # Where something is found already, the rest of it can't change the verdict.
    alone = np.flatnonzero(~counts & ~_find_blocks_near(flags)[block])
    far = alone[_flag_far_changes(*np.divmod(at[alone], box.width), actual.part(box), baseline.part(box))]
    flags.reshape(-1)[at[far]] = True
    return PixelDifference(box, flags, len(at) - int(np.count_nonzero(counts)) - len(far))


class _Blocks:
    """What weak pixels add up to in the blocks of a part: how many, and how far they go which way."""

    def __init__(self, shape: tuple[int, int]) -> None:
        self._across = shape[1] // _BLOCK + 1
        self._size = (shape[0] // _BLOCK + 1, self._across)
        self._sums = np.zeros((5, self._size[0] * self._size[1]))
        down = np.arange(min(shape[0], _ROWS)) // _BLOCK
        self._blocks = (down[:, None] * self._across + np.arange(shape[1]) // _BLOCK).reshape(-1)

    def add(self, start: int, at: NDArray[np.intp], change: NDArray[np.float32]) -> NDArray[np.intp]:
        """Add pixels, by their place in the rows from `start`, with their change; return their blocks."""
        if not len(at):
            return at
        blocks = self._blocks[at]
        first = start // _BLOCK * self._across
        red, green, blue = np.abs(change)
        total = red + green + blue
        for each, weights in zip(self._sums, (*change, total, None), strict=True):
            more = np.bincount(blocks, weights=weights)
            each[first : first + len(more)] += more
        return blocks + first

    def go_one_way(self, enough: float) -> Flags:
        """Tell of each block whether the weak pixels in and around it are enough and all go one way."""
        *changes, total, count = _sum_around(self._sums.reshape(-1, *self._size))
        there = sum(np.abs(each) for each in changes)
        return np.asarray(((count >= enough) & (there >= ONE_WAY * total)).reshape(-1), dtype=np.bool_)


def _sum_around(sums: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return for each block what it and those around it add up to; blocks are the last two axes."""
    down, across = sums.shape[-2:]
    padded = np.zeros((*sums.shape[:-2], down + 2, across + 2))
    padded[..., 1:-1, 1:-1] = sums
    three = padded[..., :-2, :] + padded[..., 1:-1, :] + padded[..., 2:, :]
    return np.asarray(three[..., :-2] + three[..., 1:-1] + three[..., 2:], dtype=np.float64)


def _find_firm(ours: Levels, theirs: Levels, unlike: Flags) -> Flags:
    """Return which pixels have another colour that anti-aliasing doesn't explain, as pixelmatch says."""
    options = pybind11_pixelmatch.Options()
    options.threshold = FIRM
    options.diffMask = True
    options.diffColor = pybind11_pixelmatch.Color(255, 0, 0, 255)
    drawn = np.zeros_like(ours)
    for first, last in _group_rows(_flag_rows(unlike), 2 * _REACH):
        rows = slice(max(0, first - _REACH), last + 1 + _REACH)
        pybind11_pixelmatch.pixelmatch(ours[rows], theirs[rows], output=drawn[rows], options=options)
    return np.asarray(_pack_pixels(drawn) != 0, dtype=np.bool_)


def _find_blocks_near(flags: Flags) -> Flags:
    """Tell of each block whether a pixel that counts lies in it or around it."""
    # As many as a part has blocks in all, full or not.
    blocks = np.zeros((flags.shape[0] // _BLOCK + 1, flags.shape[1] // _BLOCK + 1))
    found = flag_cells(flags, _BLOCK)
    blocks[: found.shape[0], : found.shape[1]] = found
    return np.asarray((_sum_around(blocks) > 0).reshape(-1), dtype=np.bool_)


def _flag_far_changes(
    rows: NDArray[np.intp], columns: NDArray[np.intp], ours: Levels, theirs: Levels
) -> Flags:
    """Tell of each weak pixel whether its brightness changed by most of the contrast around it."""
    down, right = (part.reshape(-1) - 1 for part in np.indices((3, 3)))
    far = np.zeros(len(rows), dtype=np.bool_)
    for start in range(0, len(rows), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        near = (
            np.clip(rows[part, None] + down, 0, ours.shape[0] - 1),
            np.clip(columns[part, None] + right, 0, ours.shape[1] - 1),
        )
        new, old = (_brightness(side[near]) for side in (ours, theirs))
        contrast = np.maximum(new.max(axis=1), old.max(axis=1)) - np.minimum(new.min(axis=1), old.min(axis=1))
        far[part] = (contrast >= MIN_CONTRAST) & (np.abs(new[:, 4] - old[:, 4]) > FAR * contrast)
    return far


def _pack_pixels(levels: Levels) -> NDArray[np.uint32]:
    """Return pixels of four channels as one number each."""
    return levels.view(np.uint32)[..., 0]


def _colours_at(levels: Levels, at: NDArray[np.intp]) -> Levels:
    """Return red, green and blue of some pixels, one row of each."""
    return np.ascontiguousarray(_pack_pixels(levels).reshape(-1)[at].view(np.uint8).reshape(-1, 4).T[:3])


def _brightness(levels: Levels) -> NDArray[np.float32]:
    return np.asarray(levels[..., :3] @ np.array([0.299, 0.587, 0.114], dtype=np.float32), dtype=np.float32)


def _yiq_distance(change: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return how far apart colours are, as pixelmatch measures it."""
    red, green, blue = change
    y = 0.29889531 * red + 0.58662247 * green + 0.11448223 * blue
    i = 0.59597799 * red - 0.2741761 * green - 0.32180189 * blue
    q = 0.21147017 * red - 0.52261711 * green + 0.31114694 * blue
    return np.asarray(0.5053 * y * y + 0.299 * i * i + 0.1957 * q * q, dtype=np.float32)
