"""Whether a picture can be told from all others: it is drawn small, and looked for."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from journeys.pictures.alignment import PreparedCrop, align
from journeys.pictures.fingerprint import Fingerprint, brightness, colours
from journeys.pictures.recognition import Limits


@dataclass(frozen=True)
class Demands:
    """What a picture must show."""

    contrast: float = 15.0
    """Grey levels by which the brightness of its middle must deviate."""
    firm: int = 40
    """Bits of its hash, of 64, that must be firm."""
    hold: float = 600.0
    """How firmly its shapes must fix its place and scale; a picture of a book has at least 4,000."""
    bits: int = 8
    """Bits that a small drawing of the very same picture may have otherwise; the recogniser lets 16 pass."""
    likeness: float = 0.85
    """Correlation that a small drawing of it must reach; the recogniser wants 0.65."""
    colour: float = 1.0
    """Difference in colour that a small drawing of it may have, in parts of what the recogniser lets pass."""
    scale: float = 0.6
    """Error of scale that a small drawing of it may lead to, in parts of what the recogniser lets pass."""
    faded: float = 0.7
    """Contrast that a small drawing of it may lack, in parts of what the recogniser lets it lack."""


_DRAWINGS: Final = (
    (24, 0.0, 0.0, 80),
    (24, 0.5, 0.5, 60),
    (24, 0.25, 0.8, 60),
    (24, 0.7, 0.1, 60),
    (32, 0.0, 0.5, 60),
    (40, 0.3, 0.7, 60),
)
"""Pixels on a side, how far off the pixel grid, and the quality of the frame."""


def find_shortcoming(image: Image.Image, fingerprint: Fingerprint, demands: Demands) -> str | None:
    """Return what a picture's middle lacks to be recognised by, if anything."""
    view = fingerprint.view_at()
    if view.contrast < demands.contrast:
        return "its middle is nearly one colour"
    if view.firm < demands.firm:
        return "its middle shows too few shapes"
    if view.hold < demands.hold:
        return "its middle would look the same when moved or stretched"
    source = image.resize((96, 96), Image.Resampling.LANCZOS, reducing_gap=2.0)
    for size, right, down, quality in _DRAWINGS:
        view, limits = fingerprint.view_at(size), Limits.at(size)
        found = align(PreparedCrop(_draw_small(source, size, right, down, quality), "circle"), view)
        luma = brightness(found.view)
        contrast = float(np.mean(luma * view.luma)) / max(view.contrast, 1e-6)
        scale = max(abs(part - 1) for part in found.scale)
        off = float(np.linalg.norm(colours(found.view) - view.colours, axis=-1).mean())
        if (
            view.bits_from(found.hash) > demands.bits
            or found.likeness < demands.likeness
            or off > demands.colour * limits.colour
            or scale > demands.scale * limits.scale
            or 1 - contrast > demands.faded * (1 - limits.contrast)
        ):
            return "what its middle shows is too fine to be seen in a small avatar"
    return None


def _draw_small(source: Image.Image, size: int, right: float, down: float, quality: int) -> Image.Image:
    """Return a frame's box with a picture drawn in it, off the pixel grid by a part of a pixel."""
    # The last row and column stay empty, as what lies around an avatar; nothing there is looked at.
    step = source.width / size
    box = (right * step, down * step, (size - 1 + right) * step, (size - 1 + down) * step)
    frame = Image.new("RGB", (size, size), (128, 128, 128))
    frame.paste(source.resize((size - 1, size - 1), Image.Resampling.BILINEAR, box=box), (0, 0))
    stored = io.BytesIO()
    frame.save(stored, "JPEG", quality=quality)
    with Image.open(stored) as seen:
        return seen.convert("RGB")
