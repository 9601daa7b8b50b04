"""The second opinion: whether a region looks the same to a person, although its pixels differ."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from journeys.screens.comparison.picture import Raster
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
    return _alike([(actual.crop(part), baseline.crop(part))])[0]


def likenesses(actual: Raster, baseline: Raster, boxes: Iterable[PixelBox]) -> list[Likeness]:
    """Compare regions of two pictures of one size, one `Likeness` for each."""
    parts = [_seen(box, actual.size) for box in boxes]
    return _alike([(actual.image(part), baseline.image(part)) for part in parts])


def _alike(pairs: Sequence[tuple[Image.Image, Image.Image]]) -> list[Likeness]:
    """Compare both pictures of each pair; all hashes are made together, in a fraction of the time."""
    shades, distances, both = [], [], []
    for pair in pairs:
        ours, theirs = (_small(each) for each in pair)
        change = np.subtract(np.asarray(ours), np.asarray(theirs), dtype=np.int16)
        shades.append(round(float(np.abs(change).reshape(-1, 3).mean(axis=0).max()), 2))
        greys = [each.convert("L") for each in (ours, theirs)]
        plain = [float(np.asarray(each).std()) < PLAIN for each in greys]
        if any(plain):
            distances.append(0 if all(plain) else UNLIKE)
        else:
            distances.append(-1)
            both += [each.resize((_HASHED, _HASHED), Image.Resampling.LANCZOS) for each in greys]
    if both:
        hashes = _hashes(np.stack([np.asarray(each) for each in both]))
        bits = iter(np.count_nonzero(hashes[::2] != hashes[1::2], axis=1).tolist())
        distances = [next(bits) if distance < 0 else distance for distance in distances]
    return [Likeness(distance, shade) for distance, shade in zip(distances, shades, strict=True)]


def _hashes(greys: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Return the perceptual hash of each picture, bit for bit what `imagehash.phash` makes of it."""
    from scipy.fftpack import dct  # type: ignore[import-untyped]  # noqa: PLC0415 - takes as long as a pair

    waves = dct(dct(greys, axis=1), axis=2)[:, :_BITS, :_BITS].reshape(len(greys), -1)
    return np.asarray(waves > np.median(waves, axis=1, keepdims=True), dtype=np.bool_)


def _small(part: Image.Image) -> Image.Image:
    if max(part.size) > _LARGEST:
        part.thumbnail((_LARGEST, _LARGEST), Image.Resampling.BOX)
    return part.convert("RGB")


def _seen(box: PixelBox, size: tuple[int, int]) -> tuple[int, int, int, int]:
    across, down = max(0, _SMALLEST - box.width) // 2 + 1, max(0, _SMALLEST - box.height) // 2 + 1
    return (
        max(0, box.left - across),
        max(0, box.top - down),
        min(size[0], box.left + box.width + across),
        min(size[1], box.top + box.height + down),
    )
