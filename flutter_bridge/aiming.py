"""Chooses where to touch a node: its middle, or another spot where nothing lies over it.

What lies over it is for each platform to say, spot by spot on a `Grid`; which spot is taken is decided here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from flutter_bridge.semantics import Box, Node, Role

Point = tuple[float, float]
Kind = Literal["certain", "part", "possible", "keyboard"]
KINDS: frozenset[Kind] = frozenset(("certain", "part", "possible", "keyboard"))

FINE = 6.0
"""Logical pixels between two spots of a grid, on a node that is small enough."""

MOST = 21
"""How many spots a grid has in a row or a column at most."""

TAKES_TAPS = frozenset(
    {
        Role.BUTTON,
        Role.CHECKBOX,
        Role.LINK,
        Role.MENU_ITEM,
        Role.RADIO,
        Role.SLIDER,
        Role.SWITCH,
        Role.TAB,
        Role.TEXT_FIELD,
    }
)
"""The roles of what takes taps whether or not the platform says so of the node."""


@dataclass(frozen=True, slots=True)
class Cover:
    """What a touch would meet instead of a node; `label` is how errors call it.

    `kind` is `certain` where it takes every touch, `part` for a control that belongs to the node itself,
    `possible` for what lies over it and may let touches through, `keyboard` for the soft keyboard.
    """

    label: str
    kind: Kind = "certain"


@dataclass(frozen=True, slots=True)
class Grid:
    """Spots spread evenly over a box: the middles of `columns` times `rows` cells, both odd numbers."""

    columns: int
    rows: int

    @classmethod
    def over(cls, box: Box) -> Grid:
        """Return the grid that finds a free spot wherever there is one to put a finger on.

        None is missed that is as wide and as high as a cell: `FINE`, or the `MOST`-th part of the box.
        """
        return cls(_odd(box.width), _odd(box.height))

    def points(self, box: Box) -> list[Point]:
        """Return the spots on a box, row by row."""
        return [
            (
                box.left + box.width * (column + 0.5) / self.columns,
                box.top + box.height * (row + 0.5) / self.rows,
            )
            for row in range(self.rows)
            for column in range(self.columns)
        ]

    def boxes(self, box: Box, covers: Sequence[Cover | None]) -> list[Box]:
        """Return how much of a box each cover lies over, as whole cells."""
        width, height = box.width / self.columns, box.height / self.rows
        found = []
        for cover in dict.fromkeys(cover for cover in covers if cover is not None):
            cells = [divmod(spot, self.columns) for spot, over in enumerate(covers) if over == cover]
            top, bottom = min(row for row, _ in cells), max(row for row, _ in cells)
            left, right = min(column for _, column in cells), max(column for _, column in cells)
            found.append(
                Box(
                    box.left + left * width,
                    box.top + top * height,
                    (right - left + 1) * width,
                    (bottom - top + 1) * height,
                )
            )
        return found


def takes_taps(node: Node) -> bool:
    """Whether a node is a control, as far as one can tell."""
    return node.is_tappable or node.role in TAKES_TAPS


def accepts(node: Node) -> tuple[frozenset[Kind], ...]:
    """Return which kinds of covers may be touched in place of a node: the best choice first.

    A control is never touched where another one is in it. What only has a name may be, where it has no
    other spot; and what has none stands for what is in it.
    """
    if takes_taps(node):
        return frozenset(), frozenset({"possible"})
    if node.text:
        return frozenset(), frozenset({"part", "possible"})
    return frozenset({"part"}), frozenset({"part", "possible"})


def is_free(node: Node, cover: Cover | None) -> bool:
    """Whether nothing better is to be looked for than a spot with this cover."""
    return cover is None or cover.kind in accepts(node)[0]


def choose(node: Node, grid: Grid, covers: Sequence[Cover | None]) -> Point | Cover:
    """Return the spot to touch a node at, or what is in the way where there is none.

    `covers` says of each spot of the grid what is there instead of the node. The middle is best; then what is
    near it, round it rather than in a corner, and not beside what is covered.
    """
    points = grid.points(node.box)
    middle = len(points) // 2
    for kinds in accepts(node):
        free = {spot for spot, cover in enumerate(covers) if cover is None or cover.kind in kinds}
        if middle in free:
            return points[middle]
        if free:
            return points[min(free, key=lambda spot: _badness(spot, grid, free))]
    blamed = covers[middle]
    if blamed is None:
        raise ValueError("a grid without a middle")
    return blamed


def uncovered(pane: Box, covers: Sequence[Box]) -> Box:
    """Return the largest part of a pane that nothing lies over, cut off along the covers' edges.

    The whole pane where nothing is left of it.
    """
    part = pane
    for cover in covers:
        over = part.intersection(cover)
        if over.empty:
            continue
        strips = (
            Box(part.left, part.top, part.width, over.top - part.top),
            Box(part.left, over.bottom, part.width, part.bottom - over.bottom),
            Box(part.left, part.top, over.left - part.left, part.height),
            Box(over.right, part.top, part.right - over.right, part.height),
        )
        part = max(strips, key=lambda strip: strip.width * strip.height)
    return pane if part.empty else part


def _odd(length: float) -> int:
    return min(MOST, 2 * math.ceil(length / FINE / 2) + 1)


def _badness(spot: int, grid: Grid, free: Collection[int]) -> tuple[bool, bool, float]:
    """Return what makes a spot worse than another: outside the round, beside a cover or an edge, far out."""
    row, column = divmod(spot, grid.columns)
    around = [(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    in_the_open = all(
        0 <= below < grid.rows and 0 <= beside < grid.columns and below * grid.columns + beside in free
        for below, beside in around
    )
    away = math.hypot((column + 0.5) / grid.columns - 0.5, (row + 0.5) / grid.rows - 0.5)
    return away > 0.5, not in_the_open, away
