"""Tells, as far as a device's tree does, what lies over a node, and where it can be touched all the same."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

from flutter_bridge.aiming import TAKES_TAPS, Cover, Grid, Point, choose, is_free, takes_taps
from flutter_bridge.semantics import Box, Node, Role, Tree

KEYBOARD = Cover("the keyboard", "keyboard")


def aim(tree: Tree, node: Node) -> Point | Cover:
    """Return where to touch a node, or what covers it."""
    covers = list(_covers(tree, node))
    if is_free(node, _at(node.box.centre, covers)):
        return node.box.centre
    grid = Grid.over(node.box)
    return choose(node, grid, [_at(point, covers) for point in grid.points(node.box)])


def covering(tree: Tree, node: Node) -> Cover | None:
    """Return what covers a node wherever it could be touched; None where it can be."""
    found = aim(tree, node)
    return found if isinstance(found, Cover) else None


def keyboards(tree: Tree) -> list[Box]:
    """Return where the tree has a soft keyboard."""
    return [node.box for node in tree if node.role is Role.KEYBOARD and node.visible]


def _covers(tree: Tree, node: Node) -> Iterator[tuple[Box, Cover]]:
    """Yield what lies over a node, the keyboard first.

    No device says what is painted over what. What comes later in reading order and takes taps is taken to be
    on top; what comes later, and has a text or holds such controls, may be. A control in the node counts
    unless it fills it: then it is the node, said twice.
    """
    inside = {id(below) for below in node.walk()}
    for board in tree:
        if board.role is Role.KEYBOARD and board.visible and all(key is not node for key in board.walk()):
            yield board.box, KEYBOARD
    bars = _in_snack_bars(tree)
    later = False
    for other in tree:
        if other is node:
            later = True
        elif not later or not other.visible or other.box.intersection(node.box).empty:
            continue
        elif id(other) in inside:
            if takes_taps(other) and other.box.intersection(node.box) != node.box:
                yield other.box, Cover(_label(other, bars), "part")
        elif other.role in TAKES_TAPS or other.is_dismissible or (other.is_tappable and not other.children):
            yield other.box, Cover(_label(other, bars))
        elif other.is_tappable or (other.text and not other.children):
            yield other.box, Cover(_label(other, bars), "possible")


def _at(point: Point, covers: Iterable[tuple[Box, Cover]]) -> Cover | None:
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


def _in_snack_bars(tree: Tree) -> set[int]:
    """Return the nodes of what can be sent away, but for what covers all and keeps a dialog's background."""
    bars = (node for node in tree if node.is_dismissible and node.box != tree.screen)
    return {id(below) for bar in bars for below in bar.walk()}


def _label(node: Node, bars: Collection[int]) -> str:
    role = "text" if node.role in {Role.GENERIC, Role.GROUP} else str(node.role)
    name = (node.text or node.tooltip or node.identifier).replace("\n", " ")
    where = " (snack bar)" if id(node) in bars else ""
    return (f'{role} "{name[:60]}"' if name else f"a {role}") + where
