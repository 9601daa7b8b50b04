"""Says, for each region that differs, what a person would: from the semantics, and from the colours."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

import numpy as np
from PIL import Image

from flutter_bridge import Box, Node, Role, Tree, as_read
from journeys.snapshots.comparison.matching import area_of
from journeys.snapshots.comparison.pixels import PixelDifference
from journeys.snapshots.comparison.raster import Raster
from journeys.snapshots.comparison.reasons import (
    Rank,
    Reason,
    TreeComparison,
    compare_trees,
    is_notable,
    key_of,
    name_of,
)
from journeys.snapshots.comparison.regions import SAME_SHAPES, Region, hash_distance
from journeys.snapshots.record import PixelBox

_MAX_NAMES: Final = 3
"""Nodes that are named in one reason."""
_WITHIN: Final = 0.6
"""Part of a node that must lie in a region, or the other way round, to be what the region is about."""
_MARGIN: Final = 2
"""Physical pixels around a region that belong to it: anti-aliasing reaches over a box's edge."""
_MAIN_COLOUR: Final = 0.4
"""Part of the pixels that must have changed from one and the same colour to another to speak of colours."""
_SAMPLE: Final = 20_000
"""Pixels of a region whose colours are looked at."""
_MOST_OF_SCREEN: Final = 0.5
"""Part of a screen that must differ to speak of its theme."""
_DARKER: Final = 60
"""Levels between a light and a dark theme."""


@dataclass(frozen=True)
class Sides:
    """Both sides of a comparison: pictures of one size, and the semantics where they are known."""

    actual: Raster
    baseline: Raster
    differing: PixelDifference = field(repr=False)
    pixel_ratio: float
    tree: Tree | None
    baseline_tree: Tree | None


def explain(sides: Sides, regions: Sequence[Region]) -> tuple[list[Reason], list[list[Reason]]]:
    """Return what holds for the whole screen, and of each region what happened there."""
    known = None
    if sides.tree is not None and sides.baseline_tree is not None:
        known = compare_trees(sides.tree, sides.baseline_tree)
    return _explain_theme(sides, regions), [list(_explain_region(sides, region, known)) for region in regions]


def explain_words(
    tree: Tree, baseline_tree: Tree, masks: Sequence[PixelBox], pixel_ratio: float
) -> list[Reason]:
    """Return what of two screens that look the same is heard, and can't be seen: what they say is another.

    Identifiers are for programs, and may have a record's number in them; the focus shows as a caret, which is
    left out of pictures; and what reads the same to the eye is the same.
    """

    def strip(node: Node) -> Node:
        children = tuple(map(strip, node.children))
        if any(mask.covers(node.box, pixel_ratio) for mask in masks):
            return Node(box=node.box, visible=node.visible, children=children)
        label, value = as_read(node.label), as_read(node.value)
        return replace(node, identifier="", label=label, value=value, focused=False, children=children)

    ours, theirs = (replace(each, root=strip(each.root)) for each in (tree, baseline_tree))
    if _said_in(ours) == _said_in(theirs):
        return []  # as nearly always: this is quickly found
    return [each for each in compare_trees(ours, theirs).reasons if each.rank is Rank.WORDS]


def _said_in(tree: Tree) -> Counter[tuple[object, ...]]:
    return Counter(
        (node.role, node.label, node.value, node.checked, node.enabled, node.selected, node.obscured)
        for node in tree
        if node.visible and not node.box.is_empty and is_notable(node)
    )


def _explain_theme(sides: Sides, regions: Sequence[Region]) -> list[Reason]:
    """Say that most of the screen changed its colours, where it did."""
    size = sides.actual.size
    if sum(region.pixels for region in regions) < _MOST_OF_SCREEN * size[0] * size[1]:
        return []
    before, after = (
        float(np.asarray(side.image().convert("L").reduce(max(1, min(size) // 64))).mean())
        for side in (sides.baseline, sides.actual)
    )
    way = ""
    if abs(after - before) >= _DARKER:
        way = ", from light to dark" if after < before else ", from dark to light"
    return [Reason(f"most of the screen changed its colours{way}", Rank.THEME, ("theme", way))]


def _explain_region(sides: Sides, region: Region, known: TreeComparison | None) -> Iterable[Reason]:
    if known is None:
        return [_explain_nameless(sides, region, "")]
    box, ratio = region.box, sides.pixel_ratio
    here = Box(
        *((edge - _MARGIN) / ratio for edge in (box.left, box.top)),
        *((side + 2 * _MARGIN) / ratio for side in (box.width, box.height)),
    )
    reasons = [each for each in known.reasons if any(_overlap(box, here) for box in each.boxes)]
    reasons += _explain_pictures(sides, here, known)
    return reasons or [_explain_looks(sides, region, here, known)]


def _explain_pictures(sides: Sides, here: Box, known: TreeComparison) -> Iterator[Reason]:
    """Yield the images in a region that show something else, wherever they are now."""
    for ours, theirs in known.pairs:
        if ours.role is not Role.IMAGE or not is_notable(ours) or not _overlap(ours.box, here):
            continue
        new, old = (
            _crop(side, node.box, sides.pixel_ratio)
            for side, node in ((sides.actual, ours), (sides.baseline, theirs))
        )
        if new is None or old is None:
            continue
        if hash_distance(new, old.resize(new.size), PixelBox(0, 0, *new.size)) > SAME_SHAPES:
            key = ("looks", *key_of(ours))
            yield Reason(f"{name_of(ours)} looks different", Rank.LOOKS, key, (ours.box,))


def _explain_looks(sides: Sides, region: Region, here: Box, known: TreeComparison) -> Reason:
    """Say what a region is about of which no node says anything new."""
    nodes = _find_subjects([ours for ours, _ in known.pairs], here)
    if not nodes:
        return _explain_nameless(sides, region, "no node changed: ")
    names = ", ".join(name_of(node) for node in nodes[:_MAX_NAMES])
    if len(nodes) > _MAX_NAMES:
        names += f" and {len(nodes) - _MAX_NAMES} more"
    colours = _main_colours(sides, region.box)
    if colours is not None:
        sentence = f"colour of {names} changed from {colours[0]} to {colours[1]}"
        return Reason(sentence, Rank.LOOKS, ("colour", *colours))
    key = tuple(part for node in nodes[:_MAX_NAMES] for part in key_of(node))
    if region.has_same_shapes:
        return Reason(f"colour or style of {names} changed", Rank.LOOKS, ("style", *key))
    verb = "looks" if len(nodes) == 1 else "look"
    return Reason(f"{names} {verb} different", Rank.LOOKS, ("looks", *key))


def _explain_nameless(sides: Sides, region: Region, prefix: str) -> Reason:
    """Say how a region looks that no node lies in: its key is its place and its look."""
    colours = _main_colours(sides, region.box)
    if colours is not None:
        sentence = f"{prefix}a colour changed from {colours[0]} to {colours[1]}"
        return Reason(sentence, Rank.NAMELESS, ("colour", *colours))
    looks = (
        "colour or style of a part without semantics changed"
        if region.has_same_shapes
        else "something looks different"
    )
    box, (width, height) = region.box, sides.actual.size
    place = round(6 * (box.left + box.width / 2) / width), round(6 * (box.top + box.height / 2) / height)
    key = ("place", *map(str, place), str(region.has_same_shapes))
    return Reason(f"{prefix}{looks}", Rank.NAMELESS, key)


def _find_subjects(nodes: Sequence[Node], here: Box) -> list[Node]:
    """Return the nodes that a region is about: what lies in it, else the smallest that it lies in."""
    notable = [node for node in nodes if is_notable(node) and not node.box.is_empty]
    shared = {id(node): area_of(node.box.intersection(here)) for node in notable}
    inside = [node for node in notable if shared[id(node)] >= _WITHIN * area_of(node.box)]
    if innermost := [node for node in inside if not any(_holds(node, other) for other in inside)]:
        return innermost
    around = [node for node in notable if shared[id(node)] >= _WITHIN * area_of(here)]
    return sorted(around, key=lambda node: area_of(node.box))[:1]


def _holds(node: Node, other: Node) -> bool:
    return any(below is other for child in node.children for below in child.walk())


def _main_colours(sides: Sides, box: PixelBox) -> tuple[str, str] | None:
    """Return the colour that most of a region's differing pixels had, and the one they have now."""
    differing = sides.differing
    top, left = box.top - differing.box.top, box.left - differing.box.left
    flags = differing.flags[top : top + box.height, left : left + box.width]
    at = np.flatnonzero(flags)
    rows, columns = np.divmod(at[:: max(1, len(at) // _SAMPLE)], flags.shape[1])
    old, new = (
        side.part(box)[rows, columns, :3].astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
        for side in (sides.baseline, sides.actual)
    )
    values, counts = np.unique((old << 24) | new, return_counts=True)
    most = int(counts.argmax())
    if counts[most] < _MAIN_COLOUR * len(rows):
        return None
    both = int(values[most])
    return f"#{both >> 24:06x}", f"#{both & 0xFFFFFF:06x}"


def _crop(side: Raster, box: Box, ratio: float) -> Image.Image | None:
    width, height = side.size
    left, top = max(0, round(box.left * ratio)), max(0, round(box.top * ratio))
    right, bottom = min(width, round(box.right * ratio)), min(height, round(box.bottom * ratio))
    return side.image((left, top, right, bottom)) if right - left > 1 and bottom - top > 1 else None


def _overlap(one: Box, other: Box) -> bool:
    return not one.intersection(other).is_empty
