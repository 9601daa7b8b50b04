"""Whether an app can draw its texts: on the web it may have asked for their font in vain.

An engine without any font lays text out and draws nothing. What is timed or compared then shows the same
before and after, so that nothing may be measured there. One that lacks a font for some letters draws a box
for each of them.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray
from PIL import Image

from flutter_bridge import Box, FlutterApp, Role, Tree, now
from journeys.errors import SetupError

_SUFFIXES: Final = (".ttf", ".otf", ".woff", ".woff2")
_TEXT_ROLES: Final = {Role.TEXT, Role.HEADING}

LATE_S: Final = 3.0
"""How long texts may be missing because the canvas comes after the semantics."""

_PAUSE_S: Final = 0.2

_SAME_BOX: Final = 0.65
"""Correlation: of two boxes that are half a pixel apart it is 0.8, of a box and a letter 0.45 at most."""
_INK: Final = 40
"""Grey levels by which a letter differs from what it is written on, at least."""


def is_font(address: str) -> bool:
    """Whether an address is that of a font."""
    return urlsplit(address).path.endswith(_SUFFIXES)


async def require_drawn_texts(app: FlutterApp, *, patience_s: float = LATE_S) -> None:
    """Raise `SetupError` where an app has asked for a font in vain, and draws none of the texts on screen.

    One that misses a font for some of its letters, or has others at hand, draws texts all the same. Costs
    nothing where no font is missing.
    """
    missing = next((address for address in app.unreached_addresses if is_font(address)), None)
    if missing is None:
        return
    until = now() + patience_s
    while await _shows_no_text(app):
        if now() >= until:
            raise SetupError(
                f"no text can be drawn on {app.target}: {urlsplit(missing).hostname} can't be reached (asked "
                f"for {missing}): name it in allow_hosts of [tool.journeys], or have the app bring the font "
                "along"
            )
        # No browser tells when its canvas has been drawn on.
        await asyncio.sleep(_PAUSE_S)


async def _shows_no_text(app: FlutterApp) -> bool:
    """Whether there are texts on screen, and nothing to see at the place of any."""
    tree = await app.semantics()
    places = list(_places_of_texts(tree))
    if not places:
        return False
    screen = (await app.screenshot()).convert("RGB")
    return not any(_is_drawn(screen, box, screen.width / tree.screen.width) for box in places)


def _places_of_texts(tree: Tree) -> Iterator[Box]:
    for node in tree:
        if node.role in _TEXT_ROLES and node.text.strip() and node.visible and not node.box.is_empty:
            yield node.box


def _is_drawn(screen: Image.Image, box: Box, ratio: float) -> bool:
    edges = (math.floor(box.left), math.floor(box.top), math.ceil(box.right), math.ceil(box.bottom))
    part = screen.crop(tuple(round(edge * ratio) for edge in edges))  # type: ignore[arg-type]  # four of them
    return any(low != high for low, high in part.getextrema())  # type: ignore[misc]  # one for each colour


def has_ink(text: Image.Image) -> bool:
    """Whether anything is drawn where a text is, light on dark or dark on light."""
    return bool((_ink(text) > _INK).any())


def count_boxes(text: Image.Image, box: Image.Image) -> int:
    """Count the boxes that stand in a drawn text for letters that no font has.

    `box` shows what the app draws for one such letter, in the same size: U+E000, for one, is in no
    font, as it is of Unicode's private use.
    """
    # Blurred, for a box may lie between two pixels.
    ink, wanted = _blur(_ink(text)), _blur(_trim(_ink(box)))
    if ink.shape[0] < wanted.shape[0] or ink.shape[1] < wanted.shape[1]:
        return 0
    windows = sliding_window_view(ink, wanted.shape)
    windows = windows - windows.mean(axis=(2, 3), keepdims=True)
    wanted -= wanted.mean()
    strength = np.sqrt((windows**2).sum(axis=(2, 3)) * (wanted**2).sum())
    likeness = ((windows * wanted).sum(axis=(2, 3)) / np.maximum(strength, 1e-6)).max(axis=0)
    found, column = 0, 0
    while column < len(likeness):
        is_box = likeness[column] > _SAME_BOX
        found += int(is_box)
        column += wanted.shape[1] - 1 if is_box else 1
    return found


def _ink(text: Image.Image) -> NDArray[np.float64]:
    """Return how far each pixel is from the colour that most of them have."""
    grey = np.asarray(text.convert("L"), dtype=np.float64)
    return np.abs(grey - np.median(grey))


def _blur(ink: NDArray[np.float64]) -> NDArray[np.float64]:
    wide = np.pad(ink, 1)
    wide = wide[:, :-2] + 2 * wide[:, 1:-1] + wide[:, 2:]
    return wide[:-2] + 2 * wide[1:-1] + wide[2:]


def _trim(ink: NDArray[np.float64]) -> NDArray[np.float64]:
    rows, columns = (np.flatnonzero((ink > _INK).any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        raise ValueError("no letter is drawn where a box was to be")
    return ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
