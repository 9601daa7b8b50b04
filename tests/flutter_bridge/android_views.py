"""Page sources of Android, written as UiAutomator2 writes them."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from flutter_bridge import Node, Tree
from flutter_bridge.appium import android_tree

WHOLE = "[0,0][1080,2400]"


def view(name: str, *inside: str, bounds: str = "[0,0][100,50]", **attributes: str) -> str:
    """An element as UiAutomator2 writes it: its class is its tag; a name's `_` is a hyphen."""
    tag = name if "." in name else f"android.{'view' if name == 'View' else 'widget'}.{name}"
    given = {"class": tag, "bounds": bounds} | attributes
    # A line break comes as a reference: as itself it would be a space.
    said = "".join(
        f" {key.replace('_', '-')}={quoteattr(value, {chr(10): '&#10;'})}" for key, value in given.items()
    )
    return f"<{tag}{said}>{''.join(inside)}</{tag}>"


def hierarchy(*inside: str) -> str:
    display = 'rotation="0" width="1080" height="2400"'
    return f'<?xml version="1.0"?><hierarchy {display}>{"".join(inside)}</hierarchy>'


def window(*inside: str) -> str:
    """The views an Android window has around Flutter's first node."""
    host = view("FrameLayout", *inside, bounds=WHOLE, focusable="true", focused="true", pane_title=" ")
    content = view("FrameLayout", host, bounds=WHOLE, resource_id="android:id/content")
    return hierarchy(view("FrameLayout", view("LinearLayout", content, bounds=WHOLE), bounds=WHOLE))


def tree_of(*inside: str, pixel_ratio: float = 1.0) -> Tree:
    return android_tree(hierarchy(*inside), pixel_ratio=pixel_ratio)


def only(name: str, *inside: str, **attributes: str) -> Node:
    (node,) = tree_of(view(name, *inside, **attributes)).root.children
    return node
