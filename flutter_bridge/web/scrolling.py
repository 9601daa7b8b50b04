"""Scrolls as a person does: with the wheel, until what is looked for is wholly on screen or nothing moves."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from flutter_bridge.clock import now
from flutter_bridge.finders import Finder
from flutter_bridge.semantics import Node, Role, Tree
from flutter_bridge.web.dom import Snapshot

EDGE = 1.0
"""How near, in logical pixels, a box is to an edge that may cut it off."""

SEARCH, NUDGE = 0.75, 0.35
"""How much of a scrollable one turn of the wheel moves: in a search, and to get a node off an edge."""

TURNS = 400
"""After so many turns a list counts as endless."""


class Scrolled(Protocol):
    """What scrolling needs of an app."""

    async def read(self, after: int = -1, seconds: float = 0.0) -> Snapshot:
        """Read the screen, once it changed since `after`."""
        ...

    async def wheel(self, x: float, y: float, right: float, down: float) -> None:
        """Turn the wheel at a place and wait until what it moved rests."""
        ...


class Search:
    """One search for one node."""

    def __init__(self, app: Scrolled, finder: Finder, seconds: float) -> None:
        self._app = app
        self._finder = finder
        self._seconds = seconds
        self._turns = 0
        self._snapshot: Snapshot | None = None

    async def run(self) -> Node | None:
        """Scroll until the node is wholly on screen and return it; None where it is nowhere.

        The time given is for something to move: while it does the search goes on, and once nothing moves in
        any direction it waits for the rest of the time, as a list may still be loading.
        """
        until = now() + self._seconds
        snapshot = self._snapshot = await self._app.read()
        exhausted: set[tuple[str, int]] = set()
        while self._turns < TURNS:
            tree = self._snapshot.tree
            node = self._finder.first_in(tree)
            if node is not None:
                whole = await self._bring_in(node)
                if whole is not None:
                    return whole
            ways = [way for way in _ways(tree, self._finder) if (way[0].ref, way[1]) not in exhausted]
            if node is None and ways:
                pane, direction = ways[0]
                if await self._turn(pane, direction * SEARCH):
                    until = now() + self._seconds
                else:
                    exhausted.add((pane.ref, direction))
                continue
            if now() >= until:
                return None
            snapshot = await self._app.read(self._snapshot.version, until - now())
            if snapshot.version != self._snapshot.version:
                exhausted.clear()
            self._snapshot = snapshot
        return None

    async def _bring_in(self, node: Node) -> Node | None:
        """Move a node that is there off every edge that may cut it off; None where that can't be done."""
        for _ in range(TURNS):
            assert self._snapshot is not None  # noqa: S101 - read before anything is found in it
            move = _move(self._snapshot.tree, node)
            if move is None:
                return node if node.visible else None
            pane, share = move
            moved = await self._turn(pane, share)
            found = self._finder.first_in(self._snapshot.tree)
            if found is None:
                return None
            if not moved:
                # It touches the edge because the list ends there.
                return found if found.visible else None
            node = found
        return None

    async def _turn(self, pane: Node, share: float) -> bool:
        """Scroll a pane by a share of its length; return whether anything in it moved."""
        assert self._snapshot is not None  # noqa: S101 - the pane comes from it
        before = self._snapshot.tree
        sideways = pane.scrolls == "horizontal"
        distance = share * (pane.box.width if sideways else pane.box.height)
        await self._app.wheel(*pane.box.centre, distance if sideways else 0.0, 0.0 if sideways else distance)
        self._turns += 1
        self._snapshot = await self._app.read()
        return _layout(before, pane.ref) != _layout(self._snapshot.tree, pane.ref)


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
        cut_before, cut_after = first <= start + EDGE, last >= end - EDGE
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


def _ways(tree: Tree, finder: Finder) -> Iterator[tuple[Node, int]]:
    """Yield where to look: every pane, the likeliest first, forwards and then backwards."""
    panes = [node for node in tree if node.role is Role.SCROLLABLE and node.visible]
    scope = finder.scope.first_in(tree) if finder.scope is not None else None
    if scope is not None:
        inside = {id(node) for node in scope.walk()}
        around = {id(pane) for pane in _panes_around(tree.root, scope) or []}
        panes = [pane for pane in panes if id(pane) in inside | around] or panes
    panes.sort(key=lambda pane: -pane.box.width * pane.box.height)
    for pane in panes:
        yield pane, 1
        yield pane, -1


def _layout(tree: Tree, ref: str) -> list[tuple[str, str, object]]:
    pane = next((node for node in tree if node.ref == ref), None)
    return [(node.ref, node.label, node.box) for node in pane.walk()] if pane is not None else []
