"""One model of what a Flutter app says about itself, whatever the platform it was read from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Literal

Axis = Literal["horizontal", "vertical"]

_TAB_LINE = re.compile(r"\n(Tab \d+ of \d+)$", re.ASCII)


class Role(StrEnum):
    """What a node is to a person who can't see it; the names are the web's (ARIA), where it has one."""

    GENERIC = "generic"
    TEXT = "text"
    BUTTON = "button"
    LINK = "link"
    HEADING = "heading"
    IMAGE = "image"
    TEXT_FIELD = "textbox"
    CHECKBOX = "checkbox"
    RADIO = "radio"
    SWITCH = "switch"
    SLIDER = "slider"
    TAB = "tab"
    DIALOG = "dialog"
    LIST = "list"
    LIST_ITEM = "listitem"
    MENU = "menu"
    MENU_ITEM = "menuitem"
    PROGRESS = "progressbar"
    SCROLLABLE = "scrollable"
    GROUP = "group"
    KEYBOARD = "keyboard"


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in logical pixels (CSS pixels on the web), from the app's upper left corner."""

    left: float
    top: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.width

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + self.height

    @property
    def centre(self) -> tuple[float, float]:
        """The middle, as (x, y)."""
        return self.left + self.width / 2, self.top + self.height / 2

    def at(self, across: float, down: float) -> tuple[float, float]:
        """Return the point at so many shares of its width and its height."""
        return self.left + self.width * across, self.top + self.height * down

    @property
    def is_empty(self) -> bool:
        """Whether nothing of it can be seen."""
        return self.width <= 0 or self.height <= 0

    def intersection(self, other: Box) -> Box:
        """Return the part both share; its width or height is 0 where they share none."""
        left, top = max(self.left, other.left), max(self.top, other.top)
        return Box(
            left,
            top,
            max(0.0, min(self.right, other.right) - left),
            max(0.0, min(self.bottom, other.bottom) - top),
        )


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """One semantics node.

    `label` is what a screen reader says of it, `value` its changing part (a field's text, a slider's
    position), `hint` and `tooltip` what belongs to neither. A platform that can't tell these apart puts all
    of it in `label`. `box` is clipped to what can be seen; a node that can't be seen (`visible` is false)
    keeps the box it would have, which says where to scroll. `checked` and `expanded` are None for what is
    neither on nor off, neither open nor closed; only the web says the latter. `scrolls` is the axis of a
    scrollable. `is_tappable` is whether the platform says of it that it takes taps, `is_dismissible` whether
    it says that it can be sent away, as a snack bar; not every platform does. `is_folded` marks a node that
    stands for a wrapper and for what it wraps (see `fold`). `selection` is which part of a field's text is
    selected, in UTF-16 code units; only Android says so. `ref` is the platform's own name for the node,
    opaque to everyone but the platform's `FlutterApp`.
    """

    role: Role = Role.GENERIC
    identifier: str = ""
    label: str = ""
    value: str = ""
    hint: str = ""
    tooltip: str = ""
    box: Box = field(default_factory=lambda: Box(0, 0, 0, 0))
    enabled: bool = True
    focused: bool = False
    selected: bool = False
    checked: bool | None = None
    expanded: bool | None = None
    obscured: bool = False
    visible: bool = True
    scrolls: Axis | None = None
    is_tappable: bool = False
    is_dismissible: bool = False
    is_folded: bool = False
    selection: tuple[int, int] | None = None
    children: tuple[Node, ...] = ()
    ref: str = ""

    @property
    def text(self) -> str:
        """Everything a person can read on it: label and value, one line each."""
        return "\n".join(part for part in (self.label, self.value) if part)

    def walk(self) -> Iterator[Node]:
        """Yield this node and all below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def fold(self) -> Node:
        """Return this node and all below it with every mere wrapper folded into what it wraps.

        `Semantics(identifier: …)` around a button makes two nodes, one with the identifier and one with all
        the rest; so does a tooltip's label around an icon button. A person knows one button. A wrapper says
        nothing but an identifier, or nothing but a label around an unlabelled node of the same size, and
        holds one node; where both have an identifier nothing is folded. A node that says nothing at all and
        holds one node goes without a trace.
        """
        children = tuple(child.fold() for child in self.children)
        if len(children) != 1:
            return replace(self, children=children)
        inner = children[0]
        if self._says_nothing():
            return inner
        if self.role is inner.role is Role.IMAGE and inner._says_nothing(but=Role.IMAGE):
            # The labelled picture around the drawn one.
            return replace(self, children=inner.children)
        if not self._is_wrapper_of(inner):
            return replace(self, children=children)
        return replace(
            inner,
            identifier=self.identifier or inner.identifier,
            label=inner.label or self.label,
            enabled=self.enabled and inner.enabled,
            focused=self.focused or inner.focused,
            selected=self.selected or inner.selected,
            expanded=inner.expanded if self.expanded is None else self.expanded,
            is_tappable=self.is_tappable or inner.is_tappable,
            is_dismissible=self.is_dismissible or inner.is_dismissible,
            is_folded=True,
        )

    def _says_nothing(self, *, but: Role = Role.GENERIC) -> bool:
        return self.role is but and not (
            self.identifier or self.text or self.hint or self.tooltip or self.selected or self.focused
        )

    def _is_wrapper_of(self, inner: Node) -> bool:
        if self.role not in {Role.GENERIC, Role.GROUP} or self.value or self.hint or self.tooltip:
            return False
        if self.identifier and inner.identifier:
            return False
        if self.label:
            return not inner.label and inner.role is not Role.GENERIC and self.box == inner.box
        return self.visible == inner.visible


def split_tab(label: str, hint: str) -> tuple[str, str] | None:
    """Return the label and hint of a tab, None of what is none.

    Flutter adds a line to a tab's label that says which it is, in English. It belongs to the hint.
    """
    line = _TAB_LINE.search(label)
    return (label[: line.start()], "\n".join(filter(None, (line[1], hint)))) if line else None


@dataclass(frozen=True, slots=True)
class Tree:
    """A snapshot of the whole screen's semantics.

    `screen` is the app's whole area; `pixel_ratio` is how many physical pixels make one logical pixel.
    """

    root: Node
    screen: Box
    pixel_ratio: float = 1.0

    def __iter__(self) -> Iterator[Node]:
        """Yield every node in reading order."""
        return self.root.walk()
