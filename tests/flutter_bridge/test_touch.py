"""Strokes of fingers, and how each kind of driver is told of them."""

from __future__ import annotations

from typing import Any

import pytest

from flutter_bridge.appium import pointer_actions
from flutter_bridge.touch import Move, Stroke, cut, double_tap, drag, duration, swipe, tap
from flutter_bridge.web.touchscreen import moments


def test_a_stroke_is_cut_into_moves_as_short_as_a_frame() -> None:
    stroke = Stroke((0, 0), (Move((100, 50), 0.1), Move((100, 50), 0.3)))
    parts = list(cut(stroke))
    *way, rest = parts
    assert [part.to for part in way] == [(20, 10), (40, 20), (60, 30), (80, 40), (100, 50)]
    assert sum(part.seconds for part in way) == pytest.approx(0.1)
    assert rest == Move((100, 50), 0.3)


def test_a_drag_moves_slowly_until_it_counts_as_one() -> None:
    slow, fast, rest = drag((0, 0), (0, 200)).moves
    assert slow.to == (0, 20)
    assert 20 / slow.seconds < 180 / fast.seconds
    assert rest.to == fast.to == (0, 200)


def test_a_short_drag_is_one_move() -> None:
    assert [move.to for move in swipe((10, 10), (10, 25)).moves] == [(10, 25)]


def test_a_gesture_takes_as_long_as_its_slowest_finger() -> None:
    assert duration([[tap((0, 0), seconds=0.5)], [tap((9, 9), seconds=0.2, after=0.6)]]) == pytest.approx(0.8)


def test_a_finger_is_down_at_each_moment_of_its_strokes_and_lifted_between_them() -> None:
    seen = list(moments(double_tap((5, 6))))
    assert [moment.place for moment in seen] == [(5, 6), (5, 6), None, (5, 6), (5, 6), None]
    assert [moment.at for moment in seen] == sorted(moment.at for moment in seen)
    assert seen[3].at > seen[2].at


def steps(source: dict[str, Any]) -> list[tuple[object, ...]]:
    return [
        (step["type"], *(step[name] for name in ("x", "y", "duration") if name in step))
        for step in source["actions"]
    ]


def test_a_driver_is_told_where_a_finger_goes_in_its_own_pixels() -> None:
    finger = (Stroke((1, 2), (Move((1, 2), 0.5), Move((10, 2), 0.25))), tap((3, 3), after=0.1))
    (source,) = pointer_actions([finger], place=lambda point: (point[0] * 2, point[1] * 2))
    assert source["parameters"] == {"pointerType": "touch"}
    assert steps(source) == [
        ("pointerMove", 2, 4, 0),
        ("pointerDown",),
        ("pause", 500),
        ("pointerMove", 20, 4, 250),
        ("pointerUp",),
        ("pause", 100),
        ("pointerMove", 6, 6, 0),
        ("pointerDown",),
        ("pause", 20),
        ("pointerUp",),
    ]


def test_each_finger_is_a_source_of_its_own() -> None:
    one, other = pointer_actions([[tap((0, 0))], [tap((9, 9))]], place=lambda point: point)
    assert one["id"] != other["id"]
