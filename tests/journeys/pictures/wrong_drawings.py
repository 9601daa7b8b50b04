"""What an app may do wrong to a picture, written apart from what the recognition takes for wrong."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

from PIL import Image

Change: TypeAlias = Callable[[Image.Image], Image.Image]


def grown(wide: float, high: float) -> Change:
    """Draw larger than the box, the middle in the middle."""

    def change(image: Image.Image) -> Image.Image:
        width, height = image.size
        box = (
            width * (1 - 1 / wide) / 2,
            height * (1 - 1 / high) / 2,
            width * (1 + 1 / wide) / 2,
            height * (1 + 1 / high) / 2,
        )
        return image.resize(image.size, Image.Resampling.BICUBIC, box=box)

    return change


def channels(*order: int) -> Change:
    """Take each channel for another one."""
    return lambda image: Image.merge("RGB", [image.split()[channel] for channel in order])


def covered(part: float, colour: tuple[int, int, int]) -> Change:
    """Draw only the upper part, and a colour below."""

    def change(image: Image.Image) -> Image.Image:
        half = image.copy()
        half.paste(colour, (0, round(image.height * part), image.width, image.height))
        return half

    return change
