"""Gestures as W3C's pointer actions, in which drivers are told of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from flutter_bridge.occlusion import Point
from flutter_bridge.touch import Finger, Move

Place = Callable[[Point], Point]
"""Returns where a place of the app is in the driver's own pixels."""


def pointer_actions(
    fingers: Sequence[Finger], *, place: Place, pointer: str = "touch"
) -> list[dict[str, Any]]:
    """Return a gesture as sources of actions, one for each finger; moves are the driver's to draw out."""
    return [
        {
            "type": "pointer",
            "id": f"{pointer}-{number}",
            "parameters": {"pointerType": pointer},
            "actions": _steps(finger, place),
        }
        for number, finger in enumerate(fingers, start=1)
    ]


def hover_actions(point: Point, *, place: Place) -> list[dict[str, Any]]:
    """Return as a source of actions how a mouse is moved over a place."""
    steps = [_move(Move(point, 0.0), place)]
    return [{"type": "pointer", "id": "mouse-1", "parameters": {"pointerType": "mouse"}, "actions": steps}]


def _steps(finger: Finger, place: Place) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    at: Point | None = None
    for stroke in finger:
        if stroke.after:
            steps.append(_pause(stroke.after))
        # Each step takes a driver a while, and between the taps of a double tap there is little time.
        if stroke.start != at:
            steps.append(_move(Move(stroke.start, 0.0), place))
        steps.append({"type": "pointerDown", "button": 0})
        for start, move in stroke.legs():
            steps.append(_pause(move.seconds) if move.to == start else _move(move, place))
            at = move.to
        steps.append({"type": "pointerUp", "button": 0})
    return steps


def _pause(seconds: float) -> dict[str, Any]:
    return {"type": "pause", "duration": round(seconds * 1000)}


def _move(move: Move, place: Place) -> dict[str, Any]:
    x, y = place(move.to)
    return {
        "type": "pointerMove",
        "duration": round(move.seconds * 1000),
        "x": x,
        "y": y,
        "origin": "viewport",
    }
