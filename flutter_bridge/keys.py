"""The keys of a keyboard, by the names that Playwright has for them, and what drivers call each of them."""

from __future__ import annotations

import re
import string
from dataclasses import dataclass
from difflib import get_close_matches

from flutter_bridge.text import quote

MODIFIERS = ("Control", "Shift", "Alt", "Meta")
"""The keys that are held while another is pressed."""

CONTROL_OR_META = "ControlOrMeta"
"""The modifier of an app's shortcuts: Meta on a Mac, Control elsewhere."""

_FUNCTION_KEYS = tuple(f"F{number}" for number in range(1, 13))
_NAMED = (
    "Enter", "Tab", "Space", "Backspace", "Delete", "Escape", "Insert", "Home", "End", "PageUp", "PageDown",
    "ArrowUp", "ArrowDown", "ArrowLeft", "ArrowRight", *_FUNCTION_KEYS,
)  # fmt: skip

CHARACTERS = frozenset(string.ascii_letters + string.digits + string.punctuation)
"""What the keys of an American keyboard write."""


@dataclass(frozen=True, slots=True)
class KeyPress:
    """One key that is pressed while others are held: its name, or the character it writes."""

    key: str
    held: tuple[str, ...] = ()

    def resolve(self, shortcut: str) -> KeyPress:
        """Return it with the platform's own modifier in the place of `ControlOrMeta`."""
        held = (shortcut if name == CONTROL_OR_META else name for name in self.held)
        return KeyPress(self.key, tuple(dict.fromkeys(held)))

    def __str__(self) -> str:
        """Return it as Playwright writes it."""
        return "+".join((*self.held, self.key))


def parse_key(text: str) -> KeyPress:
    """Read a key such as `Enter`, `a` or `Control+Shift+T`; raises `ValueError` where there is none such."""
    *held, name = re.split(r"(?<=[^+])\+", text)
    for modifier in held:
        if modifier not in {*MODIFIERS, CONTROL_OR_META}:
            known = ", ".join((*MODIFIERS, CONTROL_OR_META))
            raise ValueError(f"no key called {quote(modifier)} can be held: known are {known}")
    key = _character(name)
    if held and key in string.ascii_uppercase:
        # As shortcuts are written: Shift is held where it is named.
        key = key.lower()
    if key not in CHARACTERS and key not in _NAMED:
        close = get_close_matches(key, _NAMED, n=1, cutoff=0.5)
        meant = f": is {close[0]} meant?" if close else f": known are characters, and {', '.join(_NAMED)}"
        raise ValueError(f"no key is called {quote(key)}{meant}")
    return KeyPress(key, tuple(held))


def _character(name: str) -> str:
    """Return what a key writes that is named by its place, such as `KeyA` or `Digit1`; other names stay."""
    for prefix, letters in (("Key", string.ascii_uppercase), ("Digit", string.digits)):
        if name.startswith(prefix) and len(name) == len(prefix) + 1 and name[-1] in letters:
            return name[-1].lower()
    return "Space" if name == " " else name
