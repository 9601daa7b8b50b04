"""Holds a screen against its baseline: `compare` asks all three opinions."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

from PIL import Image

from flutter_bridge import Tree
from journeys.snapshots.comparison.drawing import drawn
from journeys.snapshots.comparison.explaining import Region, Seen, explained, told
from journeys.snapshots.comparison.likeness import likenesses
from journeys.snapshots.comparison.picture import (
    Raster,
    Source,
    UnreadablePicture,
    decoded,
    png_size,
    same_pixels,
    stored,
)
from journeys.snapshots.comparison.pixels import differing
from journeys.snapshots.comparison.regions import regions
from journeys.snapshots.comparison.words import Change, Rank
from journeys.snapshots.record import ChangedRegion, PixelBox, ScreenStatus

_SUMMED_UP: Final = 3
"""Reasons in a summary."""
_WORTH_A_THREAD: Final = 50_000
"""Bytes of two PNGs from which on they are decoded side by side."""
_SCREENSHOT: Final = "the screenshot"
_BASELINE: Final = "the baseline"

Size = tuple[int, int]


@dataclass(frozen=True)
class Difference:
    """How a screen stands to its baseline.

    `summary` is one line for people. `cause` is the same for screens that most likely changed for the same
    reason; empty where nothing did. `picture` is the screen, faded, with what differs marked; None where
    nothing does. `tolerated` is how many pixels differ by no more than drawing the same again explains.
    """

    status: ScreenStatus
    summary: str
    size: Size
    baseline_size: Size | None
    regions: tuple[ChangedRegion, ...] = ()
    cause: str = ""
    picture: Image.Image | None = field(default=None, repr=False, compare=False)
    tolerated: int = 0


def compare(
    actual: Source,
    baseline: Source,
    masks: Sequence[PixelBox] = (),
    *,
    tree: Tree | None = None,
    baseline_tree: Tree | None = None,
    pixel_ratio: float | None = None,
) -> Difference:
    """Hold a screenshot against its baseline; both are pictures, PNGs as bytes, or paths of PNGs.

    `masks` are ignored. `tree` and `baseline_tree` are what was said by the very part of the app that the
    pictures show; `pixel_ratio` is how many of the pictures' pixels make a logical one (default: the tree's,
    else 1). A baseline that can't be read gives a `Difference` that says so; a screenshot that can't raises
    `UnreadablePicture`. Keeps nothing and touches no file but the two.
    """
    new = stored(actual, _SCREENSHOT)
    try:
        old = stored(baseline, _BASELINE)
        if isinstance(new, bytes) and isinstance(old, bytes) and same_pixels(new, old):
            # Most screens are: the same browser packs the same pixels alike. There is nothing to decode.
            size = png_size(new, _SCREENSHOT)
            return Difference(ScreenStatus.SAME, "the same", size, size)
        ours, theirs = _both(new, old)
    except UnreadablePicture as error:
        size = decoded(new, _SCREENSHOT).size
        return Difference(ScreenStatus.UNREADABLE, str(error), size, None, cause="unreadable")
    ratio = pixel_ratio or (tree.pixel_ratio if tree else 1.0)
    shared = min(ours.width, theirs.width), min(ours.height, theirs.height)
    resized = ours.size != theirs.size
    left, right = (ours.crop(*shared), theirs.crop(*shared)) if resized else (ours, theirs)
    pixels = differing(left, right, masks, ratio)
    areas = regions(pixels, ratio)
    alike = likenesses(left, right, [box for box, _ in areas])
    found = [Region(box, count, each) for (box, count), each in zip(areas, alike, strict=True)]
    if not found and not resized:
        summary = "the same"
        if pixels.tolerated:
            summary += f" ({pixels.tolerated} pixels differ by no more than drawing it again explains)"
        return Difference(ScreenStatus.SAME, summary, ours.size, theirs.size, tolerated=pixels.tolerated)
    whole, reasons = explained(Seen(left, right, pixels, ratio, tree, baseline_tree), found)
    told_of = [*whole, *(each for of_region in reasons for each in of_region)]
    return Difference(
        status=ScreenStatus.RESIZED if resized else ScreenStatus.CHANGED,
        summary=_summary(told_of, (theirs.size, ours.size) if resized else None),
        size=ours.size,
        baseline_size=theirs.size,
        regions=tuple(
            ChangedRegion(region.box, region.pixels, region.likeness.distance, told(of_region))
            for region, of_region in zip(found, reasons, strict=True)
        ),
        cause=_cause(told_of, (theirs.size, ours.size)),
        picture=drawn(ours, pixels),
        tolerated=pixels.tolerated,
    )


def _both(new: Image.Image | bytes, old: Image.Image | bytes) -> tuple[Raster, Raster]:
    """Return the screenshot and its baseline, decoded; raises `UnreadablePicture`."""
    if isinstance(new, bytes) and isinstance(old, bytes) and len(new) + len(old) > _WORTH_A_THREAD:
        # Decoding is much of the work, and two processors can share it.
        with ThreadPoolExecutor(1) as beside:
            shown = beside.submit(decoded, new, _SCREENSHOT)
            theirs = decoded(old, _BASELINE)
        return shown.result(), theirs
    theirs = decoded(old, _BASELINE)
    return decoded(new, _SCREENSHOT), theirs


def _summary(reasons: Sequence[Change], sizes: tuple[Size, Size] | None) -> str:
    """Say all in one line, what is nearest to the root first."""
    sentences = list(dict.fromkeys(each.sentence for each in sorted(reasons, key=lambda each: each.rank)))
    if len(sentences) > _SUMMED_UP:
        sentences[_SUMMED_UP:] = [f"and {len(sentences) - _SUMMED_UP} more"]
    if sizes is not None:
        (was_wide, was_high), (wide, high) = sizes
        shared = "" if sentences else "; what both share is the same"
        sentences.insert(0, f"was {was_wide}x{was_high} pixels, is {wide}x{high}{shared}")
    return "; ".join(sentences)


def _cause(reasons: Sequence[Change], sizes: tuple[Size, Size]) -> str:
    """Return a short name for what is nearest to the root of a change: the rest follows from it."""
    if reasons:
        first: Rank = min(each.rank for each in reasons)
        keys = sorted({each.key for each in reasons if each.rank is first})
    else:
        keys = [("resized", *(f"{size[0]}x{size[1]}" for size in sizes))]
    return hashlib.sha256(repr(keys).encode()).hexdigest()[:12]
