"""A capture is compared with its semantics: in the picture's own place, and without it where that is lost."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
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


TITLE = node(Role.HEADING, "Orders", (20, 20, 60, 10))


@pytest.mark.parametrize(
    ("now", "summary"),
    [
        (replace(TITLE, label="Returns"), "text changed from “Orders” to “Returns”"),
        (replace(TITLE, role=Role.TEXT), "missing: heading “Orders”; new: text “Orders”"),
        (replace(TITLE, enabled=False), "heading “Orders” is disabled now"),
    ],
)
def test_what_looks_the_same_and_says_something_else_has_changed(now: Node, summary: str) -> None:
    before, after = captured(screen(), TITLE, SAVE), captured(screen(), now, SAVE)
    for encoded in (png(after.image), png(after.image, compress_level=1), None):
        difference = compare_capture(after, make_baseline(before), encoded=encoded)
        assert difference.status is ScreenStatus.CHANGED
        assert difference.summary.startswith("looks the same, and says something else: ")
        assert difference.summary.endswith(summary)
        assert difference.cause
        assert (difference.picture, difference.regions) == (None, ())


@pytest.mark.parametrize(
    "now",
    [
        replace(TITLE, identifier="title-of-order-4711"),
        replace(TITLE, focused=True),
        replace(TITLE, label="\u200eOrders\u00a0"),
        replace(TITLE, visible=False, box=Box(0, 500, 60, 10)),
    ],
)
def test_what_nobody_hears_or_sees_is_no_change(now: Node) -> None:
    before = captured(screen(), SAVE, *([TITLE] if now.visible else []))
    assert compare_capture(captured(screen(), now, SAVE), make_baseline(before)).status is ScreenStatus.SAME


def test_the_words_of_a_mask_are_none_of_a_screen() -> None:
    mask = PixelBox(18, 18, 124, 24)
    before = captured(screen(), TITLE, SAVE)
    after = captured(screen(), replace(TITLE, label="Returns"), SAVE, masks=(mask,))
    assert compare_capture(after, make_baseline(before)).status is ScreenStatus.SAME
    assert compare_capture(before, make_baseline(after)).status is ScreenStatus.SAME
