"""Pictures to recognise, and a screen that draws them as an app does."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from PIL import Image, ImageDraw

from journeys.pictures import Picture, PictureBook, Shape

_AROUND = 8
_FINER = 4


def stored(image: Image.Image, form: str, quality: int) -> Image.Image:
    data = io.BytesIO()
    image.save(data, form, quality=quality)
    with Image.open(data) as opened:
        return opened.convert("RGB")


@dataclass(frozen=True)
class RenderedScreen:
    """Draws a picture's WebP rendition into a box, clipped on a theme's background, in a JPEG frame."""

    theme: tuple[int, int, int] = (255, 255, 255)
    shape: Shape = "circle"
    off: tuple[float, float] = (0.3, -0.4)
    rendition: int = 96
    quality: int = 80

    def __call__(
        self, picture: Picture, size: int, change: Callable[[Image.Image], Image.Image] = lambda image: image
    ) -> Image.Image:
        served = stored(
            picture.image.resize((self.rendition, self.rendition), Image.Resampling.LANCZOS), "WEBP", 85
        )
        shown = change(served)
        while shown.width >= 2 * size:
            shown = shown.reduce(2)
        step, whole = shown.width / size, size + 2 * _AROUND
        left, top = _AROUND + self.off[0], _AROUND + self.off[1]
        drawn = shown.transform(
            (whole, whole),
            Image.Transform.AFFINE,
            (step, 0, -left * step, 0, step, -top * step),
            Image.Resampling.BILINEAR,
        )
        frame = Image.new("RGB", (whole, whole), self.theme)
        frame.paste(drawn, mask=self._clip(left, top, size, whole))
        return stored(frame, "JPEG", self.quality).crop((_AROUND, _AROUND, _AROUND + size, _AROUND + size))

    def _clip(self, left: float, top: float, size: int, whole: int) -> Image.Image:
        mask = Image.new("L", (whole * _FINER, whole * _FINER))
        draw = ImageDraw.Draw(mask)
        box = tuple(round(v * _FINER) for v in (left, top, left + size, top + size))
        if self.shape == "circle":
            draw.ellipse(box, fill=255)
        elif self.shape == "rounded":
            draw.rounded_rectangle(box, size * _FINER * 0.2, fill=255)
        else:
            draw.rectangle(box, fill=255)
        return mask.reduce(_FINER)


@pytest.fixture(scope="session")
def pictures() -> list[Picture]:
    """Two pictures of each kind the book has."""
    return PictureBook(seed=11).take(12)


@pytest.fixture(scope="session")
def picture(pictures: list[Picture]) -> Picture:
    return pictures[0]


@pytest.fixture
def screen() -> type[RenderedScreen]:
    return RenderedScreen
