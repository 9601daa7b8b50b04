"""Scrolls as a person does until what is looked for is wholly on screen, or nothing moves any more."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable
from statistics import median

from flutter_bridge.clock import now
from flutter_bridge.driver import Driver, Reading
from flutter_bridge.finders import Finder
from flutter_bridge.semantics import Box, Node, Role, Tree

EDGE_PX = 1.0
"""How near, in logical pixels, a box is to an edge that may cut it off."""

SEARCH, NUDGE = 0.75, 0.35
"""How much of a scrollable one turn of the wheel moves: in a search, and to get a node off an edge."""

MIN_GAIN = 0.05
"""The least share of a turn of the wheel that an app is taken to move by."""

MAX_TURNS = 400
"""After so many turns a list counts as endless."""


class Scroller:
    """Finds nodes by scrolling; learns on the way how far a turn moves this app."""

    def __init__(self, driver: Driver) -> None:
        self._driver = driver
        self._how = driver.scrolling
        self._gain = 0.0

    async def bring(self, finder: Finder, seconds: float) -> Node | None:
        """Scroll until the node is wholly on screen and return it; None where it is nowhere.

        The time given is for something to move: while it does the search goes on, and once nothing moves in
        any direction it waits for the rest of the time, as a list may still be loading.
        """
        until = now() + seconds
        reading = await self._driver.read_changed()
        exhausted: set[tuple[str, int]] = set()
        for _ in range(MAX_TURNS):
            node = finder.first_match_in(reading.tree)
            if node is not None:
                whole, reading = await self._bring_in(finder, node, reading)
                if whole is not None:
                    return whole
            elif way := _way(reading.tree, finder, exhausted):
                pane, direction = way
                before = reading
                reading = await self._turn(before, pane, direction * SEARCH)
                if _has_stayed(before.tree, reading.tree, pane):
                    exhausted.add((pane.ref, direction))
                else:
                    until = now() + seconds
                continue
            if now() >= until:
                return None
            before = reading
            reading = await self._driver.read_changed(before.version, until - now())
            if reading.version != before.version:
                exhausted.clear()
        return None

    async def _bring_in(self, finder: Finder, node: Node, reading: Reading) -> tuple[Node | None, Reading]:
        """Move a node that is there off every edge that may cut it off; None where that can't be done."""
        for _ in range(MAX_TURNS):
            move = _move(reading.tree, node)
            if move is None:
                break
            pane, share = move
            before = reading
            reading = await self._turn(before, pane, share)
            found = finder.first_match_in(reading.tree)
            if found is None:
                return None, reading
            node = found
            if _has_stayed(before.tree, reading.tree, pane):
                # It is at the edge because the list ends there.
                break
        return (node if node.visible else None), reading

    async def _turn(self, before: Reading, pane: Node, share: float) -> Reading:
        """Scroll a pane by a share of its length."""
        sideways = pane.scrolls == "horizontal"
        length = pane.box.width if sideways else pane.box.height
        wanted = share * length
        # An app may move by more or less than the wheel says: engines differ in what they make of the pixel
        # ratio. The largest movement seen counts, as a list's end cuts movements short.
        turned = wanted / max(self._gain or 1.0, MIN_GAIN)
        turned = max(-self._how.reach * length, min(self._how.reach * length, turned))
        right, down = (turned, 0.0) if sideways else (0.0, turned)
        after = await self._driver.scroll(pane.box, right, down)
        gain = self._distance_moved(before.tree, after.tree, pane) / abs(turned)
        self._gain = min(self._how.most, max(self._gain, gain))
        return after

    def _distance_moved(self, before: Tree, after: Tree, pane: Node) -> float:
        """Return how far the content of a pane moved; 0 where nothing of it stayed to tell by."""
        was, now_is = (_boxes(tree, pane.ref, self._how.identity) for tree in (before, after))
        both = [(was[known], box) for known, box in now_is.items() if known in was]
        # The median, as the boxes at the edges are cut and seem to move by less, or by more.
        return median([abs(new.left - old.left) + abs(new.top - old.top) for old, new in both] or [0.0])


def _move(tree: Tree, node: Node) -> tuple[Node, float] | None:
    """Return which pane has to be scrolled by which share so that more of a node is seen; None for none."""
    for pane in reversed(_panes_around(tree.root, node) or []):
        sideways = pane.scrolls == "horizontal"
        first, last = (node.box.left, node.box.right) if sideways else (node.box.top, node.box.bottom)
        start, end = (pane.box.left, pane.box.right) if sideways else (pane.box.top, pane.box.bottom)
        if not node.visible:
            away = (first + last) / 2 - (start + end) / 2
            if start <= (first + last) / 2 <= end:
                continue
            return pane, max(-SEARCH, min(SEARCH, away / max(1.0, end - start)))
        cut_before, cut_after = first <= start + EDGE_PX, last >= end - EDGE_PX
        if cut_before != cut_after:
            return pane, -NUDGE if cut_before else NUDGE
    return None


def _panes_around(root: Node, node: Node) -> list[Node] | None:
    """Return the scrollables a node is in, the outermost first; None where the node isn't below `root`."""
    if root is node:
        return []
    for child in root.children:
        found = _panes_around(child, node)
        if found is not None:
            return [root, *found] if root.role is Role.SCROLLABLE and root.visible else found
    return None


def _way(tree: Tree, finder: Finder, exhausted: set[tuple[str, int]]) -> tuple[Node, int] | None:
    """Return where to look next: the likeliest pane first, forwards and then backwards."""
    panes = [node for node in tree if node.role is Role.SCROLLABLE and node.visible]
    scope = finder.scope.first_match_in(tree) if finder.scope is not None else None
    if scope is not None:
        near = {id(node) for node in scope.walk()}
        near.update(id(pane) for pane in _panes_around(tree.root, scope) or [])
        panes = [pane for pane in panes if id(pane) in near] or panes
    panes.sort(key=lambda pane: -pane.box.width * pane.box.height)
    ways = ((pane, direction) for pane in panes for direction in (1, -1))
    return next((way for way in ways if (way[0].ref, way[1]) not in exhausted), None)


def _has_stayed(before: Tree, after: Tree, pane: Node) -> bool:
    """Whether a turn moved nothing in a pane, but for what rounding makes of an edge."""
    were, are = _nodes(before, pane.ref), _nodes(after, pane.ref)
    return len(were) == len(are) and all(
        (old.ref, old.identifier, old.label) == (new.ref, new.identifier, new.label)
        and max(abs(old.box.left - new.box.left), abs(old.box.top - new.box.top)) <= EDGE_PX
        and max(abs(old.box.right - new.box.right), abs(old.box.bottom - new.box.bottom)) <= EDGE_PX
        for old, new in zip(were, are, strict=True)
    )


def _nodes(tree: Tree, ref: str) -> list[Node]:
    pane = next((node for node in tree if node.ref == ref), None)
    return list(pane.walk()) if pane is not None else []


def _boxes(tree: Tree, ref: str, identity: Callable[[Node], Hashable]) -> dict[Hashable, Box]:
    """Return where each node in a pane is that can be told again."""
    nodes = _nodes(tree, ref)[1:]
    often = Counter(identity(node) for node in nodes)
    return {
        identity(node): node.box
        for node in nodes
        if identity(node) is not None and often[identity(node)] == 1
    }
