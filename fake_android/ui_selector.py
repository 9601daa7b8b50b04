"""`UiSelector`: what a selector's text means, and which nodes of a window it finds."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from fake_android.device import AndroidNode
from fake_android.expressions import (
    MethodCall,
    UiSelectorSyntax,
    calls,
    check_count,
    java_pattern,
    mismatch_message,
    read_boolean,
    read_integer,
    read_string,
)

CONSTRUCTOR = "new UiSelector"
CHAINS = {"childSelector": "child", "fromParent": "parent"}

Value = str | int | bool | re.Pattern[str]


@dataclass(frozen=True, slots=True)
class UiSelector:
    """Criteria of one node, and at most one selector for what is below it (`child`) or beside it (`parent`).

    `criteria` are keyed by the method that set them; a later one of the same name replaces the earlier.
    """

    criteria: Mapping[str, Value] = field(default_factory=dict)
    child: UiSelector | None = None
    parent: UiSelector | None = None

    def with_criterion(self, name: str, value: Value) -> UiSelector:
        """Return a selector with one criterion more."""
        return replace(self, criteria={**self.criteria, name: value})

    def with_selector(self, name: str, selector: UiSelector) -> UiSelector:
        """Return a selector with another at the end of its chain: `name` is `child` or `parent`."""
        if self.child is not None:
            return replace(self, child=self.child.with_selector(name, selector))
        if self.parent is not None:
            return replace(self, parent=self.parent.with_selector(name, selector))
        return replace(self, child=selector) if name == "child" else replace(self, parent=selector)


# -- the methods that set a criterion: how their argument is read, and whether a node fits it

_Reader = Callable[[str, str], Value]
_Test = Callable[[AndroidNode, Any], bool]
_FLAGS = (
    *("checkable", "checked", "clickable", "enabled", "focusable", "focused", "longClickable", "scrollable"),
    "selected",
)


def _text_of(node: AndroidNode) -> str | None:
    """Return a node's text; Flutter gives one to fields only, and an empty one is none on any other."""
    return node.text if node.text or node.class_name == "android.widget.EditText" else None


def _methods_of(
    name: str, text_of: Callable[[AndroidNode], str | None], *, whole: bool
) -> Iterator[tuple[str, tuple[_Reader, _Test]]]:
    """Yield the methods for one text of a node; `whole` are those of which a part can be asked for, too."""

    def test(compare: Callable[[str, Any], bool]) -> _Test:
        def fits(node: AndroidNode, wanted: Any) -> bool:
            text = text_of(node)
            return text is not None and compare(text, wanted)

        return fits

    def pattern(expression: str, argument: str) -> re.Pattern[str]:
        return java_pattern(read_string(expression, argument), dot_matches_all=whole)

    yield name, (read_string, test(str.__eq__))
    yield f"{name}Matches", (pattern, test(lambda text, wanted: wanted.fullmatch(text) is not None))
    if whole:
        yield f"{name}Contains", (read_string, test(lambda text, part: part.lower() in text.lower()))
        yield (
            f"{name}StartsWith",
            (read_string, test(lambda text, start: text.lower().startswith(start.lower()))),
        )


def _flag_test(name: str) -> _Test:
    attribute = "long_clickable" if name == "longClickable" else name
    return lambda node, wanted: getattr(node, attribute) is wanted


METHODS: Mapping[str, tuple[_Reader, _Test | None]] = {
    **dict(_methods_of("text", _text_of, whole=True)),
    **dict(_methods_of("description", lambda node: node.content_desc, whole=True)),
    **dict(_methods_of("className", lambda node: node.class_name, whole=False)),
    **dict(_methods_of("packageName", lambda node: node.package, whole=False)),
    **dict(_methods_of("resourceId", lambda node: node.resource_id, whole=False)),
    **{name: (read_boolean, _flag_test(name)) for name in _FLAGS},
    # These are counted on the way through a window.
    **dict.fromkeys(("index", "instance"), (read_integer, None)),
}


def parse_selector(text: str) -> UiSelector:
    """Return the selector that one statement describes; raises `InvalidSelector` as the server does."""
    expression = text.strip()
    if not expression.startswith((CONSTRUCTOR, "UiSelector", ".")):
        expression = f".{expression}"
    if expression.startswith("UiSelector"):
        expression = f"new {expression}"
    if not expression.startswith(CONSTRUCTOR):
        expression = f"{CONSTRUCTOR}(){expression}"
    constructor, *methods = calls(expression, CONSTRUCTOR)
    if constructor.arguments:
        raise UiSelectorSyntax(
            expression, f"UiSelector has no suitable constructor with arguments {constructor.argument_list}"
        )
    selector = UiSelector()
    for call in methods:
        if call.name not in METHODS and call.name not in CHAINS:
            raise UiSelectorSyntax(expression, f"UiSelector has no `{call.name}` method")
        try:
            selector = _apply(selector, call, expression)
        except UiSelectorSyntax as error:
            raise UiSelectorSyntax(expression, mismatch_message("UiSelector", call, error)) from error
    return selector


def _apply(selector: UiSelector, call: MethodCall, expression: str) -> UiSelector:
    (argument,) = check_count(expression, call, 1)
    if call.name in CHAINS:
        return selector.with_selector(CHAINS[call.name], parse_selector(argument))
    read, _ = METHODS[call.name]
    return selector.with_criterion(call.name, read(expression, argument))


# -- the nodes that are meant


class _Count:
    """A selector on its way through a window: counts the nodes that fit, up to the instance wanted.

    One that has reached its instance stays there: every further node that fits is a match.
    """

    def __init__(self, selector: UiSelector) -> None:
        self.selector = selector
        self._passed = 0

    def takes(self, node: AndroidNode, index: int) -> bool:
        """Whether a node, the `index`-th of its parent, is the one."""
        for name, wanted in self.selector.criteria.items():
            fits = METHODS[name][1]
            if (name == "index" and wanted != index) or (fits is not None and not fits(node, wanted)):
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

    def find_first(self, selector: UiSelector, *, below: AndroidNode | None = None) -> AndroidNode | None:
        """Return the node that a selector means, in the window or below one of its nodes; or None."""
        count = _Count(selector)
        if below is None:
            return next(self._find_matches(count, self._window, 0, selector), None)
        return next(self._find_matches_below(count, below, selector), None)

    def all(self, selector: UiSelector, *, below: AndroidNode | None = None) -> list[AndroidNode]:
        """Return what `findElements` does: the instances one after another.

        A selector that says which instance has one, anywhere in the window. One by a class's pattern is
        counted by `index` instead, as the server does: the first node that is its parent's first child, then
        the first that is a second.
        """
        if "instance" in selector.criteria:
            only = self.find_first(selector)
            return [] if only is None else [only]
        number = "index" if "classNameMatches" in selector.criteria and below is None else "instance"
        found: list[AndroidNode] = []
        while (node := self.find_first(selector.with_criterion(number, len(found)), below=below)) is not None:
            found.append(node)
        return found

    def instances(self, pattern: UiSelector, container: AndroidNode) -> Iterator[AndroidNode]:
        """Yield every node in a container, itself included, that a pattern fits."""
        return self._find_matches(_Count(pattern), container, 0, pattern)

    def _find_matches(
        self, count: _Count, node: AndroidNode, index: int, pattern: UiSelector
    ) -> Iterator[AndroidNode]:
        """Yield what `count` leads to from a node on; after each match the pattern is counted again."""
        if count.takes(node, index):
            selector = count.selector
            if selector.child is not None:
                count = _Count(selector.child)
            elif selector.parent is not None:
                above = self._parents.get(id(node))
                if above is None:
                    return
                count, node = _Count(selector.parent), above
            else:
                yield node
                count = _Count(pattern)
        yield from self._find_matches_below(count, node, pattern)

    def _find_matches_below(
        self, count: _Count, node: AndroidNode, pattern: UiSelector
    ) -> Iterator[AndroidNode]:
        for index, child in enumerate(node.children):
            if child.displayed:
                yield from self._find_matches(count, child, index, pattern)
