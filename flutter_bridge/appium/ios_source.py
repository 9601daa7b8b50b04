"""Turns a page source of XCUITest into a `Tree`: the one place that knows what its elements mean.

XCUITest names an element by its identifier, and by its label where it has none: a name that is also the label
is no identifier. Flutter gives a node with children as a container in which the node itself comes first and
its children beside it; here they are below it again, as on every other platform. A container has the node's
frame, or the whole screen's: the engine's since March 2025.

`visible` is no more than a hint: XCTest says false of elements of Flutter's that are plainly on the screen.
What lies within the screen and its panes can be seen, unless the driver tells it from others there that it
says true of.

A picture, a slider or a heading may come as another type; the traits tell it where the driver writes them.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from flutter_bridge.appium.page_source import (
    SourceElement,
    clip_box,
    guess_axis,
    parse_source,
    unreadable_error,
)
from flutter_bridge.semantics import Box, Node, Role, Tree

PREFIX = "XCUIElementType"
TYPES = {
    "ActivityIndicator": Role.PROGRESS,
    "Alert": Role.DIALOG,
    "Button": Role.BUTTON,
    "Cell": Role.LIST_ITEM,
    "CheckBox": Role.CHECKBOX,
    "CollectionView": Role.SCROLLABLE,
    "Image": Role.IMAGE,
    "Keyboard": Role.KEYBOARD,
    "Link": Role.LINK,
    "Menu": Role.MENU,
    "MenuItem": Role.MENU_ITEM,
    "ProgressIndicator": Role.PROGRESS,
    "RadioButton": Role.RADIO,
    "ScrollView": Role.SCROLLABLE,
    "SearchField": Role.TEXT_FIELD,
    "SecureTextField": Role.TEXT_FIELD,
    "Sheet": Role.DIALOG,
    "Slider": Role.SLIDER,
    "StaticText": Role.TEXT,
    "Switch": Role.SWITCH,
    "Tab": Role.TAB,
    "Table": Role.SCROLLABLE,
    "TextField": Role.TEXT_FIELD,
    "TextView": Role.TEXT_FIELD,
    "Toggle": Role.SWITCH,
}
TRAITS = {"Header": Role.HEADING, "Adjustable": Role.SLIDER, "Image": Role.IMAGE, "Link": Role.LINK}
CHECKABLE = {Role.CHECKBOX, Role.RADIO, Role.SWITCH}
ON = {"1", "true"}


def ios_tree(xml: str, *, pixel_ratio: float = 1.0) -> Tree:
    """Parse a page source, whose frames are in points: logical pixels already.

    It doesn't say how many physical pixels make a point; the tree keeps the `pixel_ratio` it is given. A
    node's `ref` is the XPath of its element. Raises `SemanticsMissing` where the source can't be read, and
    `ValueError` where the pixel ratio isn't a positive number.
    """
    if not (math.isfinite(pixel_ratio) and pixel_ratio > 0):
        raise ValueError(f"a pixel ratio of {pixel_ratio}; a device's is a positive number such as 3.0")
    source = parse_source(xml)
    apps = source.children if source.tag == "AppiumAUT" else [source]
    odd = next((app.tag for app in apps if not app.tag.startswith(PREFIX)), None)
    if odd is not None:
        found = f"<{odd[:60]}>" if source.tag == odd else f"<AppiumAUT> with <{odd[:60]}> in it"
        raise unreadable_error(f"its root is {found}, that of iOS is <AppiumAUT> or <{PREFIX}Application>")
    frames = [_box(app) for app in apps]
    right, bottom = (frame.right for frame in frames), (frame.bottom for frame in frames)
    screen = Box(0, 0, max(right, default=0), max(bottom, default=0))
    # An application's own name is that under its icon, which is nowhere on its screen.
    tops = [top for app in apps for top in (app.children if _type(app) == "Application" else [app])]
    # Where it says so of nothing that is on the screen, it knows of nothing.
    hints = any(element.get("visible") == "true" for top in tops for element in _leaves_on(top, screen))
    nodes = tuple(_node(_unwrap(top, screen), screen, hints=hints).fold() for top in tops)
    return Tree(Node(box=screen, children=nodes, ref=source.path), screen, pixel_ratio)


def _node(element: SourceElement, clip: Box, *, hints: bool) -> Node:
    box, visible = clip_box(_box(element), clip)
    role = _role(element)
    inside = box if role is Role.SCROLLABLE and visible else clip
    children = tuple(_node(child, inside, hints=hints) for child in element.children)
    hidden = hints and element.get("visible") == "false" and not element.is_true("accessible")
    label, value, hint = _texts(element, role)
    state = element.get("value").lower()
    return Node(
        role=role,
        identifier=_identifier(element),
        label=label,
        value=value,
        hint=hint,
        box=box,
        enabled=element.get("enabled") != "false",
        focused=element.is_true("focused"),
        selected="Selected" in _traits(element) or (role is Role.BUTTON and state in ON),
        checked=state in ON if role in CHECKABLE else None,
        obscured=_type(element) == "SecureTextField",
        visible=visible and not hidden,
        scrolls=guess_axis(box, children) if role is Role.SCROLLABLE else None,
        children=children,
        ref=element.path,
    )


def _leaves_on(element: SourceElement, screen: Box) -> Iterator[SourceElement]:
    """Yield what has nothing in it, says something, and lies on the screen."""
    if element.children:
        for child in element.children:
            yield from _leaves_on(child, screen)
    elif (element.get("name") or element.get("label")) and clip_box(_box(element), screen)[1]:
        yield element


def _unwrap(found: SourceElement, screen: Box) -> SourceElement:
    """Return an element with each container in it as the node that it stands for."""
    element = SourceElement(
        found.tag, found.attributes, found.path, [_unwrap(child, screen) for child in found.children]
    )
    if _type(element) != "Other" or len(element.children) < 2:
        return element
    itself, *others = element.children
    scrolls = _type(itself) == "ScrollView"
    own = {element.get(name) for name in ("name", "label", "value")} - {""}
    if (
        (itself.children and not scrolls)
        or not own <= {itself.get(name) for name in ("name", "label", "value")}
        or not (scrolls or itself.get("name") or itself.get("label"))
        # To iOS a node with children is none.
        or _type(itself) == "StaticText"
    ):
        return element
    if _box(itself) != _box(element) and not (
        _box(element) == screen and (scrolls or _is_around(_box(itself), others, screen))
    ):
        return element
    return SourceElement(itself.tag, itself.attributes, itself.path, [*itself.children, *others])


def _is_around(frame: Box, others: list[SourceElement], screen: Box) -> bool:
    """Whether the first in a container can be the node that the others lie in, and not one of them."""
    frames = [_box(other) for other in others if _box(other) != screen]
    return all(other.is_empty or not other.intersection(frame).is_empty for other in frames)


def _type(element: SourceElement) -> str:
    return (element.get("type") or element.tag).removeprefix(PREFIX)


def _traits(element: SourceElement) -> set[str]:
    """Return an element's traits, which the driver writes in its newer versions."""
    return {trait.strip() for trait in element.get("traits").split(",")}


def _role(element: SourceElement) -> Role:
    role = TYPES.get(_type(element), Role.GENERIC)
    if role in {Role.GENERIC, Role.TEXT}:
        role = next((role for trait, role in TRAITS.items() if trait in _traits(element)), role)
    if role is not Role.GENERIC or not element.get("label"):
        return role
    return Role.GROUP if element.children else Role.TEXT


def _identifier(element: SourceElement) -> str:
    name = element.attributes.get("name", "")
    return "" if name == element.attributes.get("label", "") else name.strip()


def _texts(element: SourceElement, role: Role) -> tuple[str, str, str]:
    """Return an element's label, value and hint."""
    label, value = element.get("label"), element.attributes.get("value", "")
    hint = element.get("placeholderValue")
    if role is Role.TEXT_FIELD:
        # An empty field's value is its placeholder.
        return label or hint, "" if value.strip() == hint else value, hint if label else ""
    states = role in CHECKABLE or (role is Role.BUTTON and value.lower() in {*ON, "0", "false"})
    return label, "" if states or value.strip() == label else value, hint


def _box(element: SourceElement) -> Box:
    """Return an element's frame; empty where it has none."""
    return Box(*(_points(element.get(name)) for name in ("x", "y", "width", "height")))


def _points(number: str) -> float:
    return float(number) if re.fullmatch(r"-?[0-9]{1,7}(\.[0-9]{1,9})?", number) else 0.0
