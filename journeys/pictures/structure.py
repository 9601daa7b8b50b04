"""Whether a picture shows enough to be recognised by: found out by drawing it small and looking for it."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Final

import numpy as np
from PIL import Image

from journeys.pictures.alignment import Look, align
from journeys.pictures.errors import TooPlain
from journeys.pictures.fingerprint import Fingerprint
from journeys.pictures.limits import Limits
from journeys.pictures.view import colours


@dataclass(frozen=True)
class Demands:
    """What a picture must show."""

    contrast: float = 5.0
    """Grey levels by which the brightness of its middle must deviate."""
    firm: int = 40
    """Bits of its hash, of 64, that must be firm."""
    hold: float = 300.0
    """How firmly its shapes must fix its place and scale; a picture of a book has at least 4,000."""
    bits: int = 4
    """Bits that a small drawing of the very same picture may have otherwise; the recogniser lets 10 pass."""
    likeness: float = 0.85
    """Correlation that a small drawing of it must reach; the recogniser wants 0.65."""
    colour: float = 1.0
    """Difference in colour that a small drawing of it may have, in parts of what the recogniser lets pass."""


_DRAWINGS: Final = ((24, 0.0, 0.0), (24, 0.5, 0.5), (32, 0.0, 0.5), (40, 0.3, 0.7))


def shortcoming(image: Image.Image, fingerprint: Fingerprint, demands: Demands) -> str | None:
    """Return what a picture's middle lacks to be recognised by, if anything."""
    view = fingerprint.at()
    if view.contrast < demands.contrast:
        return "its middle is nearly one colour"
    if int(view.firm.sum()) < demands.firm:
        return "its middle shows too few shapes"
    if view.hold < demands.hold:
        return "its middle would look the same when moved or stretched"
    source = image.resize((96, 96), Image.Resampling.LANCZOS, reducing_gap=2.0)
    for size, right, down in _DRAWINGS:
        view = fingerprint.at(size)
        found = align(Look(_drawn_small(source, size, right, down), "circle"), view)
        off = float(np.linalg.norm(colours(found.view) - view.colours, axis=-1).mean())
        if (
            view.bits_from(found.hash) > demands.bits
            or found.likeness < demands.likeness
            or off > demands.colour * Limits.at(size).colour
        ):
            return "what its middle shows is too fine to be seen in a small avatar"
    return None


def require_structure(name: str, image: Image.Image, fingerprint: Fingerprint) -> None:
    """Raise `TooPlain` when a picture's middle shows too little to be recognised by."""
    why = shortcoming(image, fingerprint, Demands())
    if why is not None:
        raise TooPlain(
            f"{name}: {why}, so it can't be told from other pictures; choose one with clear shapes"
        )


def _drawn_small(source: Image.Image, size: int, right: float, down: float) -> Image.Image:
    """Return a frame's box with a picture drawn in it, off the pixel grid by a part of a pixel."""
    # The last row and column stay empty, as what lies around an avatar; nothing there is looked at.
    step = source.width / size
    box = (right * step, down * step, (size - 1 + right) * step, (size - 1 + down) * step)
    frame = Image.new("RGB", (size, size), (128, 128, 128))
    frame.paste(source.resize((size - 1, size - 1), Image.Resampling.BILINEAR, box=box), (0, 0))
    stored = io.BytesIO()
    frame.save(stored, "JPEG", quality=80)
    with Image.open(stored) as seen:
        return seen.convert("RGB")
