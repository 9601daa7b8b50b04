"""The fingerprint of a picture: what of it is compared with what is on screen.

All that is compared is computed from one small square view of the middle of a box, wherever the box came
from: its brightness, its detail and its colours. So nothing outside the shape that an app clips its avatars
to (the theme's background) takes part.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Final, Literal, TypeAlias

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from journeys.pictures.defects import Defects

VIEW: Final = 32
"""Pixels on a side of a view: what `imagehash.phash` reduces to, so that it has nothing left to scale."""
HASH: Final = 16
"""Bits on a side of the hash of a view, half as many as it has pixels."""
MARGIN: Final = 4
"""Pixels around a view that the search for the alignment may move it by."""
REGIONS: Final = 4
"""Regions on a side of the colour signature."""

Floats: TypeAlias = NDArray[np.float64]

_TO_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE: Final = np.array([0.95047, 1.0, 1.08883])

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
class VisiblePart:
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
            hash=hash_view(view),
            weights=64 * weights / max(float(weights.sum()), 1e-6),
            firm=int((np.abs(coarse - np.median(coarse)) >= FIRM).sum()),
            luma=standardise(luma),
            detail=detail(luma),
            colours=colours(view),
            contrast=float(luma.std()),
            pixels=np.asarray(view, dtype=np.float64),
            give=difference_by_region(luma, brightness(coarser)),
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

    def part(self, trusted: Floats) -> VisiblePart:
        """Return what is left of the view where only some pixels are looked at: 1 for these, 0 for others."""
        wanted = standardise(self.luma, trusted)
        count = float(trusted.sum())
        deviation = float(
            np.sqrt(np.sum((self.luma - np.sum(self.luma * trusted) / count) ** 2 * trusted) / count)
        )
        slopes = self.slopes / max(deviation, 1e-6)
        weighed = slopes * trusted.reshape(-1, 1)
        square = weighed.T @ slopes
        return VisiblePart(
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
        return imagehash.phash(self.draw())

    @cached_property
    def square_hash(self) -> imagehash.ImageHash:
        """The perceptual hash of the larger middle that a square shows."""
        return imagehash.phash(self.draw(shape="square"))

    def view_at(self, size: int = _DRAWN, shape: Shape = "circle") -> View:
        """Return what a box of `size` pixels shows of the picture."""
        size = min(size, _DRAWN)
        view = self._views.get((size, shape))
        if view is None:
            view = View.of(self.draw(size, shape), self.draw(round(size * _COARSER), shape))
            self._views[size, shape] = view
        return view

    def defects(self, size: int = _DRAWN, shape: Shape = "circle") -> Defects:
        """Return the wrong drawings of the picture in a box of `size` pixels."""
        size = min(size, _DRAWN)
        found = self._defects.pop((size, shape), None)
        if found is None:
            found = Defects.of(
                self._small_image,
                lambda image: cut(image.resize((size, size), Image.Resampling.LANCZOS), *_inner(shape)),
                size,
            )
        self._defects[size, shape] = found
        while len(self._defects) > _MOST_DEFECTS:
            self._defects.pop(next(iter(self._defects)))
        return found

    @cached_property
    def _small_image(self) -> Image.Image:
        return self._image.resize((_DRAWN, _DRAWN), Image.Resampling.LANCZOS)

    def draw(self, size: int = _DRAWN, shape: Shape = "circle") -> Image.Image:
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


def _cosines(size: int) -> Floats:
    """Return the matrix of the orthonormal cosine transform, a frequency in each row."""
    rows, columns = np.arange(size)[:, None], np.arange(size)[None, :]
    matrix = np.cos(np.pi * rows * (2 * columns + 1) / (2 * size)) * np.sqrt(2 / size)
    matrix[0] /= np.sqrt(2)
    return np.asarray(matrix, dtype=np.float64)


def _corners_left_out() -> Floats:
    """Return the share of each cell of a view that is inside the circle around it, none in the corners.

    A codec that halves the colours' resolution lets the background bleed into the last pixels.
    """
    along = (np.arange(VIEW) - VIEW / 2 + 0.5) / (VIEW / 2)
    return np.asarray(np.hypot(along[:, None], along[None, :]) < 1.2, dtype=np.float64)


_COSINES: Final = _cosines(VIEW)
_WAVES: Final = np.hypot(np.arange(VIEW)[:, None], np.arange(VIEW)[None, :])
_DETAIL: Final = (_WAVES >= 4) & (_WAVES < 11)
_INSIDE: Final = _corners_left_out()
_SIDE: Final = VIEW // REGIONS
_ENOUGH: Final = 0.25
"""Part of a region that must be trusted for it to be judged by itself."""
_WEIGHT: Final = _INSIDE.reshape(REGIONS, _SIDE, REGIONS, _SIDE).sum(axis=(1, 3))[..., None]


def cut(
    image: Image.Image, centre: tuple[float, float], extent: tuple[float, float], pixels: int = VIEW
) -> Image.Image:
    """Return the part of an image around `centre`, `extent` wide and high (all in parts of its sides)."""
    (width, height), (x, y), (wide, high) = image.size, centre, extent
    box = (
        max(0.0, (x - wide / 2) * width),
        max(0.0, (y - high / 2) * height),
        min(float(width), (x + wide / 2) * width),
        min(float(height), (y + high / 2) * height),
    )
    return image.resize((pixels, pixels), Image.Resampling.BICUBIC, box=box)


def hash_view(view: Image.Image) -> imagehash.ImageHash:
    """Return the perceptual hash of a view, by `imagehash.phash`: 16 x 16 bits."""
    return imagehash.phash(view, hash_size=HASH, highfreq_factor=VIEW // HASH)


def brightness(view: Image.Image) -> Floats:
    """Return the brightness of each pixel, 0 to 255, as Pillow and so `imagehash` sees it."""
    return np.asarray(view.convert("L"), dtype=np.float64)


def standardise(luma: Floats, trusted: Floats | None = None) -> Floats:
    """Return brightness with a mean of 0 and a deviation of 1, of the trusted pixels and 0 elsewhere."""
    if trusted is None:
        centred = luma - luma.mean()
        return np.asarray(centred / max(float(np.sqrt(np.mean(centred * centred))), 1e-6))
    count = float(trusted.sum())
    centred = (luma - float(np.sum(luma * trusted)) / count) * trusted
    return np.asarray(centred / max(float(np.sqrt(np.sum(centred * centred) / count)), 1e-6))


def coefficients(luma: Floats, count: int = 8) -> Floats:
    """Return the `count` x `count` coefficients `imagehash.phash` makes its bits of, in grey levels.

    They are those of `scipy.fftpack.dct` along both sides divided by 64: white noise of one grey level then
    moves each of them by about one.
    """
    low = (_COSINES[:count] @ luma) @ _COSINES[:count].T
    # scipy leaves the transform unscaled: its zero frequencies weigh sqrt(2) more than here.
    scale = np.ones(count)
    scale[0] = np.sqrt(2)
    return np.asarray(low * scale[:, None] * scale[None, :])


def detail(luma: Floats) -> Floats:
    """Return the cosine transform's part that a blurred placeholder has lost: 2 to 5 waves across a view."""
    return np.asarray((_COSINES @ luma @ _COSINES.T)[_DETAIL])


def colours(view: Image.Image | Floats, trusted: Floats | None = None) -> Floats:
    """Return the CIE Lab colours (D65) of a view's 4 x 4 regions, corners and untrusted pixels left out."""
    inside = _INSIDE if trusted is None else _INSIDE * trusted
    weighed = np.asarray(view, dtype=np.float64) * inside[..., None]
    weight = _WEIGHT if trusted is None else np.maximum(sum_by_region(inside), 1e-6)[..., None]
    # The mean of encoded values, as every scaler makes it: a texture then keeps its colour when made smaller.
    mean = weighed.reshape(REGIONS, _SIDE, REGIONS, _SIDE, 3).sum(axis=(1, 3)) / weight / 255
    linear = np.where(mean <= 0.04045, mean / 12.92, ((mean + 0.055) / 1.055) ** 2.4)
    xyz = (linear @ _TO_XYZ.T) / _WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def difference_by_region(one: Floats, other: Floats, trusted: Floats | None = None) -> Floats:
    """Return by how much brightness differs in each of 4 x 4 regions (root mean square).

    Corners and untrusted pixels are left out.
    """
    inside = _INSIDE if trusted is None else _INSIDE * trusted
    weight = _WEIGHT[..., 0] if trusted is None else np.maximum(sum_by_region(inside), 1e-6)
    return np.asarray(np.sqrt(sum_by_region((one - other) ** 2 * inside) / weight))


def sum_by_region(values: Floats) -> Floats:
    """Return the sums of a value of each pixel over each of 4 x 4 regions."""
    return np.asarray(values.reshape(REGIONS, _SIDE, REGIONS, _SIDE).sum(axis=(1, 3)))


def judgeable_regions(trusted: Floats) -> Floats:
    """Return 1 for each of 4 x 4 regions of which enough is trusted to say anything, 0 for the others."""
    return np.asarray(sum_by_region(_INSIDE * trusted) >= _ENOUGH * _WEIGHT[..., 0], dtype=np.float64)
