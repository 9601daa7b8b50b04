"""Turns a page source of UiAutomator2, or a dump of `adb`, into a `Tree`: knows what Android's nodes mean.

Flutter's own nodes have one of eleven classes; every other class is a native view's. Native views around
Flutter's say nothing and go; those of a system dialog or a picker keep their text and their whole
`package:id/name`.

What Android leaves open is read so that a finder means the same node as on the web:

- A node that can be tapped, has no part of its own in it and no class of its own is a button. So is a picture
  that can be tapped, or is disabled.
- A field that can't be edited has no class of its own: it is what has a hint or a text, and no description.
- A tooltip without a label is the label, as it is to a screen reader.
- Value, label and hint of a node are one text. That of a slider or of a progress bar begins with its value.
- What can be dragged says that it scrolls, as a list does, which before the end of 2025 had no class either:
  a list is a collection. Where the driver does not tell of collections, it can have the focus or has several
  parts.
- A tab is told by the line "Tab 1 of 3" that Flutter adds to its label; the line becomes the hint.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from flutter_bridge.appium.page_source import (
    SourceElement,
    clip_box,
    guess_axis,
    parse_source,
    unreadable_error,
)
from flutter_bridge.semantics import Axis, Box, Node, Role, Tree, split_tab

VIEW = "android.view.View"
WEB_VIEW = "android.webkit.WebView"
FLUTTER_CLASSES = {
    VIEW: Role.GENERIC,
    "android.widget.Button": Role.BUTTON,
    "android.widget.CheckBox": Role.CHECKBOX,
    "android.widget.EditText": Role.TEXT_FIELD,
    "android.widget.HorizontalScrollView": Role.SCROLLABLE,
    "android.widget.ImageView": Role.IMAGE,
    "android.widget.ProgressBar": Role.PROGRESS,
    "android.widget.RadioButton": Role.RADIO,
    "android.widget.ScrollView": Role.SCROLLABLE,
    "android.widget.SeekBar": Role.SLIDER,
    "android.widget.Switch": Role.SWITCH,
}
NATIVE_CLASSES = {
    "android.widget.AutoCompleteTextView": Role.TEXT_FIELD,
    "android.widget.CheckedTextView": Role.CHECKBOX,
    "android.widget.ImageButton": Role.BUTTON,
    "android.widget.TextView": Role.TEXT,
    "android.widget.Toast": Role.TEXT,
    "android.widget.ToggleButton": Role.SWITCH,
}
BOUNDS = re.compile(r"\[(-?\d{1,7}),(-?\d{1,7})\]\[(-?\d{1,7}),(-?\d{1,7})\]", re.ASCII)


def android_tree(xml: str, *, pixel_ratio: float) -> Tree:
    """Parse a page source whose bounds are in physical pixels, `pixel_ratio` of which make a logical one.

    A node's `ref` is the XPath of its element. Raises `SemanticsMissing` where the source can't be read, and
    `ValueError` where the pixel ratio isn't a positive number.
    """
    if not (math.isfinite(pixel_ratio) and pixel_ratio > 0):
        raise ValueError(f"a pixel ratio of {pixel_ratio}; a device's is a positive number such as 2.625")
    source = parse_source(xml)
    if source.tag != "hierarchy":
        raise unreadable_error(f"its root is <{source.tag[:60]}>, Android's is <hierarchy>")
    screen = _screen(source, pixel_ratio)
    nodes = _ScreenReader(pixel_ratio).nodes(source.children, screen)
    return Tree(Node(box=screen, children=nodes, ref=source.path), screen, pixel_ratio)


class _ScreenReader:
    """Reads the elements of one screen, or of one page of HTML in it."""

    def __init__(self, pixel_ratio: float, *, is_html: bool = False) -> None:
        self._pixel_ratio = pixel_ratio
        self._is_html = is_html

    def nodes(self, elements: Iterable[SourceElement], clip: Box) -> tuple[Node, ...]:
        """Return what some elements that lie beside each other stand for."""
        found: list[Node] = []
        for element in elements:
            if _class(element) in FLUTTER_CLASSES:
                found.append(self._node(element, clip).fold())
            elif _is_frame(element):
                found.extend(self.nodes(element.children, clip))
            else:
                # Its name is the native view's alone: folded, it would be that of a Flutter node in it.
                found.append(self._node(element, clip))
        return tuple(found)

    def _node(self, element: SourceElement, clip: Box) -> Node:
        box, visible = clip_box(_box(element, self._pixel_ratio), clip)
        role = Role.TEXT_FIELD if self._is_uneditable_field(element) else _role(element)
        inside = box if role is Role.SCROLLABLE and visible else clip
        flutters = _class(element) in FLUTTER_CLASSES
        children = self._children(element, inside)
        label, value, hint = _texts(element, role)
        tooltip = element.get("tooltip-text")
        if tab := split_tab(label, hint):
            role, (label, hint) = Role.TAB, tab
        return Node(
            role=role,
            identifier=element.get("resource-id"),
            label=label,
            value=value,
            hint=hint,
            tooltip="" if tooltip == label else tooltip,
            box=box,
            enabled=element.get("enabled") != "false",
            # The view that hosts Flutter has the focus too, whichever of Flutter's nodes has it.
            focused=element.is_true("focused") and (flutters or not children),
            selected=element.is_true("selected"),
            checked=element.is_true("checked") if element.is_true("checkable") else None,
            obscured=element.is_true("password"),
            visible=visible and element.get("displayed") != "false",
            scrolls=_axis(element, box, children) if role is Role.SCROLLABLE else None,
            is_tappable=element.is_true("clickable"),
            is_dismissible=element.is_true("dismissable"),
            selection=_selection(element),
            children=children,
            ref=element.path,
        )

    def _children(self, element: SourceElement, clip: Box) -> tuple[Node, ...]:
        reader = self
        if _class(element) == WEB_VIEW and not self._is_html:
            reader = _ScreenReader(self._pixel_ratio, is_html=True)
        if _class(element) in FLUTTER_CLASSES:
            return tuple(reader._node(child, clip) for child in element.children)
        return reader.nodes(element.children, clip)

    def _is_uneditable_field(self, element: SourceElement) -> bool:
        """Whether it is a field of Flutter's that is disabled or read-only; HTML says its texts so, too."""
        says = element.get("hint") or element.get("text")
        return bool(says) and _class(element) == VIEW and not (self._is_html or element.get("content-desc"))


def _class(element: SourceElement) -> str:
    """Return an element's class, which `adb`'s dump has in an attribute only."""
    return element.get("class") or element.tag


def _is_frame(element: SourceElement) -> bool:
    """Whether a native view only holds others."""
    named = any(element.get(name) for name in ("resource-id", "content-desc", "text", "hint", "tooltip-text"))
    used = any(element.is_true(name) for name in ("clickable", "checkable", "scrollable", "selected"))
    return bool(element.children) and not named and not used


def _role(element: SourceElement) -> Role:
    name = _class(element)
    role = FLUTTER_CLASSES.get(name) or NATIVE_CLASSES.get(name, Role.GENERIC)
    if role is Role.IMAGE and (element.is_true("clickable") or element.get("enabled") == "false"):
        return Role.BUTTON
    return _role_of_view(element) if role is Role.GENERIC else role


def _role_of_view(element: SourceElement) -> Role:
    """Return what a view is whose class doesn't tell."""
    said, tapped = bool(_announcement_of(element)), element.is_true("clickable")
    if element.is_true("scrollable") and not said and not tapped and _is_list(element):
        return Role.SCROLLABLE
    if said and element.is_true("heading"):
        return Role.HEADING
    if tapped and not element.children:
        # Only a slider can be tapped while it is disabled, and has no class then.
        is_slider = element.get("enabled") == "false" and bool(_position(element.get("content-desc"))[0])
        return Role.SLIDER if is_slider else Role.BUTTON
    if not said:
        return Role.GENERIC
    return Role.GROUP if element.children else Role.TEXT


def _is_list(element: SourceElement) -> bool:
    if _class(element) != VIEW:
        return True
    told = element.get("is-collection")
    return told == "true" if told else element.is_true("focusable") or len(element.children) > 1


def _announcement_of(element: SourceElement) -> str:
    """Return what a screen reader says of a node that is no field."""
    return element.get("content-desc") or element.get("text") or element.get("tooltip-text")


def _texts(element: SourceElement, role: Role) -> tuple[str, str, str]:
    """Return an element's label, value and hint."""
    described, text, hint = (
        element.get("content-desc"),
        element.attributes.get("text", ""),
        element.get("hint"),
    )
    if role is Role.TEXT_FIELD:
        value = "" if element.is_true("showing-hint") else text
        # Flutter has the label in the hint, and no description.
        return described or hint or element.get("tooltip-text"), value, hint if described else ""
    if (role is Role.SLIDER and not text) or (role is Role.PROGRESS and described[:1].isdigit()):
        value, label = _position(described)
        return label or element.get("tooltip-text"), value, hint
    label = _announcement_of(element)
    return label, text if text.strip() != label else "", hint


def _position(said: str) -> tuple[str, str]:
    """Return what has a position as that and a label; one text only is the position if a digit is in it."""
    first, comma, rest = said.partition(", ")
    if comma or any(letter.isdigit() for letter in first):
        return first, rest
    return "", first


def _selection(element: SourceElement) -> tuple[int, int] | None:
    """Return which part of a field's text is selected; the driver says nothing of a mere caret."""
    if not element.get("selection-end"):
        return None
    return _number(element.get("selection-start")), _number(element.get("selection-end"))


def _axis(element: SourceElement, box: Box, children: tuple[Node, ...]) -> Axis:
    match _class(element):
        case "android.widget.HorizontalScrollView":
            return "horizontal"
        case "android.widget.ScrollView":
            return "vertical"
    return guess_axis(box, children)


def _screen(source: SourceElement, pixel_ratio: float) -> Box:
    """Return the whole screen: as large as the source says it is, or as its largest window."""
    boxes = [_box(window, pixel_ratio) for window in source.children]
    sizes = (_number(source.get("width")), _number(source.get("height")))
    return Box(
        0,
        0,
        max([sizes[0] / pixel_ratio, *(box.right for box in boxes)]),
        max([sizes[1] / pixel_ratio, *(box.bottom for box in boxes)]),
    )


def _box(element: SourceElement, pixel_ratio: float) -> Box:
    """Return an element's bounds; empty where there are none.

    Bounds cut away entirely are upside down, which says on which side the node is, and stay so.
    """
    found = BOUNDS.fullmatch(element.get("bounds"))
    if not found:
        return Box(0, 0, 0, 0)
    left, top, right, bottom = (int(number) / pixel_ratio for number in found.groups())
    return Box(left, top, right - left, bottom - top)


def _number(number: str) -> int:
    return int(number) if re.fullmatch(r"[0-9]{1,7}", number) else 0
