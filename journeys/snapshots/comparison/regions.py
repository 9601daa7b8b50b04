"""Areas of pixels that differ, never too many to look at, and the second opinion on each.

What lies near together is one area. The second opinion is whether both sides show the same shapes to a person
although their pixels differ, told by perceptual hashes.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from journeys.snapshots.comparison.pixels import Flags, PixelDifference, flag_cells
from journeys.snapshots.comparison.raster import Levels, Part, Raster
from journeys.snapshots.record import PixelBox

MAX_REGIONS: Final = 40
"""Of a screen; more than that are brought together with their neighbours."""
CELL: Final = 8
"""Logical pixels on a side of the cells that pixels are put into; neighbouring cells are one region."""
UNLIKE: Final = 32
"""Bits between two pictures that have nothing in common; what is plain on one side alone has nothing."""
SAME_SHAPES: Final = 4
"""Bits up to which the shapes are the same."""
PLAIN: Final = 3.0
"""Standard deviation, in levels, below which a region has no shapes to tell: its hash would be noise."""
_MAX_CELLS: Final = 2000
_SMALLEST: Final = 32
"""Pixels on a side of what is hashed: a smaller region is seen with what is around it."""
_LARGEST: Final = 256
"""Pixels on a side beyond which a region is made smaller first: its hash stays, and is had sooner."""
_HASHED: Final = 32
"""Pixels on a side of what a perceptual hash is made from."""
_HASH_SIDE: Final = 8
"""Bits of such a hash, across and down."""

_NEIGHBOURS: Final = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))

Edges = NDArray[np.intp]
"""Left, top, right and bottom of boxes, a row for each."""


@dataclass(frozen=True)
class Region:
    """A part of a screen that differs: how many of its pixels do, and the bits between both sides' hashes."""

    box: PixelBox
    pixels: int
    hash_distance: int

    @property
    def has_same_shapes(self) -> bool:
        """Whether a person sees the same shapes on both sides."""
        return self.hash_distance <= SAME_SHAPES


def find_regions(
    actual: Raster, baseline: Raster, differing: PixelDifference, pixel_ratio: float
) -> list[Region]:
    """Return the areas that differ, the upper ones first; no two of them overlap."""
    flags = differing.flags
    if not flags.any():
        return []
    boxes, counts = [], []
    for left, top, right, bottom in sorted(_find_areas(flags, pixel_ratio), key=lambda e: (e[1], e[0])):
        boxes.append(PixelBox(left + differing.box.left, top + differing.box.top, right - left, bottom - top))
        counts.append(int(np.count_nonzero(flags[top:bottom, left:right])))
    return list(map(Region, boxes, counts, _hash_distances_of(actual, baseline, boxes)))


def hash_distance(actual: Image.Image, baseline: Image.Image, box: PixelBox) -> int:
    """Return the bits, of 64, between the perceptual hashes of one region of two pictures of one size."""
    part = _add_surroundings(box, actual.size)
    return _hash_distances([tuple(_reduce(each.crop(part)) for each in (actual, baseline))])[0]


def _find_areas(flags: Flags, pixel_ratio: float) -> list[list[int]]:
    side = max(1, round(CELL * pixel_ratio))
    cells = flag_cells(flags, side)
    # Where that many cells differ, nobody looks for one small region beside another.
    while np.count_nonzero(cells) > _MAX_CELLS:
        cells, side = flag_cells(cells, 2), 2 * side
    while len(found := _join_overlapping(_fit_boxes(flags, cells, side))) > MAX_REGIONS:
        cells, side = flag_cells(cells, 2), 2 * side
    areas: list[list[int]] = found.tolist()
    return areas


def _fit_boxes(flags: Flags, cells: Flags, side: int) -> Edges:
    """Return the smallest box around the pixels of each group of cells that are neighbours."""
    rows, columns = np.nonzero(cells)
    edges = np.empty((len(rows), 4), dtype=np.intp)
    for at, (row, column) in enumerate(zip((rows * side).tolist(), (columns * side).tolist(), strict=True)):
        cell = flags[row : row + side, column : column + side]
        across, down = cell.any(axis=0).tobytes(), cell.any(axis=1).tobytes()
        edges[at] = (
            column + across.find(1),
            row + down.find(1),
            column + across.rfind(1) + 1,
            row + down.rfind(1) + 1,
        )
    places = list(zip(rows.tolist(), columns.tolist(), strict=True))
    number = {place: at for at, place in enumerate(places)}
    near = [
        [number[place] for down, right in _NEIGHBOURS if (place := (row + down, column + right)) in number]
        for row, column in places
    ]
    return _enclose(edges, near)


def _join_overlapping(edges: Edges) -> Edges:
    """Bring boxes that overlap together, until none do."""
    while True:
        left, top, right, bottom = edges.T
        overlap = (left[:, None] < right) & (left < right[:, None])
        overlap &= (top[:, None] < bottom) & (top < bottom[:, None])
        if np.count_nonzero(overlap) == len(edges):
            return edges
        edges = _enclose(edges, [np.flatnonzero(each).tolist() for each in overlap])


def _enclose(edges: Edges, near: Sequence[Sequence[int]]) -> Edges:
    """Return the box around each group of boxes: `near` says for each which others are of its group.

    A plain flood fill: at a few thousand cells it is done before `scipy.ndimage` would be loaded.
    """
    left = set(range(len(edges)))
    boxes = []
    while left:
        group = [left.pop()]
        for each in group:
            more = left.intersection(near[each])
            left -= more
            group.extend(more)
        own = edges[group]
        boxes.append([*own[:, :2].min(axis=0), *own[:, 2:].max(axis=0)])
    return np.array(boxes, dtype=np.intp)


def _hash_distances_of(actual: Raster, baseline: Raster, boxes: Iterable[PixelBox]) -> list[int]:
    def levels_of(side: Raster, part: Part) -> Levels:
        left, top, right, bottom = part
        if max(right - left, bottom - top) > _LARGEST:
            return _reduce(side.image(part))
        return side.levels[top:bottom, left:right, :3]

    parts = [_add_surroundings(box, actual.size) for box in boxes]
    return _hash_distances([(levels_of(actual, part), levels_of(baseline, part)) for part in parts])


def _hash_distances(pairs: Sequence[tuple[Levels, ...]]) -> list[int]:
    """Compare both pictures of each pair; all hashes are made together, in a fraction of the time."""
    distances, both = [], []
    for pair in pairs:
        greys = [_grey(each) for each in pair]
        plain = [float(each.std()) < PLAIN for each in greys]
        if any(plain):
            distances.append(0 if all(plain) else UNLIKE)
        else:
            distances.append(-1)
            both += greys
    if both:
        hashes = _hash(both)
        bits = iter(np.count_nonzero(hashes[::2] != hashes[1::2], axis=1).tolist())
        distances = [next(bits) if distance < 0 else distance for distance in distances]
    return distances


def _hash(greys: Sequence[Levels]) -> NDArray[np.bool_]:
    """Return the perceptual hash of each picture, bit for bit what `imagehash.phash` makes of it."""
    from scipy.fftpack import dct  # type: ignore[import-untyped]  # noqa: PLC0415 - takes as long as a pair

    size = (_HASHED, _HASHED)
    small = [np.asarray(Image.fromarray(each).resize(size, Image.Resampling.LANCZOS)) for each in greys]
    waves = dct(dct(np.stack(small), axis=1), axis=2)[:, :_HASH_SIDE, :_HASH_SIDE].reshape(len(greys), -1)
    return np.asarray(waves > np.median(waves, axis=1, keepdims=True), dtype=np.bool_)


def _grey(levels: Levels) -> Levels:
    """Return how bright pixels are, to the level as Pillow rounds it."""
    # Shares of 65536, and one half of them.
    sums = levels @ np.array([19595, 38470, 7471], dtype=np.uint32) + 0x8000
    return np.asarray(sums >> 16, dtype=np.uint8)


def _reduce(part: Image.Image) -> Levels:
    if max(part.size) > _LARGEST:
        part.thumbnail((_LARGEST, _LARGEST), Image.Resampling.BOX)
    return np.asarray(part)[..., :3]


def _add_surroundings(box: PixelBox, size: tuple[int, int]) -> Part:
    across, down = max(0, _SMALLEST - box.width) // 2 + 1, max(0, _SMALLEST - box.height) // 2 + 1
    return (
        max(0, box.left - across),
        max(0, box.top - down),
        min(size[0], box.left + box.width + across),
        min(size[1], box.top + box.height + down),
    )
