"""The third opinion: what became of the nodes of a screen, in words for people.

Only what says something is spoken of, and each thing once: what moved along with its parent, what grew
because its words did, and what was pushed off the screen are consequences, and left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from flutter_bridge import Box, Node, Tree
from journeys.snapshots.comparison.pairs import Pair, paired
from journeys.snapshots.comparison.words import (
    MERE_TEXT,
    STRUCTURE,
    Change,
    Rank,
    key_of,
    named,
    normalised,
    quoted,
    role_word,
    states,
    tells,
    way,
)

STILL: Final = 0.3
"""Logical pixels up to which a node has not moved: one physical pixel at a pixel ratio of 3 is more."""
TOGETHER: Final = 3
"""Nodes that must have moved alike to be spoken of as one."""


@dataclass(frozen=True)
class Changes:
    """All that became of a screen's nodes, and the nodes that are on both."""

    changes: tuple[Change, ...]
    pairs: tuple[Pair, ...]


def changes(actual: Tree, baseline: Tree) -> Changes:
    """Return what became of a screen's nodes."""
    return _Telling(actual, baseline).told()


class _Telling:
    def __init__(self, actual: Tree, baseline: Tree) -> None:
        self._screen = actual.screen
        self._was_screen = baseline.screen
        found = paired(actual, baseline)
        self._pairs = found.both
        self._new, self._missing = found.new, found.missing
        self._was = {id(ours): theirs for ours, theirs in found.both}
        self._parents = {id(child): node for node in actual for child in node.children}
        self._busy: set[int] = set()
        """Nodes that something is told of, and all they lie in: these grew because of it."""

    def told(self) -> Changes:
        said = [change for pair in self._pairs for change in self._said(*pair)]
        shift, moved = self._moved()
        came_and_went = self._came_and_went(shift)
        sized = [change for pair in reversed(self._pairs) for change in self._sized(*pair)]
        return Changes((*came_and_went, *said, *sized, *moved), tuple(self._pairs))

    def _note(self, node: Node) -> None:
        above: Node | None = node
        while above is not None and id(above) not in self._busy:
            self._busy.add(id(above))
            above = self._parents.get(id(above))

    # --- words and states ---

    def _said(self, ours: Node, theirs: Node) -> Iterable[Change]:
        boxes = (theirs.box, ours.box)
        if (ours.label, ours.value) != (theirs.label, theirs.value) and not self._repeats(ours):
            before, after = self._difference_in_words(ours, theirs)
            whose = "text" if ours.role in MERE_TEXT else f"{self._called(ours, theirs)}: text"
            self._note(ours)
            yield Change(
                f"{whose} changed from {quoted(before)} to {quoted(after)}",
                Rank.SAID,
                ("text", ours.role.value, normalised(before), normalised(after)),
                boxes,
            )
        for state, sentence in states(ours, theirs):
            yield Change(f"{named(ours)} {sentence}", Rank.SAID, (state, *key_of(ours), sentence), boxes)

    def _repeats(self, node: Node) -> bool:
        """Whether a mere container's words are those of what it holds: that is told by itself."""
        return node.role in STRUCTURE and any(
            self._reworded(below) for child in node.children for below in child.walk()
        )

    def _reworded(self, node: Node) -> bool:
        was = self._was.get(id(node))
        return bool(node.text) if was is None else was.text != node.text

    @staticmethod
    def _difference_in_words(ours: Node, theirs: Node) -> tuple[str, str]:
        if ours.label == theirs.label:
            return theirs.value, ours.value
        if ours.value == theirs.value:
            return theirs.label, ours.label
        return theirs.text, ours.text

    @staticmethod
    def _called(ours: Node, theirs: Node) -> str:
        """Name a node by what didn't change of it."""
        word = role_word(ours)
        if ours.label and ours.label == theirs.label:
            return named(ours)
        return f"{word} {ours.identifier}" if ours.identifier else word

    # --- what is new, what is missing ---

    def _came_and_went(self, shift: float) -> list[Change]:
        found: list[Change] = []
        for nodes, word, screen, off in (
            (self._missing, "missing", self._screen, shift),
            (self._new, "new", self._was_screen, -shift),
        ):
            spoken_of = [node for node in nodes if tells(node) and not node.box.empty]
            held = {id(below) for node in spoken_of for child in node.children for below in child.walk()}
            for node in spoken_of:
                # It went over the edge of the screen, or came from there, with all around it.
                if off and not screen.top < node.box.top + off < screen.bottom - STILL:
                    continue
                self._note(node)
                if id(node) not in held:
                    found.append(
                        Change(f"{word}: {named(node)}", Rank.SAID, (word, *key_of(node)), (node.box,))
                    )
        return found

    # --- places and sizes ---

    def _moved(self) -> tuple[float, list[Change]]:
        """Return how far most of the screen went down, 0 where it didn't, and what moved."""
        groups: dict[tuple[float, float], list[Pair]] = defaultdict(list)
        for ours, theirs in self._pairs:
            if not tells(ours) or ours.box.empty or theirs.box.empty:
                continue
            right, down = self._went(ours, theirs)
            carried = self._carried(ours)
            if abs(right - carried[0]) > STILL or abs(down - carried[1]) > STILL:
                groups[_rounded(right), _rounded(down)].append((ours, theirs))
        shift = 0.0
        found: list[Change] = []
        for (right, down), pairs in sorted(groups.items(), key=lambda group: -len(group[1])):
            if (right, down) == (0.0, 0.0):
                continue
            part = self._whole_part(pairs, down) if right == 0 else None
            if part and not shift:
                shift = down
            found += self._told_moved(pairs, right, down, part)
        return shift, found

    def _carried(self, node: Node) -> tuple[float, float]:
        """Return how far the nearest thing around a node went that a person would speak of."""
        above = self._parents.get(id(node))
        while above is not None:
            was = self._was.get(id(above))
            if was is not None and tells(above) and not above.box.empty:
                return self._went(above, was)
            above = self._parents.get(id(above))
        return 0.0, 0.0

    def _went(self, ours: Node, theirs: Node) -> tuple[float, float]:
        """Return how far a node went, right and down.

        One that grew stayed where it was if one of its edges did, or its middle. A box that ends where the
        screen does says nothing by its end.
        """
        ways = []
        for start, end in (("left", "right"), ("top", "bottom")):
            by = [getattr(ours.box, edge) - getattr(theirs.box, edge) for edge in (start, end)]
            if abs(by[0] - by[1]) <= STILL or self._cut(ours, theirs, attrgetter(end)):
                ways.append(by[0])
            else:
                ways.append(min(*by, sum(by) / 2, key=abs))
        return ways[0], ways[1]

    def _whole_part(self, pairs: Sequence[Pair], down: float) -> tuple[str, Box] | None:
        """Say which part of the screen moved as a whole; None where what moved isn't a part of its own."""
        if len(pairs) < TOGETHER:
            return None
        top = min(theirs.box.top for _, theirs in pairs)
        bottom = max(theirs.box.bottom for _, theirs in pairs)
        below = False
        for ours, theirs in self._pairs:
            if not tells(ours) or ours.children or theirs.box.empty or ours.box.empty:
                continue
            if abs(self._went(ours, theirs)[1] - down) <= 1:
                continue
            if top <= theirs.box.centre[1] <= bottom:
                return None
            below = below or theirs.box.centre[1] > bottom
        where = f"between {top:.0f} px and {bottom:.0f} px" if below else f"below {top:.0f} px"
        start = top + min(down, 0.0)
        end = (bottom if below else self._screen.bottom) + max(down, 0.0)
        return where, Box(self._screen.left, start, self._screen.width, end - start)

    def _told_moved(
        self, pairs: Sequence[Pair], right: float, down: float, part: tuple[str, Box] | None
    ) -> Iterable[Change]:
        by, direction = way(right, down)
        boxes = tuple(box for ours, theirs in pairs for box in (theirs.box, ours.box))
        if part is not None:
            # What lies between the nodes moved too: grounds, borders, icons.
            where, area = part
            yield Change(f"everything {where} moved {by}", Rank.PLACED, ("shift", direction), (area,))
        elif len(pairs) >= TOGETHER:
            names = ", ".join(named(ours) for ours, _ in pairs[:2])
            yield Change(
                f"{len(pairs)} parts moved {by}: {names}, …", Rank.PLACED, ("parts", direction), boxes
            )
        else:
            for ours, theirs in pairs:
                yield Change(
                    f"{named(ours)} moved {by}",
                    Rank.PLACED,
                    ("moved", *key_of(ours), direction),
                    (theirs.box, ours.box),
                )

    def _sized(self, ours: Node, theirs: Node) -> Iterable[Change]:
        """Tell of a node that has another size of its own, the innermost first."""
        if not tells(ours) or ours.box.empty or theirs.box.empty or id(ours) in self._busy:
            return
        wider, higher = ours.box.width - theirs.box.width, ours.box.height - theirs.box.height
        # A box ends where the screen does: what lies across the edge didn't shrink.
        if self._cut(ours, theirs, attrgetter("right")):
            wider = 0.0
        if self._cut(ours, theirs, attrgetter("bottom")):
            higher = 0.0
        sizes = [
            f"{abs(by):.3g} px {grown if by > 0 else shrunk}"
            for by, grown, shrunk in ((wider, "wider", "narrower"), (higher, "higher", "lower"))
            if abs(by) > STILL
        ]
        if sizes:
            self._note(ours)
            yield Change(
                f"{named(ours)} is {' and '.join(sizes)}",
                Rank.SIZED,
                ("sized", *key_of(ours), *(size.rpartition(" ")[2] for size in sizes)),
                (theirs.box, ours.box),
            )

    def _cut(self, ours: Node, theirs: Node, edge: Callable[[Box], float]) -> bool:
        return (
            edge(ours.box) >= edge(self._screen) - STILL or edge(theirs.box) >= edge(self._was_screen) - STILL
        )


def _rounded(by: float) -> float:
    return round(by, 1) + 0.0
