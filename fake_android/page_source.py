"""What the server says of nodes: a window as XML, as its `/source` has it, and an element's attributes."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from lxml import etree

from fake_android.device import AndroidNode
from fake_android.errors import NotSupported, UnknownAttribute

DECLARATION = "<?xml version='1.0' encoding='UTF-8' standalone='yes' ?>\n"

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_LETTERS = (
    "A-Z_a-z\u00c0-\u00d6\u00f8-\u02ff\u200c-\u200d\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff"
    "\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_NO_START = re.compile(f"^[^{_LETTERS}]+")
_NO_NAME = re.compile(f"[^{_LETTERS}\\-.0-9\u00b7\u0300-\u036f\u203f-\u2040]")


@dataclass(frozen=True, slots=True)
class LookupSettings:
    """The settings of a session that change what a page source holds and what a lookup finds.

    The defaults are the UiAutomator2 server's own. `snapshot_max_depth` is how many levels of nodes a page
    source has (1 to 500).
    """

    allow_invisible_elements: bool = False
    disable_id_locator_autocompletion: bool = False
    enforce_xpath1: bool = False
    limit_xpath_context_scope: bool = True
    snapshot_max_depth: int = 70


@dataclass(frozen=True, slots=True)
class XmlSnapshot:
    """A window as a tree of elements below `<hierarchy>`, and the node each element stands for."""

    root: etree._Element
    nodes: dict[etree._Element, AndroidNode] = field(default_factory=dict)


def page_source(
    *windows: AndroidNode,
    rotation: int,
    size: tuple[int, int],
    settings: LookupSettings | None = None,
) -> str:
    """Return the XML that the server's `/source` answers for some windows, the uppermost first.

    `rotation` is in degrees, `size` in physical pixels.
    """
    root = snapshot(*windows, settings=settings).root
    root.set("rotation", str(rotation // 90 % 4))
    root.set("width", str(size[0]))
    root.set("height", str(size[1]))
    return DECLARATION + etree.tostring(root, encoding="unicode", pretty_print=True)


def snapshot(*windows: AndroidNode, settings: LookupSettings | None = None) -> XmlSnapshot:
    """Return the elements of a page source; what it leaves out, XPath doesn't find."""
    xml = XmlSnapshot(etree.Element("hierarchy", {"index": "0", "class": "hierarchy"}))
    for index, window in enumerate(windows):
        element = etree.SubElement(xml.root, tag_name(window.class_name))
        _fill(xml, element, window, index, depth=1, settings=settings or LookupSettings())
    return xml


def partial_snapshot(node: AndroidNode, index: int, *, settings: LookupSettings | None = None) -> XmlSnapshot:
    """Return the elements of one node, the `index`-th of its parent, and of what is in it."""
    xml = XmlSnapshot(etree.Element(tag_name(node.class_name)))
    _fill(xml, xml.root, node, index, depth=0, settings=settings or LookupSettings())
    return xml


def _fill(
    xml: XmlSnapshot,
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
        xml.nodes[element] = node
        for name, value in _xml_attributes(node, index):
            element.set(name, _FORBIDDEN.sub("?", value))
        if depth >= settings.snapshot_max_depth:
            continue
        waiting += [
            (etree.SubElement(element, tag_name(child.class_name)), child, place, depth + 1)
            for place, child in enumerate(node.children)
            if child.displayed or settings.allow_invisible_elements
        ]


def tag_name(class_name: str) -> str:
    """Return the name of a class's elements: the class, without what no XML name may have."""
    name = re.sub(r"[$@#&]", ".", class_name)
    name = re.sub(r"\.+", ".", name)
    name = re.sub(r"^\.|\.$", "", name)
    name = _NO_NAME.sub("_", _NO_START.sub("", name))
    return name if name.strip() else "android.view.View"


def _xml_attributes(node: AndroidNode, index: int) -> Iterator[tuple[str, str]]:
    """Yield an element's attributes in the server's order; one that the node doesn't have is left out."""
    values: tuple[tuple[str, str | bool | int | None], ...] = (
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
        ("selection-start", _selected_part(node, 0)),
        ("selection-end", _selected_part(node, 1)),
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
        ("live-region", node.live_region),
        ("context-clickable", False),
        ("content-invalid", False),
        ("pane-title", node.pane_title),
        ("tooltip-text", node.tooltip),
        ("is-collection", node.is_collection),
        ("is-collection-item", node.is_collection_item),
    )
    for name, value in values:
        if value is not None:
            yield name, _java_text(value)


def _selected_part(node: AndroidNode, end: int) -> str | None:
    """Return where what is selected begins or ends; None where there is but a caret."""
    selection = node.selection
    return str(selection[end]) if selection is not None and selection[0] < selection[1] else None


def _java_text(value: str | bool | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


# -- single attributes


def _content_size(_node: AndroidNode) -> str:
    """Refuse the size of what can be scrolled; for it the server swipes, and reads what Android says."""
    raise NotSupported("contentSize: this device doesn't say how far an element can be scrolled")


ATTRIBUTES: Mapping[tuple[str, ...], Callable[[AndroidNode], str | bool | None] | None] = {
    ("checkable",): lambda node: node.checkable,
    ("checked",): lambda node: node.checked,
    ("class", "className"): lambda node: node.class_name,
    ("clickable",): lambda node: node.clickable,
    ("content-desc", "contentDescription"): lambda node: node.content_desc,
    ("enabled",): lambda node: node.enabled,
    ("focusable",): lambda node: node.focusable,
    ("focused",): lambda node: node.focused,
    ("long-clickable", "longClickable"): lambda node: node.long_clickable,
    ("package",): lambda node: node.package,
    ("password",): lambda node: node.password,
    ("resource-id", "resourceId"): lambda node: node.resource_id or None,
    ("scrollable",): lambda node: node.scrollable,
    ("selection-start",): lambda node: _selected_part(node, 0),
    ("selection-end",): lambda node: _selected_part(node, 1),
    ("selected",): lambda node: node.selected,
    ("text", "name"): lambda node: node.text,
    ("hint",): lambda node: node.hint,
    ("extras",): lambda _node: "",
    ("bounds",): lambda node: str(node.bounds),
    ("displayed",): lambda node: node.displayed,
    ("contentSize",): _content_size,
    **dict.fromkeys(
        (
            ("a11y-important", "importantForAccessibility"),
            ("screen-reader-focusable", "screenReaderFocusable"),
            ("input-type", "inputType"),
            ("drawing-order", "drawingOrder"),
            ("showing-hint", "showingHintText"),
            ("text-entry-key", "textEntryKey"),
            ("multiline", "multiLine"),
            ("dismissable",),
            ("a11y-focused", "accessibilityFocused"),
            ("heading",),
            ("live-region", "liveRegion"),
            ("context-clickable", "contextClickable"),
            ("max-text-length", "maxTextLength"),
            ("content-invalid", "contentInvalid"),
            ("error", "errorText"),
            ("pane-title", "paneTitle"),
            ("tooltip-text", "tooltipText"),
            ("text-has-clickable-span", "textHasClickableSpan"),
            ("actions",),
            ("window-id", "windowId"),
            ("text-size", "textSize"),
            ("text-unit", "textUnit"),
        )
    ),
    ("is-collection", "isCollection"): lambda node: node.is_collection,
    ("is-collection-item", "isCollectionItem"): lambda node: node.is_collection_item,
    ("collection-info", "collectionInfo"): lambda _node: None,
    ("collection-item-info", "collectionItemInfo"): lambda _node: None,
}
"""What the server says it knows, by all its names; what it answers nothing for all the same is None."""

_BY_NAME = {name.lower(): read for names, read in ATTRIBUTES.items() for name in names}


def attribute(node: AndroidNode, name: str) -> str | None:
    """Return an attribute as text, None where the node has none; capitals in the name don't matter.

    Raises `UnknownAttribute` where the server answers nothing for the name, which is so for much of what a
    page source shows, too.
    """
    read = _BY_NAME.get(name.lower())
    if read is None:
        known = [names[0] if len(names) == 1 else f"{{{','.join(names)}}}" for names in ATTRIBUTES]
        raise UnknownAttribute(
            f"'{name}' attribute is unknown for the element. "
            f"Only the following attributes are supported: [{', '.join(known)}]"
        )
    value = read(node)
    return None if value is None else _java_text(value)
