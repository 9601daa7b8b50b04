"""Enters text into a field of a device's screen, and reads it back."""

from __future__ import annotations

import asyncio
from itertools import chain, repeat

from flutter_bridge.appium.screens import Reading, Screens
from flutter_bridge.clock import Interval, now
from flutter_bridge.finders import Finder
from flutter_bridge.semantics import Node, Role

FOCUSED = 3.0
"""Seconds a tapped field is given to take the focus before it is tapped again: two taps select a word."""

PAUSES = (0.0, 0.05, 0.1, 0.2, 0.4)
"""Seconds between two looks whether it did."""

KEPT = 1.0
"""Seconds a field is given to show its new text before it is entered again."""


async def enter(
    screens: Screens, finder: Finder, node: Node, text: str, *, until: float
) -> tuple[Interval | None, str]:
    """Replace a field's content once; returns when, or None and what is to be told of the field."""
    if not node.focused:
        await screens.tap(node)
    before, taken = now(), False
    patience = min(until, now() + FOCUSED)
    for pause in chain(PAUSES, repeat(PAUSES[-1])):
        await asyncio.sleep(pause)
        before = now()
        taken = await screens.session.platform.set_text(screens.session, node, text)
        if taken or now() >= patience:
            break
    if not taken:
        return None, "didn't take the focus when tapped"
    received = screens.acted(before)

    def kept(reading: Reading) -> bool | None:
        return _says(_field(reading, node, finder), text) or None

    done, reading = await screens.until(kept, max(0.0, min(KEPT, until - now())))
    if done:
        return received, ""
    field = _field(reading, node, finder) if reading is not None else None
    shown = f", it says {field.value!r}" if field is not None and field.value and not field.obscured else ""
    return None, f"doesn't keep the text entered{shown}"


def _field(reading: Reading, node: Node, finder: Finder) -> Node | None:
    """Return a field again: by its place in the tree, or by its finder where that place isn't a field now."""
    same = next((found for found in reading.tree if found.ref == node.ref), None)
    if same is not None and same.role is Role.TEXT_FIELD:
        return same
    found = finder.first_in(reading.tree)
    return next((below for below in found.walk() if below.role is Role.TEXT_FIELD), None) if found else None


def _says(field: Node | None, text: str) -> bool:
    """Whether a field holds a text; an obscured one shows a bullet for each of its code units."""
    if field is None:
        return False
    if field.obscured:
        return len(field.value) == len(text.encode("utf-16-le")) // 2
    return field.value == text
