"""Enters text into a field of a device's screen, and reads it back."""

from __future__ import annotations

import asyncio
from itertools import chain, repeat

from flutter_bridge.appium.screens import Reading, Screens
from flutter_bridge.clock import Interval, now
from flutter_bridge.finders import Finder
from flutter_bridge.occlusion import Point
from flutter_bridge.semantics import Node, Role
from flutter_bridge.text import TextEntry

FOCUSED = 3.0
"""Seconds a tapped field is given to take the focus before it is tapped again: two taps select a word."""

PAUSES = (0.0, 0.05, 0.1, 0.2, 0.4)
"""Seconds between two looks whether it did."""

KEPT = 1.0
"""Seconds a field is given to show its new text before it is entered again."""


async def enter(
    screens: Screens, finder: Finder, node: Node, spot: Point, entry: TextEntry, *, until: float
) -> tuple[Interval | None, str]:
    """Replace a field's content once; returns when, or None and what is wrong with the field.

    `spot` is where to tap it, if it hasn't the focus.
    """
    if not node.focused:
        await screens.tap_at(spot)
    sent, taken = now(), False
    patience = min(until, now() + FOCUSED)
    for pause in chain(PAUSES, repeat(PAUSES[-1])):
        await asyncio.sleep(pause)
        sent = now()
        taken = await screens.session.platform.set_text(screens.session, node, entry.text)
        if taken or now() >= patience:
            break
    if not taken:
        return None, "didn't take the focus when tapped"
    received = screens.acted(sent)
    read: list[str] = []

    def settled(reading: Reading) -> bool | None:
        field = _field(reading, node, finder)
        if field is None:
            return None
        read.append(field.value)
        # Another text than before, twice: the app has had its say.
        stays = read[-2:] == [field.value] * 2 and field.value != node.value
        return True if stays or entry.is_shown(field.value, as_bullets=field.obscured) else None

    await screens.until(settled, max(0.0, min(KEPT, until - now())))
    if read and entry.is_taken(node.value, read[-1], as_bullets=node.obscured):
        return received, ""
    return None, entry.refusal(secret=node.obscured)


def _field(reading: Reading, node: Node, finder: Finder) -> Node | None:
    """Return a field again: by its place in the tree, or by its finder where that place isn't a field now."""
    same = next((found for found in reading.tree if found.ref == node.ref), None)
    if same is not None and same.role is Role.TEXT_FIELD:
        return same
    found = finder.first_in(reading.tree)
    return next((below for below in found.walk() if below.role is Role.TEXT_FIELD), None) if found else None
