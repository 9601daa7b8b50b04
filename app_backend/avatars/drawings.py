"""Pictures drawn by Pillow: the default avatar, and those of the sample people."""

from __future__ import annotations

from math import cos, pi, sin

from PIL import Image, ImageDraw, ImageFilter

SIDE = 512
OVERSAMPLING = 2
"""Drawn larger and reduced, as Pillow's shapes have hard edges."""


def draw_default() -> Image.Image:
    """Draw the avatar of people without a picture: a silhouette before a fan of rays."""
    side = SIDE * OVERSAMPLING
    image = Image.new("RGB", (side, side), (214, 222, 235))
    draw = ImageDraw.Draw(image)
    centre = (side * 0.5, side * 0.42)
    for ray in range(0, 24, 2):
        corners = [
            (centre[0] + side * 1.2 * cos(pi * each / 12), centre[1] + side * 1.2 * sin(pi * each / 12))
            for each in (ray, ray + 1)
        ]
        draw.polygon([centre, *corners], fill=(171, 186, 212))
    _disc(draw, (side * 0.5, side * 0.42), side * 0.335, (238, 242, 248))
    shade = (70, 88, 122)
    draw.ellipse((side * 0.16, side * 0.66, side * 0.84, side * 1.34), fill=shade)
    _disc(draw, (side * 0.5, side * 0.40), side * 0.2, (238, 242, 248))
    _disc(draw, (side * 0.5, side * 0.40), side * 0.175, shade)
    reduced = image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
    return reduced.filter(ImageFilter.SMOOTH)


def _disc(
    draw: ImageDraw.ImageDraw, centre: tuple[float, float], radius: float, fill: tuple[int, int, int]
) -> None:
    draw.ellipse((centre[0] - radius, centre[1] - radius, centre[0] + radius, centre[1] + radius), fill=fill)


def draw_hills() -> Image.Image:
    """Draw Ada's picture: the sun behind ridges of hills, warm above and blue below."""
    side = SIDE * OVERSAMPLING
    image = _gradient(side, (255, 201, 120), (240, 96, 94))
    draw = ImageDraw.Draw(image)
    _disc(draw, (side * 0.62, side * 0.36), side * 0.19, (255, 226, 160))
    _disc(draw, (side * 0.62, side * 0.36), side * 0.14, (255, 246, 214))
    ridges = (
        (0.50, 0.09, 1.3, 0.4, (178, 72, 110)),
        (0.62, 0.10, 1.9, 2.1, (112, 52, 112)),
        (0.76, 0.08, 1.5, 4.4, (56, 38, 92)),
        (0.90, 0.05, 2.6, 1.2, (26, 22, 56)),
    )
    for height, swing, waves, shift, colour in ridges:
        line = [
            (x, side * (height + swing * sin(2 * pi * waves * x / side + shift)))
            for x in range(0, side + 1, 8)
        ]
        draw.polygon([*line, (side, side), (0, side)], fill=colour)
    for tree in (0.12, 0.2, 0.31):
        _pine(draw, side * tree, side * 0.93, side * 0.22)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def draw_sails() -> Image.Image:
    """Draw Grace's picture: a boat under two sails on waves, in cool colours with one red sail."""
    side = SIDE * OVERSAMPLING
    image = _gradient(side, (92, 178, 214), (214, 240, 236))
    draw = ImageDraw.Draw(image)
    for x, y, radius in ((0.16, 0.2, 0.07), (0.25, 0.17, 0.09), (0.35, 0.21, 0.06)):
        _disc(draw, (side * x, side * y), side * radius, (250, 252, 252))
    draw.polygon(
        [(side * 0.5, side * 0.1), (side * 0.5, side * 0.66), (side * 0.16, side * 0.66)],
        fill=(247, 244, 232),
    )
    draw.polygon(
        [(side * 0.53, side * 0.2), (side * 0.53, side * 0.66), (side * 0.83, side * 0.66)],
        fill=(214, 56, 52),
    )
    draw.rectangle((side * 0.5, side * 0.08, side * 0.53, side * 0.74), fill=(82, 54, 38))
    hull = [(0.14, 0.7), (0.88, 0.7), (0.76, 0.84), (0.26, 0.84)]
    draw.polygon([(side * x, side * y) for x, y in hull], fill=(58, 42, 48))
    for height, shift, colour in (
        (0.80, 0.0, (26, 122, 140)),
        (0.87, 2.0, (16, 92, 118)),
        (0.94, 4.0, (10, 64, 92)),
    ):
        line = [
            (x, side * (height + 0.022 * sin(2 * pi * 4 * x / side + shift))) for x in range(0, side + 1, 8)
        ]
        draw.polygon([*line, (side, side), (0, side)], fill=colour)
    return image.resize((SIDE, SIDE), Image.Resampling.LANCZOS)


def _pine(draw: ImageDraw.ImageDraw, x: float, foot: float, height: float) -> None:
    for level in range(3):
        top = foot - height + level * height * 0.24
        half = height * (0.14 + 0.07 * level)
        draw.polygon(
            [(x, top), (x - half, top + height * 0.42), (x + half, top + height * 0.42)], fill=(14, 14, 36)
        )


def _gradient(side: int, above: tuple[int, int, int], below: tuple[int, int, int]) -> Image.Image:
    """Return a square that goes from one colour at the top to another at the bottom."""
    mask = Image.linear_gradient("L").resize((side, side))
    return Image.composite(Image.new("RGB", (side, side), below), Image.new("RGB", (side, side), above), mask)
