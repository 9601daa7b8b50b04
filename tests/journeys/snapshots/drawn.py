"""Screens drawn for the tests of comparing, and what is said of them."""

from __future__ import annotations

import io
from collections.abc import Callable

from PIL import Image, ImageDraw

from flutter_bridge import Box, Node, Role, Tree

SIZE = (200, 160)
FINE = 8
"""How much larger a shape is drawn to get anti-aliased edges."""


def screen(*paint: Callable[[ImageDraw.ImageDraw], object], size: tuple[int, int] = SIZE) -> Image.Image:
    """Draw a screen: a header, some bars like lines of text, then what is wanted."""
    image = Image.new("RGB", size, "#fafafa")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, size[0], 19), fill="#00696b")
    for row in range(4):
        pen.rectangle((20, 40 + 12 * row, 80 + 17 * row, 44 + 12 * row), fill="#202020")
    for each in paint:
        each(pen)
    return image


def button(
    left: int = 120, top: int = 100, colour: str = "#6750a4"
) -> Callable[[ImageDraw.ImageDraw], object]:
    """Paint a button of 60 x 24 pixels."""
    return lambda pen: pen.rectangle((left, top, left + 59, top + 23), fill=colour)


def disc(centre: tuple[float, float], radius: float, *, width: float = 0) -> Image.Image:
    """Draw a disc, or a ring of a width, with anti-aliased edges."""
    image = Image.new("RGB", (100 * FINE, 100 * FINE), "white")
    x, y, r = centre[0] * FINE, centre[1] * FINE, radius * FINE
    pen = ImageDraw.Draw(image)
    pen.ellipse((x - r, y - r, x + r, y + r), fill="black")
    if width:
        r -= width * FINE
        pen.ellipse((x - r, y - r, x + r, y + r), fill="white")
    return image.resize((100, 100), Image.Resampling.BOX)


def png(image: Image.Image, **options: int) -> bytes:
    """Encode a picture."""
    stored = io.BytesIO()
    image.save(stored, "PNG", **options)
    return stored.getvalue()


def node(
    role: Role, label: str = "", box: tuple[float, float, float, float] = (0, 0, 10, 10), **more: object
) -> Node:
    """Make a node from its box's left, top, width and height."""
    return Node(role=role, label=label, box=Box(*box), **more)  # type: ignore[arg-type]  # a node's fields


def tree(*nodes: Node, size: tuple[int, int] = SIZE, ratio: float = 1.0) -> Tree:
    """Put nodes on a screen."""
    whole = Box(0, 0, *size)
    return Tree(Node(box=whole, children=nodes), whole, ratio)
