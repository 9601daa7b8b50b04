"""Enters a text into a field of an app on a device, and has the app say it.

Android shows a text that was set in a field's node before the app hears of it, and goes on to where the app
refuses it without another word. So the app is made to say something of the node: the text is selected by a
key, which only the app can do, and what is selected is in the page source. Where a field's text can't be
selected, its last letter is deleted, and the field filled once more.
"""

from __future__ import annotations

import asyncio
from itertools import chain, repeat

from flutter_bridge.ambiguity import things_meant
from flutter_bridge.appium.screens import DeviceReading, DeviceScreens
from flutter_bridge.clock import Interval, now
from flutter_bridge.driver import EntryAttempt, Reading, wait_until
from flutter_bridge.errors import CommandRefused
from flutter_bridge.finders import Finder
from flutter_bridge.keys import KeyPress
from flutter_bridge.semantics import Node, Role
from flutter_bridge.text import TextEntry, reads_as

FOCUS_S = 3.0
"""How long a tapped field is given to take the focus before it is tapped again: two taps select a word."""

FOCUS_PAUSES_S = (0.0, 0.05, 0.1, 0.2, 0.4)
"""What lies between two looks whether it did."""

UNSEEN_S = 0.5
"""How long a tapped field is looked for before a soft keyboard is hidden that may lie over it."""

HELD_S = 1.0
"""How long a field is given to show its new text, and the app to say it, before it is entered again."""

SHORTENED_S = 0.5
"""How long an app is given to say that a letter was deleted."""

SELECT_ALL = KeyPress("a", ("Control",))
TO_THE_END = KeyPress("ArrowRight")
BACKSPACE = KeyPress("Backspace")


async def enter_text(
    screens: DeviceScreens, finder: Finder, field: Node, entry: TextEntry, *, until: float
) -> EntryAttempt | None:
    """Set the text of a field that was tapped, once; None where it doesn't take the focus."""
    if field.selection is not None:
        # Or nobody could tell it from what is selected then.
        await screens.press(TO_THE_END)
    received = await _set_text(screens, field, entry, until=until)
    if received is None:
        return None
    seconds = max(0.0, min(HELD_S, until - now()))
    after = await _read_back(screens, finder, field, entry, seconds)
    before = field.value
    if screens.session.platform.guesses_text and after is not None and reads_as(before, entry.text):
        before = after  # what was set at an earlier attempt is no word of the app's that it changed
    return EntryAttempt(received, before, after, as_bullets=field.obscured)


async def _set_text(
    screens: DeviceScreens, field: Node, entry: TextEntry, *, until: float
) -> Interval | None:
    """Set the text once the field has the focus; return when it was received."""
    begun, is_uncovered = now(), False
    patience = min(until, begun + FOCUS_S)
    for pause in chain(FOCUS_PAUSES_S, repeat(FOCUS_PAUSES_S[-1])):
        await asyncio.sleep(pause)
        sent = now()
        if await screens.session.platform.set_text(screens.session, field, entry.text):
            screens.has_typed = True
            return screens.note_action(sent)
        if now() >= patience:
            return None
        if not is_uncovered and screens.last is not None and now() >= begun + UNSEEN_S:
            # The keyboard that comes up for a field may lie over it.
            is_uncovered = screens.has_typed = True
            await screens.uncover(screens.last)
    raise AssertionError("pauses go on for ever")


async def _read_back(
    screens: DeviceScreens, finder: Finder, field: Node, entry: TextEntry, seconds: float
) -> str | None:
    """Return what the app makes of a text that was set; None where the field has gone, or it says nothing."""
    guesses = screens.session.platform.guesses_text and await _select_all(screens)
    values: list[str] = []
    is_selected = is_guess = False

    def is_settled(reading: DeviceReading) -> bool | None:
        nonlocal is_selected, is_guess
        found = _find_again(reading, field, finder)
        if found is None:
            return None
        values.append(found.value)
        is_selected = is_selected or found.selection is not None
        if guesses and _is_all_selected(found):
            is_guess = False
            return True
        # One that lost the focus, and with it all that is selected, was sent anew by the app.
        is_guess = guesses and found.focused and reads_as(found.value, entry.text)
        if is_guess:
            # Of no text nothing is selected; what an app kept instead would be.
            return True if not entry.text and values[-2:] == ["", ""] else None
        # Another text than before, twice: the app has had its say.
        stays = values[-2:] == [found.value] * 2 and found.value != field.value
        return True if stays or entry.is_shown(found.value, as_bullets=found.obscured) else None

    await wait_until(screens.readings(seconds), is_settled)
    if is_selected:
        await screens.press(TO_THE_END)
    if not values:
        return None
    if is_guess and entry.text and not await _has_text(screens, finder, field, entry):
        return None  # what it said before may be no more than a guess, either
    return values[-1]


async def _select_all(screens: DeviceScreens) -> bool:
    """Select what the field says; false where the driver presses no keys, so that nothing can be proven."""
    try:
        await screens.press(SELECT_ALL)
    except CommandRefused:
        return False
    return True


async def _has_text(screens: DeviceScreens, finder: Finder, field: Node, entry: TextEntry) -> bool:
    """Whether the app has the text: it says so by what is left once the last letter is deleted."""
    await screens.press(BACKSPACE)
    shorter = TextEntry(entry.text[:-1])

    def is_shorter(reading: DeviceReading) -> bool | None:
        found = _find_again(reading, field, finder)
        return found is None or shorter.is_shown(found.value, as_bullets=found.obscured) or None

    has_text, _ = await wait_until(screens.readings(SHORTENED_S), is_shorter)
    return bool(has_text) and await screens.session.platform.set_text(screens.session, field, entry.text)


def _is_all_selected(field: Node) -> bool:
    return field.selection == (0, len(field.value.encode("utf-16-le", "surrogatepass")) // 2)


def _find_again(reading: Reading, field: Node, finder: Finder) -> Node | None:
    """Return a field again: by its place in the tree, or by its finder where that place isn't a field now."""
    same = next((node for node in reading.tree if node.ref == field.ref), None)
    if same is not None and same.role is Role.TEXT_FIELD:
        return same
    things = things_meant(finder, reading.tree, Role.TEXT_FIELD)
    return next((below for found in things for below in found.walk() if below.role is Role.TEXT_FIELD), None)
