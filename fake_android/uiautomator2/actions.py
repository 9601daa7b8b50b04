"""W3C actions: what fingers and keys are told, as ways of fingers and a row of keys.

As on a phone each source keeps its own time: what one does doesn't wait for what another does. Several
fingers have to keep the same.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from fake_android.errors import InvalidArgument
from fake_android.input import ALT, CONTROL, META, SHIFT, Point, TouchStep, move_steps
from fake_android.uiautomator2.session import (
    Body,
    CommandCall,
    UiAutomatorSession,
    element_id,
    read_number,
    read_text,
)

EVENT_S = 0.005
"""What lies between two events that the server makes of a move."""

MAX_DURATION_S = 120.0
MAX_ITEMS = 2000

_KEYS = {
    "\ue003": 67, "\ue004": 61, "\ue006": 66, "\ue007": 66,
    "\ue00c": 111, "\ue00d": 62, "\ue00e": 92, "\ue00f": 93,
    "\ue010": 123, "\ue011": 122, "\ue012": 21, "\ue013": 19, "\ue014": 22, "\ue015": 20, "\ue016": 124,
    "\ue017": 112,
}  # fmt: skip
"""WebDriver's keys without a character, as Android's key codes."""

_MODIFIERS = {
    "\ue008": SHIFT,
    "\ue009": CONTROL,
    "\ue00a": ALT,
    "\ue03d": META,
    "\ue050": SHIFT,
    "\ue051": CONTROL,
}
_KEY_A, _KEY_0 = 29, 7


@dataclass(frozen=True, slots=True)
class KeyPress:
    """A key that goes down `at` seconds after the actions began: its key code, or what it types."""

    at: float
    code: int | None
    typed: str
    meta: int


async def perform(call: CommandCall) -> Any:
    """Perform the actions of all sources at the same time."""
    sources = call.body.get("actions")
    if not isinstance(sources, list) or not sources:
        raise InvalidArgument("'actions' has to be a list of at least one source")
    fingers: list[list[TouchStep]] = []
    presses: list[KeyPress] = []
    for source in sources:
        if not isinstance(source, Mapping):
            raise InvalidArgument(f"{source!r} is no source of actions")
        items = _items(source)
        match read_text(source, "type"):
            case "pointer":
                fingers.append(await _finger(call.session, items))
            case "key":
                presses += _key_presses(items)
            case "none":
                for item in items:
                    _check_kind(item, {"pause"})
                    _duration(item)
            case kind:
                raise InvalidArgument(f"A source of actions is pointer, key or none, not '{kind}'")
    _check_in_step(fingers)
    await _perform_together(call.session, fingers, presses)


def _check_in_step(fingers: Sequence[Sequence[TouchStep]]) -> None:
    """Refuse fingers of which one rests while another moves: a phone would lose the one that rests."""
    if len({tuple(round(step.at, 4) for step in steps) for steps in fingers if steps}) > 1:
        raise InvalidArgument("Fingers have to go down, move and go up at the same moments")


async def _perform_together(
    session: UiAutomatorSession, fingers: list[list[TouchStep]], presses: list[KeyPress]
) -> None:
    try:
        async with asyncio.TaskGroup() as together:
            if any(fingers):
                together.create_task(session.device.touch([steps for steps in fingers if steps]))
            if presses:
                together.create_task(_type(session, sorted(presses, key=lambda each: each.at)))
    except ExceptionGroup as failures:
        # One phone, one failure: the first is what ended the rest.
        raise failures.exceptions[0] from failures


def _items(source: Body) -> list[Body]:
    items = source.get("actions")
    if not isinstance(items, list) or not all(isinstance(item, Mapping) for item in items):
        raise InvalidArgument(f"The actions of '{source.get('id')}' have to be a list of objects")
    if len(items) > MAX_ITEMS:
        raise InvalidArgument(f"A source has at most {MAX_ITEMS} actions, got {len(items)}")
    return items


def _check_kind(item: Body, kinds: set[str]) -> str:
    kind = read_text(item, "type")
    if kind not in kinds:
        raise InvalidArgument(f"Unexpected action item type '{kind}': it has to be one of {sorted(kinds)}")
    return kind


def _duration(item: Body) -> float:
    seconds = read_number(item, "duration") / 1000
    if not 0 <= seconds <= MAX_DURATION_S:
        raise InvalidArgument(f"A duration has to be between 0 and {MAX_DURATION_S:g} s, got {seconds:g} s")
    return seconds


@dataclass(slots=True)
class _Pointer:
    """One finger on its way."""

    now: float = 0.0
    at: Point | None = None
    down: bool = False
    pressed_at: float | None = None
    steps: list[TouchStep] = field(default_factory=list)

    def press(self) -> None:
        if self.at is None:
            raise InvalidArgument("A pointer has to be moved somewhere before it goes down")
        if self.down or self.pressed_at == self.now:
            raise InvalidArgument("A pointer can't go down twice without a pause between them")
        self.steps.append(TouchStep(self.now, *self.at))
        self.down, self.pressed_at = True, self.now

    def lift(self) -> None:
        if self.down and self.at is not None:
            self.steps.append(TouchStep(self.now, *self.at, down=False))
            self.down = False

    def move(self, to: Point, seconds: float) -> None:
        start, began = self.at, self.now
        self.now += seconds
        self.at = to
        # A finger that is not on the screen is nowhere: only the time passes. Of a move that takes no time
        # the server makes no event: the finger is there with the next one.
        if not self.down or start is None or seconds < EVENT_S:
            return
        self.steps += move_steps(start, to, seconds=seconds, begins=began)


async def _finger(session: UiAutomatorSession, items: list[Body]) -> list[TouchStep]:
    pointer = _Pointer()
    for item in items:
        match _check_kind(item, {"pause", "pointerMove", "pointerDown", "pointerUp", "pointerCancel"}):
            case "pause":
                pointer.now += _duration(item)
            case "pointerMove":
                pointer.move(await _target(session, item, pointer.at), _duration(item))
            case "pointerDown":
                pointer.press()
            case _:
                pointer.lift()
    pointer.lift()
    return pointer.steps


async def _target(session: UiAutomatorSession, item: Body, current: Point | None) -> Point:
    match item.get("origin", "viewport"):
        case "viewport":
            return read_number(item, "x"), read_number(item, "y")
        case "pointer":
            if current is None:
                raise InvalidArgument("A first move can't be relative to the pointer: it is nowhere yet")
            base = current
        case origin:
            node = await session.node(origin if isinstance(origin, str) else element_id(origin))
            if node.bounds.is_empty:
                raise InvalidArgument("The element of a move has zero width/height")
            base = node.bounds.centre
    offset = {"x": 0, "y": 0} | dict(item)
    return base[0] + read_number(offset, "x"), base[1] + read_number(offset, "y")


def _key_presses(items: list[Body]) -> list[KeyPress]:
    now, meta = 0.0, 0
    found = []
    for item in items:
        kind = _check_kind(item, {"pause", "keyDown", "keyUp"})
        if kind == "pause":
            now += _duration(item)
            continue
        value = read_text(item, "value")
        if not value:
            raise InvalidArgument("The value of a key cannot be empty")
        if value in _MODIFIERS:
            meta = meta | _MODIFIERS[value] if kind == "keyDown" else meta & ~_MODIFIERS[value]
        elif kind == "keyDown":
            found.append(KeyPress(now, _code(value, meta), value, meta))
    return found


def _code(value: str, meta: int) -> int | None:
    """Return the key code to press; None for a character that is typed."""
    if value in _KEYS:
        return _KEYS[value]
    if "\ue000" <= value <= "\uf8ff":
        raise InvalidArgument(f"The key U+{ord(value[0]):04X} is none that a phone has")
    if meta & ~SHIFT and value.isascii() and value.isalnum():
        return int(value) + _KEY_0 if value.isdigit() else ord(value.lower()) - ord("a") + _KEY_A
    return None


async def _type(session: UiAutomatorSession, presses: list[KeyPress]) -> None:
    loop = asyncio.get_running_loop()
    began = loop.time()
    for press in presses:
        await asyncio.sleep(max(0.0, began + press.at - loop.time()))
        if press.code is not None:
            await session.device.press_key(press.code, meta=press.meta)
        else:
            await session.device.type_text(press.typed.upper() if press.meta & SHIFT else press.typed)
