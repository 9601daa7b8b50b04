"""The fingerprint of a picture: what of it is compared with what is on screen."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, TypeAlias

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from journeys.pictures.view import (
    VIEW,
    Floats,
    brightness,
    coefficients,
    colours,
    cut,
    detail,
    standardised,
    unlike,
)

Shape: TypeAlias = Literal["circle", "rounded", "square"]
"""How an app clips its avatars."""

INNER: Final[dict[Shape, float]] = {"circle": 0.70, "rounded": 0.75, "square": 0.80}
"""How much of a box's side is looked at: a circle holds a square of 0.707 of its diameter."""

FIRM: Final = 2.0
"""Grey levels a coefficient must lie off the median to give a firm bit; others flip with a codec's noise."""

_DRAWN: Final = 96
"""Pixels on a side beyond which a larger drawing shows nothing more of what is compared."""
_KEPT: Final = 192
"""Pixels on a side that are kept of a picture to make its views from."""
_COARSER: Final = 0.6
"""How much smaller the drawing is that tells how much a region may change."""


@dataclass(frozen=True, eq=False)
class View:
    """The middle of a picture as it looks at one size: what a crop is compared with."""

    hash: imagehash.ImageHash
    """The perceptual hash of the view, by `imagehash.phash`."""
    firm: NDArray[np.bool_] = field(repr=False)
    """Which of the hash's bits are firm."""
    luma: Floats = field(repr=False)
    """Brightness with a mean of 0 and a deviation of 1."""
    detail: Floats = field(repr=False)
    """The frequencies that a blurred placeholder has lost."""
    colours: Floats = field(repr=False)
    """CIE Lab colours of 4 x 4 regions."""
    contrast: float
    """The deviation of the brightness, in grey levels."""
    give: Floats = field(repr=False)
    """Grey levels by which each of 4 x 4 regions changes when drawn coarser: what another scaler may do."""

    @classmethod
    def of(cls, view: Image.Image, coarser: Image.Image) -> View:
        """Look at a view of 32 x 32 pixels, and at the same one drawn coarser."""
        luma = brightness(view)
        low = coefficients(luma)
        return cls(
            hash=imagehash.phash(view),
            firm=np.abs(low - np.median(low)) >= FIRM,
            luma=standardised(luma),
            detail=detail(luma),
            colours=colours(view),
            contrast=float(luma.std()),
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

    def bits_from(self, other: imagehash.ImageHash) -> int:
        """Count the firm bits that another hash has otherwise."""
        return int(((self.hash.hash != other.hash) & self.firm).sum())


class Fingerprint:
    """What of a picture is compared: hashes and colours of its middle, at the size it is shown in.

    A small avatar has lost what a larger one still shows, so views are made for a size in pixels, and kept.
    """

    def __init__(self, image: Image.Image) -> None:
        kept = min(_KEPT, image.width)
        self._image = image.resize((kept, kept), Image.Resampling.LANCZOS, reducing_gap=1.3)
        self._views: dict[tuple[int, Shape], View] = {}

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

    def drawn(self, size: int = _DRAWN, shape: Shape = "circle") -> Image.Image:
        """Return the 32 x 32 pixels that are looked at of the picture drawn in a box of `size` pixels."""
        small = self._image.resize((size, size), Image.Resampling.LANCZOS)
        return cut(small, (0.5, 0.5), (INNER[shape], INNER[shape]))

    def __sub__(self, other: Fingerprint) -> int:
        """Return in how many of 64 bits the two differ, in the view that is more alike: circle or square."""
        return min(int(self.hash - other.hash), int(self.square_hash - other.square_hash))

    def __repr__(self) -> str:
        return f"Fingerprint({self.hash})"
