"""Keys as W3C's key actions, in which a WebDriver is told of them."""

from __future__ import annotations

from typing import Any

from flutter_bridge.keys import KeyPress

_CODES = {
    "Backspace": "\ue003",
    "Tab": "\ue004",
    "Enter": "\ue007",
    "Shift": "\ue008",
    "Control": "\ue009",
    "Alt": "\ue00a",
    "Escape": "\ue00c",
    "Space": " ",
    "PageUp": "\ue00e",
    "PageDown": "\ue00f",
    "End": "\ue010",
    "Home": "\ue011",
    "ArrowLeft": "\ue012",
    "ArrowUp": "\ue013",
    "ArrowRight": "\ue014",
    "ArrowDown": "\ue015",
    "Insert": "\ue016",
    "Delete": "\ue017",
    "Meta": "\ue03d",
} | {f"F{number}": chr(0xE030 + number) for number in range(1, 13)}
"""WebDriver's code points for keys that write no character."""


def key_actions(press: KeyPress, *, shortcut: str) -> list[dict[str, Any]]:
    """Return a key's press as a source of actions; `shortcut` is the modifier of the browser's shortcuts."""
    pressed = press.resolve(shortcut)
    keys = [_CODES.get(name, name) for name in (*pressed.held, pressed.key)]
    steps = [("keyDown", key) for key in keys] + [("keyUp", key) for key in reversed(keys)]
    actions = [{"type": kind, "value": key} for kind, key in steps]
    return [{"type": "key", "id": "keyboard", "actions": actions}]
