"""Finds nodes by XPath, in the very XML that a page source shows.

The server evaluates XPath 2.0, or 1.0 where `enforceXPath1` is set. Here it is 1.0, with those functions on
strings that 2.0 adds and locators use; what else 2.0 has is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from lxml import etree

from fake_android import java_regex
from fake_android.node import AndroidNode
from fake_android.page_source import Snapshot, partial_snapshot, snapshot
from fake_android.refusals import InvalidSelector, NotSupported, Refusal
from fake_android.settings import LookupSettings

LONGEST = 4000
"""How many characters an expression may have: what bounds the time that one takes."""

Function = Callable[..., object]


def find(
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
    if len(expression) > LONGEST:
        raise InvalidSelector(
            f"An expression of {len(expression)} characters: this device reads up to {LONGEST}"
        )
    taken, start = _searched(window, context, settings)
    selected = _evaluated(expression, start, settings)
    if not isinstance(selected, list):
        if settings.enforce_xpath1:
            raise Refusal(f"Can not convert {selected!r} to a NodeList: `{expression}` selects no nodes")
        return []  # the server keeps the elements of what an expression gives, and here there are none
    found = [
        taken.nodes[item] for item in selected if isinstance(item, etree._Element) and item in taken.nodes
    ]
    return found if multiple else found[:1]


def _searched(
    window: AndroidNode, context: AndroidNode | None, settings: LookupSettings
) -> tuple[Snapshot, etree._Element | etree._ElementTree]:
    """Return what is searched, and the element, or the document, to start from."""
    if context is None:
        taken = snapshot(window, settings=settings)
        return taken, etree.ElementTree(taken.root)
    if settings.limit_xpath_context_scope:
        taken = partial_snapshot(context, _index(window, context), settings=settings)
        return taken, taken.root
    taken = snapshot(window, settings=settings)
    start = next((element for element, node in taken.nodes.items() if node is context), None)
    if start is None:
        raise Refusal("Cannot match the root element for the context-based XPath lookup")
    return taken, start


def _index(window: AndroidNode, node: AndroidNode) -> int:
    for above in window.walk():
        for index, child in enumerate(above.children):
            if child is node:
                return index
    return 0


def _evaluated(
    expression: str, start: etree._Element | etree._ElementTree, settings: LookupSettings
) -> object:
    functions = {} if settings.enforce_xpath1 else {(None, name): each for name, each in FUNCTIONS.items()}
    try:
        return etree.XPath(expression, extensions=functions, smart_strings=False)(start)
    except etree.XPathSyntaxError as error:
        raise InvalidSelector(f"{error} in the XPath expression `{expression}`") from error
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


# -- functions of XPath 2.0: an argument comes as a list of nodes or texts, or as a text


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
    compiled = java_regex.whole(_text(pattern), dot_matches_all="s" in options)
    if "i" in options:
        compiled = re.compile(compiled.pattern, compiled.flags | re.IGNORECASE)
    return compiled.search(_text(text)) is not None


FUNCTIONS: Mapping[str, Function] = {
    "ends-with": lambda _context, text, end: _text(text).endswith(_text(end)),
    "lower-case": lambda _context, text: _text(text).lower(),
    "matches": _matches,
    "upper-case": lambda _context, text: _text(text).upper(),
}
