"""A capture is compared with its semantics: in the picture's own place, and without it where that is lost."""

from __future__ import annotations

import json
from dataclasses import replace

from PIL import Image

from flutter_bridge import Box, Node, Role, Tree
from journeys.snapshots import Baseline, Capture, PixelBox, ScreenStatus, tree_from_json
from journeys.snapshots.checks import compare_capture, make_baseline
from tests.journeys.snapshots.drawn import button, node, png, screen

SAVE = node(Role.BUTTON, "Save", (70, 60, 30, 12))
BESIDE = node(Role.BUTTON, "Elsewhere", (5, 5, 20, 12))


def captured(image: Image.Image, *nodes: Node, masks: tuple[PixelBox, ...] = ()) -> Capture:
    """Capture a region at a pixel ratio of 2: its corner lies at 10,10 logical pixels of a larger screen."""
    whole = Box(0, 0, 300, 300)
    tree = Tree(Node(box=whole, children=nodes), whole, 2.0)
    return Capture(image, tree, masks, (20, 20), 2.0)


def semantics_of(taken: Capture) -> Tree:
    return tree_from_json(make_baseline(taken).semantics or b"")


def test_without_a_baseline_a_screen_is_new() -> None:
    assert compare_capture(captured(screen()), None).status is ScreenStatus.NEW


def test_what_was_said_is_kept_as_seen_from_the_picture() -> None:
    said = semantics_of(captured(screen(), SAVE, BESIDE))
    assert said.screen == Box(0, 0, 100, 80)
    assert [(each.label, each.visible) for each in said if each.label] == [
        ("Save", True),
        ("Elsewhere", True),
    ]
    # Half of what lies across the corner is in it.
    assert [each.box for each in said if each.label] == [Box(60, 50, 30, 12), Box(0, 0, 15, 7)]
    outside = node(Role.BUTTON, "Outside", (250, 250, 20, 12))
    assert [each.visible for each in semantics_of(captured(screen(), outside)) if each.label] == [False]


def test_a_move_in_a_region_is_told() -> None:
    before = captured(screen(button(120, 100)), SAVE)
    after = captured(screen(button(120, 104)), replace(SAVE, box=replace(SAVE.box, top=62)))
    difference = compare_capture(after, make_baseline(before))
    assert (difference.status, difference.summary) == (ScreenStatus.CHANGED, "button “Save” moved 2 px down")
    assert difference.cause
    assert difference.picture is not None
    assert difference.regions[0].reasons == ("button “Save” moved 2 px down",)


def test_masks_are_ignored() -> None:
    before, mask = captured(screen(button(120, 100))), PixelBox(110, 90, 80, 50)
    assert (
        compare_capture(captured(screen(button(120, 104)), masks=(mask,)), make_baseline(before)).status
        is ScreenStatus.SAME
    )


def test_where_what_was_said_is_lost_or_damaged_the_picture_is_judged() -> None:
    before, after = captured(screen(button(120, 100)), SAVE), captured(screen(button(120, 104)), SAVE)
    for lost in (None, b"{", json.dumps({"format": 99}).encode()):
        difference = compare_capture(after, Baseline(png(before.image), lost))
        assert difference.status is ScreenStatus.CHANGED
        assert "Save" not in difference.summary


def test_a_damaged_baseline_is_unreadable_and_nothing_else_fails() -> None:
    difference = compare_capture(captured(screen()), Baseline(png(screen())[:200], None))
    assert difference.status is ScreenStatus.UNREADABLE
    assert difference.baseline_size is None
