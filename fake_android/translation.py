"""Turns a reading of the app's web build into the window a phone shows for the same Flutter semantics.

The engine has one tree of semantics and speaks of it to each platform in that platform's words. A record of
`page.js` (its keys: `flutter_bridge/web/dom.py`) is such a node in the words of the web; here it is put into
Android's, by the rules of Flutter 3.44's Android engine. What the web has lost stays lost:
`docs/explanations/stand-in-device.md` says what that is. Where the web's words have two meanings, `strict`
takes the one that a test is less likely to pass with:

- An `h2` is the title of an app bar, or text with `header: true`, which Android calls no heading.
- A text that has a state of being selected, and can't be tapped, is a disabled tile.
- A button that can't be focused is a text with a tap, which Android calls a View.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fake_android.device import AndroidNode, PixelBounds
from fake_android.web_records import (
    Record,
    default_focus,
    is_part,
    is_scope,
    nodes_in,
    own_text,
    pane_title,
    part_of,
    walk,
)

CHECKABLE = {
    "checkbox": "android.widget.CheckBox",
    "menuitemcheckbox": "android.widget.CheckBox",
    "menuitemradio": "android.widget.RadioButton",
    "radio": "android.widget.RadioButton",
    "switch": "android.widget.Switch",
}
CLASSES = CHECKABLE | {
    "button": "android.widget.Button",
    "menuitem": "android.widget.Button",
    "img": "android.widget.ImageView",
    "progressbar": "android.widget.ProgressBar",
}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
LIVE = {"alert", "status"}
TAB = re.compile(r"Tab \d+ of \d+$", re.ASCII)
BULLET = "\N{BULLET}"


def android_window(
    reading: Mapping[str, Any],
    *,
    package: str,
    pixel_ratio: float,
    field_texts: Mapping[str, str],
    strict: bool = True,
) -> AndroidNode:
    """Return the root of the window a phone would show for a reading of `page.js`.

    `field_texts` is the last known text of each field, by the id of its element (a node's `ref`), and is used
    for those without the focus. Bounds are in physical pixels: a logical one times `pixel_ratio`, rounded as
    Java rounds. `strict` is how what the web leaves open is taken.
    """
    routes = [record for record in walk(reading["nodes"]) if is_scope(record)]
    focused_by_engine = frozenset(filter(None, map(default_focus, routes)))
    translation = _Translation(package, pixel_ratio, field_texts, focused_by_engine, strict)
    whole = translation.bounds([0, 0, reading["width"], reading["height"]])

    def view(name: str, *children: AndroidNode, **more: Any) -> AndroidNode:
        class_name = f"android.widget.{name}"
        return AndroidNode(class_name=class_name, bounds=whole, package=package, children=children, **more)

    flutter = view(
        "FrameLayout",
        *translation.nodes(reading["nodes"]),
        pane_title=pane_title(routes, reading["nodes"]),
        focusable=True,
        focused=True,
        drawing_order=1,
    )
    content = view("FrameLayout", flutter, resource_id="android:id/content", important=False, drawing_order=2)
    return view("FrameLayout", view("LinearLayout", content, important=False, drawing_order=1))


@dataclass(frozen=True, slots=True)
class _Translation:
    """One reading's way to Android."""

    package: str
    pixel_ratio: float
    field_texts: Mapping[str, str]
    focused_by_engine: frozenset[str]
    strict: bool

    def nodes(self, records: Sequence[Record]) -> tuple[AndroidNode, ...]:
        """Return what some records that lie beside each other become; what nobody can see has no node."""
        seen = [record for record in records if not record.get("h") and not is_part(record)]
        return _number_tabs([self.node(record) for record in seen], seen)

    def node(self, record: Record) -> AndroidNode:
        """Return what a record becomes, with all below it."""
        attributes: Mapping[str, str] = record.get("a", {})
        part = part_of(record)
        node = AndroidNode(
            package=self.package,
            resource_id=attributes.get("flt-semantics-identifier") or None,
            enabled=attributes.get("aria-disabled") != "true" and not record.get("d"),
            focused=bool((part or {}).get("f")) or self._has_focus(record),
            selected="true" in {attributes.get("aria-selected"), attributes.get("aria-current")},
            clickable="flt-tappable" in attributes,
            focusable=attributes.get("tabindex") == "0",
            live_region=int(attributes.get("role") in LIVE),
            bounds=self.bounds(record["b"]),
            children=self.nodes(record.get("k", ())),
            ref=record["i"],
        )
        if is_scope(record):
            return replace(node, important=False, focusable=False, focused=False)
        return _add_attention(self._of_kind(node, record, attributes, part), attributes)

    def _has_focus(self, record: Record) -> bool:
        """Whether the app gave a node the focus; the web engine gives it, too, where a route opens."""
        is_focusable = record.get("a", {}).get("tabindex", "0") == "0" and not record.get("s")
        return bool(record.get("f")) and is_focusable and record["i"] not in self.focused_by_engine

    def _of_kind(
        self, node: AndroidNode, record: Record, attributes: Mapping[str, str], part: Record | None
    ) -> AndroidNode:
        inner: Mapping[str, str] = part.get("a", {}) if part else {}
        label = attributes.get("aria-label") or inner.get("aria-label") or own_text(record)
        hint = attributes.get("aria-description") or inner.get("aria-description") or ""
        role = attributes.get("role", "")
        if part is not None and part["t"] == "flt-semantics-img":
            role = "img"
        elif part is not None and inner.get("type") == "range":
            # The element is disabled for a moment after every tap, whatever the slider is.
            value = inner.get("aria-valuetext", "")
            name = "android.widget.SeekBar"
            return replace(node, class_name=name, content_desc=_join(value, label, hint), clickable=True)
        elif part is not None:
            return self._field(node, part, _join(label, hint))
        elif role == "progressbar":
            value = attributes.get("aria-valuetext") or attributes.get("aria-valuenow", "")
            return _progress_bar(node, label, value, hint)
        node = replace(node, content_desc=_join(label, hint))
        if role == "group" and (record.get("s") or not label):
            return _pane(node, record)
        return self._of_element(node, record, attributes, role)

    def _of_element(
        self, node: AndroidNode, record: Record, attributes: Mapping[str, str], role: str
    ) -> AndroidNode:
        tag = record["t"]
        if tag == "a":
            name = node.class_name if attributes.get("href") else CLASSES["button"]
            return replace(node, class_name=name)
        if tag in HEADINGS:
            return replace(node, heading=not (self.strict and tag == "h2"))
        if tag == "flt-semantics" and not role and nodes_in(record):
            # A label of its own would make it a group: what it says is a tooltip's.
            return replace(node, tooltip=node.content_desc)
        return self._of_role(node, record, attributes, role)

    def _of_role(
        self, node: AndroidNode, record: Record, attributes: Mapping[str, str], role: str
    ) -> AndroidNode:
        class_name = CLASSES.get(role, node.class_name)
        enabled = node.enabled
        if self.strict and role == "button" and enabled and not (node.focusable or record.get("k")):
            class_name = node.class_name
        if self.strict and not (role or node.clickable) and attributes.get("aria-current") == "false":
            enabled = False
        return replace(
            node,
            class_name=class_name,
            enabled=enabled,
            # The engine marks no item of a menu that can be checked as one that can be tapped.
            clickable=node.clickable or (enabled and role in {"menuitemcheckbox", "menuitemradio"}),
            checkable=role in CHECKABLE,
            checked=role in CHECKABLE and attributes.get("aria-checked") == "true",
        )

    def _field(self, node: AndroidNode, part: Record, hint: str | None) -> AndroidNode:
        text = str(part.get("v", "")) if part.get("f") else self.field_texts.get(node.ref, "")
        attributes: Mapping[str, str] = part.get("a", {})
        password = attributes.get("type") == "password"
        enabled = node.enabled and not part.get("d")
        # The framework makes a disabled field a read-only one. Another one's element says so from the
        # first focus on.
        is_editable = enabled and "readonly" not in attributes
        return replace(
            node,
            class_name="android.widget.EditText" if is_editable else node.class_name,
            text=BULLET * _length(text) if password else text,
            hint=hint,
            password=password,
            enabled=enabled,
            clickable=enabled,
            focusable=True,
        )

    def bounds(self, box: Sequence[float]) -> PixelBounds:
        """Return a box of logical pixels (left, top, width, height) in physical ones."""
        left, top, width, height = box
        edges = (left, top, left + width, top + height)
        return PixelBounds(*(math.floor(edge * self.pixel_ratio + 0.5) for edge in edges))


def _pane(node: AndroidNode, record: Record) -> AndroidNode:
    """Return a pane; what fits into one can't be scrolled, and the web tells no list from a column."""
    is_list = len(nodes_in(record)) > 1
    children = tuple(replace(child, is_collection_item=is_list) for child in node.children)
    node = replace(node, is_collection=is_list, children=children)
    if not record.get("s"):
        return node
    name = "HorizontalScrollView" if record["s"] == "x" else "ScrollView"
    return replace(node, class_name=f"android.widget.{name}", scrollable=True, focusable=True)


def _progress_bar(node: AndroidNode, label: str, value: str, hint: str) -> AndroidNode:
    """Return a progress bar: the web says its value behind its label, Android before it, and as a text."""
    if value and (label == value or label.endswith(f" {value}")):
        label = label[: -len(value)].removesuffix(" ")
    try:
        text = str(float(value))
    except ValueError:
        text = ""
    return replace(node, class_name=CLASSES["progressbar"], content_desc=_join(value, label, hint), text=text)


def _add_attention(node: AndroidNode, attributes: Mapping[str, str]) -> AndroidNode:
    """Return a node with what Android works out from the rest: whether it can be focused, and matters."""
    labelled = bool(node.content_desc or node.hint or node.text)
    used = node.clickable or node.checkable or node.scrollable or node.focusable
    stateful = node.selected or bool(attributes.keys() & {"aria-disabled", "aria-selected", "aria-current"})
    return replace(node, focusable=used or labelled or stateful, important=used or labelled)


def _number_tabs(nodes: Sequence[AndroidNode], records: Sequence[Record]) -> tuple[AndroidNode, ...]:
    """Return nodes with the line that says which tab each is; the framework leaves it out on the web."""
    tabs = [index for index, record in enumerate(records) if record.get("a", {}).get("role") == "tab"]
    numbered = list(nodes)
    for number, index in enumerate(tabs, start=1):
        label = nodes[index].content_desc or ""
        if label and not TAB.search(label):
            line = f"{label}\nTab {number} of {len(tabs)}"
            numbered[index] = replace(nodes[index], content_desc=line)
    return tuple(numbered)


def _join(*parts: str) -> str | None:
    """Return what a node says in one text; None where it says nothing."""
    return ", ".join(part for part in parts if part) or None


def _length(text: str) -> int:
    """Return how many characters Dart counts: UTF-16's."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
