"""Pictures that can't be told from all others: how that is found out, and what is certified of them.

Whether a picture shows enough is found out by drawing it small and looking for it. Where it doesn't (a plain
colour, a code, a texture) much can still be ruled out: by its colours in 4 x 4 regions, by where it is light
and dark in 8 x 8 parts, and by how much there is to see in it. What passes is certified as no more than
agreement.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from PIL import Image

from journeys.pictures.alignment import PreparedCrop, align
from journeys.pictures.fingerprint import VIEW, Fingerprint, Floats, brightness, colours
from journeys.pictures.recognition import Check, Limits, Recognition

if TYPE_CHECKING:
    from journeys.pictures.picture import Picture


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
    view = fingerprint.at()
    if view.contrast < demands.contrast:
        return "its middle is nearly one colour"
    if view.firm < demands.firm:
        return "its middle shows too few shapes"
    if view.hold < demands.hold:
        return "its middle would look the same when moved or stretched"
    source = image.resize((96, 96), Image.Resampling.LANCZOS, reducing_gap=2.0)
    for size, right, down, quality in _DRAWINGS:
        view, limits = fingerprint.at(size), Limits.at(size)
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


_PARTS: Final = 8
_LEVELS: Final = 4.0
"""Grey levels by which the parts may be off, root mean square; more in small drawings, and in lively ones."""
_SMALL: Final = 120.0
_SHARE: Final = 0.35
_MOST_CONTRAST: Final = 1.7
"""How much more there may be of it: a scaler that skips pixels makes a fine code coarser."""
_BLURRED: Final = 0.2
"""How much of the picture's deviation must be there: what is too fine for a small drawing is gone from it."""
_NOISE: Final = 6.0


def judge_agreement(crop: PreparedCrop, picture: Picture) -> Recognition:
    """Tell whether a crop agrees with a picture in all that can be told; `reservation` says what can't."""
    size = min(crop.size)
    view, limits = picture.fingerprint.at(size, crop.shape), Limits.at(size)
    wanted = _parts(view.luma * view.contrast)
    steps = (-crop.furthest, -crop.furthest / 2, 0.0, crop.furthest / 2, crop.furthest)
    views = (crop.view((right, below)) for below in steps for right in steps)
    unlike, seen = min(((_rms(_parts(brightness(each)) - wanted), each) for each in views), key=_first)
    off = np.linalg.norm(colours(seen) - view.colours, axis=-1)
    allowed = _LEVELS + _SMALL / size + _SHARE * float(wanted.std())
    contrast = float(brightness(seen).std())
    most, least = _MOST_CONTRAST * view.contrast + _NOISE, _BLURRED * view.contrast - _NOISE
    checks: tuple[tuple[Check, bool, str], ...] = (
        ("colour", float(off.mean()) <= limits.colour, f"its colours are {off.mean():.1f} off"),
        ("colour", float(off.max()) <= limits.colour_part, f"a part's colour is {off.max():.1f} off"),
        ("likeness", unlike <= allowed, f"where it is light and dark is {unlike:.1f} levels off"),
        ("contrast", least <= contrast <= most, f"its brightness deviates by {contrast:.1f} levels"),
    )
    refused = next(((check, why) for check, passed, why in checks if not passed), None)
    return Recognition(
        same=refused is None,
        distance=0 if refused is None else 64,
        colour_distance=float(off.mean()),
        alignment=(0.0, 0.0),
        refused_by=None if refused is None else refused[0],
        reason=f"agrees with {picture.name}" if refused is None else f"is not {picture.name}: {refused[1]}",
        unlike=unlike / allowed,
        colour_part=float(off.max()),
        contrast=contrast / max(view.contrast, 1e-6),
        reservation=f"it agrees with {picture.name}, but that it is this picture is not certified: "
        f"{picture.shortcoming}",
    )


def _first(pair: tuple[float, Image.Image]) -> float:
    return pair[0]


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values * values)))


def _parts(luma: Floats) -> Floats:
    """Return the brightness of 8 x 8 parts of a view around its mean."""
    each = VIEW // _PARTS
    means = luma.reshape(_PARTS, each, _PARTS, each).mean(axis=(1, 3))
    return np.asarray(means - means.mean())
