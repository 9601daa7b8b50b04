"""Whether an app can draw its texts: on the web it may have asked for their font in vain.

An engine without any font lays text out and draws nothing. What is timed or compared then shows the same
before and after, so that nothing may be measured there.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from PIL import Image

from flutter_bridge import Box, FlutterApp, Role, Tree, now
from journeys.errors import SetupError

_SUFFIXES: Final = (".ttf", ".otf", ".woff", ".woff2")
_TEXT_ROLES: Final = {Role.TEXT, Role.HEADING}

LATE_S: Final = 3.0
"""How long texts may be missing because the canvas comes after the semantics."""

_PAUSE_S: Final = 0.2


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
