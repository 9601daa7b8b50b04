"""The second opinion: whether a region looks the same to a person, although its pixels differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from journeys.snapshots.comparison.picture import Levels, Part, Raster
from journeys.snapshots.record import PixelBox

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
_HASHED: Final = 32
"""Pixels on a side of what a perceptual hash is made from."""
_BITS: Final = 8
"""Bits of such a hash, across and down."""
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
    """Compare one region of two pictures of one size."""
    part = _seen(box, actual.size)
    return _alike([tuple(_small(each.crop(part)) for each in (actual, baseline))])[0]


def likenesses(actual: Raster, baseline: Raster, boxes: Iterable[PixelBox]) -> list[Likeness]:
    """Compare regions of two pictures of one size, one `Likeness` for each."""

    def seen(side: Raster, part: Part) -> Levels:
        left, top, right, bottom = part
        if max(right - left, bottom - top) > _LARGEST:
            return _small(side.image(part))
        return side.levels[top:bottom, left:right, :3]

    parts = [_seen(box, actual.size) for box in boxes]
    return _alike([(seen(actual, part), seen(baseline, part)) for part in parts])


def _alike(pairs: Sequence[tuple[Levels, ...]]) -> list[Likeness]:
    """Compare both pictures of each pair; all hashes are made together, in a fraction of the time."""
    shades, distances, both = [], [], []
    for ours, theirs in pairs:
        change = np.abs(np.subtract(ours, theirs, dtype=np.int16)).sum(axis=(0, 1))
        shades.append(round(float(change.max()) / (ours.shape[0] * ours.shape[1]), 2))
        greys = [_grey(each) for each in (ours, theirs)]
        plain = [float(each.std()) < PLAIN for each in greys]
        if any(plain):
            distances.append(0 if all(plain) else UNLIKE)
        else:
            distances.append(-1)
            both += greys
    if both:
        hashes = _hashes(both)
        bits = iter(np.count_nonzero(hashes[::2] != hashes[1::2], axis=1).tolist())
        distances = [next(bits) if distance < 0 else distance for distance in distances]
    return [Likeness(distance, shade) for distance, shade in zip(distances, shades, strict=True)]


def _grey(levels: Levels) -> Levels:
    """Return how bright pixels are, to the level as Pillow rounds it."""
    # Shares of 65536, and one half of them.
    sums = levels @ np.array([19595, 38470, 7471], dtype=np.uint32) + 0x8000
    return np.asarray(sums >> 16, dtype=np.uint8)


def _hashes(greys: Sequence[Levels]) -> NDArray[np.bool_]:
    """Return the perceptual hash of each picture, bit for bit what `imagehash.phash` makes of it."""
    from scipy.fftpack import dct  # type: ignore[import-untyped]  # noqa: PLC0415 - takes as long as a pair

    size = (_HASHED, _HASHED)
    small = [np.asarray(Image.fromarray(each).resize(size, Image.Resampling.LANCZOS)) for each in greys]
    waves = dct(dct(np.stack(small), axis=1), axis=2)[:, :_BITS, :_BITS].reshape(len(greys), -1)
    return np.asarray(waves > np.median(waves, axis=1, keepdims=True), dtype=np.bool_)


def _small(part: Image.Image) -> Levels:
    if max(part.size) > _LARGEST:
        part.thumbnail((_LARGEST, _LARGEST), Image.Resampling.BOX)
    return np.asarray(part)[..., :3]


def _seen(box: PixelBox, size: tuple[int, int]) -> tuple[int, int, int, int]:
    across, down = max(0, _SMALLEST - box.width) // 2 + 1, max(0, _SMALLEST - box.height) // 2 + 1
    return (
        max(0, box.left - across),
        max(0, box.top - down),
        min(size[0], box.left + box.width + across),
        min(size[1], box.top + box.height + down),
    )
