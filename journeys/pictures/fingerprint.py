"""The fingerprint of a picture: what of it is compared with what is on screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, TypeAlias

import imagehash
import numpy as np
from PIL import Image

from journeys.pictures.defects import Defects
from journeys.pictures.view import (
    HASH,
    VIEW,
    Floats,
    brightness,
    coefficients,
    colours,
    cut,
    detail,
    hashed,
    standardised,
    unlike,
)

Shape: TypeAlias = Literal["circle", "rounded", "square"]
"""How an app clips its avatars."""

INNER: Final[dict[Shape, float]] = {"circle": 0.70, "rounded": 0.75, "square": 0.80}
"""How much of a box's side is looked at: a circle holds a square of 0.707 of its diameter."""

FIRM: Final = 2.0
"""Grey levels a coefficient must lie off the median to give a firm bit; others flip with a codec's noise."""
_FULL: Final = 16.0
"""Grey levels off the median from which on a bit counts fully."""
_JUDGED: Final = np.maximum(np.arange(HASH)[:, None], np.arange(HASH)[None, :]) < 12
"""The frequencies that small drawings still show: of 16, the lowest 12 both ways."""

_DRAWN: Final = 96
"""Pixels on a side beyond which a larger drawing shows nothing more of what is compared."""
_KEPT: Final = 192
"""Pixels on a side that are kept of a picture to make its views from."""
_MOST_DEFECTS: Final = 4
"""Sizes and shapes whose wrong drawings are kept at a time: a quarter of a megabyte each."""
_COARSER: Final = 0.6
"""How much smaller the drawing is that tells how much a region may change."""


@dataclass(frozen=True, eq=False)
class Part:
    """What is left of a view where something lies over it, as `View` has it of the whole."""

    luma: Floats = field(repr=False)
    contrast: float
    hold: float
    solver: Floats = field(repr=False)


@dataclass(frozen=True, eq=False)
class View:
    """The middle of a picture as it looks at one size: what a crop is compared with."""

    hash: imagehash.ImageHash
    """The perceptual hash of the view, 16 x 16 bits."""
    weights: Floats = field(repr=False)
    """How much each bit counts, 64 together: the further its coefficient lies off the median the more."""
    firm: int
    """How many of the 64 bits of the usual, coarser hash are firm."""
    luma: Floats = field(repr=False)
    """Brightness with a mean of 0 and a deviation of 1."""
    detail: Floats = field(repr=False)
    """The frequencies that a blurred placeholder has lost."""
    colours: Floats = field(repr=False)
    """CIE Lab colours of 4 x 4 regions."""
    contrast: float
    """The deviation of the brightness, in grey levels."""
    pixels: Floats = field(repr=False)
    """The view itself: 32 x 32 pixels of red, green and blue."""
    give: Floats = field(repr=False)
    """Grey levels by which each of 4 x 4 regions changes when drawn coarser: what another scaler may do."""

    @classmethod
    def of(cls, view: Image.Image, coarser: Image.Image) -> View:
        """Look at a view of 32 x 32 pixels, and at the same one drawn coarser."""
        luma = brightness(view)
        coarse, fine = coefficients(luma), coefficients(luma, HASH)
        weights = np.minimum(np.abs(fine - np.median(fine)), _FULL) * _JUDGED
        return cls(
            hash=hashed(view),
            weights=64 * weights / max(float(weights.sum()), 1e-6),
            firm=int((np.abs(coarse - np.median(coarse)) >= FIRM).sum()),
            luma=standardised(luma),
            detail=detail(luma),
            colours=colours(view),
            contrast=float(luma.std()),
            pixels=np.asarray(view, dtype=np.float64),
            give=unlike(luma, brightness(coarser)),
        )

    @cached_property
    def slopes(self) -> Floats:
        """How each pixel changes with a shift in x and y and a scale in x and y (widths, parts)."""
        down, across = np.gradient(self.luma)
        along = (np.arange(VIEW) - VIEW / 2 + 0.5) / (VIEW / 2)
        half = VIEW / 2
        stacked = [across * VIEW, down * VIEW, across * half * along[None, :], down * half * along[:, None]]
        return np.stack(stacked, axis=-1).reshape(-1, 4)

    @cached_property
    def solver(self) -> Floats:
        """The matrix that turns a difference in brightness into the shift and scale that would explain it."""
        slopes = self.slopes
        return np.asarray(np.linalg.pinv(slopes.T @ slopes + 1e-3 * np.eye(4)) @ slopes.T)

    @cached_property
    def hold(self) -> float:
        """How firmly the slopes fix the picture's place and scale: a single edge could slide along itself."""
        return float(np.linalg.eigvalsh(self.slopes.T @ self.slopes)[0])

    def part(self, trusted: Floats) -> Part:
        """Return what is left of the view where only some pixels are looked at: 1 for these, 0 for others."""
        wanted = standardised(self.luma, trusted)
        count = float(trusted.sum())
        deviation = float(
            np.sqrt(np.sum((self.luma - np.sum(self.luma * trusted) / count) ** 2 * trusted) / count)
        )
        slopes = self.slopes / max(deviation, 1e-6)
        weighed = slopes * trusted.reshape(-1, 1)
        square = weighed.T @ slopes
        return Part(
            luma=wanted,
            contrast=self.contrast * deviation,
            hold=float(np.linalg.eigvalsh(square)[0]),
            solver=np.asarray(np.linalg.pinv(square + 1e-3 * np.eye(4)) @ weighed.T),
        )

    def bits_from(self, other: imagehash.ImageHash) -> int:
        """Return how many bits another hash has otherwise: 64 when all, each counted by its weight."""
        return round(float(self.weights[self.hash.hash != other.hash].sum()))


class Fingerprint:
    """What of a picture is compared: hashes and colours of its middle, at the size it is shown in.

    A small avatar has lost what a larger one still shows, so views are made for a size in pixels, and kept.
    """

    def __init__(self, image: Image.Image) -> None:
        kept = min(_KEPT, image.width)
        self._image = image.resize((kept, kept), Image.Resampling.LANCZOS, reducing_gap=1.3)
        self._views: dict[tuple[int, Shape], View] = {}
        self._defects: dict[tuple[int, Shape], Defects] = {}

    @cached_property
    def hash(self) -> imagehash.ImageHash:
        """The perceptual hash of the middle that a circle shows, by `imagehash.phash`."""
        return imagehash.phash(self.drawn())

    @cached_property
    def square_hash(self) -> imagehash.ImageHash:
        """The perceptual hash of the larger middle that a square shows."""
        return imagehash.phash(self.drawn(shape="square"))

    @property
    def colours(self) -> Floats:
        """The CIE Lab colours of 4 x 4 regions of the middle that a circle shows."""
        return self.at().colours

    def at(self, size: int = _DRAWN, shape: Shape = "circle") -> View:
        """Return what a box of `size` pixels shows of the picture."""
        size = min(size, _DRAWN)
        view = self._views.get((size, shape))
        if view is None:
            view = View.of(self.drawn(size, shape), self.drawn(round(size * _COARSER), shape))
            self._views[size, shape] = view
        return view

    def defects(self, size: int = _DRAWN, shape: Shape = "circle") -> Defects:
        """Return the wrong drawings of the picture in a box of `size` pixels."""
        size = min(size, _DRAWN)
        found = self._defects.pop((size, shape), None)
        if found is None:
            found = Defects.of(
                self._small,
                lambda image: cut(image.resize((size, size), Image.Resampling.LANCZOS), *_inner(shape)),
                size,
            )
        self._defects[size, shape] = found
        while len(self._defects) > _MOST_DEFECTS:
            self._defects.pop(next(iter(self._defects)))
        return found

    @cached_property
    def _small(self) -> Image.Image:
        return self._image.resize((_DRAWN, _DRAWN), Image.Resampling.LANCZOS)

    def drawn(self, size: int = _DRAWN, shape: Shape = "circle") -> Image.Image:
        """Return the 32 x 32 pixels that are looked at of the picture drawn in a box of `size` pixels."""
        small = self._image.resize((size, size), Image.Resampling.LANCZOS)
        return cut(small, *_inner(shape))

    def __sub__(self, other: Fingerprint) -> int:
        """Return in how many of 64 bits the two differ, in the view that is more alike: circle or square."""
        return min(int(self.hash - other.hash), int(self.square_hash - other.square_hash))

    def __repr__(self) -> str:
        return f"Fingerprint({self.hash})"


def _inner(shape: Shape) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the middle and the extent of what is looked at, in parts of a box's sides."""
    return (0.5, 0.5), (INNER[shape], INNER[shape])
