"""What lies over a node, and where it can be touched all the same: where it is to be, or a spot that is free.

Each platform says what lies over it, spot by spot on a `Grid`: a browser by asking the page, a device as far
as its tree tells. Which spot is taken is decided here.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from flutter_bridge.semantics import Box, Node, Role, Tree

Point = tuple[float, float]
Kind = Literal["certain", "part", "possible", "keyboard"]
KINDS: frozenset[Kind] = frozenset(("certain", "part", "possible", "keyboard"))

Anchor = tuple[float, float]
"""Where on a node it is to be touched: shares of its width and its height."""

MIDDLE: Anchor = (0.5, 0.5)

CELL_PX = 6.0
"""Logical pixels between two spots of a grid, on a node that is small enough."""

MAX_CELLS = 21
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

        None is missed that is as wide and as high as a cell: `CELL_PX`, or the `MAX_CELLS`-th part of it.
        """
        return cls(_odd_count(box.width), _odd_count(box.height))

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


def accepted_kinds(node: Node) -> tuple[frozenset[Kind], ...]:
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
    return cover is None or cover.kind in accepted_kinds(node)[0]


def choose(node: Node, grid: Grid, covers: Sequence[Cover | None], anchor: Anchor = MIDDLE) -> Point | Cover:
    """Return the spot to touch a node at, or what is in the way where there is none.

    `covers` says of each spot of the grid what is there instead of the node. Best is the middle, or where the
    anchor is; then what is near it, round it rather than in a corner, and not beside what is covered.
    """
    points = grid.points(node.box)
    middle = len(points) // 2
    for kinds in accepted_kinds(node):
        free = {spot for spot, cover in enumerate(covers) if cover is None or cover.kind in kinds}
        if anchor == MIDDLE and middle in free:
            return points[middle]
        if free:
            return points[min(free, key=lambda spot: _badness(spot, grid, free, anchor))]
    blamed = covers[middle]
    if blamed is None:
        raise ValueError("a grid without a middle")
    return blamed


def largest_free_part(pane: Box, covers: Sequence[Box]) -> Box:
    """Return the largest part of a pane that nothing lies over, cut off along the covers' edges.

    The whole pane where nothing is left of it.
    """
    part = pane
    for cover in covers:
        over = part.intersection(cover)
        if over.is_empty:
            continue
        strips = (
            Box(part.left, part.top, part.width, over.top - part.top),
            Box(part.left, over.bottom, part.width, part.bottom - over.bottom),
            Box(part.left, part.top, over.left - part.left, part.height),
            Box(over.right, part.top, part.right - over.right, part.height),
        )
        part = max(strips, key=lambda strip: strip.width * strip.height)
    return pane if part.is_empty else part


def _odd_count(length: float) -> int:
    return min(MAX_CELLS, 2 * math.ceil(length / CELL_PX / 2) + 1)


def _badness(spot: int, grid: Grid, free: Collection[int], anchor: Anchor) -> tuple[bool, bool, float]:
    """Return what makes a spot worse than another: outside the round, beside a cover or an edge, far out."""
    row, column = divmod(spot, grid.columns)
    around = [(row + down, column + right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    in_the_open = all(
        0 <= below < grid.rows and 0 <= beside < grid.columns and below * grid.columns + beside in free
        for below, beside in around
    )
    away = math.hypot((column + 0.5) / grid.columns - anchor[0], (row + 0.5) / grid.rows - anchor[1])
    return away > 0.5, not in_the_open, away


KEYBOARD = Cover("the keyboard", "keyboard")


def aim(tree: Tree, node: Node, anchor: Anchor = MIDDLE) -> Point | Cover:
    """Return where to touch a node, or what covers it."""
    covers = list(_covers_of(tree, node))
    point = node.box.at(*anchor)
    if is_free(node, _cover_at(point, covers)):
        return point
    grid = Grid.over(node.box)
    return choose(node, grid, [_cover_at(point, covers) for point in grid.points(node.box)], anchor)


def keyboards(tree: Tree) -> list[Box]:
    """Return where the tree has a soft keyboard."""
    return [node.box for node in tree if node.role is Role.KEYBOARD and node.visible]


def _covers_of(tree: Tree, node: Node) -> Iterator[tuple[Box, Cover]]:
    """Yield what lies over a node, the keyboard first.

    No device says what is painted over what. What comes later in reading order and takes taps is taken to be
    on top; what comes later, and has a text or holds such controls, may be. A control in the node counts
    unless it fills it: then it is the node, said twice.
    """
    inside = {id(below) for below in node.walk()}
    for board in tree:
        if board.role is Role.KEYBOARD and board.visible and all(key is not node for key in board.walk()):
            yield board.box, KEYBOARD
    bars = _snack_bar_nodes(tree)
    later = False
    for other in tree:
        if other is node:
            later = True
        elif not later or not other.visible or other.box.intersection(node.box).is_empty:
            continue
        elif id(other) in inside:
            if takes_taps(other) and other.box.intersection(node.box) != node.box:
                yield other.box, Cover(_label(other, bars), "part")
        elif other.role in TAKES_TAPS or other.is_dismissible or (other.is_tappable and not other.children):
            yield other.box, Cover(_label(other, bars))
        elif other.is_tappable or (other.text and not other.children):
            yield other.box, Cover(_label(other, bars), "possible")


def _cover_at(point: Point, covers: Iterable[tuple[Box, Cover]]) -> Cover | None:
    """Return what covers a point: the keyboard, or what certainly does, the smallest of it."""
    x, y = point

    def order(found: tuple[Box, Cover]) -> tuple[bool, bool, float]:
        box, cover = found
        return cover.kind != "keyboard", cover.kind == "possible", box.width * box.height

    over = [
        found
        for found in covers
        if found[0].left <= x < found[0].right and found[0].top <= y < found[0].bottom
    ]
    return min(over, key=order)[1] if over else None


def _snack_bar_nodes(tree: Tree) -> set[int]:
    """Return the nodes of what can be sent away, but for what covers all and keeps a dialog's background."""
    bars = (node for node in tree if node.is_dismissible and node.box != tree.screen)
    return {id(below) for bar in bars for below in bar.walk()}


def _label(node: Node, bars: Collection[int]) -> str:
    role = "text" if node.role in {Role.GENERIC, Role.GROUP} else str(node.role)
    name = (node.text or node.tooltip or node.identifier).replace("\n", " ")
    where = " (snack bar)" if id(node) in bars else ""
    return (f'{role} "{name[:60]}"' if name else f"a {role}") + where
