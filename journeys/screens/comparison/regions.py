"""Areas of pixels that differ: what lies near together is one, and there are never too many to look at."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Final

import numpy as np
from numpy.typing import NDArray

from journeys.screens.comparison.pixels import Differing, Flags
from journeys.screens.record import PixelBox

MOST: Final = 40
"""Regions of a screen; more than that are brought together with their neighbours."""
NEAR: Final = 8
"""Logical pixels on a side of the cells that pixels are put into; neighbouring cells are one region."""
_MOST_CELLS: Final = 2000

Cell = tuple[int, int]


def regions(differing: Differing, pixel_ratio: float) -> list[tuple[PixelBox, int]]:
    """Return the areas that differ, the upper ones first, each with how many of its pixels do.

    No two of them overlap.
    """
    side = max(1, round(NEAR * pixel_ratio))
    # Where that many cells differ, nobody looks for one small region beside another.
    while differing.flags.size and np.count_nonzero(_any_in_cells(differing.flags, side)) > _MOST_CELLS:
        side *= 2
    while True:
        found = _apart([_tight(differing.flags, cells, side) for cells in _connected(differing.flags, side)])
        if len(found) <= MOST:
            break
        side *= 2
    left, top = differing.box.left, differing.box.top
    return [
        (
            replace(box, left=box.left + left, top=box.top + top),
            int(np.count_nonzero(_part(differing.flags, box))),
        )
        for box in sorted(found, key=lambda box: (box.top, box.left))
    ]


def _connected(flags: Flags, side: int) -> Iterable[list[Cell]]:
    """Yield the cells with pixels that differ, neighbours together.

    A plain flood fill: at a few thousand cells it is done before `scipy.ndimage` would be loaded.
    """
    rows, columns = np.nonzero(_any_in_cells(flags, side))
    left: set[Cell] = set(zip(rows.tolist(), columns.tolist(), strict=True))
    while left:
        group = [left.pop()]
        for row, column in group:
            near = {(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)} & left
            left -= near
            group.extend(near)
        yield group


def _any_in_cells(flags: Flags, side: int) -> Flags:
    down = np.logical_or.reduceat(flags, np.arange(0, flags.shape[0], side), axis=0)
    across: NDArray[np.bool_] = np.logical_or.reduceat(down, np.arange(0, flags.shape[1], side), axis=1)
    return across


def _tight(flags: Flags, cells: list[Cell], side: int) -> PixelBox:
    """Return the smallest box around the pixels of a group of cells."""
    rows, columns = [row for row, _ in cells], [column for _, column in cells]
    top, left = min(rows) * side, min(columns) * side
    part = flags[top : (max(rows) + 1) * side, left : (max(columns) + 1) * side]
    # Of the group's cells only: another group may reach into the box around them.
    own = np.zeros(part.shape, dtype=np.bool_)
    for row, column in cells:
        cell = (slice(row * side - top, None), slice(column * side - left, None))
        own[cell][:side, :side] = True
    own &= part
    down, across = np.flatnonzero(own.any(axis=1)), np.flatnonzero(own.any(axis=0))
    return PixelBox(
        left + int(across[0]),
        top + int(down[0]),
        int(across[-1] - across[0]) + 1,
        int(down[-1] - down[0]) + 1,
    )


def _apart(boxes: list[PixelBox]) -> list[PixelBox]:
    """Bring boxes that overlap together, until none do."""
    found: list[PixelBox] = []
    for box in boxes:
        merged = box
        while touching := [other for other in found if _overlap(merged, other)]:
            found = [other for other in found if other not in touching]
            for other in touching:
                merged = _around(merged, other)
        found.append(merged)
    return found


def _overlap(one: PixelBox, other: PixelBox) -> bool:
    return (
        one.left < other.left + other.width
        and other.left < one.left + one.width
        and one.top < other.top + other.height
        and other.top < one.top + one.height
    )


def _around(one: PixelBox, other: PixelBox) -> PixelBox:
    left, top = min(one.left, other.left), min(one.top, other.top)
    right = max(one.left + one.width, other.left + other.width)
    bottom = max(one.top + one.height, other.top + other.height)
    return PixelBox(left, top, right - left, bottom - top)


def _part(flags: Flags, box: PixelBox) -> Flags:
    return flags[box.top : box.top + box.height, box.left : box.left + box.width]
