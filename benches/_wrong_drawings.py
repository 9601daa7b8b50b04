"""What an app may do wrong to a picture: the truth that tests and benchmarks hold the product against.

Written with NumPy and SciPy, and by other ways than those by which `journeys.pictures` draws what it looks
for, so that no mistake is on both sides.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import gaussian_filter  # type: ignore[import-untyped]  # it ships no types

from journeys.pictures import Defect

Change: TypeAlias = Callable[[Image.Image], Image.Image]
_Pixels: TypeAlias = NDArray[np.uint8]


def _on_pixels(change: Callable[[_Pixels], NDArray[np.generic]]) -> Change:
    return lambda image: Image.fromarray(change(np.array(image)).astype(np.uint8))


def quarter_turns(count: int) -> Change:
    """Return what turns a picture to the left, by so many quarters."""
    return _on_pixels(lambda pixels: np.rot90(pixels, count))


def enlargement(wide: float, high: float) -> Change:
    """Return what draws a picture larger than its box, the middle in the middle."""

    def change(image: Image.Image) -> Image.Image:
        left, top = image.width * (1 - 1 / wide) / 2, image.height * (1 - 1 / high) / 2
        matrix = (1 / wide, 0, left, 0, 1 / high, top)
        return image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)

    return change


def channel_swap(*order: int) -> Change:
    """Return what takes each channel for another one."""
    return _on_pixels(lambda pixels: pixels[..., list(order)])


def partial_load(share: float, rest: tuple[int, int, int]) -> Change:
    """Return what draws only so much of a picture from above, and a colour below."""

    def change(pixels: _Pixels) -> _Pixels:
        pixels[round(len(pixels) * share) :] = rest
        return pixels

    return _on_pixels(change)


def blur(share: float) -> Change:
    """Return what blurs a picture as a lens does, deviating by a share of its width."""

    def change(pixels: _Pixels) -> _Pixels:
        deviation = share * pixels.shape[1]
        return np.asarray(gaussian_filter(pixels, (deviation, deviation, 0)))

    return _on_pixels(change)


def thumbnail(side: int) -> Change:
    """Return what draws a picture of so many pixels on a side enlarged."""
    return lambda image: image.reduce(image.width // side).resize(image.size, Image.Resampling.BICUBIC)


mirrored: Final = _on_pixels(np.fliplr)
upside_down: Final = _on_pixels(np.flipud)
desaturated: Final = _on_pixels(
    lambda pixels: np.repeat(pixels @ np.array([[0.299], [0.587], [0.114]]), 3, axis=2)
)

WRONG: Final[tuple[tuple[str, Defect, Change], ...]] = (
    ("mirrored", "mirrored", mirrored),
    ("upside down", "upside down", upside_down),
    ("rotated by 90", "turned by 90 degrees", quarter_turns(1)),
    ("rotated by 180", "turned by 180 degrees", quarter_turns(2)),
    ("rotated by 270", "turned by 270 degrees", quarter_turns(3)),
    ("stretched, wider by 15 %", "stretched sideways", enlargement(1.15, 1.0)),
    ("stretched, wider by 40 %", "stretched sideways", enlargement(1.4, 1.0)),
    ("stretched, higher by 15 %", "stretched upwards", enlargement(1.0, 1.15)),
    ("stretched, higher by 40 %", "stretched upwards", enlargement(1.0, 1.4)),
    ("channels swapped, BGR", "red and blue swapped", channel_swap(2, 1, 0)),
    ("channels swapped, GRB", "red and green swapped", channel_swap(1, 0, 2)),
    ("channels swapped, RBG", "green and blue swapped", channel_swap(0, 2, 1)),
    ("grey", "grey", desaturated),
    ("over-cropped by 15 %", "over-cropped", enlargement(1.15, 1.15)),
    ("over-cropped by 25 %", "over-cropped", enlargement(1.25, 1.25)),
    ("over-cropped by 50 %", "over-cropped", enlargement(1.5, 1.5)),
    ("placeholder, 8 px enlarged", "blurred", thumbnail(8)),
    ("placeholder, blurred by 6 %", "blurred", blur(0.06)),
    ("placeholder, blurred by 12 %", "blurred", blur(0.12)),
    ("half loaded, the rest grey", "half loaded", partial_load(0.5, (128, 128, 128))),
    ("half loaded, the rest white", "half loaded", partial_load(0.5, (255, 255, 255))),
    ("70 % loaded, the rest grey", "half loaded", partial_load(0.7, (128, 128, 128))),
    ("60 % loaded, the rest black", "half loaded", partial_load(0.6, (0, 0, 0))),
)
"""What can be wrong with a drawing: its name, what the picture itself calls it, and what does it."""
