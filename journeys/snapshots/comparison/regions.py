"""Areas of pixels that differ: what lies near together is one, and there are never too many to look at."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeys.snapshots.comparison.pixels import Differing, Flags, any_in_cells
from journeys.snapshots.record import PixelBox

MOST: Final = 40
"""Regions of a screen; more than that are brought together with their neighbours."""
NEAR: Final = 8
"""Logical pixels on a side of the cells that pixels are put into; neighbouring cells are one region."""
_MOST_CELLS: Final = 2000

_NEIGHBOURS: Final = tuple((down, right) for down in (-1, 0, 1) for right in (-1, 0, 1))

Edges = NDArray[np.intp]
"""Left, top, right and bottom of boxes, a row for each."""


def regions(differing: Differing, pixel_ratio: float) -> list[tuple[PixelBox, int]]:
    """Return the areas that differ, the upper ones first, each with how many of its pixels do.

    No two of them overlap.
    """
    flags = differing.flags
    if not flags.any():
        return []
    side = max(1, round(NEAR * pixel_ratio))
    cells = any_in_cells(flags, side)
    # Where that many cells differ, nobody looks for one small region beside another.
    while np.count_nonzero(cells) > _MOST_CELLS:
        cells, side = _twice_as_large(cells), 2 * side
    while True:
        found = _apart(_tight(flags, cells, side))
        if len(found) <= MOST:
            break
        cells, side = _twice_as_large(cells), 2 * side
    areas = []
    for left, top, right, bottom in sorted(found.tolist(), key=lambda edges: (edges[1], edges[0])):
        box = PixelBox(
            left + differing.box.left, top + differing.box.top, width=right - left, height=bottom - top
        )
        areas.append((box, int(np.count_nonzero(flags[top:bottom, left:right]))))
    return areas


def _twice_as_large(cells: Flags) -> Flags:
    """Return the same for cells of twice the side."""
    return any_in_cells(cells, 2)


def _tight(flags: Flags, cells: Flags, side: int) -> Edges:
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
    return _around(edges, near)


def _apart(edges: Edges) -> Edges:
    """Bring boxes that overlap together, until none do."""
    while True:
        left, top, right, bottom = edges.T
        overlap = (left[:, None] < right) & (left < right[:, None])
        overlap &= (top[:, None] < bottom) & (top < bottom[:, None])
        if np.count_nonzero(overlap) == len(edges):
            return edges
        edges = _around(edges, [np.flatnonzero(each).tolist() for each in overlap])


def _around(edges: Edges, near: Sequence[Sequence[int]]) -> Edges:
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
