"""The `-android uiautomator` locator: statements of `UiSelector` and `UiScrollable`."""

from __future__ import annotations

from fake_android import ui_selector
from fake_android.node import AndroidNode
from fake_android.refusals import StaleElement
from fake_android.ui_expression import statements
from fake_android.ui_matching import Matcher
from fake_android.ui_scrollable import Screen, is_scrollable, scrolled
from fake_android.ui_selector import UiSelector


async def find(
    screen: Screen, text: str, *, multiple: bool, context: AndroidNode | None = None
) -> list[AndroidNode]:
    """Return what a locator finds on a screen; at most one unless `multiple`.

    Every statement is read, and swiped, before anything is looked for. One element is looked for by the first
    statement alone; of many, each statement's come one after another, none twice. `context` is a node that
    the search stays below.
    """
    outcomes: list[UiSelector | AndroidNode | None] = []
    for statement in statements(text):
        if is_scrollable(statement):
            outcomes.append(await scrolled(screen, statement))
        else:
            outcomes.append(ui_selector.parse(statement))
    window = await screen.window()
    matcher = Matcher(window)
    below = None if context is None else again(window, context)
    found: dict[int, AndroidNode] = {}
    for outcome in outcomes if multiple else outcomes[:1]:
        if outcome is None:
            continue
        if isinstance(outcome, AndroidNode):
            nodes = [again(window, outcome)]
        elif multiple:
            nodes = matcher.all(outcome, below=below)
        else:
            nodes = [node] if (node := matcher.first(outcome, below=below)) is not None else []
        for node in nodes:
            found.setdefault(id(node), node)
    return list(found.values())


def again(window: AndroidNode, node: AndroidNode) -> AndroidNode:
    """Return a node as it is in a later reading of its window; raises `StaleElement` where it is gone."""
    for each in window.walk():
        if each is node or (node.ref and each.ref == node.ref):
            return each
    raise StaleElement("The referenced element is no longer attached to the DOM")
