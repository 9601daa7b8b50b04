"""The picture of a difference: how the screen looks now, faded, with what differs marked on it."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from journeys.screens.comparison.pixels import Differing

MARK: Final = (230, 0, 126)
"""What differs: a colour that can be told from red and from green errors alike."""
_FADED: Final = 0.75
"""How much of white is laid over the rest."""


def drawn(actual: Image.Image, differing: Differing) -> Image.Image:
    """Return the difference picture, as large as `actual`."""
    grey = actual.convert("L").point([round(level + (255 - level) * _FADED) for level in range(256)])
    picture = grey.convert("RGB")
    if differing.flags.size:
        mask = Image.fromarray(differing.flags.astype(np.uint8) * 255)
        picture.paste(MARK, (differing.box.left, differing.box.top), mask)
    return picture
