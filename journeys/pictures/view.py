"""What is looked at of a picture: a small square from its middle, as brightness, as detail and as colour.

Everything the recogniser compares is computed from one 32 x 32 view of the middle of a box, wherever the box
came from, so that nothing outside the shape an app clips its avatars to (the theme's background) takes part.
"""

from __future__ import annotations

from typing import Final, TypeAlias

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

VIEW: Final = 32
"""Pixels on a side of a view: what `imagehash.phash` reduces to, so that it has nothing left to scale."""
HASH: Final = 16
"""Bits on a side of the hash of a view, half as many as it has pixels."""
MARGIN: Final = 4
"""Pixels around a view that the search for the alignment may move it by."""
REGIONS: Final = 4
"""Regions on a side of the colour signature."""

Floats: TypeAlias = NDArray[np.float64]

_LUMA: Final = np.array([0.299, 0.587, 0.114])
_TO_XYZ: Final = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)
_WHITE: Final = np.array([0.95047, 1.0, 1.08883])


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


def hashed(view: Image.Image) -> imagehash.ImageHash:
    """Return the perceptual hash of a view, by `imagehash.phash`: 16 x 16 bits."""
    return imagehash.phash(view, hash_size=HASH, highfreq_factor=VIEW // HASH)


def brightness(view: Image.Image) -> Floats:
    """Return the brightness of each pixel, 0 to 255, as Pillow and so `imagehash` sees it."""
    return np.asarray(view.convert("L"), dtype=np.float64)


def standardised(luma: Floats, trusted: Floats | None = None) -> Floats:
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
    weight = _WEIGHT if trusted is None else np.maximum(by_region(inside), 1e-6)[..., None]
    # The mean of encoded values, as every scaler makes it: a texture then keeps its colour when made smaller.
    mean = weighed.reshape(REGIONS, _SIDE, REGIONS, _SIDE, 3).sum(axis=(1, 3)) / weight / 255
    linear = np.where(mean <= 0.04045, mean / 12.92, ((mean + 0.055) / 1.055) ** 2.4)
    xyz = (linear @ _TO_XYZ.T) / _WHITE
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    x, y, z = f[..., 0], f[..., 1], f[..., 2]
    return np.stack([116 * y - 16, 500 * (x - y), 200 * (y - z)], axis=-1)


def unlike(one: Floats, other: Floats, trusted: Floats | None = None) -> Floats:
    """Return by how much brightness differs in each of 4 x 4 regions (root mean square).

    Corners and untrusted pixels are left out.
    """
    inside = _INSIDE if trusted is None else _INSIDE * trusted
    weight = _WEIGHT[..., 0] if trusted is None else np.maximum(by_region(inside), 1e-6)
    return np.asarray(np.sqrt(by_region((one - other) ** 2 * inside) / weight))


def by_region(values: Floats) -> Floats:
    """Return the sums of a value of each pixel over each of 4 x 4 regions."""
    return np.asarray(values.reshape(REGIONS, _SIDE, REGIONS, _SIDE).sum(axis=(1, 3)))


def judged_regions(trusted: Floats) -> Floats:
    """Return 1 for each of 4 x 4 regions of which enough is trusted to say anything, 0 for the others."""
    return np.asarray(by_region(_INSIDE * trusted) >= _ENOUGH * _WEIGHT[..., 0], dtype=np.float64)
