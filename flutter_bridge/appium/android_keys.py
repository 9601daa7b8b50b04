"""Android's key codes (`android.view.KeyEvent`), and which keys are held, as its drivers are told of them."""

from __future__ import annotations

import string
from typing import Final

from flutter_bridge.keys import KeyPress

META_STATES: Final[dict[str, int]] = {
    # Each with its left key, as a keyboard has it.
    "Shift": 0x1 | 0x40,
    "Alt": 0x2 | 0x10,
    "Control": 0x1000 | 0x2000,
    "Meta": 0x10000 | 0x20000,
}

_PLAIN: Final[dict[str, int]] = (
    {digit: 7 + number for number, digit in enumerate(string.digits)}
    | {letter: 29 + number for number, letter in enumerate(string.ascii_lowercase)}
    | {",": 55, ".": 56, "`": 68, "-": 69, "=": 70, "[": 71, "]": 72, "\\": 73, ";": 74, "'": 75, "/": 76}
)
_SHIFTED: Final[dict[str, int]] = {
    shifted: _PLAIN[plain]
    for shifted, plain in zip(
        string.ascii_uppercase + ')!@#$%^&*(<>~_+{}|:"?',
        string.ascii_lowercase + "0123456789,.`-=[]\\;'/",
        strict=True,
    )
}
_NAMED: Final[dict[str, int]] = {
    "ArrowUp": 19, "ArrowDown": 20, "ArrowLeft": 21, "ArrowRight": 22, "Tab": 61, "Space": 62, "Enter": 66,
    "Backspace": 67, "PageUp": 92, "PageDown": 93, "Escape": 111, "Delete": 112, "Home": 122, "End": 123,
    "Insert": 124, **{f"F{number}": 130 + number for number in range(1, 13)},
}  # fmt: skip
_CODES: Final = _PLAIN | _SHIFTED | _NAMED


def key_event(press: KeyPress) -> tuple[int, int]:
    """Return a key's code and the state of the modifiers that are held."""
    pressed = press.resolve("Control")
    held = {*pressed.held, *(["Shift"] if pressed.key in _SHIFTED and not pressed.held else [])}
    return _CODES[pressed.key], sum(META_STATES[name] for name in held)
