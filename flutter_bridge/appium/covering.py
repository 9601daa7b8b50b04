"""Tells, as far as a device does, what lies over a node."""

from __future__ import annotations

from flutter_bridge.semantics import Node, Role, Tree

TAKES_TAPS = {
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


def covering(tree: Tree, node: Node) -> Node | None:
    """Return what would take a tap on a node's middle; None where the node would, as far as one can tell.

    No device says what is painted over what. What comes later in reading order, takes taps and lies over the
    middle is taken to be on top; what is in the node, or holds it, isn't.
    """
    x, y = node.box.centre
    inside = {id(below) for below in node.walk()}
    later = False
    for other in tree:
        if id(other) in inside:
            later = True
        elif later and other.visible and other.role in TAKES_TAPS:
            box = other.box
            if box.left < x < box.right and box.top < y < box.bottom:
                return other
    return None
