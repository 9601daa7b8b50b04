"""Android's key codes as a browser's keys (`android.view.KeyEvent`)."""

from __future__ import annotations

from typing import Final

HOME: Final = 3
BACK: Final = 4
ESCAPE: Final = 111

SHIFT: Final = 0x1
ALT: Final = 0x2
CONTROL: Final = 0x1000
META: Final = 0x10000

_MODIFIERS: Final = {SHIFT: "Shift", ALT: "Alt", CONTROL: "Control", META: "Meta"}

_SYMBOLS: Final = {17: "*", 18: "#", 77: "@", 81: "+"}
"""Keys that a browser's keyboard has on no key of their own."""

_KEYS: Final[dict[int, str]] = (
    {7 + digit: f"Digit{digit}" for digit in range(10)}
    | {29 + number: f"Key{chr(65 + number)}" for number in range(26)}
    | {144 + digit: f"Numpad{digit}" for digit in range(10)}
    | {131 + number: f"F{number + 1}" for number in range(12)}
    | {
        19: "ArrowUp",
        20: "ArrowDown",
        21: "ArrowLeft",
        22: "ArrowRight",
        23: "Enter",  # the pad's middle
        55: "Comma",
        56: "Period",
        61: "Tab",
        62: "Space",
        66: "Enter",
        67: "Backspace",
        68: "Backquote",
        69: "Minus",
        70: "Equal",
        71: "BracketLeft",
        72: "BracketRight",
        73: "Backslash",
        74: "Semicolon",
        75: "Quote",
        76: "Slash",
        92: "PageUp",
        93: "PageDown",
        ESCAPE: "Escape",
        112: "Delete",
        122: "Home",
        123: "End",
        124: "Insert",
        160: "NumpadEnter",
    }
)


def browser_key(code: int, meta: int = 0) -> str | None:
    """Return the key as Playwright's `keyboard.press` takes it; None for one that tells an app nothing.

    `meta` is the state of the modifiers as `KeyEvent` has it. A phone has keys that no app hears of, as the
    volume's: they do nothing here either.
    """
    symbol = _SYMBOLS.get(code)
    if symbol is not None:
        return symbol
    key = _KEYS.get(code)
    if key is None:
        return None
    held = [name for bit, name in _MODIFIERS.items() if meta & bit]
    return "+".join([*held, key])
