"""The third opinion: what became of the nodes of a screen, in words for people.

Only notable nodes are named, and each thing once: what moved along with its parent, what grew because its
words did, and what was pushed off the screen are consequences, and left out.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Final

from flutter_bridge import Box, Node, Role, Tree
from journeys.snapshots.comparison.matching import Pair, match_nodes

STILL: Final = 0.3
"""Logical pixels up to which a node has not moved: one physical pixel at a pixel ratio of 3 is more."""
TOGETHER: Final = 3
"""Nodes that must have moved alike to be spoken of as one."""
_MAX_QUOTED: Final = 40
"""Characters of a text that are quoted."""

_STRUCTURE: Final = frozenset({Role.GENERIC, Role.GROUP, Role.LIST, Role.LIST_ITEM, Role.SCROLLABLE})
"""Roles that by themselves nobody speaks of."""
_MERE_TEXT: Final = frozenset({Role.TEXT, Role.GENERIC, Role.GROUP})
"""Roles of which the text is all there is."""
_ROLE_WORDS: Final = {
    Role.GENERIC: "part",
    Role.TEXT_FIELD: "field",
    Role.LIST_ITEM: "list item",
    Role.MENU_ITEM: "menu item",
    Role.PROGRESS: "progress",
}


class Rank(IntEnum):
    """How near to the root of a change a reason is; what ranks later is often a consequence."""

    THEME = 0
    WORDS = 1
    """Words, a state, what is new or missing."""
    LOOKS = 2
    """A picture, a colour, a style."""
    SIZE = 3
    PLACE = 4
    NAMELESS = 5
    """A place that no node lies in."""


@dataclass(frozen=True)
class Reason:
    """What became of a node, or of several alike.

    `sentence` is for people; `key` is the same for the same change elsewhere: without amounts, which differ
    from screen to screen. `boxes` are where it was and is, in logical pixels.
    """

    sentence: str
    rank: Rank
    key: tuple[str, ...]
    boxes: tuple[Box, ...] = ()


@dataclass(frozen=True)
class TreeComparison:
    """All that became of a screen's nodes, and the nodes that are on both sides."""

    reasons: tuple[Reason, ...]
    pairs: tuple[Pair, ...]


def compare_trees(actual: Tree, baseline: Tree) -> TreeComparison:
    """Return what became of a screen's nodes."""
    return _TreeComparer(actual, baseline).compare()


class _TreeComparer:
    def __init__(self, actual: Tree, baseline: Tree) -> None:
        self._screen, self._was_screen = actual.screen, baseline.screen
        matches = match_nodes(actual, baseline)
        self._pairs, self._added, self._missing = matches.pairs, matches.added, matches.missing
        self._was = {id(ours): theirs for ours, theirs in self._pairs}
        self._parents = {id(child): node for node in actual for child in node.children}
        self._explained: set[int] = set()
        """Nodes that there is a reason about, and all they lie in: these grew because of it."""

    def compare(self) -> TreeComparison:
        words = [reason for pair in self._pairs for reason in self._words(*pair)]
        shift, places = self._places()
        came_and_went = self._find_arrivals(shift)
        sizes = [reason for pair in reversed(self._pairs) for reason in self._sizes(*pair)]
        return TreeComparison((*came_and_went, *words, *sizes, *places), tuple(self._pairs))

    def _mark_explained(self, node: Node) -> None:
        above: Node | None = node
        while above is not None and id(above) not in self._explained:
            self._explained.add(id(above))
            above = self._parents.get(id(above))

    # --- words and states ---

    def _words(self, ours: Node, theirs: Node) -> Iterator[Reason]:
        boxes = (theirs.box, ours.box)
        if (ours.label, ours.value) != (theirs.label, theirs.value) and not self._repeats_words(ours):
            before, after = _differing_words(theirs, ours)
            whose = "text" if ours.role in _MERE_TEXT else f"{_name_by_unchanged(ours, theirs)}: text"
            self._mark_explained(ours)
            yield Reason(
                f"{whose} changed from {_quote(before)} to {_quote(after)}",
                Rank.WORDS,
                ("text", ours.role.value, _normalize(before), _normalize(after)),
                boxes,
            )
        for state, sentence in state_changes(ours, theirs):
            yield Reason(f"{name_of(ours)} {sentence}", Rank.WORDS, (state, *key_of(ours), sentence), boxes)

    def _repeats_words(self, node: Node) -> bool:
        """Whether a mere container's words are those of what it holds: that has a reason of its own."""
        return node.role in _STRUCTURE and any(self._has_new_words(below) for below in _nodes_below(node))

    def _has_new_words(self, node: Node) -> bool:
        was = self._was.get(id(node))
        return bool(node.text) if was is None else was.text != node.text

    # --- what is new, what is missing ---

    def _find_arrivals(self, shift: float) -> list[Reason]:
        found: list[Reason] = []
        for nodes, word, screen, off in (
            (self._missing, "missing", self._screen, shift),
            (self._added, "new", self._was_screen, -shift),
        ):
            notable = [node for node in nodes if is_notable(node) and not node.box.is_empty]
            held = {id(below) for node in notable for below in _nodes_below(node)}
            for node in notable:
                # It went over the edge of the screen, or came from there, with all around it.
                if off and not screen.top < node.box.top + off < screen.bottom - STILL:
                    continue
                self._mark_explained(node)
                if id(node) not in held:
                    found.append(
                        Reason(f"{word}: {name_of(node)}", Rank.WORDS, (word, *key_of(node)), (node.box,))
                    )
        return found

    # --- places and sizes ---

    def _places(self) -> tuple[float, list[Reason]]:
        """Return how far most of the screen went down, 0 where it didn't, and what moved."""
        groups: dict[tuple[float, float], list[Pair]] = defaultdict(list)
        for ours, theirs in self._pairs:
            if not is_notable(ours) or ours.box.is_empty or theirs.box.is_empty:
                continue
            right, down = self._movement(ours, theirs)
            carried = self._movement_of_holder(ours)
            if abs(right - carried[0]) > STILL or abs(down - carried[1]) > STILL:
                groups[round(right, 1) + 0.0, round(down, 1) + 0.0].append((ours, theirs))
        shift = 0.0
        found: list[Reason] = []
        for (right, down), pairs in sorted(groups.items(), key=lambda group: -len(group[1])):
            if (right, down) == (0.0, 0.0):
                continue
            part = self._whole_part(pairs, down) if right == 0 else None
            if part and not shift:
                shift = down
            found += _reasons_for_move(pairs, right, down, part)
        return shift, found

    def _movement_of_holder(self, node: Node) -> tuple[float, float]:
        """Return how far the nearest notable node around a node went."""
        above = self._parents.get(id(node))
        while above is not None:
            was = self._was.get(id(above))
            if was is not None and is_notable(above) and not above.box.is_empty:
                return self._movement(above, was)
            above = self._parents.get(id(above))
        return 0.0, 0.0

    def _movement(self, ours: Node, theirs: Node) -> tuple[float, float]:
        """Return how far a node went, right and down.

        One that grew stayed where it was if one of its edges did, or its middle. A box that ends where the
        screen does says nothing by its end.
        """

        def movement_along(start: str, end: str) -> float:
            first, last = (getattr(ours.box, edge) - getattr(theirs.box, edge) for edge in (start, end))
            if abs(first - last) <= STILL or self._is_cut(ours, theirs, end):
                return float(first)
            return float(min(first, last, (first + last) / 2, key=abs))

        return movement_along("left", "right"), movement_along("top", "bottom")

    def _whole_part(self, pairs: Sequence[Pair], down: float) -> tuple[str, Box] | None:
        """Say which part of the screen moved as a whole; None where what moved isn't a part of its own."""
        if len(pairs) < TOGETHER:
            return None
        top = min(theirs.box.top for _, theirs in pairs)
        bottom = max(theirs.box.bottom for _, theirs in pairs)
        below = False
        for ours, theirs in self._pairs:
            if not is_notable(ours) or ours.children or theirs.box.is_empty or ours.box.is_empty:
                continue
            if abs(self._movement(ours, theirs)[1] - down) <= 1:
                continue
            if top <= theirs.box.centre[1] <= bottom:
                return None
            below = below or theirs.box.centre[1] > bottom
        where = f"between {top:.0f} px and {bottom:.0f} px" if below else f"below {top:.0f} px"
        start = top + min(down, 0.0)
        end = (bottom if below else self._screen.bottom) + max(down, 0.0)
        return where, Box(self._screen.left, start, self._screen.width, end - start)

    def _sizes(self, ours: Node, theirs: Node) -> Iterator[Reason]:
        """Tell of a node that has another size of its own, the innermost first."""
        if not is_notable(ours) or ours.box.is_empty or theirs.box.is_empty or id(ours) in self._explained:
            return
        wider, higher = ours.box.width - theirs.box.width, ours.box.height - theirs.box.height
        # A box ends where the screen does: what lies across the edge didn't shrink.
        sizes = [
            f"{abs(by):.3g} px {grown if by > 0 else shrunk}"
            for by, edge, grown, shrunk in (
                (wider, "right", "wider", "narrower"),
                (higher, "bottom", "higher", "lower"),
            )
            if abs(by) > STILL and not self._is_cut(ours, theirs, edge)
        ]
        if sizes:
            self._mark_explained(ours)
            yield Reason(
                f"{name_of(ours)} is {' and '.join(sizes)}",
                Rank.SIZE,
                ("sized", *key_of(ours), *(size.rpartition(" ")[2] for size in sizes)),
                (theirs.box, ours.box),
            )

    def _is_cut(self, ours: Node, theirs: Node, edge: str) -> bool:
        return any(
            getattr(box, edge) >= getattr(screen, edge) - STILL
            for box, screen in ((ours.box, self._screen), (theirs.box, self._was_screen))
        )


def _nodes_below(node: Node) -> Iterator[Node]:
    return (below for child in node.children for below in child.walk())


def _differing_words(*sides: Node) -> tuple[str, str]:
    """Return what a node says before and now, as little of it as tells the difference."""
    before, after = sides
    for same, other in (("label", "value"), ("value", "label")):
        if getattr(before, same) == getattr(after, same):
            return getattr(before, other), getattr(after, other)
    return before.text, after.text


def _name_by_unchanged(ours: Node, theirs: Node) -> str:
    """Name a node by what didn't change of it."""
    if ours.label and ours.label == theirs.label:
        return name_of(ours)
    return f"{_role_word(ours)} {ours.identifier}" if ours.identifier else _role_word(ours)


def _reasons_for_move(
    pairs: Sequence[Pair], right: float, down: float, part: tuple[str, Box] | None
) -> Iterable[Reason]:
    by, direction = describe_movement(right, down)
    if part is not None:
        # What lies between the nodes moved too: grounds, borders, icons.
        where, area = part
        yield Reason(f"everything {where} moved {by}", Rank.PLACE, ("shift", direction), (area,))
    elif len(pairs) >= TOGETHER:
        names = ", ".join(name_of(ours) for ours, _ in pairs[:2])
        boxes = tuple(box for ours, theirs in pairs for box in (theirs.box, ours.box))
        yield Reason(f"{len(pairs)} parts moved {by}: {names}, …", Rank.PLACE, ("parts", direction), boxes)
    else:
        for ours, theirs in pairs:
            key = ("moved", *key_of(ours), direction)
            yield Reason(f"{name_of(ours)} moved {by}", Rank.PLACE, key, (theirs.box, ours.box))


# --- words ---


def is_notable(node: Node) -> bool:
    """Whether a person would speak of a node at all."""
    return bool(node.text or node.identifier) or node.role not in _STRUCTURE


def name_of(node: Node) -> str:
    """Return what a person calls a node, such as `button “Save”`."""
    word = _role_word(node)
    if node.label or node.value:
        return f"{word} {_quote(node.label or node.value)}"
    return f"{word} {node.identifier}" if node.identifier else f"a {word}"


def key_of(node: Node) -> tuple[str, str]:
    """Return what a node is called in the key of a reason."""
    return node.role.value, _normalize(node.label or node.identifier)


def state_changes(ours: Node, theirs: Node) -> Iterator[tuple[str, str]]:
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
        yield "role", f"was a {_role_word(theirs)} before"


def describe_movement(right: float, down: float) -> tuple[str, str]:
    """Return a movement in words, and its direction alone."""
    directions = [
        (by, there if by > 0 else back)
        for by, there, back in ((right, "right", "left"), (down, "down", "up"))
        if by
    ]
    return (
        " and ".join(f"{abs(by):g} px {direction}" for by, direction in directions),
        " ".join(direction for _, direction in directions),
    )


def _role_word(node: Node) -> str:
    return _ROLE_WORDS.get(node.role, node.role.value)


def _quote(text: str) -> str:
    """Return a text in quotes, on one line and not too long."""
    line = " ".join(text.split())
    return f"“{line}”" if len(line) <= _MAX_QUOTED else f"“{line[: _MAX_QUOTED - 1].rstrip()}…”"


def _normalize(text: str) -> str:
    """Return a text without what changes by itself: numbers are one, whatever they are."""
    return re.sub(r"\d+", "#", " ".join(text.split()))
