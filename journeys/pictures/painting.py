"""Draws pictures nobody has seen: half of them like photographs, half like flat designs.

What a painter draws at random does not depend on the size, so the same numbers give the same picture at any.
"""

from __future__ import annotations

import colorsys
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

Floats: TypeAlias = NDArray[np.float32]
Painter: TypeAlias = Callable[[np.random.Generator, int], Image.Image]
_Colour: TypeAlias = tuple[int, int, int]

_OVERSAMPLING: Final = 2
_PAINTED_PX: Final = 256


def pick_colours(random: np.random.Generator, count: int) -> list[_Colour]:
    """Return colours of different hue, dark and light in turn."""
    start = float(random.uniform())
    dark = bool(random.integers(2))
    colours = []
    for number in range(count):
        hue = (start + number * 0.381966 + float(random.uniform(-0.04, 0.04))) % 1
        light = float(random.uniform(0.16, 0.38) if (number % 2 == 0) == dark else random.uniform(0.58, 0.86))
        red, green, blue = colorsys.hls_to_rgb(hue, light, float(random.uniform(0.55, 0.95)))
        colours.append((round(red * 255), round(green * 255), round(blue * 255)))
    return colours


def noise(random: np.random.Generator, size: int, cells: int, octaves: int = 1) -> Floats:
    """Return a smooth random field from 0 to 1 with about `cells` hills on a side."""
    total = np.zeros((size, size), dtype=np.float32)
    for octave in range(octaves):
        side = cells * 2**octave + 1
        grid = Image.fromarray(random.uniform(0, 1, (side, side)).astype(np.float32))
        if side <= 2 * size:
            part = np.asarray(grid.resize((size, size), Image.Resampling.BICUBIC), dtype=np.float32)
            total += part * np.float32(0.5**octave)
    low, high = float(total.min()), float(total.max())
    return (total - np.float32(low)) / np.float32(max(high - low, 1e-6))


def landscape(random: np.random.Generator, size: int) -> Image.Image:
    """Paint ridges one behind the other under a lit sky."""
    asked, size = size, _working_size(size)
    colours = pick_colours(random, 8)
    along = np.linspace(0, 1, size, dtype=np.float32)
    lean = float(random.uniform(-0.8, 0.8))
    height = along[:, None] + np.float32(lean) * (along[None, :] - np.float32(0.5)) * np.float32(0.4)
    canvas = _blend(_plain_canvas(colours[0], size), colours[1], np.clip(height * 1.3, 0, 1))
    clouds = noise(random, size, 4, 4)
    canvas = _blend(canvas, colours[2], np.clip(clouds * 2.4 - 1.2, 0, 0.8))
    x, y, radius = random.uniform(0.2, 0.8), random.uniform(0.15, 0.45), random.uniform(0.06, 0.16)
    away = np.hypot(along[None, :] - np.float32(x), along[:, None] - np.float32(y)) / np.float32(radius)
    canvas = _blend(canvas, (255, 246, 214), np.clip(1.6 - away, 0, 1))
    grain = noise(random, size, 24, 2)
    for number in range(4):
        steps = int(random.integers(4, 10))
        skyline = np.interp(along, np.linspace(0, 1, steps), random.uniform(-0.2, 0.2, steps)).astype(
            np.float32
        )
        skyline += np.float32(0.32 + 0.17 * number)
        below = np.clip((along[:, None] - skyline[None, :]) * size, 0, 1)
        shade = np.float32(0.7) + grain * np.float32(0.6)
        canvas = _blend(canvas, colours[3 + number], below, shade)
    return _make_image(canvas, asked)


def still_life(random: np.random.Generator, size: int) -> Image.Image:
    """Paint lit balls on a patterned cloth."""
    asked, size = size, _working_size(size)
    colours = pick_colours(random, 12)
    along = np.linspace(-1, 1, size, dtype=np.float32)
    cloth = noise(random, size, 3, 4)
    canvas = _blend(_plain_canvas(colours[0], size), colours[1], np.clip(cloth * 2 - 0.5, 0, 1))
    sun = float(random.uniform(0, 2 * np.pi))
    light = np.array([np.cos(sun) * 0.6, np.sin(sun) * 0.6, 0.53], dtype=np.float32)
    for number in range(10):
        radius = float(random.uniform(0.16, 0.42))
        middle = (float(random.uniform(-0.8, 0.8)), float(random.uniform(-0.8, 0.8)))
        # Only what the ball and its shadow reach is painted.
        reach = np.float32(2 * radius)
        columns = slice(*np.searchsorted(along, (middle[0] - reach, middle[0] + reach)))
        rows = slice(*np.searchsorted(along, (middle[1] - reach, middle[1] + reach)))
        across = (along[None, columns] - np.float32(middle[0])) / np.float32(radius)
        down = (along[rows, None] - np.float32(middle[1])) / np.float32(radius)
        shadow = np.hypot(across + light[0] * np.float32(0.5), down + light[1] * np.float32(0.5))
        ground = canvas[rows, columns]
        ground *= (1 - np.float32(0.55) * np.clip(np.float32(1.4) - shadow, 0, 1) ** 2)[..., None]
        out = np.hypot(across, down)
        up = np.sqrt(np.clip(1 - out * out, 0, 1))
        lit = np.clip(across * light[0] + down * light[1] + up * light[2], 0, 1)
        edge = np.clip((1 - out) * np.float32(size * radius / 2), 0, 1)
        canvas[rows, columns] = _blend(ground, colours[2 + number], edge, np.float32(0.35) + lit)
    return _make_image(canvas, asked)


def relief(random: np.random.Generator, size: int) -> Image.Image:
    """Paint a rough, coloured surface lit from one side."""
    asked, size = size, _working_size(size)
    colours = pick_colours(random, 5)
    ground: Floats = noise(random, size, 5, 4)
    canvas = _plain_canvas(colours[0], size)
    for number, colour in enumerate(colours[1:]):
        patch = noise(random, size, 3 + number, 2)
        canvas = _blend(canvas, colour, np.clip((patch - 0.52) * 9, 0, 1))
    slopes = np.gradient(ground)
    down, across = slopes[0], slopes[1]
    sun = float(random.uniform(0, 2 * np.pi))
    slope = (across * np.float32(np.cos(sun)) + down * np.float32(np.sin(sun))) * np.float32(size / 9)
    canvas *= np.asarray(np.clip(1 + slope, 0.45, 1.6), dtype=np.float32)[..., None]
    return _make_image(canvas, asked)


def geometry(random: np.random.Generator, size: int) -> Image.Image:
    """Draw overlapping circles, bars and triangles."""
    colours = pick_colours(random, 16)
    image, draw, side = _sheet(colours[0], size)
    for number in range(15):
        x, y, reach = random.uniform(0, 1), random.uniform(0, 1), random.uniform(0.1, 0.3)
        turn = float(random.uniform(0, 2 * np.pi))
        colour = colours[1 + number]
        kind = int(random.integers(4))
        if kind == 0:
            draw.ellipse(_box(x, y, reach * 0.7, side), fill=colour)
        elif kind == 1:
            draw.ellipse(_box(x, y, reach * 0.8, side), outline=colour, width=max(2, round(side * 0.05)))
        else:
            thin = random.uniform(0.15, 0.5)
            corners = (
                [(1, thin), (1, -thin), (-1, -thin), (-1, thin)]
                if kind == 2
                else [(1, 0), (-0.6, 0.8), (-0.6, -0.8)]
            )
            draw.polygon(_turn(corners, (x, y), reach, turn, side), fill=colour)
    return _resize(image, size)


def tiles(random: np.random.Generator, size: int) -> Image.Image:
    """Draw a grid of tiles with a quarter, a half or a whole figure in each."""
    colours = pick_colours(random, 10)
    image, draw, side = _sheet(colours[0], size)
    count = int(random.integers(4, 7))
    step = side / count
    for row in range(count):
        for column in range(count):
            ground, figure = (colours[int(n)] for n in random.choice(len(colours), 2, replace=False))
            left, top = column * step, row * step
            draw.rectangle((left, top, left + step, top + step), fill=ground)
            kind, corner = int(random.integers(4)), int(random.integers(4))
            right, down = (corner % 2) * step, (corner // 2) * step
            if kind == 0:
                middle = (left + right, top + down)
                draw.pieslice(
                    (middle[0] - step, middle[1] - step, middle[0] + step, middle[1] + step),
                    *_QUARTERS[corner],
                    fill=figure,
                )
            elif kind == 1:
                draw.ellipse(
                    (left + step * 0.15, top + step * 0.15, left + step * 0.85, top + step * 0.85),
                    fill=figure,
                )
            elif kind == 2:
                draw.polygon([(left, top), (left + step, top), (left + right, top + step)], fill=figure)
    return _resize(image, size)


def ribbons(random: np.random.Generator, size: int) -> Image.Image:
    """Draw waving bands over one another, and dots."""
    colours = pick_colours(random, 14)
    image, draw, side = _sheet(colours[0], size)
    along = np.linspace(-0.1, 1.1, 40)
    for number in range(8):
        turn = float(random.uniform(0, 2 * np.pi))
        offset, wave, phase = random.uniform(-0.45, 0.45), random.uniform(0.03, 0.14), random.uniform(0, 6.3)
        swing = offset + wave * np.sin(along * random.uniform(3, 9) + phase)
        points = _turn(
            [(2 * a - 1, 2 * s) for a, s in zip(along, swing, strict=True)], (0.5, 0.5), 0.6, turn, side
        )
        draw.line(
            points,
            fill=colours[1 + number],
            width=round(side * float(random.uniform(0.05, 0.11))),
            joint="curve",
        )
    for number in range(5):
        dot = _box(random.uniform(0.1, 0.9), random.uniform(0.1, 0.9), random.uniform(0.05, 0.1), side)
        draw.ellipse(dot, fill=colours[9 + number])
    return _resize(image, size)


PAINTERS: Final[dict[str, Painter]] = {
    "landscape": landscape,
    "geometry": geometry,
    "still-life": still_life,
    "tiles": tiles,
    "relief": relief,
    "ribbons": ribbons,
}
"""What a book paints, in turn: photo-like and flat ones alternate."""


def paint(kind: str, seed: int, size: int) -> Image.Image:
    """Paint a picture of a kind, `size` pixels on a side; a seed gives the same picture at any size."""
    return PAINTERS[kind](np.random.default_rng(seed), size)


_QUARTERS: Final = ((0, 90), (90, 180), (270, 360), (180, 270))


def _plain_canvas(colour: _Colour, size: int) -> Floats:
    return np.broadcast_to(np.array(colour, dtype=np.float32), (size, size, 3)).copy()


def _blend(
    canvas: Floats, colour: _Colour, share: Floats, shade: Floats | np.float32 | None = None
) -> Floats:
    """Return a canvas with a colour, dimmed or brightened by `shade`, laid over it."""
    paint = np.array(colour, dtype=np.float32)
    over = paint if shade is None else paint * np.asarray(shade, dtype=np.float32)[..., None]
    return np.asarray(canvas + (over - canvas) * share.astype(np.float32)[..., None], dtype=np.float32)


def _working_size(size: int) -> int:
    """Return the size a photo-like picture is painted at: larger ones are enlarged, which costs a quarter."""
    return size if size <= _PAINTED_PX else max(_PAINTED_PX, size // 2)


def _make_image(canvas: Floats, size: int) -> Image.Image:
    image = Image.fromarray(np.clip(canvas + np.float32(0.5), 0, 255).astype(np.uint8))
    return image if image.width == size else image.resize((size, size), Image.Resampling.BICUBIC)


def _sheet(colour: _Colour, size: int) -> tuple[Image.Image, ImageDraw.ImageDraw, int]:
    """Return a sheet to draw on, larger than asked for so that edges come out smooth."""
    side = size * _OVERSAMPLING
    image = Image.new("RGB", (side, side), colour)
    return image, ImageDraw.Draw(image), side


def _resize(image: Image.Image, size: int) -> Image.Image:
    return image.reduce(image.width // size)


def _box(x: float, y: float, radius: float, side: int) -> tuple[float, float, float, float]:
    return ((x - radius) * side, (y - radius) * side, (x + radius) * side, (y + radius) * side)


def _turn(
    points: list[tuple[float, float]] | list[tuple[int, float]],
    middle: tuple[float, float],
    reach: float,
    turn: float,
    side: int,
) -> list[tuple[float, float]]:
    cosine, sine = np.cos(turn), np.sin(turn)
    return [
        (
            float(middle[0] + reach * (x * cosine - y * sine)) * side,
            float(middle[1] + reach * (x * sine + y * cosine)) * side,
        )
        for x, y in points
    ]
