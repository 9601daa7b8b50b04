"""What apps draw over an avatar, and the shapes they clip it to: dots, badges, rings, scrims, hexagons.

Drawn by Pillow at several times the size, on what the avatar's box shows by then; what an app chooses (the
corner, the colour, the width of a border) is drawn by lot from the generator handed in.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final, TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

Colour: TypeAlias = tuple[int, int, int]
Place: TypeAlias = tuple[float, float, float]
"""The box in the frame: left, top and side, in pixels."""
Paint: TypeAlias = Callable[[Image.Image, Place, float, np.random.Generator], None]
"""Draws over a frame: the frame, the place, pixels to a logical pixel, lots."""

_FINER: Final = 4
_COLOURS: Final[tuple[Colour, ...]] = (
    (49, 162, 76),
    (0, 200, 83),
    (244, 67, 54),
    (255, 152, 0),
    (158, 158, 158),
    (33, 150, 243),
    (255, 235, 59),
)
_BORDERS: Final[tuple[Colour, ...]] = ((255, 255, 255), (18, 18, 18), (250, 243, 224))


def _pick(lots: np.random.Generator, colours: tuple[Colour, ...]) -> Colour:
    return colours[int(lots.integers(len(colours)))]


def _stamp(frame: Image.Image, colour: Colour, draw: Callable[[ImageDraw.ImageDraw, float], None]) -> None:
    """Colour what `draw` draws on a mask of several times the size."""
    finer = _FINER if frame.width < 300 else 2
    mask = Image.new("L", (frame.width * finer, frame.height * finer))
    draw(ImageDraw.Draw(mask), finer)
    frame.paste(colour, (0, 0), mask.reduce(finer))


def _disc(frame: Image.Image, x: float, y: float, radius: float, colour: Colour) -> None:
    def draw(pen: ImageDraw.ImageDraw, finer: float) -> None:
        box = ((x - radius) * finer, (y - radius) * finer, (x + radius) * finer, (y + radius) * finer)
        pen.ellipse(box, fill=255)

    _stamp(frame, colour, draw)


def _bar(frame: Image.Image, box: tuple[float, float, float, float], round_by: float, colour: Colour) -> None:
    def draw(pen: ImageDraw.ImageDraw, finer: float) -> None:
        pen.rounded_rectangle([edge * finer for edge in box], round_by * finer, fill=255)

    _stamp(frame, colour, draw)


def _corner(
    place: Place, radius: float, lots: np.random.Generator, *, lower_right: bool
) -> tuple[float, float]:
    """Return the middle of a disc in a corner of the box, or where the circle passes below that corner."""
    left, top, side = place
    inset = radius if lots.random() < 0.5 else side * (0.5 - 0.5 / math.sqrt(2))
    right, below = (True, True) if lower_right else (bool(lots.integers(2)), bool(lots.integers(2)))
    return left + (side - inset if right else inset), top + (side - inset if below else inset)


def dot(share: float, *, lower_right: bool = False, border: bool = True) -> Paint:
    """Return what draws a presence dot that covers a share of the box, its border beyond that."""

    def paint(frame: Image.Image, place: Place, ratio: float, lots: np.random.Generator) -> None:
        radius = place[2] * math.sqrt(share / math.pi)
        x, y = _corner(place, radius, lots, lower_right=lower_right)
        around = ratio * float(lots.choice((1.0, 1.5, 2.0)))
        if border:
            _disc(frame, x, y, radius + around, _pick(lots, _BORDERS))
        _disc(frame, x, y, radius, _pick(lots, _COLOURS))

    return paint


def _number(frame: Image.Image, place: Place, ratio: float, lots: np.random.Generator) -> None:
    """Draw a red badge with a number in a corner above."""
    left, top, side = place
    high = max(0.28 * side, 8 * ratio)
    wide = high * float(lots.choice((1.0, 1.4)))
    x = left + side - wide if lots.random() < 0.7 else left
    _bar(
        frame,
        (x - ratio, top - ratio, x + wide + ratio, top + high + ratio),
        high / 2 + ratio,
        (255, 255, 255),
    )
    _bar(frame, (x, top, x + wide, top + high), high / 2, (211, 47, 47))
    for digit in range(1 if wide == high else 2):
        at = x + wide / 2 + (digit - (0 if wide == high else 0.5)) * 0.35 * high
        stroke = (at - 0.06 * high, top + 0.25 * high, at + 0.06 * high, top + 0.75 * high)
        _bar(frame, stroke, 0.0, (255, 255, 255))


def _camera(frame: Image.Image, place: Place, ratio: float, lots: np.random.Generator) -> None:
    """Draw the button that changes the picture, as profile screens have it: a disc with a camera."""
    left, top, side = place
    radius = side * float(lots.uniform(0.13, 0.17))
    x, y = left + side - radius, top + side - radius
    _disc(frame, x, y, radius + 1.5 * ratio, _pick(lots, _BORDERS))
    _disc(frame, x, y, radius, _pick(lots, ((103, 80, 164), (33, 33, 33), (255, 255, 255), (0, 121, 107))))
    body = (x - 0.5 * radius, y - 0.3 * radius, x + 0.5 * radius, y + 0.4 * radius)
    _bar(frame, body, 0.1 * radius, (230, 230, 230))
    _disc(frame, x, y + 0.05 * radius, 0.2 * radius, (60, 60, 60))


def ring(width: float, colours: tuple[Colour, ...]) -> Paint:
    """Return what draws a ring of so many logical pixels around an avatar, inside its box."""

    def paint(frame: Image.Image, place: Place, ratio: float, lots: np.random.Generator) -> None:
        left, top, side = place
        thick = width * ratio
        finer = _FINER if frame.width < 300 else 2
        mask = Image.new("L", (frame.width * finer, frame.height * finer))
        pen = ImageDraw.Draw(mask)
        pen.ellipse([edge * finer for edge in (left, top, left + side, top + side)], fill=255)
        inner = (left + thick, top + thick, left + side - thick, top + side - thick)
        pen.ellipse([edge * finer for edge in inner], fill=0)
        if len(colours) == 1:
            frame.paste(colours[0], (0, 0), mask.reduce(finer))
            return
        # From one colour to the next across the box, as around a story that has not been seen.
        across, down = np.meshgrid(np.arange(frame.width), np.arange(frame.height))
        turn = float(lots.uniform(0, 2 * math.pi))
        along = ((across - left) * math.cos(turn) + (down - top) * math.sin(turn)) / side + 0.5
        at = np.clip(along, 0, 1)[..., None] * (len(colours) - 1)
        shades = np.array(colours, dtype=float)
        low = np.minimum(at.astype(int)[..., 0], len(colours) - 2)
        part = at - low[..., None]
        mixed = shades[low] * (1 - part) + shades[low + 1] * part
        frame.paste(Image.fromarray(mixed.astype(np.uint8)), mask=mask.reduce(finer))

    return paint


def _live(frame: Image.Image, place: Place, ratio: float, lots: np.random.Generator) -> None:
    """Draw a pill at the middle of the lower edge, as on one who is live."""
    left, top, side = place
    wide, high = 0.6 * side, 0.22 * side
    x, y = left + (side - wide) / 2, top + side - high
    _bar(frame, (x - ratio, y - ratio, x + wide + ratio, y + high + ratio), 0.3 * high, (255, 255, 255))
    _bar(frame, (x, y, x + wide, y + high), 0.3 * high, _pick(lots, ((225, 29, 72), (124, 58, 237))))


def _scrim(frame: Image.Image, place: Place, ratio: float, lots: np.random.Generator) -> None:
    """Darken the lower third more and more, as beneath a name that lies over a picture."""
    del ratio
    _, top, side = place
    down = (np.arange(frame.height) - top) / side
    strength = np.clip((down - 2 / 3) * 3, 0, 1) * float(lots.uniform(0.5, 0.8))
    mask = np.repeat((255 * strength).astype(np.uint8)[:, None], frame.width, axis=1)
    frame.paste((0, 0, 0), (0, 0), Image.fromarray(mask))


def _shadow(frame: Image.Image, place: Place, ratio: float, lots: np.random.Generator) -> None:
    """Draw an inner shadow, darker towards the rim."""
    del lots
    left, top, side = place
    mask = Image.new("L", frame.size, 110)
    inner = (left + 1.5 * ratio, top + 1.5 * ratio, left + side - 1.5 * ratio, top + side - 1.5 * ratio)
    ImageDraw.Draw(mask).ellipse(inner, fill=0)
    frame.paste((0, 0, 0), (0, 0), mask.filter(ImageFilter.GaussianBlur(ratio)))


OVERLAYS: Final[dict[str, Paint]] = {
    "dot, 8 % of the box": dot(0.08, lower_right=True),
    "dot, 5.6 %, any corner": dot(0.056),
    "dot, 8 %, any corner": dot(0.08),
    "dot, 3 %, no border": dot(0.03, border=False),
    "number on a badge": _number,
    "camera button": _camera,
    "ring, 1 px": ring(1, ((255, 255, 255),)),
    "ring, 3 px": ring(3, ((255, 255, 255),)),
    "ring, 4 px, gradient": ring(4, ((254, 218, 117), (214, 41, 118), (79, 91, 213))),
    "inner shadow": _shadow,
}
"""What lies over an avatar's rim or corner: it is told by itself."""

COVERS: Final[dict[str, Paint]] = {"pill below": _live, "scrim, lower third": _scrim}
"""What covers more: it is left out where the picture before was seen with it."""


def hexagon(pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float]) -> None:
    """Fill a hexagon that stands on a corner."""
    left, top, right, below = box
    x, y = (left + right) / 2, (top + below) / 2
    radius = (below - top) / 2
    turns = [math.pi / 6 + step * math.pi / 3 for step in range(6)]
    pen.polygon([(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns], fill=255)


def lying_hexagon(pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float]) -> None:
    """Fill a hexagon that lies on a side."""
    left, top, right, below = box
    x, y, radius = (left + right) / 2, (top + below) / 2, (right - left) / 2
    turns = [step * math.pi / 3 for step in range(6)]
    pen.polygon([(x + radius * math.cos(turn), y + radius * math.sin(turn)) for turn in turns], fill=255)


def squircle(pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float]) -> None:
    """Fill a superellipse of the fourth degree."""
    left, top, right, below = box
    x, y, radius = (left + right) / 2, (top + below) / 2, (right - left) / 2
    turns = np.linspace(0, 2 * math.pi, 200)
    across = np.sign(np.cos(turns)) * np.sqrt(np.abs(np.cos(turns)))
    down = np.sign(np.sin(turns)) * np.sqrt(np.abs(np.sin(turns)))
    pen.polygon([(x + radius * a, y + radius * d) for a, d in zip(across, down, strict=True)], fill=255)


def rounded(pen: ImageDraw.ImageDraw, box: tuple[float, float, float, float]) -> None:
    """Fill a square with round corners."""
    pen.rounded_rectangle(box, (box[2] - box[0]) * 0.22, fill=255)


CLIPS: Final = {
    "hexagon": hexagon,
    "hexagon, lying": lying_hexagon,
    "squircle": squircle,
    "rounded square": rounded,
}
"""Shapes beyond the circle and the square."""
