"""Pairs of the kinds and sizes that odiff's own suite has, made up, and how long both take for each.

Its pictures can't be had from its package; what they are is in its repository: a photograph of a 4K screen's
size, changed in places; a page several screens tall; a page at 4K; a small photograph; text and shapes drawn
anti-aliased; half-transparent pictures; two sizes; a few pixels. Each is packed as RGB and as RGBA.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Final

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from benches._screens_speed import Odiff, install, judge_ours

_SENTENCE: Final = "the engine weaves algebraic patterns just as the loom weaves flowers and leaves"
_MODES: Final = ("RGB", "RGBA")

Levels = NDArray[np.uint8]


@dataclass(frozen=True)
class Timed:
    """What a pair took, in milliseconds: each turn of ours, and of odiff's."""

    kind: str
    ours: list[float]
    odiff: list[float]

    @property
    def best(self) -> float:
        """Our shortest time by odiff's."""
        return min(self.ours) / min(self.odiff)

    @property
    def typical(self) -> float:
        """Our median time by odiff's."""
        return median(self.ours) / median(self.odiff)


def measure_suite(folder: Path, turns: int) -> Iterator[Timed]:
    """Draw each pair, and have it compared by both in turn; the first turn of each isn't counted."""
    odiff = Odiff(install())
    output = folder / "difference.png"
    try:
        for kind, draw in _KINDS.items():
            for mode in _MODES if kind != "half transparent" else ("RGBA",):
                paths = (folder / "baseline.png", folder / "actual.png")
                for path, image in zip(paths, draw(), strict=True):
                    image.convert(mode).save(path)
                yield _timed(f"{kind}, {mode}", odiff, paths, output, turns)
    finally:
        odiff.close()


def _timed(kind: str, odiff: Odiff, paths: tuple[Path, Path], output: Path, turns: int) -> Timed:
    timed = Timed(kind, [], [])
    comparers: list[tuple[list[float], Callable[[], bool]]] = [
        (timed.ours, lambda: judge_ours(*paths, output, 1.0)),
        (timed.odiff, lambda: odiff.compare(*paths, output)),
    ]
    for turn in range(turns + 1):
        for times, compare in comparers if turn % 2 else comparers[::-1]:
            began = perf_counter()
            compare()
            if turn:
                times.append(1000 * (perf_counter() - began))
    return timed


def _photo(width: int, height: int, seed: int) -> Levels:
    lots = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(np.float32)
    waves = np.zeros((height, width, 3), dtype=np.float32)
    for _ in range(6):
        across, down, phase = lots.uniform(0.002, 0.08, 3)
        for channel in range(3):
            waves[..., channel] += np.sin(x * across + 3 * np.cos(y * down) + 100 * phase + 0.4 * channel)
    waves = (waves - waves.min()) / np.ptp(waves) * 220 + 10 + lots.normal(0, 3, (height, width, 1))
    return np.asarray(np.clip(waves, 0, 255), dtype=np.uint8)


def _page(
    width: int, height: int, *, shift: int = 0, changed: tuple[int, ...] = (), scale: int = 1
) -> Image.Image:
    """Draw a page of cards; all below the third may be further down, and the words of some other ones."""
    image, lots = Image.new("RGB", (width, height), "#fafafa"), random.Random(width)  # noqa: S311 - a drawing
    pen, font = ImageDraw.Draw(image), ImageFont.load_default(14 * scale)
    top, card = 0, 0
    while top < height:
        tall, hue = lots.randrange(60, 160) * scale, lots.randrange(360)
        y = top + (shift if card >= 3 else 0)
        box = (16 * scale, y + 8, width - 16 * scale, y + tall - 8)
        pen.rounded_rectangle(box, 12 * scale, fill="#fff", outline="#bbb")
        pen.ellipse((28 * scale, y + 20, 76 * scale, y + 20 + 48 * scale), fill=f"hsl({hue},60%,50%)")
        for line in range(max(1, tall // (24 * scale) - 1)):
            text = " ".join(lots.choices(_SENTENCE.split(), k=lots.randrange(6, 16)))
            at = (96 * scale, y + 16 + line * 20 * scale)
            pen.text(at, text[::-1] if card in changed else text, fill="#333", font=font)
        top, card = top + tall, card + 1
    return image


def _rings(across: int) -> Image.Image:
    """Draw rings with anti-aliased edges, quarters of a pixel further to the right."""
    image, lots = Image.new("L", (4000, 3200), 255), random.Random(3)  # noqa: S311 - a drawing - the same in every run
    pen = ImageDraw.Draw(image)
    for _ in range(60):
        x, y, size = lots.randrange(3600), lots.randrange(2800), lots.randrange(40, 300)
        pen.ellipse((x + across, y, x + size + across, y + size), outline=0, width=8)
    return image.reduce(4)


def _corrupted(levels: Levels) -> tuple[Image.Image, Image.Image]:
    after = levels.copy()
    rows, columns = (slice(length // 3, length // 2) for length in levels.shape[:2])
    after[rows, columns] = after[rows, columns][:, ::-1]
    return Image.fromarray(levels), Image.fromarray(after)


def _half_transparent() -> tuple[Image.Image, Image.Image]:
    alpha = np.tile(np.linspace(0, 255, 1200).astype(np.uint8), (900, 1))
    before = np.dstack([_photo(1200, 900, 7), alpha])
    after = before.copy()
    after[300:500, 200:800, 3] //= 2
    return Image.fromarray(before), Image.fromarray(after)


_KINDS: Final[dict[str, Callable[[], tuple[Image.Image, Image.Image]]]] = {
    "photograph 3840x2160, in places": lambda: _corrupted(_photo(3840, 2160, 1)),
    "photographs 1920x1080, two": lambda: (
        Image.fromarray(_photo(1920, 1080, 8)),
        Image.fromarray(_photo(1920, 1080, 9)),
    ),
    "photograph 512x234, in a place": lambda: _corrupted(_photo(512, 234, 5)),
    "page 1920x1080, one card": lambda: (_page(1920, 1080), _page(1920, 1080, changed=(4,))),
    "page 3840x2160, two cards": lambda: (
        _page(3840, 2160, scale=2),
        _page(3840, 2160, scale=2, changed=(2, 7)),
    ),
    "page 1280x15000, two cards": lambda: (_page(1280, 15000), _page(1280, 15000, changed=(5, 60))),
    "page 1280x15000, all moved": lambda: (_page(1280, 15000), _page(1280, 15000, shift=7)),
    "page 300x120, a card": lambda: (_page(300, 120), _page(300, 120, changed=(0,))),
    "rings 1000x800, an edge further": lambda: (_rings(0), _rings(1)),
    "half transparent": _half_transparent,
    "another size, 1280x2000 and 2100": lambda: (_page(1280, 2000), _page(1280, 2100, shift=4)),
    "8x8, all of it": lambda: (Image.new("RGB", (8, 8), "white"), Image.new("RGB", (8, 8), "purple")),
}
