"""Finds elements by each of the server's strategies.

XPath sees the very XML that a page source shows. The server evaluates XPath 2.0, or 1.0 where `enforceXPath1`
is set. Here it is 1.0, with those functions on strings that 2.0 adds and locators use; what else 2.0 has is
refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from fake_android.device import AndroidNode
from fake_android.errors import InvalidSelector, NotSupported, UiAutomatorError
from fake_android.expressions import java_pattern
from fake_android.page_source import LookupSettings, XmlSnapshot, partial_snapshot, snapshot
from fake_android.ui_scrollable import LookupScreen, find_again, find_by_ui_automator

STRATEGIES = ("id", "xpath", "accessibility id", "class name", "-android uiautomator")
MAX_XPATH_CHARS = 4000
"""What bounds the time that an expression takes."""

_WHOLE_ID = re.compile(r"[a-zA-Z_][a-zA-Z0-9._]*:[^/]+/\S+", re.ASCII)


async def locate(
    screen: LookupScreen,
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
    `app_package` completes an id that has no package. Raises a `UiAutomatorError` as the server does.
    """
    settings = settings or LookupSettings()
    if strategy == "-android uiautomator":
        return await find_by_ui_automator(screen, selector, multiple=multiple, context=context)
    window = await screen.window()
    below = None if context is None else find_again(window, context)
    match strategy:
        case "xpath":
            return find_by_xpath(window, selector, multiple=multiple, context=below, settings=settings)
        case "id":
            wanted = _complete_id(selector, app_package, settings)
            found = _filter(window, below, lambda node: node.resource_id == wanted)
        case "accessibility id":
            found = _filter(window, below, lambda node: node.content_desc == selector)
        case "class name":
            found = _filter(window, below, lambda node: node.class_name == selector)
        case _:
            raise InvalidSelector(
                f"Selector strategy '{strategy}' is not supported. "
                f"Only the following selector strategies are supported: [{', '.join(STRATEGIES)}]"
            )
    return found if multiple else found[:1]


def _complete_id(identifier: str, app_package: str | None, settings: LookupSettings) -> str:
    """Return an id as it is looked for: with the app's package, unless it has one or a setting leaves it."""
    if settings.disable_id_locator_autocompletion or _WHOLE_ID.fullmatch(identifier):
        return identifier
    if not app_package:
        raise UiAutomatorError(
            f"Cannot rewrite element locator '{identifier}' to its complete form, because the current "
            "application package name is unknown. Consider providing the app package name or changing the "
            f"locator to '<package_name>:id/{identifier}' format."
        )
    return f"{app_package}:id/{identifier}"


def _filter(
    window: AndroidNode, below: AndroidNode | None, fits: Callable[[AndroidNode], bool]
) -> list[AndroidNode]:
    """Return the visible nodes that fit, in document order; those below a node without the node itself."""
    found: list[AndroidNode] = []
    waiting = [window] if below is None else _visible_children(below)
    while waiting:
        node = waiting.pop()
        if fits(node):
            found.append(node)
        waiting += _visible_children(node)
    return found


def _visible_children(node: AndroidNode) -> list[AndroidNode]:
    """Return what can be seen in a node, last first."""
    return [child for child in reversed(node.children) if child.displayed]


# -- XPath


def find_by_xpath(
    window: AndroidNode,
    expression: str,
    *,
    multiple: bool,
    context: AndroidNode | None = None,
    settings: LookupSettings | None = None,
) -> list[AndroidNode]:
    """Return the nodes that an expression selects, in document order; at most one unless `multiple`.

    `context` is a node of this window that the search starts from; unless a setting says otherwise the server
    then knows nothing but what is in it. Raises `InvalidSelector` where the expression isn't XPath.
    """
    settings = settings or LookupSettings()
    if len(expression) > MAX_XPATH_CHARS:
        raise InvalidSelector(
            f"An expression of {len(expression)} characters: this device reads up to {MAX_XPATH_CHARS}"
        )
    xml, start = _start(window, context, settings)
    selected = _evaluate(expression, start, settings)
    if not isinstance(selected, list):
        if settings.enforce_xpath1:
            raise UiAutomatorError(
                f"Can not convert {selected!r} to a NodeList: `{expression}` selects no nodes"
            )
        return []  # the server keeps the elements of what an expression gives, and here there are none
    found = [xml.nodes[item] for item in selected if isinstance(item, etree._Element) and item in xml.nodes]
    return found if multiple else found[:1]


def _start(
    window: AndroidNode, context: AndroidNode | None, settings: LookupSettings
) -> tuple[XmlSnapshot, etree._Element | etree._ElementTree]:
    """Return what is searched, and the element, or the document, to start from."""
    if context is None:
        xml = snapshot(window, settings=settings)
        return xml, etree.ElementTree(xml.root)
    if settings.limit_xpath_context_scope:
        xml = partial_snapshot(context, _index(window, context), settings=settings)
        return xml, xml.root
    xml = snapshot(window, settings=settings)
    start = next((element for element, node in xml.nodes.items() if node is context), None)
    if start is None:
        raise UiAutomatorError("Cannot match the root element for the context-based XPath lookup")
    return xml, start


def _index(window: AndroidNode, node: AndroidNode) -> int:
    """Return which child of its parent a node is."""
    places = (index for above in window.walk() for index, child in enumerate(above.children) if child is node)
    return next(places, 0)


def _evaluate(
    expression: str, start: etree._Element | etree._ElementTree, settings: LookupSettings
) -> object:
    functions = {} if settings.enforce_xpath1 else {(None, name): each for name, each in FUNCTIONS.items()}
    try:
        return etree.XPath(expression, extensions=functions, smart_strings=False)(start)
    except etree.XPathError as error:
        if "Unregistered function" in str(error):
            raise NotSupported(
                f"The XPath expression `{expression}` has a function that this device doesn't know"
            ) from error
        raise InvalidSelector(f"{error} in the XPath expression `{expression}`") from error
    except UnicodeError as error:
        raise InvalidSelector(f"The XPath expression {expression!r} is no text") from error
    except ValueError as error:
        raise InvalidSelector(f"{error} in the XPath expression {expression!r}") from error


# Functions of XPath 2.0: an argument comes as a list of nodes or texts, or as a text.


def _text(argument: object) -> str:
    if isinstance(argument, list):
        argument = argument[0] if argument else ""
    if isinstance(argument, etree._Element):
        return "".join(str(text) for text in argument.itertext())
    return str(argument)


def _matches(_context: object, text: object, pattern: object, flags: object = "") -> bool:
    options = _text(flags)
    if set(options) - set("is"):
        raise NotSupported(f"matches() with the flags {options!r}: this device knows i and s")
    compiled = java_pattern(_text(pattern), dot_matches_all="s" in options)
    if "i" in options:
        compiled = re.compile(compiled.pattern, compiled.flags | re.IGNORECASE)
    return compiled.search(_text(text)) is not None


FUNCTIONS: Mapping[str, Callable[..., object]] = {
    "ends-with": lambda _context, text, end: _text(text).endswith(_text(end)),
    "lower-case": lambda _context, text: _text(text).lower(),
    "matches": _matches,
    "upper-case": lambda _context, text: _text(text).upper(),
}
