"""`UiSelector`: what a selector's text means."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from fake_android import java_regex
from fake_android.ui_expression import (
    Call,
    UiSelectorSyntax,
    boolean,
    calls,
    counted,
    integer,
    string,
    unsuitable,
)

CONSTRUCTOR = "new UiSelector"

Value = str | int | bool | re.Pattern[str]
Reader = Callable[[str, str], Value]


@dataclass(frozen=True, slots=True)
class UiSelector:
    """Criteria of one node, and at most one selector for what is below it (`child`) or beside it (`parent`).

    `criteria` are keyed by the method that set them; a later one of the same name replaces the earlier.
    """

    criteria: Mapping[str, Value] = field(default_factory=dict)
    child: UiSelector | None = None
    parent: UiSelector | None = None

    def having(self, name: str, value: Value) -> UiSelector:
        """Return a selector with one criterion more."""
        return replace(self, criteria={**self.criteria, name: value})

    def leading_to(self, name: str, selector: UiSelector) -> UiSelector:
        """Return a selector with another at the end of its chain: `name` is `child` or `parent`."""
        if self.child is not None:
            return replace(self, child=self.child.leading_to(name, selector))
        if self.parent is not None:
            return replace(self, parent=self.parent.leading_to(name, selector))
        if name == "child":
            return replace(self, child=selector)
        return replace(self, parent=selector)


def _pattern(expression: str, argument: str) -> re.Pattern[str]:
    return java_regex.whole(string(expression, argument))


def _text_pattern(expression: str, argument: str) -> re.Pattern[str]:
    return java_regex.whole(string(expression, argument), dot_matches_all=True)


METHODS: Mapping[str, Reader] = {
    "text": string,
    "textContains": string,
    "textStartsWith": string,
    "textMatches": _text_pattern,
    "description": string,
    "descriptionContains": string,
    "descriptionStartsWith": string,
    "descriptionMatches": _text_pattern,
    "className": string,
    "classNameMatches": _pattern,
    "packageName": string,
    "packageNameMatches": _pattern,
    "resourceId": string,
    "resourceIdMatches": _pattern,
    "index": integer,
    "instance": integer,
    "checkable": boolean,
    "checked": boolean,
    "clickable": boolean,
    "enabled": boolean,
    "focusable": boolean,
    "focused": boolean,
    "longClickable": boolean,
    "scrollable": boolean,
    "selected": boolean,
}
CHAINS = {"childSelector": "child", "fromParent": "parent"}


def parse(text: str) -> UiSelector:
    """Return the selector that one statement describes; raises `InvalidSelector` as the server does."""
    expression = text.strip()
    if not expression.startswith((CONSTRUCTOR, "UiSelector", ".")):
        expression = f".{expression}"
    if expression.startswith("UiSelector"):
        expression = f"new {expression}"
    if not expression.startswith(CONSTRUCTOR):
        expression = f"{CONSTRUCTOR}(){expression}"
    made, *methods = calls(expression, CONSTRUCTOR)
    if made.arguments:
        raise UiSelectorSyntax(
            expression, f"UiSelector has no suitable constructor with arguments {made.listed}"
        )
    selector = UiSelector()
    for call in methods:
        if call.name not in METHODS and call.name not in CHAINS:
            raise UiSelectorSyntax(expression, f"UiSelector has no `{call.name}` method")
        try:
            selector = _applied(selector, call, expression)
        except UiSelectorSyntax as error:
            raise UiSelectorSyntax(expression, unsuitable("UiSelector", call, error)) from error
    return selector


def _applied(selector: UiSelector, call: Call, expression: str) -> UiSelector:
    (argument,) = counted(expression, call, 1)
    if call.name in CHAINS:
        return selector.leading_to(CHAINS[call.name], parse(argument))
    return selector.having(call.name, METHODS[call.name](expression, argument))
