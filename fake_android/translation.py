"""Turns a reading of the app's web build into the window a phone shows for the same Flutter semantics.

The engine has one tree of semantics and speaks of it to each platform in that platform's words. A record of
`page.js` (its keys: `flutter_bridge/web/dom.py`) is such a node in the words of the web; here it is put into
Android's, by the rules of Flutter 3.44's Android engine. Where the web says less than Android would:

- A node that is a button only because it can be tapped is a Button, though Android may make it a View.
- A tooltip is the first line of a label, and stays there: a merged label has lines just the same.
- Long presses, dismissals and the focus of a screen reader leave no trace.
- A text field says its text only while it has the focus; the last one known is taken (`field_texts`).
- A progress bar's value isn't read, nor is a route's name that comes from its app bar.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from fake_android.device import AndroidNode, PixelBounds

Record = Mapping[str, Any]

CHECKABLE = {
    "checkbox": "android.widget.CheckBox",
    "menuitemcheckbox": "android.widget.CheckBox",
    "menuitemradio": "android.widget.RadioButton",
    "radio": "android.widget.RadioButton",
    "switch": "android.widget.Switch",
}
CLASSES = CHECKABLE | {
    "button": "android.widget.Button",
    "img": "android.widget.ImageView",
    "progressbar": "android.widget.ProgressBar",
}
SCOPES = {"dialog", "alertdialog"}
HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
TAB = re.compile(r"Tab \d+ of \d+$", re.ASCII)
BULLET = "\N{BULLET}"


def android_window(
    reading: Mapping[str, Any], *, package: str, pixel_ratio: float, field_texts: Mapping[str, str]
) -> AndroidNode:
    """Return the root of the window a phone would show for a reading of `page.js`.

    `field_texts` is the last known text of each field, by the id of its element (a node's `ref`), and is used
    for those without the focus. Bounds are in physical pixels: a logical one times `pixel_ratio`, rounded as
    Java rounds.
    """
    translation = _Translation(package, pixel_ratio, field_texts)
    whole = translation.bounds([0, 0, reading["width"], reading["height"]])

    def view(name: str, *children: AndroidNode, **more: Any) -> AndroidNode:
        class_name = f"android.widget.{name}"
        return AndroidNode(class_name=class_name, bounds=whole, package=package, children=children, **more)

    flutter = view(
        "FrameLayout",
        *translation.nodes(reading["nodes"]),
        pane_title=_pane_title(reading["nodes"]),
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

    def nodes(self, records: Sequence[Record]) -> tuple[AndroidNode, ...]:
        """Return what some records that lie beside each other become; what nobody can see has no node."""
        seen = [record for record in records if not record.get("h") and not _is_part(record)]
        return _number_tabs([self.node(record) for record in seen], seen)

    def node(self, record: Record) -> AndroidNode:
        """Return what a record becomes, with all below it."""
        attributes: Mapping[str, str] = record.get("a", {})
        part = next((child for child in record.get("k", ()) if _is_part(child)), None)
        node = AndroidNode(
            package=self.package,
            resource_id=attributes.get("flt-semantics-identifier") or None,
            enabled=attributes.get("aria-disabled") != "true" and not record.get("d"),
            focused=bool(record.get("f") or (part or {}).get("f")),
            selected="true" in {attributes.get("aria-selected"), attributes.get("aria-current")},
            clickable="flt-tappable" in attributes,
            bounds=self.bounds(record["b"]),
            children=self.nodes(record.get("k", ())),
            ref=record["i"],
        )
        if attributes.get("role") in SCOPES:
            return replace(node, important=False, focused=False)
        return _add_attention(self._of_kind(node, record, attributes, part), attributes)

    def _of_kind(
        self, node: AndroidNode, record: Record, attributes: Mapping[str, str], part: Record | None
    ) -> AndroidNode:
        inner: Mapping[str, str] = part.get("a", {}) if part else {}
        label = attributes.get("aria-label") or inner.get("aria-label") or record.get("x", "").strip()
        hint = attributes.get("aria-description") or inner.get("aria-description") or ""
        role = attributes.get("role", "")
        if part is not None and part["t"] == "flt-semantics-img":
            role = "img"
        elif part is not None and inner.get("type") == "range":
            # The element is disabled for a moment after every tap, whatever the slider is.
            return replace(
                node,
                class_name="android.widget.SeekBar",
                content_desc=_join(inner.get("aria-valuetext", ""), label, hint),
                clickable=True,
            )
        elif part is not None:
            return self._field(node, part, _join(label, hint))
        node = replace(node, content_desc=_join(label, hint))
        if record.get("s") or (record.get("o") and role == "group"):
            sideways = record.get("s") == "x"
            name = f"android.widget.{'HorizontalScrollView' if sideways else 'ScrollView'}"
            return replace(node, class_name=name, scrollable=True)
        if record["t"] == "a":
            is_button = not attributes.get("href")
            return replace(
                node, class_name=CLASSES["button"] if is_button else node.class_name, clickable=node.enabled
            )
        if record["t"] in HEADINGS:
            return replace(node, heading=True)
        return replace(
            node,
            class_name=CLASSES.get(role, node.class_name),
            checkable=role in CHECKABLE,
            checked=role in CHECKABLE and attributes.get("aria-checked") == "true",
        )

    def _field(self, node: AndroidNode, part: Record, hint: str | None) -> AndroidNode:
        text = str(part.get("v", "")) if part.get("f") else self.field_texts.get(node.ref, "")
        password = part.get("a", {}).get("type") == "password"
        enabled = node.enabled and not part.get("d")
        return replace(
            node,
            class_name="android.widget.EditText",
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


def _is_part(record: Record) -> bool:
    """Whether an element is the engine's way to draw its parent, not a node of its own."""
    return record["t"] in {"input", "textarea", "flt-semantics-img"} and not record["i"].startswith(
        "flt-semantic-node-"
    )


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


def _pane_title(records: Sequence[Record]) -> str:
    """Return the name of the route on top; one blank where the web tells none."""
    named = [
        record["a"].get("aria-label", "")
        for record in _walk(records)
        if record.get("a", {}).get("role") in SCOPES
    ]
    return (named[-1] if named else "") or " "


def _walk(records: Sequence[Record]) -> Iterator[Record]:
    for record in records:
        if not record.get("h"):
            yield record
            yield from _walk(record.get("k", ()))


def _join(*parts: str) -> str | None:
    """Return what a node says in one text; None where it says nothing."""
    return ", ".join(part for part in parts if part) or None


def _length(text: str) -> int:
    """Return how many characters Dart counts: UTF-16's."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
