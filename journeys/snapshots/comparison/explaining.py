"""Says, for each region that differs, what a person would: from the semantics, and from the colours."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np
from PIL import Image

from flutter_bridge import Box, Node, Role, Tree
from journeys.snapshots.comparison.changes import Changes, changes
from journeys.snapshots.comparison.likeness import Likeness, likeness
from journeys.snapshots.comparison.picture import Raster
from journeys.snapshots.comparison.pixels import Differing
from journeys.snapshots.comparison.words import Change, Rank, key_of, named, tells
from journeys.snapshots.record import PixelBox

_MOST: Final = 5
"""Reasons of a region that are told."""
_NAMED: Final = 3
"""Nodes that are named in one reason."""
_WITHIN: Final = 0.6
"""Part of a node that must lie in a region, or the other way round, to be what the region is about."""
_TOUCHING: Final = 2
"""Physical pixels around a region that belong to it: anti-aliasing reaches over a box's edge."""
_MAIN_COLOUR: Final = 0.4
"""Part of the pixels that must have changed from one and the same colour to another to speak of colours."""
_SAMPLE: Final = 20_000
"""Pixels of a region whose colours are looked at."""
_WHOLE: Final = 0.5
"""Part of a screen that must differ to speak of its theme."""
_DARKER: Final = 60
"""Levels between a light and a dark theme."""

Colours = tuple[str, str]


@dataclass(frozen=True)
class Region:
    """A region that differs, with the second opinion on it."""

    box: PixelBox
    pixels: int
    likeness: Likeness


@dataclass(frozen=True)
class Seen:
    """Both sides of a comparison: pictures of one size, and the semantics where they are known."""

    actual: Raster
    baseline: Raster
    differing: Differing = field(repr=False)
    pixel_ratio: float
    tree: Tree | None
    baseline_tree: Tree | None


def explained(seen: Seen, regions: Sequence[Region]) -> tuple[list[Change], list[tuple[Change, ...]]]:
    """Return what holds for the whole screen, and of each region what happened there."""
    known = (
        None if seen.tree is None or seen.baseline_tree is None else changes(seen.tree, seen.baseline_tree)
    )
    whole = _theme(seen, regions)
    return whole, [tuple(_reasons(seen, region, known)) for region in regions]


def told(reasons: Sequence[Change]) -> tuple[str, ...]:
    """Return a region's reasons as lines, not too many."""
    lines = list(dict.fromkeys(reason.sentence for reason in sorted(reasons, key=lambda each: each.rank)))
    if len(lines) > _MOST:
        lines[_MOST:] = [f"and {len(lines) - _MOST} more"]
    return tuple(lines)


def _reasons(seen: Seen, region: Region, known: Changes | None) -> Iterable[Change]:
    if known is None:
        yield _of_nobody(seen, region, "")
        return
    here = _logical(region.box, seen.pixel_ratio)
    found = [change for change in known.changes if any(_overlap(box, here) for box in change.boxes)]
    pictures = list(_pictures(seen, here, known))
    yield from found
    yield from pictures
    if not found and not pictures:
        yield _of_looks(seen, region, here, known)


def _pictures(seen: Seen, here: Box, known: Changes) -> Iterable[Change]:
    """Yield the images in a region that show something else, wherever they are now."""
    for ours, theirs in known.pairs:
        if ours.role is not Role.IMAGE or not tells(ours) or not _overlap(ours.box, here):
            continue
        new, old = (
            _cut(image, node.box, seen.pixel_ratio)
            for image, node in ((seen.actual, ours), (seen.baseline, theirs))
        )
        if new is None or old is None:
            continue
        alike = likeness(new, old.resize(new.size), PixelBox(0, 0, *new.size))
        if not alike.same_shapes:
            yield Change(f"{named(ours)} looks different", Rank.LOOKED, ("looks", *key_of(ours)), (ours.box,))


def _of_looks(seen: Seen, region: Region, here: Box, known: Changes) -> Change:
    """Say what a region is about of which no node says anything new."""
    nodes = _about([ours for ours, _ in known.pairs], here)
    if not nodes:
        return _of_nobody(seen, region, "no node changed: ")
    names = ", ".join(named(node) for node in nodes[:_NAMED])
    if len(nodes) > _NAMED:
        names += f" and {len(nodes) - _NAMED} more"
    colours = _main_colours(seen, region.box)
    key = tuple(part for node in nodes[:_NAMED] for part in key_of(node))
    if colours is not None:
        sentence = f"colour of {names} changed from {colours[0]} to {colours[1]}"
        return Change(sentence, Rank.LOOKED, ("colour", *colours))
    if region.likeness.same_shapes:
        return Change(f"colour or style of {names} changed", Rank.LOOKED, ("style", *key))
    verb = "looks" if len(nodes) == 1 else "look"
    return Change(f"{names} {verb} different", Rank.LOOKED, ("looks", *key))


def _of_nobody(seen: Seen, region: Region, prefix: str) -> Change:
    """Say how a region looks that no node lies in: its key is its place and its look."""
    colours = _main_colours(seen, region.box)
    if colours is not None:
        sentence = f"{prefix}a colour changed from {colours[0]} to {colours[1]}"
        return Change(sentence, Rank.NAMELESS, ("colour", *colours))
    shapes = "colour or style of a part without semantics" if region.likeness.same_shapes else "something"
    verb = "changed" if region.likeness.same_shapes else "looks different"
    box, size = region.box, seen.actual.size
    place = (
        round(6 * (box.left + box.width / 2) / size[0]),
        round(6 * (box.top + box.height / 2) / size[1]),
    )
    return Change(
        f"{prefix}{shapes} {verb}",
        Rank.NAMELESS,
        ("place", *map(str, place), str(region.likeness.same_shapes)),
    )


def _about(nodes: Sequence[Node], here: Box) -> list[Node]:
    """Return the nodes that a region is about: what lies in it, else the smallest that it lies in."""
    telling = [node for node in nodes if tells(node) and not node.box.empty]
    inside = [node for node in telling if _shared(node.box, here) >= _WITHIN * _area(node.box)]
    innermost = [node for node in inside if not any(_holds(node, other) for other in inside)]
    if innermost:
        return innermost
    around = [node for node in telling if _shared(node.box, here) >= _WITHIN * _area(here)]
    return sorted(around, key=lambda node: _area(node.box))[:1]


def _holds(node: Node, other: Node) -> bool:
    return any(below is other for child in node.children for below in child.walk())


def _theme(seen: Seen, regions: Sequence[Region]) -> list[Change]:
    """Say that most of the screen changed its colours, where it did."""
    size = seen.actual.size
    if sum(region.pixels for region in regions) < _WHOLE * size[0] * size[1]:
        return []
    before, after = (
        float(np.asarray(image.image().convert("L").reduce(max(1, min(size) // 64))).mean())
        for image in (seen.baseline, seen.actual)
    )
    way = ""
    if abs(after - before) >= _DARKER:
        way = ", from light to dark" if after < before else ", from dark to light"
    return [Change(f"most of the screen changed its colours{way}", Rank.THEME, ("theme", way))]


def _main_colours(seen: Seen, box: PixelBox) -> Colours | None:
    """Return the colour that most of a region's differing pixels had, and the one they have now."""
    differing = seen.differing
    top, left = box.top - differing.box.top, box.left - differing.box.left
    flags = differing.flags[top : top + box.height, left : left + box.width]
    at = np.flatnonzero(flags)
    rows, columns = np.divmod(at[:: max(1, len(at) // _SAMPLE)], flags.shape[1])
    old, new = (
        side.part(box)[rows, columns, :3].astype(np.int64) @ np.array([1 << 16, 1 << 8, 1])
        for side in (seen.baseline, seen.actual)
    )
    values, counts = np.unique((old << 24) | new, return_counts=True)
    most = int(counts.argmax())
    if counts[most] < _MAIN_COLOUR * len(rows):
        return None
    both = int(values[most])
    return f"#{both >> 24:06x}", f"#{both & 0xFFFFFF:06x}"


def _cut(image: Raster, box: Box, ratio: float) -> Image.Image | None:
    left, top = max(0, round(box.left * ratio)), max(0, round(box.top * ratio))
    right, bottom = min(image.width, round(box.right * ratio)), min(image.height, round(box.bottom * ratio))
    return image.image((left, top, right, bottom)) if right - left > 1 and bottom - top > 1 else None


def _logical(box: PixelBox, ratio: float) -> Box:
    """Return a region in logical pixels, with what belongs to it."""
    return Box(
        (box.left - _TOUCHING) / ratio,
        (box.top - _TOUCHING) / ratio,
        (box.width + 2 * _TOUCHING) / ratio,
        (box.height + 2 * _TOUCHING) / ratio,
    )


def _overlap(one: Box, other: Box) -> bool:
    return not one.intersection(other).empty


def _shared(one: Box, other: Box) -> float:
    return _area(one.intersection(other))


def _area(box: Box) -> float:
    return box.width * box.height
