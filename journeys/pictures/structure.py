"""Whether a picture shows enough to be recognised by: found out by drawing it small and looking for it."""

from __future__ import annotations

import io
from typing import Final

from PIL import Image

from journeys.pictures.alignment import Look, align
from journeys.pictures.errors import TooPlain
from journeys.pictures.fingerprint import Fingerprint

LEAST_CONTRAST: Final = 5.0
"""Grey levels by which the brightness of a picture's middle must deviate."""
LEAST_FIRM: Final = 40
"""Bits of 64 that must be firm."""
MOST_UNSTEADY: Final = 4
"""Bits that a small drawing of the very same picture may have otherwise; the recogniser's limit is 10."""
LEAST_LIKENESS: Final = 0.85
"""Correlation that a small drawing of the very same picture must reach; the recogniser's limit is 0.65."""

_DRAWINGS: Final = ((24, 0.0, 0.0), (24, 0.5, 0.5), (32, 0.0, 0.5), (40, 0.3, 0.7))


def steadiness(image: Image.Image, fingerprint: Fingerprint) -> tuple[int, float]:
    """Return the most bits and the least likeness with which small drawings of a picture differ from it."""
    source = image.resize((96, 96), Image.Resampling.LANCZOS, reducing_gap=2.0)
    drawn = [_drawn_small(source, fingerprint, *drawing) for drawing in _DRAWINGS]
    return max(bits for bits, _ in drawn), min(likeness for _, likeness in drawn)


def _drawn_small(
    source: Image.Image, fingerprint: Fingerprint, size: int, right: float, down: float
) -> tuple[int, float]:
    # The screen's pixels start a part of a pixel before the picture's; the rest of its edge isn't looked at.
    step = source.width / size
    drawn = source.resize(
        (size - 1, size - 1),
        Image.Resampling.BILINEAR,
        box=(right * step, down * step, (size - 1 + right) * step, (size - 1 + down) * step),
    )
    frame = Image.new("RGB", (size, size), (128, 128, 128))
    frame.paste(drawn, (0, 0))
    stored = io.BytesIO()
    frame.save(stored, "JPEG", quality=80)
    with Image.open(stored) as seen:
        look = Look(seen.convert("RGB"), "circle")
    view = fingerprint.at(size)
    found = align(look, view)
    return view.bits_from(found.hash), found.likeness


def require_structure(name: str, image: Image.Image, fingerprint: Fingerprint) -> None:
    """Raise `TooPlain` when a picture's middle shows too little to be recognised by."""
    view = fingerprint.at()
    if view.contrast < LEAST_CONTRAST:
        why = "its middle is nearly one colour"
    elif int(view.firm.sum()) < LEAST_FIRM:
        why = "its middle shows too few shapes"
    else:
        bits, likeness = steadiness(image, fingerprint)
        if bits <= MOST_UNSTEADY and likeness >= LEAST_LIKENESS:
            return
        why = "what its middle shows is too fine to be seen in a small avatar"
    raise TooPlain(f"{name}: {why}, so it can't be told from other pictures; choose one with clear shapes")
