"""What is certified of a picture that can't be told from all others: that a crop agrees with it.

Of a plain colour, a code or a texture much can still be ruled out: by its colours in 4 x 4 regions, by where
it is light and dark in 8 x 8 parts, and by how much there is to see in it.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from PIL import Image

from journeys.pictures.alignment import PreparedCrop
from journeys.pictures.fingerprint import VIEW, Floats, brightness, colours
from journeys.pictures.picture import Picture
from journeys.pictures.recognition import Check, Limits, Recognition

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
    view, limits = picture.fingerprint.view_at(size, crop.shape), Limits.at(size)
    wanted = _parts(view.luma * view.contrast)
    steps = (-crop.search_reach, -crop.search_reach / 2, 0.0, crop.search_reach / 2, crop.search_reach)
    views = (crop.view((right, below)) for below in steps for right in steps)
    unlike, seen = min(((_rms(_parts(brightness(each)) - wanted), each) for each in views), key=_distance_of)
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


def _distance_of(pair: tuple[float, Image.Image]) -> float:
    return pair[0]


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values * values)))


def _parts(luma: Floats) -> Floats:
    """Return the brightness of 8 x 8 parts of a view around its mean."""
    each = VIEW // _PARTS
    means = luma.reshape(_PARTS, each, _PARTS, each).mean(axis=(1, 3))
    return np.asarray(means - means.mean())
