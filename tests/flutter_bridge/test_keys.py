"""Keys as Playwright names them, and what each kind of driver is told of them."""

from __future__ import annotations

from typing import Any

import pytest

from flutter_bridge.appium.android_keys import key_event
from flutter_bridge.keys import CHARACTERS, KeyPress, parse_key
from flutter_bridge.mobile_web.key_actions import key_actions


@pytest.mark.parametrize(
    ("text", "key", "held"),
    [
        ("Enter", "Enter", ()),
        ("a", "a", ()),
        ("A", "A", ()),
        ("+", "+", ()),
        (" ", "Space", ()),
        ("KeyA", "a", ()),
        ("Digit7", "7", ()),
        ("F12", "F12", ()),
        ("Control+A", "a", ("Control",)),
        ("Control++", "+", ("Control",)),
        ("Control+Shift+ArrowLeft", "ArrowLeft", ("Control", "Shift")),
        ("ControlOrMeta+c", "c", ("ControlOrMeta",)),
    ],
)
def test_a_key_and_what_is_held(text: str, key: str, held: tuple[str, ...]) -> None:
    assert parse_key(text) == KeyPress(key, held)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Entre", 'no key is called "Entre": is Enter meant?'),
        ("ctrl+a", 'no key called "ctrl" can be held: known are Control, Shift, Alt, Meta, ControlOrMeta'),
        ("é", 'no key is called "é": known are characters, and Enter, Tab, '),
        ("", 'no key is called ""'),
        ("Control+", 'no key called "Control"|no key is called ""'),
        ("ab", 'no key is called "ab"'),
    ],
)
def test_what_is_no_key_is_told_from_what_is_near(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_key(text)


@pytest.mark.parametrize(("platform", "held"), [("Control", "Control"), ("Meta", "Meta")])
def test_the_modifier_of_shortcuts_is_the_platforms_own(platform: str, held: str) -> None:
    assert str(parse_key("ControlOrMeta+Shift+z").resolve(platform)) == f"{held}+Shift+z"


@pytest.mark.parametrize(
    ("text", "code", "meta"),
    [
        # The codes of android.view.KeyEvent
        ("Enter", 66, 0),
        ("a", 29, 0),
        ("B", 30, 0x41),
        ("0", 7, 0),
        ("+", 70, 0x41),
        ("?", 76, 0x41),
        ("@", 9, 0x41),
        ("ArrowDown", 20, 0),
        ("Delete", 112, 0),
        ("Backspace", 67, 0),
        ("F1", 131, 0),
        # META_CTRL_ON with META_CTRL_LEFT_ON, and so on
        ("Control+A", 29, 0x3000),
        ("ControlOrMeta+v", 50, 0x3000),
        ("Control+Shift+z", 54, 0x3041),
        ("Alt+ArrowLeft", 21, 0x12),
        ("Meta+Enter", 66, 0x30000),
    ],
)
def test_android_is_told_a_code_and_the_state_of_the_modifiers(text: str, code: int, meta: int) -> None:
    assert key_event(parse_key(text)) == (code, meta)


def test_android_has_a_code_for_every_character_on_the_keyboard() -> None:
    events = {character: key_event(parse_key(character)) for character in CHARACTERS}
    assert len(set(events.values())) == len(CHARACTERS)


def pressed(text: str, shortcut: str = "Control") -> list[tuple[str, str]]:
    (source,) = key_actions(parse_key(text), shortcut=shortcut)
    assert source["type"] == "key"
    steps: list[dict[str, Any]] = source["actions"]
    return [(step["type"], step["value"]) for step in steps]


def test_a_webdriver_is_told_what_goes_down_and_up() -> None:
    assert pressed("x") == [("keyDown", "x"), ("keyUp", "x")]
    assert pressed("Enter") == [("keyDown", "\ue007"), ("keyUp", "\ue007")]
    assert pressed("F12") == [("keyDown", "\ue03c"), ("keyUp", "\ue03c")]
    assert pressed("ControlOrMeta+A", "Meta") == [
        ("keyDown", "\ue03d"),
        ("keyDown", "a"),
        ("keyUp", "a"),
        ("keyUp", "\ue03d"),
    ]
