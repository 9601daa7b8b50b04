"""Where on a screenshot something like a picture may be, in any size: by normalised cross-correlation.

The middle of the picture is slid over the screenshot at every size, both brought so low that the middle has a
dozen pixels on a side; the correlation of brightness at all places at once is one multiplication in the
frequency domain (J. P. Lewis, Fast Normalized Cross-Correlation, 1995). What comes out are guesses: whether
the picture is there, the recogniser says.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from journeys.pictures.fingerprint import INNER, Fingerprint

_MIDDLE: Final = 12
"""Pixels on a side of the middle in the smallest size looked for on a level of the pyramid."""
_LEVEL: Final = 0.5**0.5
"""How much smaller each level of the pyramid is."""
_LIKE: Final = 0.5
"""Correlation a place must have; the recogniser wants more."""
_CONTRAST: Final = (0.25, 2.0)
"""Part of the picture's contrast that must be there, and that may; the recogniser is stricter."""
_MOST_ON_A_LEVEL: Final = 200
_NEAR: Final = 0.25
"""Part of its size within which a guess is taken for another of about the same size."""
_SAME_SIZE: Final = 1.25

_Pixels = NDArray[np.float32]


@dataclass(frozen=True)
class Guess:
    """A square on the screenshot where the picture may be."""

    x: float
    """The middle, in pixels of the screenshot."""
    y: float
    size: float
    likeness: float
    """Correlation of brightness, at most 1."""


def guesses(
    fingerprint: Fingerprint, screenshot: Image.Image, sizes: tuple[int, int], most: int
) -> list[Guess]:
    """Return the likeliest places of a picture whose side is within `sizes`, the likeliest first."""
    found: list[Guess] = []
    for level in _levels(screenshot, sizes[0]):
        here: list[Guess] = []
        for side in range(_MIDDLE, round(_MIDDLE / _LEVEL)):
            size = side / INNER["circle"] / level.scale
            if size > sizes[1] * 1.04 or side > min(level.shape):
                break
            here += level.places(_template(fingerprint, size, side), size)
        found += sorted(here, key=lambda guess: -guess.likeness)[:_MOST_ON_A_LEVEL]
    return _drop_neighbours(sorted(found, key=lambda guess: -guess.likeness), most)


class _Level:
    """The screenshot, `scale` times as large."""

    def __init__(self, image: Image.Image, whole: tuple[int, int]) -> None:
        self.scale = (image.width / whole[0] + image.height / whole[1]) / 2
        self._across, self._down = whole[0] / image.width, whole[1] / image.height
        luma = np.asarray(image, dtype=np.float32)
        # Sums of squares stay small, and so exact enough, around a mean of 0.
        luma -= luma.mean()
        self.shape = luma.shape
        self._padded = tuple(_next_fast_length(length) for length in luma.shape)
        self._waves = np.fft.rfft2(luma, self._padded)
        self._sums, self._squares = _sum_table(luma), _sum_table(luma * luma)

    def places(self, template: Image.Image, size: float) -> list[Guess]:
        """Return the places that look most like a template of the picture drawn in a given size."""
        side = template.width
        wanted = np.asarray(template, dtype=np.float32)
        wanted -= wanted.mean()
        contrast = float(wanted.std())
        rows, columns = self.shape[0] - side + 1, self.shape[1] - side + 1
        waves = self._waves * np.conj(np.fft.rfft2(wanted, self._padded))
        together = np.fft.irfft2(waves, self._padded)[:rows, :columns]
        mean = _window_means(self._sums, side)
        deviation = np.sqrt(np.maximum(_window_means(self._squares, side) - mean * mean, 1e-3))
        likeness = (together / (deviation * (contrast * side * side))).astype(np.float32)
        likeness[(deviation < _CONTRAST[0] * contrast) | (deviation > _CONTRAST[1] * contrast)] = -1.0
        return [
            Guess((x + side / 2) * self._across, (y + side / 2) * self._down, size, float(likeness[y, x]))
            for y, x in _peaks(likeness, max(2, side // 3))
        ]


def _levels(screenshot: Image.Image, smallest: int) -> Iterator[_Level]:
    """Give the screenshot smaller and smaller: in the first, the smallest picture's middle just suffices."""
    scale = _MIDDLE / INNER["circle"] / smallest
    grey = screenshot.convert("L")
    made: list[Image.Image] = []
    while True:
        width, height = round(screenshot.width * scale), round(screenshot.height * scale)
        if min(width, height) < _MIDDLE:
            return
        # From the one twice as large: much faster than from the whole, and as good.
        source = made[-2] if len(made) > 1 else grey
        image = source.resize((width, height), Image.Resampling.BILINEAR)
        made.append(image)
        yield _Level(image, screenshot.size)
        scale *= _LEVEL


def _template(fingerprint: Fingerprint, size: float, side: int) -> Image.Image:
    """Return the grey middle of the picture, drawn in a size, with `side` pixels on a side."""
    return fingerprint.draw(max(1, round(size))).convert("L").resize((side, side), Image.Resampling.BOX)


def _sum_table(values: _Pixels) -> NDArray[np.float64]:
    """Return the sums of all values above and to the left, with a row and column of zeros before them."""
    table = np.zeros((values.shape[0] + 1, values.shape[1] + 1))
    np.cumsum(values, axis=0, out=table[1:, 1:], dtype=np.float64)
    np.cumsum(table[1:, 1:], axis=1, out=table[1:, 1:])
    return table


def _window_means(sums: NDArray[np.float64], side: int) -> _Pixels:
    """Return the mean of each square window."""
    total = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return np.asarray(total / (side * side), dtype=np.float32)


def _peaks(likeness: _Pixels, block: int) -> Iterator[tuple[int, int]]:
    """Give the best places of blocks of so many pixels, where anything is like the picture."""
    rows, columns = -(-likeness.shape[0] // block), -(-likeness.shape[1] // block)
    padded = np.full((rows * block, columns * block), -1.0, dtype=np.float32)
    padded[: likeness.shape[0], : likeness.shape[1]] = likeness
    blocks = padded.reshape(rows, block, columns, block).swapaxes(1, 2).reshape(rows, columns, -1)
    best = blocks.max(axis=2)
    chosen = np.argwhere(best >= _LIKE)
    order = np.argsort(-best[tuple(chosen.T)])[:_MOST_ON_A_LEVEL]
    for row, column in chosen[order]:
        y, x = divmod(int(blocks[row, column].argmax()), block)
        yield int(row) * block + y, int(column) * block + x


def _drop_neighbours(ordered: list[Guess], most: int) -> list[Guess]:
    """Leave out what is near to a likelier one of about the same size."""
    kept: list[Guess] = []
    for guess in ordered:
        near = any(
            max(abs(guess.x - other.x), abs(guess.y - other.y)) < _NEAR * min(guess.size, other.size)
            and 1 / _SAME_SIZE < guess.size / other.size < _SAME_SIZE
            for other in kept
        )
        if not near:
            kept.append(guess)
            if len(kept) == most:
                break
    return kept


def _next_fast_length(length: int) -> int:
    """Return the next length without prime factors above 5, for which the transform is fast."""
    while True:
        rest = length
        for prime in (2, 3, 5):
            while rest % prime == 0:
                rest //= prime
        if rest == 1:
            return length
        length += 1
