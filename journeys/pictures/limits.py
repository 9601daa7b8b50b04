"""The recogniser's limits, and what they were chosen by.

Set on drawings by `benches/_renderings.py` of a tuning set: every size, pixel ratio, shape and encoding, the
screen read in JPEG of quality 60 too. Each limit says below how far a right drawing of it went. What drawings
of other pictures came to is in docs/explanations/recognition.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

SMALLEST: Final = 20
"""Pixels a crop must have on a side."""
MOST_UNSQUARE: Final = 0.06
"""Part by which a crop's sides may differ (or two pixels): a box cut by the screen's edge differs by more."""
LEAST_CONTRAST: Final = 2.0
"""Grey levels by which a crop must deviate to show anything at all."""
MOST_BITS: Final = 16
"""Bits of 64 that may differ at the smallest sizes; `Limits.bits` is less from 25 px up."""
MOST_BITS_COVERED: Final = 11
"""The same where something lies over the picture: few right ones had more at 24 px, none from 40 px up.

With 14 bits and a corner left out one heap of coins was taken for another at 24 px.
"""
APART: Final = 2
"""Bits beyond those by which two pictures must differ to be told apart with room to spare."""
LEAST_NEAR: Final = 0.4
"""Correlation there must be at the nearest whole pixel of a view for a finer alignment to be tried.

Right drawings had at least 0.69 there, textures included; what has less can't come to LEAST_LIKENESS.
"""
LEAST_LIKENESS: Final = 0.65
"""Correlation of brightness there must be: at least 0.72 at 24 px, 0.88 from 40 px up."""
MOST_UNLIKE_PART: Final = 4.5
"""Difference in the worst of 4 x 4 regions: at most 2.4, and 3.9 where the real engine drew."""
MOST_CONTRAST: Final = 1.3
"""How much of the picture's contrast there may be: at most 1.13."""
MOST_DETAIL: Final = 1.6
"""How much of the picture's finer detail there may be: at most 1.13."""
LEAST_TINT: Final = 0.5
"""How much of the picture's colourfulness there must be, in its own direction."""


@dataclass(frozen=True)
class Limits:
    """The limits that depend on the size in pixels: the smaller a drawing, the more the drawing costs."""

    bits: int
    """Bits of 64 that may differ, each counted by its weight: at most 15 did at 24 px, 8 at 40 px."""
    unlike: float
    """Difference in brightness there may be, in multiples of what drawing it coarser makes, plus noise.

    The same picture had at most 1.0 at 24 px, 1.6 where a rendition of 48 px was enlarged to 120.
    """
    scale: float
    """Part by which a picture may be drawn wider or higher than its box.

    At most 0.06 at 24 px and 0.04 from 40 px up, partly the box's rounding.
    """
    contrast: float
    """How much of the picture's contrast must be there: at least 0.58 at 24 px, 0.72 at 40 px."""
    detail: float
    """How much of its finer detail must be there: at least 0.66 at 24 px, 0.79 from 40 px up."""
    colour: float
    """CIE Lab difference there may be in the mean of the regions.

    In JPEG of quality 60 flat, bright colours had up to 14.9 at 24 px, 5.2 at 40 px, 4.2 at 120 px.
    """
    colour_part: float
    """CIE Lab difference there may be in the worst of 4 x 4 regions."""

    @classmethod
    def at(cls, size: int) -> Limits:
        """Return the limits for a crop of `size` pixels."""
        colour = 2 + 315 / size
        return cls(
            bits=min(MOST_BITS, int(6 + 240 / size)),
            unlike=min(2.0, 0.5 + size / 30),
            scale=0.045 + 0.6 / size,
            contrast=0.8 - 6.5 / size,
            detail=0.8 - 5 / size,
            colour=colour,
            colour_part=3 * colour + 240 / size,
        )
