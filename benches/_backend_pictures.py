"""Pictures as people upload them, drawn: photographs from a phone, its screenshots, small ones."""

from __future__ import annotations

from dataclasses import dataclass
from io import BytesIO

import numpy as np
from PIL import Image, ImageDraw

PHOTOGRAPH = (4032, 3024)
SCREENSHOT = (1170, 2532)
SMALL = 400


@dataclass(frozen=True)
class Upload:
    """One picture to be uploaded."""

    kind: str
    media_type: str
    data: bytes


def mixed_uploads(seed: int = 2026) -> list[Upload]:
    """Return four photographs (JPEG, 12 megapixels), four screenshots (PNG) and four small pictures."""
    chance = np.random.default_rng(seed)
    uploads: list[Upload] = []
    drawn = [_photograph(chance, PHOTOGRAPH) for _ in range(2)]
    # Drawing them takes longest; mirrored, they are others to every codec.
    for photograph in (*drawn, *(each.transpose(Image.Transpose.FLIP_LEFT_RIGHT) for each in drawn)):
        uploads.append(Upload("photograph", "image/jpeg", _encoded(photograph, "JPEG", quality=88)))
        uploads.append(Upload("screenshot", "image/png", _encoded(_screenshot(chance), "PNG")))
        small = _photograph(chance, (SMALL, SMALL))
        uploads.append(Upload("small", "image/jpeg", _encoded(small, "JPEG", quality=85)))
    return uploads


def _photograph(chance: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Draw what a camera sees, to a codec: structure at every scale, less of it the finer, and noise."""
    width, height = size
    picture = np.zeros((height, width, 3), dtype=np.float32)
    cells = 4
    while cells < width // 2:
        grid = chance.uniform(0, 255, (max(2, cells * height // width), cells, 3)).astype(np.uint8)
        layer = Image.fromarray(grid).resize(size, Image.Resampling.BICUBIC)
        picture += (np.asarray(layer, dtype=np.float32) - 127) * (4 / cells) ** 0.55
        cells *= 4
    picture += chance.standard_normal((height, width, 1), dtype=np.float32) * 3
    return Image.fromarray(np.clip(picture + 127, 0, 255).astype(np.uint8))


def _screenshot(chance: np.random.Generator) -> Image.Image:
    """Draw an app: bars, cards, lines of text, a few pictures."""
    width, height = SCREENSHOT
    image = Image.new("RGB", SCREENSHOT, (246, 247, 250))
    brush = ImageDraw.Draw(image)
    brush.rectangle((0, 0, width, 250), fill=tuple(int(each) for each in chance.integers(30, 200, 3)))
    top = 300
    while top < height - 400:
        brush.rounded_rectangle((40, top, width - 40, top + 420), radius=36, fill="white")
        image.paste(_photograph(chance, (160, 160)), (80, top + 40))
        for line in range(6):
            words = " ".join("lorem ipsum dolor"[: int(chance.integers(4, 17))] for _ in range(4))
            brush.text((280, top + 40 + line * 56), words, fill=(40, 44, 52), font_size=38)
        top += 460
    return image


def _encoded(image: Image.Image, kind: str, **options: int) -> bytes:
    output = BytesIO()
    image.save(output, kind, **options)
    return output.getvalue()
