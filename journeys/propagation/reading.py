"""What a read of an app's semantics says of what is expected: old or new, and in which boxes."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import ClassVar

from flutter_bridge import Finder, Node, Tree, as_read
from journeys.expectations import Count, Presence, State, Text, has_words
from journeys.propagation.history import Label
from journeys.propagation.observation import NOT_ON_SCREEN
from journeys.timeline import SurfaceState

NO_LABEL = Label(SurfaceState.ABSENT, reason=NOT_ON_SCREEN)


class Reading(ABC):
    """Tells the old state of what a finder finds from the new one."""

    is_text: ClassVar[bool] = False
    """Whether it is of letters, which can't be there where nothing is drawn."""
    is_of_many: ClassVar[bool] = False
    """Whether it is of all that is found, none at all included, and not of one node."""
    old_in_new = True
    """Whether the old look may be a part of the new one."""
    new_in_old = True
    """Whether the new look may be a part of the old one."""

    def __init__(self, finder: Finder) -> None:
        self._finder = finder

    @abstractmethod
    def read(self, tree: Tree) -> Label:
        """Return what the semantics say."""


class TextReading(Reading):
    """Of a text that is to change from `before`.

    Where a kit knows what its surface shows now (`is_known`), that may be a part of what the node says; what
    was read of the node is all of it.
    """

    is_text = True

    def __init__(self, finder: Finder, wanted: Text, *, before: str, is_known: bool) -> None:
        super().__init__(finder)
        self._wanted = wanted
        self._before = before
        self._is_known = is_known
        if isinstance(wanted.wanted, str):
            self.old_in_new = before in wanted.wanted
            self.new_in_old = wanted.wanted in before

    def read(self, tree: Tree) -> Label:
        """Return which of the texts is said, and where."""
        node = self._finder.first_match_in(tree)
        if node is None or not node.visible:
            return NO_LABEL
        text = text_of(node)
        state = self._state_of(text)
        if state is SurfaceState.OTHER:
            return Label(state, (node.box,), f"it said {text!r}")
        # The innermost node that says it by itself has the closest box.
        own = (part for part in reversed(tuple(node.walk())) if self._state_of(part.text) is state)
        box = next(own, node).box
        return NO_LABEL if box.is_empty else Label(state, (box,))

    def _state_of(self, text: str) -> SurfaceState:
        wanted = self._wanted
        if self._is_known and wanted.how == "words" and isinstance(wanted.wanted, str):
            return read_name(text, new=wanted.wanted, old=self._before)
        if wanted.is_in(text):
            return SurfaceState.NEW
        is_old = as_read(text) == as_read(self._before) or (self._is_known and has_words(text, self._before))
        return SurfaceState.OLD if is_old else SurfaceState.OTHER


class StateReading(Reading):
    """Of one node's state, such as `checked`, which is to change from `before`."""

    def __init__(self, finder: Finder, wanted: State, *, before: bool | str) -> None:
        super().__init__(finder)
        self._wanted = wanted
        self._before = before

    def read(self, tree: Tree) -> Label:
        """Return which state the node is in, and where it is."""
        node = self._finder.first_match_in(tree)
        if node is None or not node.visible or node.box.is_empty:
            return NO_LABEL
        seen = self._wanted.of(node)
        if seen is None:
            return Label(SurfaceState.OTHER, (node.box,), f"its semantics say nothing of {self._wanted.name}")
        if self._wanted.is_met_by(seen):
            return Label(SurfaceState.NEW, (node.box,))
        if seen == self._before:
            return Label(SurfaceState.OLD, (node.box,))
        return Label(SurfaceState.OTHER, (node.box,), f"its value was {seen!r}")


class NumberReading(Reading):
    """Of how many nodes are on screen, which is to change from `before`."""

    is_of_many = True

    def __init__(self, finder: Finder, wanted: Presence | Count, *, before: int) -> None:
        super().__init__(finder)
        self._wanted = wanted
        self._before = before

    def read(self, tree: Tree) -> Label:
        """Return whether so many are there, and where they are."""
        boxes = tuple(node.box for node in shown_in(tree, self._finder))
        number = len(boxes)
        if self._wanted.is_met_by(number):
            return Label(SurfaceState.NEW, boxes)
        # All that is there before may go one by one.
        if number == self._before or isinstance(self._wanted, Presence):
            return Label(SurfaceState.OLD, boxes)
        return Label(SurfaceState.OTHER, boxes, f"there were {number} of {self._finder}")


def shown_in(tree: Tree, finder: Finder) -> list[Node]:
    """Return all that a finder finds on screen."""
    return [node for node in finder.matches_in(tree) if node.visible and not node.box.is_empty]


def text_of(node: Node) -> str:
    """Return what a node and all in it say, line by line."""
    return "\n".join(part.text for part in node.walk() if part.text)


def read_name(text: str, *, new: str, old: str) -> SurfaceState:
    """Return which of two names a text shows: as a whole line, else as whole words, the longer name first.

    Texts are compared as people read them: an app may write marks and spaces that a name lacks.
    """
    lines = {line.strip() for line in as_read(text).splitlines()}
    names = sorted(
        ((new, SurfaceState.NEW), (old, SurfaceState.OLD)), key=lambda name: -len(as_read(name[0]))
    )
    for name, state in names:
        if as_read(name) in lines:
            return state
    for name, state in names:
        if has_words(text, name):
            return state
    return SurfaceState.OTHER
