"""A node of an Android window as `AccessibilityNodeInfo` has it: what a device's server looks at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Bounds:
    """A rectangle in physical pixels of the screen; right and bottom are the first pixels outside."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def centre(self) -> tuple[int, int]:
        """The middle, as (x, y)."""
        return (self.left + self.right) // 2, (self.top + self.bottom) // 2

    @property
    def empty(self) -> bool:
        """Whether there is nothing in it."""
        return self.right <= self.left or self.bottom <= self.top

    def __str__(self) -> str:
        """Return the bounds as a page source has them."""
        return f"[{self.left},{self.top}][{self.right},{self.bottom}]"


@dataclass(frozen=True, slots=True, eq=False)
class AndroidNode:
    """One node of a window.

    None means that the node doesn't have the attribute, which is another thing than an empty one. `bounds`
    are clipped as a device clips them. `displayed` is Android's "visible to user": children that aren't are
    left out of the page source. `ref` is what the phone that made it knows the node by.
    """

    class_name: str = "android.view.View"
    package: str = ""
    text: str = ""
    content_desc: str | None = None
    resource_id: str | None = None
    hint: str | None = None
    tooltip: str | None = None
    pane_title: str | None = None
    checkable: bool = False
    checked: bool = False
    clickable: bool = False
    enabled: bool = True
    focusable: bool = False
    focused: bool = False
    long_clickable: bool = False
    password: bool = False
    scrollable: bool = False
    selected: bool = False
    heading: bool = False
    dismissable: bool = False
    multiline: bool = False
    important: bool = True
    drawing_order: int = 0
    displayed: bool = True
    bounds: Bounds = Bounds(0, 0, 0, 0)
    children: tuple[AndroidNode, ...] = ()
    ref: str = ""

    def walk(self) -> Iterator[AndroidNode]:
        """Yield this node and all below it, in document order."""
        yield self
        for child in self.children:
            yield from child.walk()
