"""Judges what was captured: how it stands to its baseline, and in words why."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass, replace
from typing import Final

from PIL import Image

from flutter_bridge import Box, Node, Tree
from journeys.snapshots.baselines import Baseline
from journeys.snapshots.capture import Capture
from journeys.snapshots.comparison import UnreadableTree, compare, tree_as_json, tree_from_json
from journeys.snapshots.record import ChangedRegion, PixelBox, ScreenStatus

_MOST_MASKS: Final = 1000
_LONGEST_NAME: Final = 100


@dataclass(frozen=True)
class Judged:
    """How a screen stands to its baseline; `difference` is a picture of where it differs."""

    status: ScreenStatus
    summary: str
    cause: str = ""
    regions: tuple[ChangedRegion, ...] = ()
    difference: Image.Image | None = None
    baseline_size: tuple[int, int] | None = None


def judge(taken: Capture, baseline: Baseline | None, *, encoded: bytes | None = None) -> Judged:
    """Hold what was captured against its baseline.

    `encoded` is the picture as a PNG: where that is the baseline's, to the byte, nothing has to be decoded.
    """
    if baseline is None:
        return Judged(ScreenStatus.NEW, "there is no baseline yet", cause="new")
    found = compare(
        taken.image if encoded is None else encoded,
        baseline.picture,
        # What was masked then may be smaller or larger by now: neither side says anything there.
        (*taken.masks, *_masked(baseline.semantics)),
        tree=_in_the_picture(taken),
        baseline_tree=_said(baseline.semantics),
        pixel_ratio=taken.pixel_ratio,
    )
    summary, before = found.summary, _drawn_by(baseline.semantics)
    if found.status is not ScreenStatus.SAME and before and taken.renderer and before != taken.renderer:
        summary += f" (the baseline was drawn by {before}, this by {taken.renderer})"
    return Judged(found.status, summary, found.cause, found.regions, found.picture, found.baseline_size)


def said_by(taken: Capture) -> bytes:
    """Return what the screen said as JSON: boxes as seen from its corner, masks, what drew it."""
    document = json.loads(tree_as_json(_in_the_picture(taken)))
    document["renderer"] = taken.renderer
    document["masks"] = [dataclasses.astuple(mask) for mask in taken.masks]
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _in_the_picture(taken: Capture) -> Tree:
    """Return what the captured part of the app said, as seen from its corner."""
    left, top = (edge / taken.pixel_ratio for edge in taken.origin)
    width, height = (edge / taken.pixel_ratio for edge in taken.image.size)
    screen = Box(0, 0, width, height)

    def is_masked(box: Box) -> bool:
        return not box.empty and any(_covers(mask, box, taken.pixel_ratio) for mask in taken.masks)

    def moved(node: Node) -> Node:
        box = replace(node.box, left=node.box.left - left, top=node.box.top - top)
        seen = box.intersection(screen)
        # What lies beside the picture can't be seen in it.
        inside = node.visible and (box.empty or not seen.empty)
        children = tuple(moved(child) for child in node.children)
        node = replace(node, box=seen if inside else box, visible=inside, children=children)
        # What is masked because it is new in each run says something new in each run, too.
        return replace(node, label="", value="", hint="", tooltip="") if is_masked(node.box) else node

    return Tree(moved(taken.tree.root), screen, taken.pixel_ratio)


def _said(semantics: bytes | None) -> Tree | None:
    """Return what a baseline said; None where that is lost or damaged: its picture is what counts."""
    if semantics is None:
        return None
    try:
        return tree_from_json(semantics)
    except UnreadableTree:
        return None


def _covers(mask: PixelBox, box: Box, ratio: float) -> bool:
    # A mask is the box of a node, rounded outwards.
    return (
        mask.left <= box.left * ratio
        and mask.top <= box.top * ratio
        and mask.left + mask.width >= box.right * ratio
        and mask.top + mask.height >= box.bottom * ratio
    )


def _masked(semantics: bytes | None) -> tuple[PixelBox, ...]:
    """Return where a baseline is masked; nowhere, where what it said is lost or damaged."""
    if _said(semantics) is None:
        return ()
    masks = json.loads(semantics or b"{}").get("masks", [])
    fits = isinstance(masks, list) and all(
        isinstance(mask, list) and len(mask) == 4 and all(type(edge) is int for edge in mask)
        for mask in masks[:_MOST_MASKS]
    )
    return tuple(PixelBox(*mask) for mask in masks[:_MOST_MASKS]) if fits else ()


def _drawn_by(semantics: bytes | None) -> str:
    """Return what drew a baseline; empty where nobody knows."""
    if _said(semantics) is None:
        return ""
    renderer = json.loads(semantics or b"{}").get("renderer", "")
    return renderer[:_LONGEST_NAME] if isinstance(renderer, str) else ""
