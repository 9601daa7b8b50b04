"""Writes a window down as XML: as UiAutomator2's `/source` has it, and as `uiautomator dump` does."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lxml import etree

from fake_android.node import AndroidNode
from fake_android.settings import LookupSettings

DECLARATION = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n"
VIEW = "android.view.View"

FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
LETTERS = (
    "A-Z_a-z\u00c0-\u00d6\u00f8-\u02ff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff"
    "\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
NO_START = re.compile(f"^[^{LETTERS}]+")
NO_NAME = re.compile(f"[^{LETTERS}\\-.0-9\u00b7\u0300-\u036f\u203f-\u2040]")

UNFLAGGED = ("GridView", "GridLayout", "ListView", "TableLayout")
"""Classes that `uiautomator dump` never flags as unfriendly to accessibility."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A window as a tree of elements below `<hierarchy>`, and the node each element stands for."""

    root: etree._Element
    nodes: dict[etree._Element, AndroidNode] = field(default_factory=dict)


def page_source(
    window: AndroidNode,
    *,
    rotation: int,
    size: tuple[int, int],
    settings: LookupSettings | None = None,
    more: Sequence[AndroidNode] = (),
) -> str:
    """Return the XML that the server's `/source` answers.

    `rotation` is in degrees, `size` in physical pixels. `more` are windows beside the active one.
    """
    taken = snapshot(window, settings=settings, more=more)
    taken.root.set("rotation", str(rotation // 90 % 4))
    taken.root.set("width", str(size[0]))
    taken.root.set("height", str(size[1]))
    return DECLARATION + etree.tostring(taken.root, encoding="unicode", pretty_print=True)


def snapshot(
    window: AndroidNode, *, settings: LookupSettings | None = None, more: Sequence[AndroidNode] = ()
) -> Snapshot:
    """Return the elements of a page source; what it leaves out, XPath doesn't find."""
    taken = Snapshot(etree.Element("hierarchy", {"index": "0", "class": "hierarchy"}))
    for index, node in enumerate((window, *more)):
        element = etree.SubElement(taken.root, tag(node.class_name))
        _fill(taken, element, node, index, depth=1, settings=settings or LookupSettings())
    return taken


def partial_snapshot(node: AndroidNode, index: int, *, settings: LookupSettings | None = None) -> Snapshot:
    """Return the elements of one node, the `index`-th of its parent, and of what is in it."""
    taken = Snapshot(etree.Element(tag(node.class_name)))
    _fill(taken, taken.root, node, index, depth=0, settings=settings or LookupSettings())
    return taken


def _fill(
    taken: Snapshot,
    element: etree._Element,
    node: AndroidNode,
    index: int,
    *,
    depth: int,
    settings: LookupSettings,
) -> None:
    """Give an element its node's attributes and children, without recursion."""
    waiting = [(element, node, index, depth)]
    while waiting:
        element, node, index, depth = waiting.pop()
        taken.nodes[element] = node
        for name, value in _attributes(node, index):
            element.set(name, legal(value))
        if depth >= settings.snapshot_max_depth:
            continue
        waiting += [
            (etree.SubElement(element, tag(child.class_name)), child, place, depth + 1)
            for place, child in enumerate(node.children)
            if child.displayed or settings.allow_invisible_elements
        ]


def native_dump(window: AndroidNode, *, rotation: int, newer: bool = True) -> str:
    """Return what `adb shell uiautomator dump` writes; `newer` Androids add an order and a hint."""
    root = etree.Element("hierarchy", {"rotation": str(rotation // 90 % 4)})
    open_nodes = [(root, window, 0)]
    while open_nodes:
        above, node, index = open_nodes.pop()
        element = etree.SubElement(above, "node")
        if _is_unfriendly(node):
            element.set("NAF", "true")
        for name, value in _native_attributes(node, index, newer=newer):
            element.set(name, legal(value, replacement="."))
        open_nodes += [
            (element, child, place)
            for place, child in reversed(list(enumerate(node.children)))
            if child.displayed
        ]
    return DECLARATION.rstrip("\n") + etree.tostring(root, encoding="unicode")


def tag(class_name: str) -> str:
    """Return the name of a class's elements: the class, without what no XML name may have."""
    name = re.sub(r"[$@#&]", ".", class_name)
    name = re.sub(r"\.+", ".", name)
    name = re.sub(r"^\.|\.$", "", name)
    name = NO_NAME.sub("_", NO_START.sub("", name))
    return name if name.strip() else VIEW


def legal(text: str, *, replacement: str = "?") -> str:
    """Return a text with every character that XML forbids replaced."""
    return FORBIDDEN.sub(replacement, text)


def _attributes(node: AndroidNode, index: int) -> Iterator[tuple[str, str]]:
    """Yield an element's attributes in the server's order; one that the node doesn't have is left out."""
    given: tuple[tuple[str, str | bool | int | None], ...] = (
        ("index", index),
        ("package", node.package or None),
        ("class", node.class_name or None),
        ("text", node.text),
        ("content-desc", node.content_desc),
        ("resource-id", node.resource_id or None),
        ("checkable", node.checkable),
        ("checked", node.checked),
        ("clickable", node.clickable),
        ("enabled", node.enabled),
        ("focusable", node.focusable),
        ("focused", node.focused),
        ("long-clickable", node.long_clickable),
        ("password", node.password),
        ("scrollable", node.scrollable),
        ("selected", node.selected),
        ("bounds", str(node.bounds)),
        ("displayed", node.displayed),
        ("hint", node.hint),
        ("a11y-important", node.important),
        ("screen-reader-focusable", False),
        ("drawing-order", node.drawing_order),
        ("showing-hint", False),
        ("text-entry-key", False),
        ("multiline", True if node.multiline else None),
        ("dismissable", node.dismissable),
        ("a11y-focused", False),
        ("heading", node.heading),
        ("live-region", 0),
        ("context-clickable", False),
        ("content-invalid", False),
        ("pane-title", node.pane_title),
        ("tooltip-text", node.tooltip),
    )
    for name, value in given:
        if value is not None:
            yield name, _said(value)


def _native_attributes(node: AndroidNode, index: int, *, newer: bool) -> Iterator[tuple[str, str]]:
    given: tuple[tuple[str, str | bool | int], ...] = (
        ("index", index),
        ("text", node.text),
        ("resource-id", node.resource_id or ""),
        ("class", node.class_name),
        ("package", node.package),
        ("content-desc", node.content_desc or ""),
        ("checkable", node.checkable),
        ("checked", node.checked),
        ("clickable", node.clickable),
        ("enabled", node.enabled),
        ("focusable", node.focusable),
        ("focused", node.focused),
        ("scrollable", node.scrollable),
        ("long-clickable", node.long_clickable),
        ("password", node.password),
        ("selected", node.selected),
        ("bounds", str(node.bounds)),
    )
    for name, value in given:
        yield name, _said(value)
    if newer:
        yield "drawing-order", _said(node.drawing_order)
        yield "hint", node.hint or ""


def _said(value: str | bool | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_unfriendly(node: AndroidNode) -> bool:
    """Whether a node can be tapped and nobody who can't see it is told what it is."""
    if node.class_name.endswith(UNFLAGGED) or not (node.clickable and node.enabled):
        return False
    return not any(inner.content_desc or inner.text for inner in node.walk())
