"""The second opinion: whether a region looks the same to a person, although its pixels differ."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import imagehash
import numpy as np
from PIL import Image, ImageChops, ImageStat

from journeys.screens.record import PixelBox

UNLIKE: Final = 32
"""Bits between two pictures that have nothing in common; what is plain on one side alone has nothing."""
ALIKE: Final = 4
"""Bits up to which the shapes are the same."""
SHADE: Final = 2.0
"""Levels, of 255, by which the colours of two regions may differ on average and still be the same."""
PLAIN: Final = 3.0
"""Standard deviation, in levels, below which a region has no shapes to tell: its hash would be noise."""
_SMALLEST: Final = 32
"""Pixels on a side of what is hashed: a smaller region is seen with what is around it."""
_LARGEST: Final = 256
"""Pixels on a side beyond which a region is made smaller first: its hash stays, and is had sooner."""


@dataclass(frozen=True)
class Likeness:
    """How alike both sides of a region are: bits between their perceptual hashes, levels between colours."""

    distance: int
    shade: float

    @property
    def same_shapes(self) -> bool:
        """Whether a person sees the same shapes on both sides."""
        return self.distance <= ALIKE

    @property
    def alike(self) -> bool:
        """Whether a person takes both sides for the same."""
        return self.same_shapes and self.shade <= SHADE


def likeness(actual: Image.Image, baseline: Image.Image, box: PixelBox) -> Likeness:
    """Compare one region of two RGB pictures of one size."""
    part = _seen(box, actual.size)
    ours, theirs = _small(actual.crop(part)), _small(baseline.crop(part))
    shade = max(ImageStat.Stat(ImageChops.difference(ours, theirs)).mean)
    return Likeness(_distance(ours.convert("L"), theirs.convert("L")), round(shade, 2))


def _distance(ours: Image.Image, theirs: Image.Image) -> int:
    plain = [ImageStat.Stat(each).stddev[0] < PLAIN for each in (ours, theirs)]
    if any(plain):
        return 0 if all(plain) else UNLIKE
    return int(np.count_nonzero(imagehash.phash(ours).hash != imagehash.phash(theirs).hash))


def _small(part: Image.Image) -> Image.Image:
    if max(part.size) > _LARGEST:
        part.thumbnail((_LARGEST, _LARGEST), Image.Resampling.BOX)
    return part


def _seen(box: PixelBox, size: tuple[int, int]) -> tuple[int, int, int, int]:
    across, down = max(0, _SMALLEST - box.width) // 2 + 1, max(0, _SMALLEST - box.height) // 2 + 1
    return (
        max(0, box.left - across),
        max(0, box.top - down),
        min(size[0], box.left + box.width + across),
        min(size[1], box.top + box.height + down),
    )
