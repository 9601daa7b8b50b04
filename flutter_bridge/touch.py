"""What fingers do on a screen: the strokes that gestures are made of, in logical pixels and in seconds.

Lengths and times are those that Flutter's recognisers go by. None of them depends on how fast a finger is: a
device takes two or three times as long for a stroke as it is told to.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from flutter_bridge.occlusion import Point

TAP_S = 0.02
"""How long a finger that taps stays down: longer than a frame, so that it goes up in another one."""

BETWEEN_TAPS_S = 0.06
"""How long it is up between the taps of a double tap: Flutter takes 40 ms at least and 300 ms at most.

It counts by the app's own clock, and a busy machine only adds to it.
"""

LONG_PRESS_S = 1.0
"""How long it stays down for a long press: Flutter takes 500 ms, and an app may be told late of the touch."""

SLOP_PX = 20.0
"""How far a finger moves before it counts as dragging: Flutter's limit is 18."""

SLOP_S, DRAG_S = 0.1, 0.3
"""How long it takes to get so far, and from there to where it is lifted."""

SETTLE_S = 0.15
"""How long it rests where something is dropped, so that nothing is flung."""

FRAME_S = 0.02
"""What lies between two places of a finger that moves, for who has to say them all."""


@dataclass(frozen=True, slots=True)
class Move:
    """Where a finger goes, in so many seconds; where it is there already, it rests."""

    to: Point
    seconds: float


@dataclass(frozen=True, slots=True)
class Stroke:
    """One touch of a finger: down at `start`, along the moves, up; `after` is how long it is up before."""

    start: Point
    moves: tuple[Move, ...]
    after: float = 0.0

    def legs(self) -> Iterator[tuple[Point, Move]]:
        """Yield each move with where it begins."""
        at = self.start
        for move in self.moves:
            yield at, move
            at = move.to


Finger = Sequence[Stroke]
"""What one finger does, one stroke after the other."""


def tap(point: Point, *, seconds: float = TAP_S, after: float = 0.0) -> Stroke:
    """Touch a point for so long."""
    return Stroke(point, (Move(point, seconds),), after)


def double_tap(point: Point) -> Finger:
    """Tap a point twice."""
    return tap(point), tap(point, after=BETWEEN_TAPS_S)


def long_press(point: Point) -> Stroke:
    """Hold a point."""
    return tap(point, seconds=LONG_PRESS_S)


def drag(start: Point, end: Point, *, after_long_press: bool = False) -> Stroke:
    """Take what is at one point to another, and let go of it there."""
    hold = (Move(start, LONG_PRESS_S),) if after_long_press else ()
    return Stroke(start, (*hold, *_way(start, end), Move(end, SETTLE_S)))


def swipe(start: Point, end: Point) -> Stroke:
    """Go from one point to another and lift the finger while it moves."""
    return Stroke(start, _way(start, end))


def slide(start: Point, end: Point) -> Stroke:
    """Drag a thumb along its track, and out and back where it has to go less far than counts as dragging."""
    along = 0 if abs(end[0] - start[0]) >= abs(end[1] - start[1]) else 1
    out = list(start)
    out[along] += math.copysign(SLOP_PX, end[along] - start[along])
    return Stroke(start, (Move((out[0], out[1]), SLOP_S), Move(end, DRAG_S), Move(end, SETTLE_S)))


def pinch(first: Point, second: Point, scale: float) -> tuple[Finger, Finger]:
    """Move two fingers from two points until they are `scale` times as far apart.

    Both move at the same time: a device loses a finger that rests while another moves.
    """
    x, y = (first[0] + second[0]) / 2, (first[1] + second[1]) / 2

    def finger(start: Point) -> Finger:
        end = x + (start[0] - x) * scale, y + (start[1] - y) * scale
        return (Stroke(start, (Move(end, SLOP_S + DRAG_S), Move(end, SETTLE_S))),)

    return finger(first), finger(second)


def duration(fingers: Sequence[Finger]) -> float:
    """Return how many seconds a gesture takes at least."""
    return max(sum(map(_stroke_duration, finger)) for finger in fingers)


def _stroke_duration(stroke: Stroke) -> float:
    return stroke.after + sum(move.seconds for move in stroke.moves)


def cut(stroke: Stroke) -> Iterator[Move]:
    """Yield the moves of a stroke in parts that follow each other as the frames of a touch screen do."""
    for start, move in stroke.legs():
        parts = max(1, round(move.seconds / FRAME_S)) if move.to != start else 1
        for part in range(1, parts + 1):
            share = part / parts
            place = start[0] + (move.to[0] - start[0]) * share, start[1] + (move.to[1] - start[1]) * share
            yield Move(place if part < parts else move.to, move.seconds / parts)


def _way(start: Point, end: Point) -> tuple[Move, ...]:
    """Return how a finger goes from one point to another: slowly at first, until it counts as dragging."""
    distance = math.dist(start, end)
    if distance <= SLOP_PX:
        return (Move(end, SLOP_S + DRAG_S),)
    share = SLOP_PX / distance
    counted = start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share
    return Move(counted, SLOP_S), Move(end, DRAG_S)
