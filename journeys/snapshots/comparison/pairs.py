"""Finds, for each node of a screen's semantics, the same node in the semantics of its baseline.

From the top down: among the children of a pair, parts that say the very same are brought together first, then
what has the same identifier, the same words, what is alike in role, words and place, and last what is the
only one of its role. What is left
over anywhere may have gone to another parent, and is looked for once more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from flutter_bridge import Box, Node, Role, Tree

_MOST_COMPARED = 60
"""Nodes on a side that are compared each with each; of more, those without a name stay alone."""
_MOST_ORDERED = 1000
"""Nodes on a side whose common order is looked for."""
_ALIKE = 0.4
"""How alike two nodes of a role must be to be one whose words changed."""

Pair = tuple[Node, Node]


@dataclass
class Pairs:
    """Which node (first of a pair) was which one (second); what is new, and what is missing."""

    both: list[Pair] = field(default_factory=list)
    new: list[Node] = field(default_factory=list)
    missing: list[Node] = field(default_factory=list)


def paired(actual: Tree, baseline: Tree) -> Pairs:
    """Pair the nodes of two trees that can be seen."""
    return _Pairing().whole(actual.root, baseline.root)


class _Pairing:
    def __init__(self) -> None:
        self._signatures: dict[int, Hashable] = {}
        self._words: dict[int, frozenset[str]] = {}
        self._found = Pairs()

    def whole(self, actual: Node, baseline: Node) -> Pairs:
        """Pair all that is below two nodes, and these."""
        self._pair(actual, baseline)
        found = self._found
        # What went to another parent: named or worded alike, once on either side.
        for key in (self._signature, _by_identifier, _by_words):
            ours, theirs = _keyed(found.new, key), _keyed(found.missing, key)
            pairs: list[Pair] = []
            for same in ours.keys() & theirs.keys():
                pairs += zip(ours[same], theirs[same], strict=False)
            found.both += pairs
            _take(pairs, found.new, found.missing)
        return found

    def _pair(self, ours: Node, theirs: Node) -> None:
        self._found.both.append((ours, theirs))
        left, right = list(_seen(ours)), list(_seen(theirs))
        for found in (
            self._in_order(left, right, self._signature),
            self._in_order(left, right, _by_identifier),
            self._in_order(left, right, _by_words),
            self._alike(left, right),
            _only_ones(left, right),
        ):
            for one, other in found:
                self._pair(one, other)
        for rest, into in ((left, self._found.new), (right, self._found.missing)):
            for node in rest:
                into.extend(each for each in node.walk() if each.visible)

    def _in_order(self, left: list[Node], right: list[Node], key: Callable[[Node], Hashable]) -> list[Pair]:
        """Take what has the same key out of both lists: by the longest common order first, then any."""
        pairs: list[Pair] = []
        ours = [node for node in left if key(node) is not None]
        theirs = [node for node in right if key(node) is not None]
        keys = [key(node) for node in ours], [key(node) for node in theirs]
        if max(len(ours), len(theirs)) <= _MOST_ORDERED:
            for at, its, size in SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks():
                pairs += zip(ours[at : at + size], theirs[its : its + size], strict=True)
            _take(pairs, left, right)
        rest_ours, rest_theirs = _keyed(left, key), _keyed(right, key)
        more = [
            pair
            for same in rest_ours.keys() & rest_theirs.keys()
            for pair in zip(rest_ours[same], rest_theirs[same], strict=False)
        ]
        _take(more, left, right)
        return pairs + more

    def _alike(self, left: list[Node], right: list[Node]) -> list[Pair]:
        """Take the most alike out of both lists, as long as they are alike at all."""
        if max(len(left), len(right)) > _MOST_COMPARED:
            return []
        ranked = sorted(
            (
                (self._likeness(one, other), -row, -column)
                for row, one in enumerate(left)
                for column, other in enumerate(right)
            ),
            reverse=True,
        )
        pairs: list[Pair] = []
        rows: set[int] = set()
        columns: set[int] = set()
        for score, row, column in ranked:
            if score < _ALIKE:
                break
            if row not in rows and column not in columns:
                rows.add(row)
                columns.add(column)
                pairs.append((left[-row], right[-column]))
        _take(pairs, left, right)
        return pairs

    def _likeness(self, one: Node, other: Node) -> float:
        if one.role is not other.role or (
            one.identifier and other.identifier and one.identifier != other.identifier
        ):
            return 0.0
        mine, its = self._words_below(one), self._words_below(other)
        words = len(mine & its) / len(mine | its) if mine | its else 0.5
        shared = one.box.intersection(other.box)
        both = _area(shared)
        return 0.5 * words + 0.5 * both / max(_area(one.box) + _area(other.box) - both, 1.0)

    def _words_below(self, node: Node) -> frozenset[str]:
        if id(node) not in self._words:
            own = node.text.split()
            below = (self._words_below(child) for child in node.children)
            self._words[id(node)] = frozenset(own).union(*below)
        return self._words[id(node)]

    def _signature(self, node: Node) -> Hashable:
        """Return all that a node and those below it say, whatever their places; None where it is nothing."""
        if id(node) not in self._signatures:
            below = tuple(self._signature(child) for child in _seen(node))
            own = (node.role, node.identifier, node.label, node.value)
            says = node.identifier or node.text or any(each is not None for each in below)
            # Hashed once: a tuple of tuples would be hashed anew at every level.
            self._signatures[id(node)] = hash((own, below)) if says else None
        return self._signatures[id(node)]


def _area(box: Box) -> float:
    return box.width * box.height


def _by_identifier(node: Node) -> Hashable:
    return (node.role, node.identifier) if node.identifier else None


def _by_words(node: Node) -> Hashable:
    return (node.role, node.label, node.value) if node.text else None


def _by_role(node: Node) -> Hashable:
    return None if node.role in {Role.GENERIC, Role.TEXT, Role.IMAGE} else node.role


def _keyed(nodes: Iterable[Node], key: Callable[[Node], Hashable]) -> dict[Hashable, list[Node]]:
    keyed: dict[Hashable, list[Node]] = defaultdict(list)
    for node in nodes:
        of_node = key(node)
        if of_node is not None:
            keyed[of_node].append(node)
    return keyed


def _only_ones(left: list[Node], right: list[Node]) -> list[Pair]:
    """Take what is the only one of its role on either side, and nothing but a mere container, out of both."""
    ours, theirs = _keyed(left, _by_role), _keyed(right, _by_role)
    pairs = [
        (ours[role][0], theirs[role][0])
        for role in ours.keys() & theirs.keys()
        if len(ours[role]) == len(theirs[role]) == 1
        and not (ours[role][0].identifier and theirs[role][0].identifier)
    ]
    _take(pairs, left, right)
    return pairs


def _take(pairs: Sequence[Pair], left: list[Node], right: list[Node]) -> None:
    ours, theirs = {id(one) for one, _ in pairs}, {id(other) for _, other in pairs}
    left[:] = [node for node in left if id(node) not in ours]
    right[:] = [node for node in right if id(node) not in theirs]


def _seen(node: Node) -> Iterable[Node]:
    """Yield the nodes below that can be seen; in the place of one that can't, what can be seen of it."""
    for child in node.children:
        if child.visible and not (child.box.empty and child.role is Role.GENERIC):
            yield child
        else:
            yield from _seen(child)
