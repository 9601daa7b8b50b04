"""The words for what becomes of a node, for people and for keys."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from flutter_bridge import Box, Node, Role

STRUCTURE: Final = frozenset({Role.GENERIC, Role.GROUP, Role.LIST, Role.LIST_ITEM, Role.SCROLLABLE})
"""Roles that by themselves nobody speaks of."""
MERE_TEXT: Final = frozenset({Role.TEXT, Role.GENERIC, Role.GROUP})
"""Roles of which the text is all there is."""
_QUOTED: Final = 40
"""Characters of a text that are quoted."""
_WORDS: Final = {
    Role.GENERIC: "part",
    Role.TEXT_FIELD: "field",
    Role.LIST_ITEM: "list item",
    Role.MENU_ITEM: "menu item",
    Role.PROGRESS: "progress",
}


class Rank(IntEnum):
    """How near to the root of a change a reason is; what ranks later is often a consequence."""

    THEME = 0
    SAID = 1
    """Words, a state, what is new or missing."""
    LOOKED = 2
    """A picture, a colour, a style."""
    SIZED = 3
    PLACED = 4
    NAMELESS = 5
    """A place that no node lies in."""


@dataclass(frozen=True)
class Change:
    """What became of a node, or of several alike.

    `sentence` is for people; `key` is the same for the same change elsewhere: without amounts, which differ
    from screen to screen. `boxes` are where it was and is, in logical pixels.
    """

    sentence: str
    rank: Rank
    key: tuple[str, ...]
    boxes: tuple[Box, ...] = ()


def role_word(node: Node) -> str:
    """Return the word for a node's role."""
    return _WORDS.get(node.role, node.role.value)


def named(node: Node) -> str:
    """Return what a person calls a node, such as `button “Save”`."""
    word = role_word(node)
    if node.label or node.value:
        return f"{word} {quoted(node.label or node.value)}"
    return f"{word} {node.identifier}" if node.identifier else f"a {word}"


def tells(node: Node) -> bool:
    """Whether a person would speak of a node at all."""
    return bool(node.text or node.identifier) or node.role not in STRUCTURE


def quoted(text: str) -> str:
    """Return a text in quotes, on one line and not too long."""
    line = " ".join(text.split())
    return f"“{line}”" if len(line) <= _QUOTED else f"“{line[: _QUOTED - 1].rstrip()}…”"


def normalised(text: str) -> str:
    """Return a text without what changes by itself: figures are one, whatever they are."""
    return re.sub(r"\d+", "#", " ".join(text.split()))


def key_of(node: Node) -> tuple[str, str]:
    """Return what a node is called in the key of a change."""
    return node.role.value, normalised(node.label or node.identifier)


def states(ours: Node, theirs: Node) -> Iterable[tuple[str, str]]:
    """Yield the states that a node has and hadn't: the name of each, and the rest of a sentence."""
    for state, now, before in (
        ("enabled", "is enabled now", "is disabled now"),
        ("selected", "is selected now", "is no longer selected"),
        ("focused", "has the focus now", "has lost the focus"),
        ("obscured", "hides its text now", "shows its text now"),
    ):
        if getattr(ours, state) != getattr(theirs, state):
            yield state, now if getattr(ours, state) else before
    if ours.checked != theirs.checked:
        yield "checked", "is on now" if ours.checked else "is off now"
    if ours.role is not theirs.role:
        yield "role", f"was a {role_word(theirs)} before"


def way(right: float, down: float) -> tuple[str, str]:
    """Return a movement in words, and its direction alone."""
    parts = [
        (f"{abs(by):g} px {there if by > 0 else back}", there if by > 0 else back)
        for by, there, back in ((right, "right", "left"), (down, "down", "up"))
        if by
    ]
    return " and ".join(part for part, _ in parts), " ".join(direction for _, direction in parts)
