"""What asks the UiAutomator2 server of a stand-in, as the driver does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.fake_android.scripted_phone import ScriptedPhone

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
DOWN, UP = {"type": "pointerDown", "button": 0}, {"type": "pointerUp", "button": 0}

Ask = Callable[..., Awaitable[Any]]


async def find_element(ask: Ask, strategy: str, selector: str, **more: object) -> str:
    """Return the id of the element that a selector finds."""
    element = await ask("element", {"strategy": strategy, "selector": selector, "context": "", **more})
    return str(element[ELEMENT])


def points(phone: ScriptedPhone, finger: int = 0) -> list[tuple[float, float]]:
    """Return where a finger of the last touch was."""
    return [(step.x, step.y) for step in phone.touches[-1][finger]]


def pointer(*items: dict[str, Any], name: str = "finger") -> dict[str, Any]:
    """Return what one finger does, for the command `actions`."""
    return {"type": "pointer", "id": name, "parameters": {"pointerType": "touch"}, "actions": list(items)}


def move(x: float, y: float, duration: int = 0, **more: Any) -> dict[str, Any]:
    """Return a finger's way to a place."""
    return {"type": "pointerMove", "x": x, "y": y, "duration": duration, **more}
