"""Judges what was captured: how it stands to its baseline, and in words why."""

from __future__ import annotations

from dataclasses import dataclass, replace

from PIL import Image

from flutter_bridge import Box, Node, Tree
from journeys.screens.baselines import Baseline
from journeys.screens.capture import Capture
from journeys.screens.comparison import UnreadableTree, compare, tree_as_json, tree_from_json
from journeys.screens.record import ChangedRegion, ScreenStatus


@dataclass(frozen=True)
class Judged:
    """How a screen stands to its baseline; `difference` is a picture of where it differs."""

    status: ScreenStatus
    summary: str
    cause: str = ""
    regions: tuple[ChangedRegion, ...] = ()
    difference: Image.Image | None = None
    baseline_size: tuple[int, int] | None = None


def judge(taken: Capture, baseline: Baseline | None) -> Judged:
    """Hold what was captured against its baseline."""
    if baseline is None:
        return Judged(ScreenStatus.NEW, "there is no baseline yet", cause="new")
    found = compare(
        taken.image,
        baseline.picture,
        taken.masks,
        tree=_in_the_picture(taken),
        baseline_tree=_said(baseline.semantics),
        pixel_ratio=taken.pixel_ratio,
    )
    return Judged(found.status, found.summary, found.cause, found.regions, found.picture, found.baseline_size)


def said_by(taken: Capture) -> bytes:
    """Return what the screen said as JSON: boxes as seen from the picture's corner."""
    return tree_as_json(_in_the_picture(taken))


def _in_the_picture(taken: Capture) -> Tree:
    """Return what the captured part of the app said, as seen from its corner."""
    left, top = (edge / taken.pixel_ratio for edge in taken.origin)
    width, height = (edge / taken.pixel_ratio for edge in taken.image.size)
    screen = Box(0, 0, width, height)

    def moved(node: Node) -> Node:
        box = replace(node.box, left=node.box.left - left, top=node.box.top - top)
        seen = box.intersection(screen)
        # What lies beside the picture can't be seen in it.
        inside = node.visible and (box.empty or not seen.empty)
        children = tuple(moved(child) for child in node.children)
        return replace(node, box=seen if inside else box, visible=inside, children=children)

    return Tree(moved(taken.tree.root), screen, taken.pixel_ratio)


def _said(semantics: bytes | None) -> Tree | None:
    """Return what a baseline said; None where that is lost or damaged: its picture is what counts."""
    if semantics is None:
        return None
    try:
        return tree_from_json(semantics)
    except UnreadableTree:
        return None
