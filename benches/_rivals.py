"""What one would take otherwise: perceptual hashes of the box, or of what a circle shows of it for certain.

Each hash of a drawing is held against that of the picture, at the number of bits that serves it best.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Final

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bits = NDArray[np.bool_]

_INNER: Final = 0.70
_PDQ: Final = 64
_PDQ_WAVES: Final = 16


@dataclass(frozen=True)
class Rival:
    """A perceptual hash: its name, how many bits it has, and what makes it of a square image."""

    name: str
    bits: int
    of: Callable[[Image.Image], Bits]
    inner: bool = True
    """Whether only the square inside the circle is hashed."""

    def hash(self, square: Image.Image) -> Bits:
        """Return the bits of an avatar's box, or of the whole picture."""
        if self.inner:
            edge = (1 - _INNER) / 2
            width, height = square.size
            # At its own resolution: to whole pixels, as one would crop it.
            box = (
                round(edge * width),
                round(edge * height),
                round((1 - edge) * width),
                round((1 - edge) * height),
            )
            square = square.crop(box)
        return np.asarray(self.of(square), dtype=np.bool_).ravel()


def pdq(image: Image.Image) -> Bits:
    """Return Meta's PDQ: a blur by box filters to 64 x 64, and the lowest 16 x 16 waves above their median.

    By its published description (Hashing for Image Similarity, 2019); its measure of quality is left out.
    """
    luma = np.asarray(image.convert("RGB"), dtype=np.float64) @ np.array([0.299, 0.587, 0.114])
    for axis in (1, 0, 1, 0):
        luma = _box(luma, math.ceil(luma.shape[axis] / (2 * _PDQ)), axis)
    rows, columns = (
        ((np.arange(_PDQ) + 0.5) * length / _PDQ).astype(int) for length in (luma.shape[0], luma.shape[1])
    )
    waves = _waves()
    low = waves @ luma[rows[:, None], columns[None, :]] @ waves.T
    return np.asarray(low > np.median(low))


@cache
def _waves() -> NDArray[np.float64]:
    """Return the cosine transform's rows for 1 to 16 half waves; the mean is left out."""
    row, column = np.arange(1, _PDQ_WAVES + 1)[:, None], np.arange(_PDQ)[None, :]
    return np.asarray(np.sqrt(2 / _PDQ) * np.cos(np.pi / (2 * _PDQ) * row * (2 * column + 1)))


def _box(luma: NDArray[np.float64], window: int, axis: int) -> NDArray[np.float64]:
    """Return the mean of `window` values in a row around each, of those there are at an edge."""
    before = (window + 2) // 2 - 1
    length = luma.shape[axis]
    sums = np.concatenate([np.zeros_like(luma.take([0], axis)), np.cumsum(luma, axis)], axis)
    low = np.clip(np.arange(length) - (window - 1 - before), 0, length)
    high = np.clip(np.arange(length) + before + 1, 0, length)
    count = (high - low).reshape((-1, 1) if axis == 0 else (1, -1))
    return np.asarray((sums.take(high, axis) - sums.take(low, axis)) / count)


NAIVE: Final = Rival("phash, the whole box", 64, lambda image: imagehash.phash(image).hash, inner=False)
RIVALS: Final = (
    NAIVE,
    Rival("dhash of 256 bits", 256, lambda image: imagehash.dhash(image, hash_size=16).hash),
    Rival("phash of 256 bits", 256, lambda image: imagehash.phash(image, hash_size=16).hash),
    Rival("PDQ", 256, pdq),
)
