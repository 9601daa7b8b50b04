"""Which of a finder's matches an action means; and what is said where it could mean several.

Looking takes the first match that can be seen. An action doesn't guess: what fits several things on screen is
refused. One thing is what is in one another, or has the same box: a row and its text, an icon button and the
node that its tooltip makes.
"""

from __future__ import annotations

from flutter_bridge.finders import Finder, describe_node
from flutter_bridge.occlusion import takes_taps
from flutter_bridge.semantics import Node, Role, Tree
from flutter_bridge.text import quote

LISTED = 4
"""How many of the things that a finder fits are named."""


def things_meant(finder: Finder, tree: Tree, role: Role | None = None) -> list[Node]:
    """Return the different things that an action on `finder` could mean, in reading order.

    Only what can be seen counts (the first of what can't, where nothing can); and where an action is for a
    `role`, only what is of that role or holds it, where anything does. Of things in one another the outermost
    stands for all, unless it is no control and others are.
    """
    found = finder.matches_in(tree)
    seen = [node for node in found if node.visible] or found[:1]
    if role is not None:
        seen = [node for node in seen if _holds(node, role)] or seen
    if finder.is_first:
        return seen[:1]
    things: list[Node] = []
    for node in seen:
        if any(_is_same(outer, node) for outer in things):
            continue
        inside = {id(below) for below in node.walk()}
        controls = [other for other in seen if id(other) in inside and takes_taps(other)]
        if takes_taps(node) or not controls:
            things.append(node)
    return things


def describe_ambiguity(finder: Finder, tree: Tree, things: list[Node]) -> str:
    """Return what an action that could mean several things is refused with: which, and how to name one."""
    places = [id(node) for node in finder.all_matches_in(tree)]
    listed = [_describe(tree, places.index(id(node)), node, things) for node in things[:LISTED]]
    more = f" and {len(things) - LISTED} more" if len(things) > LISTED else ""
    return (
        f"{finder} fits {len(things)} things on screen: {', '.join(listed)}{more}; say which by .within(…), "
        "by.role(…, name=…) or .nth(…), or .first if it is all the same"
    )


def _describe(tree: Tree, place: int, node: Node, things: list[Node]) -> str:
    around = _scope(tree.root, node, things)
    return f".nth({place}) {describe_node(node)}{f' within({around})' if around else ''}"


def _scope(root: Node, node: Node, things: list[Node]) -> str:
    """Return the finder of the nearest node around one thing that has a name and holds none of the others."""
    others = {id(other) for other in things if other is not node}
    for outer in reversed(_path(root, node)):
        if others & {id(below) for below in outer.walk()}:
            break
        if outer.identifier:
            return f"by.identifier({quote(outer.identifier)})"
        if outer.label:
            return f"by.label({quote(outer.label)})"
    return ""


def _path(root: Node, node: Node) -> list[Node]:
    """Return the nodes around another, the outermost first."""
    for child in root.children:
        if child is node:
            return [root]
        path = _path(child, node)
        if path:
            return [root, *path]
    return []


def _holds(node: Node, role: Role) -> bool:
    return any(below.role is role for below in node.walk())


def _is_same(outer: Node, node: Node) -> bool:
    return outer.box == node.box or any(below is node for below in outer.walk())
