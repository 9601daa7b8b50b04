"""Compares a screen with its baseline: `compare` asks all three opinions, and draws what differs."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from PIL import Image

from flutter_bridge import Tree
from journeys.snapshots.comparison.explanation import Sides, explain, explain_words
from journeys.snapshots.comparison.pixels import PixelDifference, compare_pixels
from journeys.snapshots.comparison.raster import (
    Raster,
    Source,
    UnreadablePicture,
    decode,
    has_same_pixels,
    png_size,
    read_source,
)
from journeys.snapshots.comparison.reasons import Reason
from journeys.snapshots.comparison.regions import find_regions
from journeys.snapshots.record import ChangedRegion, PixelBox, ScreenStatus

MARK: Final = (230, 0, 126)
"""What differs: a colour that can be told from red and from green errors alike."""
_FADED: Final = 0.75
"""How much of white is laid over the rest of the difference picture."""
_GREYS: Final = [round(level + (255 - level) * _FADED) for level in range(255)]
_PALETTE: Final = [part for grey in _GREYS for part in (grey, grey, grey)] + list(MARK)

_MAX_IN_SUMMARY: Final = 3
_MAX_REASONS: Final = 5
"""Of a region."""
_MIN_BYTES_FOR_THREAD: Final = 50_000
"""Bytes of two PNGs from which on they are decoded side by side."""
_SCREENSHOT: Final = "the screenshot"
_BASELINE: Final = "the baseline"

Size = tuple[int, int]


@dataclass(frozen=True)
class Difference:
    """How a screen differs from its baseline.

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
    """Compare a screenshot with its baseline; both are pictures, PNGs as bytes, or paths of PNGs.

    `masks` are ignored. `tree` and `baseline_tree` are the semantics of the very part of the app that the
    pictures show; `pixel_ratio` is how many of the pictures' pixels make a logical one (default: the tree's,
    else 1). A baseline that can't be read gives a `Difference` that says so; a screenshot that can't raises
    `UnreadablePicture`. Keeps nothing and touches no file but the two.
    """
    new = read_source(actual, _SCREENSHOT)
    try:
        old = read_source(baseline, _BASELINE)
        if isinstance(new, bytes) and isinstance(old, bytes) and has_same_pixels(new, old):
            # Most screens are: the same browser packs the same pixels alike. There is nothing to decode.
            size = png_size(new, _SCREENSHOT)
            ratio = pixel_ratio or (tree.pixel_ratio if tree else 1.0)
            return _hear(
                Difference(ScreenStatus.SAME, "the same", size, size), tree, baseline_tree, masks, ratio
            )
        ours, theirs = _decode_both(new, old)
    except UnreadablePicture as error:
        size = decode(new, _SCREENSHOT).size
        return Difference(ScreenStatus.UNREADABLE, str(error), size, None, cause="unreadable")
    ratio = pixel_ratio or (tree.pixel_ratio if tree else 1.0)
    sizes = theirs.size, ours.size
    is_resized = ours.size != theirs.size
    left, right = ours, theirs
    if is_resized:
        shared = [min(sides) for sides in zip(*sizes, strict=True)]
        left, right = ours.crop(*shared), theirs.crop(*shared)
    differing = compare_pixels(left, right, masks, ratio)
    regions = find_regions(left, right, differing, ratio)
    if not regions and not is_resized:
        summary = "the same"
        if differing.tolerated:
            summary += f" ({differing.tolerated} pixels differ by no more than drawing it again explains)"
        same = Difference(ScreenStatus.SAME, summary, ours.size, theirs.size, tolerated=differing.tolerated)
        return _hear(same, tree, baseline_tree, masks, ratio)
    whole, by_region = explain(Sides(left, right, differing, ratio, tree, baseline_tree), regions)
    reasons = [*whole, *(each for of_region in by_region for each in of_region)]
    return Difference(
        status=ScreenStatus.RESIZED if is_resized else ScreenStatus.CHANGED,
        summary=_summarize(reasons, sizes if is_resized else None),
        size=ours.size,
        baseline_size=theirs.size,
        regions=tuple(
            ChangedRegion(
                region.box, region.pixels, region.hash_distance, tuple(_sentences(own, _MAX_REASONS))
            )
            for region, own in zip(regions, by_region, strict=True)
        ),
        cause=_cause_of(reasons, sizes),
        picture=_draw(ours, differing),
        tolerated=differing.tolerated,
    )


def _hear(
    same: Difference,
    tree: Tree | None,
    baseline_tree: Tree | None,
    masks: Sequence[PixelBox],
    ratio: float,
) -> Difference:
    """Return how two screens differ that look the same: by what they say, if at all."""
    if tree is None or baseline_tree is None:
        return same
    reasons = explain_words(tree, baseline_tree, masks, ratio)
    if not reasons:
        return same
    return replace(
        same,
        status=ScreenStatus.CHANGED,
        summary=f"looks the same, and says something else: {_summarize(reasons, None)}",
        cause=_cause_of(reasons, (same.size, same.size)),
    )


def _decode_both(new: Image.Image | bytes, old: Image.Image | bytes) -> tuple[Raster, Raster]:
    """Return the screenshot and its baseline, decoded; raises `UnreadablePicture`."""
    if isinstance(new, bytes) and isinstance(old, bytes) and len(new) + len(old) > _MIN_BYTES_FOR_THREAD:
        # Decoding is much of the work, and two processors can share it.
        with ThreadPoolExecutor(1) as beside:
            ours = beside.submit(decode, new, _SCREENSHOT)
            theirs = decode(old, _BASELINE)
        return ours.result(), theirs
    theirs = decode(old, _BASELINE)
    return decode(new, _SCREENSHOT), theirs


def _sentences(reasons: Iterable[Reason], most: int) -> list[str]:
    """Return the reasons as lines, what is nearest to the root first, and not too many."""
    lines = list(dict.fromkeys(each.sentence for each in sorted(reasons, key=lambda each: each.rank)))
    if len(lines) > most:
        lines[most:] = [f"and {len(lines) - most} more"]
    return lines


def _summarize(reasons: Sequence[Reason], sizes: tuple[Size, Size] | None) -> str:
    lines = _sentences(reasons, _MAX_IN_SUMMARY)
    if sizes is not None:
        (was_wide, was_high), (wide, high) = sizes
        shared = "" if lines else "; what both share is the same"
        lines.insert(0, f"was {was_wide}x{was_high} pixels, is {wide}x{high}{shared}")
    return "; ".join(lines)


def _cause_of(reasons: Sequence[Reason], sizes: tuple[Size, Size]) -> str:
    """Return a short name for what is nearest to the root of a change: the rest follows from it."""
    if reasons:
        first = min(each.rank for each in reasons)
        keys = sorted({each.key for each in reasons if each.rank is first})
    else:
        keys = [("resized", *(f"{width}x{height}" for width, height in sizes))]
    return hashlib.sha256(repr(keys).encode()).hexdigest()[:12]


def _draw(actual: Raster, differing: PixelDifference) -> Image.Image:
    """Return the difference picture, as large as `actual`.

    It has a palette, faded greys and the mark: a third of the bytes, written in a fifth of the time.
    """
    levels = np.minimum(np.asarray(actual.image().convert("L")), 254)
    box = differing.box
    # All bits of a pixel that differs: as a mask of bytes that is had in a tenth of the time.
    levels[box.top : box.top + box.height, box.left : box.left + box.width] |= np.negative(
        differing.flags.view(np.int8)
    ).view(np.uint8)
    picture = Image.fromarray(levels)
    picture.putpalette(_PALETTE)
    return picture
