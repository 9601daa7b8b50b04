"""The picture of a difference: how the screen looks now, faded, with what differs marked on it."""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from journeys.snapshots.comparison.picture import Raster
from journeys.snapshots.comparison.pixels import Differing

MARK: Final = (230, 0, 126)
"""What differs: a colour that can be told from red and from green errors alike."""
_FADED: Final = 0.75
"""How much of white is laid over the rest."""


_GREYS: Final = [round(level + (255 - level) * _FADED) for level in range(255)]
_PALETTE: Final = [part for grey in _GREYS for part in (grey, grey, grey)] + list(MARK)


def drawn(actual: Raster, differing: Differing) -> Image.Image:
    """Return the difference picture, as large as `actual`.

    It has a palette, faded greys and the mark: a third of the bytes, written in a fifth of the time.
    """
    levels = np.minimum(np.asarray(actual.image().convert("L")), 254)
    box = differing.box
    # All bits of a pixel that differs: as a mask of bytes that is had in a tenth of the time.
    levels[box.top : box.top + box.height, box.left : box.left + box.width] |= np.negative(
        differing.flags.view(np.int8)
    ).view(np.uint8)
    picture = Image.fromarray(levels)
    picture.putpalette(_PALETTE)
    return picture
