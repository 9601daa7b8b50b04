"""Finds elements by each of the server's strategies."""

from __future__ import annotations

import re
from collections.abc import Callable

from fake_android import ui_automator, xpath
from fake_android.node import AndroidNode
from fake_android.refusals import InvalidSelector, Refusal
from fake_android.settings import LookupSettings
from fake_android.ui_automator import again
from fake_android.ui_scrollable import Screen

STRATEGIES = ("id", "xpath", "accessibility id", "class name", "-android uiautomator")
WHOLE_ID = re.compile(r"[a-zA-Z_][a-zA-Z0-9._]*:[^/]+/\S+", re.ASCII)


async def locate(
    screen: Screen,
    strategy: str,
    selector: str,
    *,
    context: AndroidNode | None = None,
    multiple: bool,
    settings: LookupSettings | None = None,
    app_package: str | None = None,
) -> list[AndroidNode]:
    """Return what a selector finds on a screen; at most one unless `multiple`, and none where there is none.

    `context` is a node that the search stays below; one of an earlier reading is known again by its `ref`.
    `app_package` completes an id that has no package. Raises a `Refusal` as the server does.
    """
    settings = settings or LookupSettings()
    if strategy == "-android uiautomator":
        return await ui_automator.find(screen, selector, multiple=multiple, context=context)
    window = await screen.window()
    below = None if context is None else again(window, context)
    match strategy:
        case "xpath":
            return xpath.find(window, selector, multiple=multiple, context=below, settings=settings)
        case "id":
            wanted = completed(selector, app_package=app_package, settings=settings)
            found = _fitting(window, below, lambda node: node.resource_id == wanted)
        case "accessibility id":
            found = _fitting(window, below, lambda node: node.content_desc == selector)
        case "class name":
            found = _fitting(window, below, lambda node: node.class_name == selector)
        case _:
            raise InvalidSelector(
                f"Selector strategy '{strategy}' is not supported. "
                f"Only the following selector strategies are supported: [{', '.join(STRATEGIES)}]"
            )
    return found if multiple else found[:1]


def completed(identifier: str, *, app_package: str | None, settings: LookupSettings) -> str:
    """Return an id as it is looked for: with the app's package, unless it has one or a setting leaves it."""
    if settings.disable_id_locator_autocompletion or WHOLE_ID.fullmatch(identifier):
        return identifier
    if not app_package:
        raise Refusal(
            f"Cannot rewrite element locator '{identifier}' to its complete form, because the current "
            "application package name is unknown. Consider providing the app package name or changing the "
            f"locator to '<package_name>:id/{identifier}' format."
        )
    return f"{app_package}:id/{identifier}"


def _fitting(
    window: AndroidNode, below: AndroidNode | None, fits: Callable[[AndroidNode], bool]
) -> list[AndroidNode]:
    """Return the visible nodes that fit, in document order; those below a node without the node itself."""
    found: list[AndroidNode] = []
    waiting = [window] if below is None else list(reversed(_visible(below)))
    while waiting:
        node = waiting.pop()
        if fits(node):
            found.append(node)
        waiting += reversed(_visible(node))
    return found


def _visible(node: AndroidNode) -> list[AndroidNode]:
    return [child for child in node.children if child.displayed]
