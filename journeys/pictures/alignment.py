"""Finds where in a box a picture lies: to a part of a pixel, and how much larger or smaller than expected."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import imagehash
import numpy as np
from PIL import Image

from journeys.pictures.fingerprint import (
    INNER,
    MARGIN,
    VIEW,
    Floats,
    Shape,
    View,
    brightness,
    cut,
    hash_view,
    standardise,
)
from journeys.pictures.recognition import LEAST_NEAR

_OFFSETS: Final = 2 * MARGIN + 1
_STEPS: Final = 6
_SHORTER: Final = 0.4
_SETTLED: Final = 0.002
_SCALES: Final = (0.80, 1.25)

_ALONG: Final = (np.arange(VIEW) - VIEW / 2 + 0.5) / (VIEW / 2)
RADIUS: Final = np.hypot(_ALONG[:, None], _ALONG[None, :])
"""How far each pixel of a view lies from its middle, in halves of its side."""
CORE: Final = np.asarray(RADIUS < 0.85, dtype=np.float64)
"""The middle of a view, where nothing reaches that apps draw over a corner or around the rim."""

FURTHEST_PIXELS: Final = 2.0
FURTHEST_PART: Final = 0.04
"""How far a picture may lie off its box's middle: two pixels, or this part of a larger box."""


class PreparedCrop:
    """A crop of the screen, prepared for being compared with any number of pictures."""

    def __init__(self, crop: Image.Image, shape: Shape) -> None:
        self.size = crop.size
        self.shape = shape
        self.inner = INNER[shape]
        # Pillow's reduction costs a fraction of a fine resampling; twice the view's pixels are kept.
        factor = int(min(crop.size) * self.inner / (2 * VIEW))
        self._image = crop.convert("RGB") if factor < 2 else crop.convert("RGB").reduce(factor)
        # What the last row and column stand for may be less than a whole pixel of the reduced crop.
        self._part = (
            crop.width / factor / self._image.width if factor >= 2 else 1.0,
            crop.height / factor / self._image.height if factor >= 2 else 1.0,
        )

    def view(
        self, shift: tuple[float, float] = (0.0, 0.0), scale: tuple[float, float] = (1.0, 1.0)
    ) -> Image.Image:
        """Return the middle of the crop, moved and scaled by parts of its sides."""
        return self._cut(shift, (self.inner * scale[0], self.inner * scale[1]), VIEW)

    def _cut(self, shift: tuple[float, float], extent: tuple[float, float], pixels: int) -> Image.Image:
        x, y = self._part
        return cut(
            self._image, ((0.5 + shift[0]) * x, (0.5 + shift[1]) * y), (extent[0] * x, extent[1] * y), pixels
        )

    @property
    def search_reach(self) -> float:
        """How far off the middle a picture is looked for, in parts of the crop's side."""
        return min(max(FURTHEST_PIXELS / min(self.size), FURTHEST_PART), MARGIN * self.inner / VIEW)

    @cached_property
    def contrast(self) -> float:
        """The deviation of the brightness in the middle, in grey levels."""
        return float(brightness(self.view()).std())

    def nearness(self, lumas: Floats) -> Floats:
        """Return how like some views' brightness (a row each) the middle is at its best whole pixel."""
        return np.asarray((self.windows @ lumas.T).max(axis=0) / VIEW)

    @cached_property
    def windows(self) -> Floats:
        """The standardised brightness of the middle moved by -4 to 4 pixels of a view both ways: 81 rows.

        Those further off than `furthest` are empty, and so like nothing.
        """
        return self._standardise(self._rows - self._rows.mean(axis=1, keepdims=True))

    def windows_of(self, trusted: Floats) -> Floats:
        """Return what `windows` are where only some pixels of a view are looked at: 0 at the others."""
        weights = trusted.ravel()
        means = (self._rows @ weights / weights.sum())[:, None]
        return self._standardise((self._rows - means) * weights)

    @cached_property
    def core(self) -> Floats:
        """The `windows` of the middle of a view alone, where no dot, ring or badge reaches."""
        return self.windows_of(CORE)

    @cached_property
    def _rows(self) -> Floats:
        pixels = VIEW + 2 * MARGIN
        extent = self.inner * pixels / VIEW
        luma = brightness(self._cut((0.0, 0.0), (extent, extent), pixels))
        return np.lib.stride_tricks.sliding_window_view(luma, (VIEW, VIEW)).reshape(_OFFSETS**2, VIEW**2)

    def _standardise(self, centred: Floats) -> Floats:
        far = (
            np.abs(np.arange(_OFFSETS) - MARGIN) * self.inner / VIEW
            > self.search_reach + 0.5 * self.inner / VIEW
        )
        centred[(far[:, None] | far[None, :]).ravel()] = 0.0
        return np.asarray(centred / np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-6))


@dataclass(frozen=True, eq=False)
class Alignment:
    """Where a picture lies in a crop, if it is there at all."""

    shift: tuple[float, float]
    """To the right and down, in parts of the crop's sides."""
    scale: tuple[float, float]
    """How much larger than expected it is drawn."""
    likeness: float
    """The correlation of brightness there, at most 1."""
    view: Image.Image
    """The crop's middle, brought into line."""

    @cached_property
    def hash(self) -> imagehash.ImageHash:
        """The perceptual hash of the view."""
        return hash_view(self.view)


def align(crop: PreparedCrop, view: View, trusted: Floats | None = None) -> Alignment:
    """Find where in a crop a picture would have to lie, by all pixels of a view or by the trusted ones.

    Every shift by whole pixels of a view is tried first; from the best of them, least squares on the slopes
    of the picture's brightness find the part of a pixel and the scale (Lucas and Kanade's method). A crop
    that is far from the picture everywhere stays where it is likest.
    """
    if trusted is None:
        windows, wanted, solver, root = crop.windows, view.luma, view.solver, float(VIEW)
    else:
        windows = crop.core if trusted is CORE else crop.windows_of(trusted)
        left = view.part(trusted)
        wanted, solver = left.luma, left.solver
        root = float(np.sqrt(trusted.sum()))
    likenesses = (windows @ wanted.ravel()).reshape(_OFFSETS, _OFFSETS)
    down, across = divmod(int(np.argmax(likenesses)), _OFFSETS)
    # Least squares would settle on the wrong side of a fine texture from half a pixel off.
    right = across - MARGIN + _peak(likenesses[down], across)
    below = down - MARGIN + _peak(likenesses[:, across], down)
    pixel = crop.inner / VIEW
    at = np.array([right * pixel, below * pixel, 1.0, 1.0])
    furthest = crop.search_reach
    at[:2] = np.clip(at[:2], -furthest, furthest)
    found: Alignment | None = None
    step = np.zeros(4)
    for _ in range(_STEPS if likenesses[down, across] >= LEAST_NEAR * root else 1):
        shift, scale = (float(at[0]), float(at[1])), (float(at[2]), float(at[3]))
        seen = crop.view(shift, scale)
        luma = standardise(brightness(seen), trusted)
        likeness = float(np.sum(luma * wanted)) / root**2
        if found is None or likeness > found.likeness:
            found = Alignment(shift=shift, scale=scale, likeness=likeness, view=seen)
            best = at
            step = solver @ (wanted - luma).ravel()
            # The solver speaks in parts of a view; a shift is in parts of the crop.
            step[:2] *= crop.inner
        else:
            # Slopes speak for what is near: a step that went too far is gone a part of.
            step = step * _SHORTER
        at = best + step
        at[:2] = np.clip(at[:2], -furthest, furthest)
        at[2:] = np.clip(at[2:], *_SCALES)
        if float(np.abs(step).max()) < _SETTLED:
            break
    assert found is not None  # noqa: S101 - the loop ran at least once
    return found


def _peak(values: Floats, best: int) -> float:
    """Return how far off the best value the top of the parabola through it and its neighbours is."""
    if not 0 < best < len(values) - 1:
        return 0.0
    before, at, after = (float(value) for value in values[best - 1 : best + 2])
    bend = before - 2 * at + after
    return 0.0 if bend > -1e-6 else min(max((before - after) / (2 * bend), -0.5), 0.5)
