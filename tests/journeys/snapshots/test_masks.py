"""A screen with masks is compared with its baseline, as a later run would capture it again."""

from __future__ import annotations

from dataclasses import replace

from PIL import Image

from flutter_bridge import Box, Node, Role, Tree
from journeys.snapshots import Baseline, Capture, PixelBox, ScreenStatus
from journeys.snapshots.capture import MASK
from journeys.snapshots.checks import compare_capture, make_baseline


def captured(*, address: str = "ada@example.test", wide: int = 60, button: str = "teal") -> Capture:
    """A screen with a masked address, as wide as its text, and a button."""
    image = Image.new("RGB", (200, 100), "white")
    mask = PixelBox(20, 10, wide, 20)
    image.paste(MASK, (mask.left, mask.top, mask.left + mask.width, mask.top + mask.height))
    image.paste(button, (20, 60, 100, 90))
    nodes = (
        Node(Role.TEXT, "address", address, box=Box(20, 10, wide, 20)),
        Node(Role.BUTTON, "save", "Save", box=Box(20, 60, 80, 30)),
    )
    screen = Box(0, 0, 200, 100)
    return Capture(image, Tree(Node(children=nodes, box=screen), screen), (mask,), (0, 0), 1.0)


def test_the_same_again_is_the_same() -> None:
    assert compare_capture(captured(), make_baseline(captured())).status is ScreenStatus.SAME


def test_a_mask_that_was_larger_or_smaller_then_is_no_difference() -> None:
    for now, then in ((60, 75), (75, 60)):
        difference = compare_capture(captured(wide=now), make_baseline(captured(wide=then)))
        assert difference.status is ScreenStatus.SAME


def test_what_is_masked_is_not_kept_in_words_either() -> None:
    assert b"ada@" not in (make_baseline(captured()).semantics or b"")
    assert b"Save" in (make_baseline(captured()).semantics or b"")


def test_a_difference_beside_a_mask_is_found_and_said() -> None:
    difference = compare_capture(captured(button="red"), make_baseline(captured()))
    assert difference.status is ScreenStatus.CHANGED
    assert "Save" in difference.summary
    assert difference.picture is not None


def test_a_baseline_whose_words_are_lost_is_still_a_picture() -> None:
    for lost in (None, b"", b"[]", b"{"):
        baseline = Baseline(make_baseline(captured()).picture, lost)
        assert compare_capture(captured(), baseline).status is ScreenStatus.SAME


def test_a_difference_drawn_by_another_version_says_so() -> None:
    then = replace(captured(), renderer="chromium 149.0")
    now = replace(captured(button="red"), renderer="chromium 150.0")
    difference = compare_capture(now, make_baseline(then))
    assert difference.summary.endswith("(the baseline was drawn by chromium 149.0, this by chromium 150.0)")
    assert (
        "drawn by"
        not in compare_capture(replace(now, renderer="chromium 149.0"), make_baseline(then)).summary
    )
    assert (
        compare_capture(replace(captured(), renderer="chromium 150.0"), make_baseline(then)).summary
        == "the same"
    )
