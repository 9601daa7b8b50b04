"""Finds, for each node of a screen's semantics, the same node in the semantics of its baseline.

From the top down: among the children of a pair, parts that say the very same are brought together first, then
what has the same identifier, the same words, what is alike in role, words and place, and last what is the
only one of its role. What is left over anywhere may have gone to another parent, and is looked for once more.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher

from flutter_bridge import Box, Node, Role, Tree

_MAX_COMPARED = 60
"""Nodes on a side that are compared each with each; of more, those without a name stay alone."""
_MAX_ORDERED = 1000
"""Nodes on a side whose common order is looked for."""
_ALIKE = 0.4
"""How alike two nodes of a role must be to be one whose words changed."""

Pair = tuple[Node, Node]
Key = Callable[[Node], Hashable]


@dataclass
class NodeMatches:
    """Which node (first of a pair) was which one (second); what was added, and what is missing."""

    pairs: list[Pair] = field(default_factory=list)
    added: list[Node] = field(default_factory=list)
    missing: list[Node] = field(default_factory=list)


def match_nodes(actual: Tree, baseline: Tree) -> NodeMatches:
    """Pair the nodes of two trees that can be seen."""
    return _NodeMatcher().match(actual.root, baseline.root)


def area_of(box: Box) -> float:
    """Return how much a box covers, in square pixels."""
    return box.width * box.height


class _NodeMatcher:
    def __init__(self) -> None:
        self._signatures: dict[int, Hashable] = {}
        self._words: dict[int, frozenset[str]] = {}
        self._found = NodeMatches()

    def match(self, actual: Node, baseline: Node) -> NodeMatches:
        """Pair all that is below two nodes, and these."""
        self._pair(actual, baseline)
        found = self._found
        # What went to another parent: named or worded alike, once on either side.
        for key in (self._signature, _by_identifier, _by_words):
            found.pairs += _take_same(found.added, found.missing, key)
        return found

    def _pair(self, ours: Node, theirs: Node) -> None:
        self._found.pairs.append((ours, theirs))
        left, right = list(_visible_below(ours)), list(_visible_below(theirs))
        for found in (
            _take_in_order(left, right, self._signature),
            _take_in_order(left, right, _by_identifier),
            _take_in_order(left, right, _by_words),
            self._take_alike(left, right),
            _take_only_ones(left, right),
        ):
            for one, other in found:
                self._pair(one, other)
        for rest, into in ((left, self._found.added), (right, self._found.missing)):
            for node in rest:
                into.extend(each for each in node.walk() if each.visible)

    def _take_alike(self, left: list[Node], right: list[Node]) -> list[Pair]:
        """Take the most alike out of both lists, as long as they are alike at all."""
        if max(len(left), len(right)) > _MAX_COMPARED:
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
        return _take(pairs, left, right)

    def _likeness(self, one: Node, other: Node) -> float:
        if one.role is not other.role or (
            one.identifier and other.identifier and one.identifier != other.identifier
        ):
            return 0.0
        mine, its = self._words_below(one), self._words_below(other)
        words = len(mine & its) / len(mine | its) if mine | its else 0.5
        both = area_of(one.box.intersection(other.box))
        return 0.5 * words + 0.5 * both / max(area_of(one.box) + area_of(other.box) - both, 1.0)

    def _words_below(self, node: Node) -> frozenset[str]:
        if id(node) not in self._words:
            below = (self._words_below(child) for child in node.children)
            self._words[id(node)] = frozenset(node.text.split()).union(*below)
        return self._words[id(node)]

    def _signature(self, node: Node) -> Hashable:
        """Return all that a node and those below it say, whatever their places; None where it is nothing."""
        if id(node) not in self._signatures:
            below = tuple(self._signature(child) for child in _visible_below(node))
            own = (node.role, node.identifier, node.label, node.value)
            says = node.identifier or node.text or any(each is not None for each in below)
            # Hashed once: a tuple of tuples would be hashed anew at every level.
            self._signatures[id(node)] = hash((own, below)) if says else None
        return self._signatures[id(node)]


def _by_identifier(node: Node) -> Hashable:
    return (node.role, node.identifier) if node.identifier else None


def _by_words(node: Node) -> Hashable:
    return (node.role, node.label, node.value) if node.text else None


def _by_role(node: Node) -> Hashable:
    return None if node.role in {Role.GENERIC, Role.TEXT, Role.IMAGE} else node.role


def _take_in_order(left: list[Node], right: list[Node], key: Key) -> list[Pair]:
    """Take what has the same key out of both lists: by the longest common order first, then any."""
    ours = [node for node in left if key(node) is not None]
    theirs = [node for node in right if key(node) is not None]
    pairs: list[Pair] = []
    if max(len(ours), len(theirs)) <= _MAX_ORDERED:
        keys = [key(node) for node in ours], [key(node) for node in theirs]
        for at, its, size in SequenceMatcher(None, *keys, autojunk=False).get_matching_blocks():
            pairs += zip(ours[at : at + size], theirs[its : its + size], strict=True)
        _take(pairs, left, right)
    return pairs + _take_same(left, right, key)


def _take_same(left: list[Node], right: list[Node], key: Key) -> list[Pair]:
    """Take what has the same key out of both lists, in any order."""
    ours, theirs = _group_by(left, key), _group_by(right, key)
    pairs = [
        pair for same in ours.keys() & theirs.keys() for pair in zip(ours[same], theirs[same], strict=False)
    ]
    return _take(pairs, left, right)


def _take_only_ones(left: list[Node], right: list[Node]) -> list[Pair]:
    """Take what is the only one of its role on either side, and nothing but a mere container, out of both."""
    ours, theirs = _group_by(left, _by_role), _group_by(right, _by_role)
    pairs = [
        (ours[role][0], theirs[role][0])
        for role in ours.keys() & theirs.keys()
        if len(ours[role]) == len(theirs[role]) == 1
        and not (ours[role][0].identifier and theirs[role][0].identifier)
    ]
    return _take(pairs, left, right)


def _take(pairs: list[Pair], left: list[Node], right: list[Node]) -> list[Pair]:
    """Take pairs out of both lists, and return them."""
    if pairs:
        ours, theirs = {id(one) for one, _ in pairs}, {id(other) for _, other in pairs}
        left[:] = [node for node in left if id(node) not in ours]
        right[:] = [node for node in right if id(node) not in theirs]
    return pairs


def _group_by(nodes: Sequence[Node], key: Key) -> dict[Hashable, list[Node]]:
    groups: dict[Hashable, list[Node]] = defaultdict(list)
    for node in nodes:
        of_node = key(node)
        if of_node is not None:
            groups[of_node].append(node)
    return groups


def _visible_below(node: Node) -> Iterable[Node]:
    """Yield the nodes below that can be seen; in the place of one that can't, what can be seen of it."""
    for child in node.children:
        if child.visible and not (child.box.is_empty and child.role is Role.GENERIC):
            yield child
        else:
            yield from _visible_below(child)
