"""The soft keyboard as Android tells of it: a window of its own, and what lies under it in the app's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from fake_android.device import AndroidNode, PixelBounds

KEYBOARD_PACKAGE: Final = "com.google.android.inputmethod.latin"


def keyboard_window(look: Mapping[str, Any], *, pixel_ratio: float) -> AndroidNode:
    """Return the root of the keyboard's window; `look` is what `keyboard.js` says of it."""

    def view(box: Sequence[float], **more: Any) -> AndroidNode:
        bounds = PixelBounds.of(box, pixel_ratio)
        return AndroidNode(
            class_name="android.widget.FrameLayout", package=KEYBOARD_PACKAGE, bounds=bounds, **more
        )

    keys = tuple(
        view(box, content_desc=name, clickable=True, ref=f"keyboard-{name}") for name, box in look["keys"]
    )
    area = view(look["box"], resource_id="android:id/inputArea", children=keys, ref="keyboard-area")
    return view(look["box"], children=(area,), ref="keyboard")


def cover(node: AndroidNode, keyboard: PixelBounds) -> AndroidNode:
    """Return an app's node as it is where a keyboard lies over its window's lower part.

    What is wholly under it isn't visible to Android; what lies half under it is, with all its bounds.
    """
    covered = tuple(cover(child, keyboard) for child in node.children)
    return replace(node, children=covered, displayed=node.displayed and node.bounds.top < keyboard.top)
