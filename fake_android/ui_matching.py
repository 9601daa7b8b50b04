"""Finds the nodes of a window that a `UiSelector` means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial

from fake_android.node import AndroidNode
from fake_android.ui_selector import UiSelector, Value

_Test = Callable[[AndroidNode, Value], bool]


def _said(read: Callable[[AndroidNode], str | None], compare: Callable[[str, str], bool]) -> _Test:
    def fits(node: AndroidNode, wanted: Value) -> bool:
        text = read(node)
        return text is not None and compare(text, str(wanted))

    return fits


def _matched(read: Callable[[AndroidNode], str | None]) -> _Test:
    def fits(node: AndroidNode, wanted: Value) -> bool:
        text = read(node)
        return text is not None and isinstance(wanted, re.Pattern) and wanted.fullmatch(text) is not None

    return fits


def _is(read: Callable[[AndroidNode], bool]) -> _Test:
    return lambda node, wanted: read(node) is wanted


def _text(node: AndroidNode) -> str | None:
    """Return a node's text; Flutter gives one to fields only, and an empty one is none on any other."""
    return node.text if node.text or node.class_name == "android.widget.EditText" else None


def _contains(text: str, wanted: str) -> bool:
    return wanted.lower() in text.lower()


def _starts(text: str, wanted: str) -> bool:
    return text.lower().startswith(wanted.lower())


def _description(node: AndroidNode) -> str | None:
    return node.content_desc


def _class(node: AndroidNode) -> str | None:
    return node.class_name


def _package(node: AndroidNode) -> str | None:
    return node.package


def _resource(node: AndroidNode) -> str | None:
    return node.resource_id


TESTS: Mapping[str, _Test] = {
    "text": _said(_text, str.__eq__),
    "textContains": _said(_text, _contains),
    "textStartsWith": _said(_text, _starts),
    "textMatches": _matched(_text),
    "description": _said(_description, str.__eq__),
    "descriptionContains": _said(_description, _contains),
    "descriptionStartsWith": _said(_description, _starts),
    "descriptionMatches": _matched(_description),
    "className": _said(_class, str.__eq__),
    "classNameMatches": _matched(_class),
    "packageName": _said(_package, str.__eq__),
    "packageNameMatches": _matched(_package),
    "resourceId": _said(_resource, str.__eq__),
    "resourceIdMatches": _matched(_resource),
    "checkable": _is(lambda node: node.checkable),
    "checked": _is(lambda node: node.checked),
    "clickable": _is(lambda node: node.clickable),
    "enabled": _is(lambda node: node.enabled),
    "focusable": _is(lambda node: node.focusable),
    "focused": _is(lambda node: node.focused),
    "longClickable": _is(lambda node: node.long_clickable),
    "scrollable": _is(lambda node: node.scrollable),
    "selected": _is(lambda node: node.selected),
}


class _Search:
    """A selector on its way through a window: counts the nodes that fit, up to the instance wanted.

    One that has reached its instance stays there: every further node that fits is a match.
    """

    def __init__(self, selector: UiSelector) -> None:
        self.selector = selector
        self._passed = 0

    def takes(self, node: AndroidNode, index: int) -> bool:
        """Whether a node, the `index`-th of its parent, is the one."""
        for name, wanted in self.selector.criteria.items():
            if name == "index" and wanted != index:
                return False
            if name in TESTS and not TESTS[name](node, wanted):
                return False
        instance = self.selector.criteria.get("instance", 0)
        if instance == self._passed:
            return True
        if isinstance(instance, int) and instance > self._passed:
            self._passed += 1
        return False


class Matcher:
    """Finds nodes in one window, as UiAutomator does: depth first, what nobody can see left out."""

    def __init__(self, window: AndroidNode) -> None:
        self._window = window
        self._parents = {id(child): node for node in window.walk() for child in node.children}

    def first(self, selector: UiSelector, *, below: AndroidNode | None = None) -> AndroidNode | None:
        """Return the node that a selector means, in the window or below one of its nodes; or None."""
        search = _Search(selector)
        if below is None:
            return self._from(search, self._window, 0)
        return self._among(search, below)

    def all(self, selector: UiSelector, *, below: AndroidNode | None = None) -> list[AndroidNode]:
        """Return what `findElements` does: the instances one after another.

        A selector that says which instance has one, anywhere in the window. One by a class's pattern is
        counted by `index` instead, as the server does: the first node that is its parent's first child, then
        the first that is a second.
        """
        if "instance" in selector.criteria:
            only = self.first(selector)
            return [] if only is None else [only]
        count = "index" if "classNameMatches" in selector.criteria and below is None else "instance"
        found: list[AndroidNode] = []
        while (node := self.first(selector.having(count, len(found)), below=below)) is not None:
            found.append(node)
        return found

    def instances(self, pattern: UiSelector, container: AndroidNode) -> Iterator[AndroidNode]:
        """Yield every node in a container, itself included, that a pattern fits."""
        yield from self._patterned(_Search(pattern), container, 0, partial(_Search, pattern))

    def _from(self, search: _Search, node: AndroidNode, index: int) -> AndroidNode | None:
        if search.takes(node, index):
            selector = search.selector
            if selector.child is not None:
                search = _Search(selector.child)
            elif selector.parent is not None:
                above = self._parents.get(id(node))
                if above is None:
                    return None
                search, node = _Search(selector.parent), above
            else:
                return node
        return self._among(search, node)

    def _among(self, search: _Search, node: AndroidNode) -> AndroidNode | None:
        for index, child in enumerate(node.children):
            if child.displayed and (found := self._from(search, child, index)) is not None:
                return found
        return None

    def _patterned(
        self, search: _Search, node: AndroidNode, index: int, anew: Callable[[], _Search]
    ) -> Iterator[AndroidNode]:
        if search.takes(node, index):
            selector = search.selector
            if selector.child is not None:
                search = _Search(selector.child)
            elif selector.parent is not None:
                above = self._parents.get(id(node))
                if above is None:
                    return
                search, node = _Search(selector.parent), above
            else:
                yield node
                search = anew()
        for place, child in enumerate(node.children):
            if child.displayed:
                yield from self._patterned(search, child, place, anew)
