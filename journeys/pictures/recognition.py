"""The answer to whether a crop shows a certain picture, the checks that give it, and their limits.

The limits were set on drawings of a tuning set by `benches/_renderings.py`: every size, pixel ratio, shape
and encoding, the screen read in JPEG of quality 60 too. Each limit's comment is how far a right drawing went.
What drawings of other pictures came to is in docs/explanations/recognition.md.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, Literal, TypeAlias

from journeys.pictures.defects import Defect

SMALLEST_PX: Final = 20
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


_WIDER: Final = 1.25
"""What a measurement may be, in parts of its limit, to be nearly within it."""
_LESS: Final = 0.1

Check: TypeAlias = Literal[
    "size",
    "structure",
    "distance",
    "likeness",
    "scale",
    "contrast",
    "detail",
    "part",
    "colour",
    "defect",
    "ambiguous",
]
"""The checks, in the order they are made; the first that fails is named."""


@dataclass(frozen=True)
class Recognition:
    """What came of looking for a picture in a crop; true if it is the picture.

    `reason` says it in one line, with the figure that decided.
    """

    same: bool
    distance: int
    """Bits of 64 by which the perceptual hashes differ at the best alignment, each counted by its weight.

    At the expected scale when the one found is not allowed; 64 when nothing was compared.
    """
    colour_distance: float
    """CIE Lab difference, the mean of 4 x 4 regions."""
    alignment: tuple[float, float]
    """How far right and down of the box's middle the picture lies, in pixels of the crop."""
    refused_by: Check | None
    """The check that refused, when it is not the picture."""
    reason: str
    likeness: float = 0.0
    """Correlation of brightness at the best alignment, at most 1."""
    unlike: float = 0.0
    """Difference in brightness, in multiples of what drawing the picture coarser makes of it."""
    unlike_part: float = 0.0
    """The same in the worst of 4 x 4 regions."""
    scale: tuple[float, float] = (1.0, 1.0)
    """How much wider and higher than expected the picture is drawn."""
    contrast: float = 0.0
    """How much of the picture's contrast is there, 1 is all."""
    detail: float = 0.0
    """How much of the picture's finer detail is there, 1 is all."""
    colour_part: float = 0.0
    """CIE Lab difference in the worst of 4 x 4 regions."""
    tint: float = 0.0
    """How much of the picture's colourfulness is there, 1 is all."""
    left_out: float = 0.0
    """The part of what is looked at that something else lies over, and that was left out."""
    defect: Defect | None = None
    """The wrong drawing that the crop is likest, when all other checks passed."""
    defect_share: float = 0.0
    """How far towards that wrong drawing it lies, in parts of what a right one may."""

    reservation: str = ""
    """What is not certified though the answer is yes: that it is this very picture, where that is plain."""

    def __bool__(self) -> bool:
        return self.same


def refusal(check: Check, reason: str) -> Recognition:
    """Return the answer for a crop that was compared with nothing."""
    return Recognition(
        same=False, distance=64, colour_distance=100.0, alignment=(0.0, 0.0), refused_by=check, reason=reason
    )


def judge(measured: Recognition, name: str, size: int) -> Recognition:
    """Return measurements on a crop of `size` pixels with their verdict: is it the picture called `name`."""
    for check, passed, why in _checks(measured, Limits.at(size)):
        if not passed:
            return replace(measured, same=False, refused_by=check, reason=f"is not {name}: {why}")
    reason = f"is {name}: {measured.distance} bits and {measured.colour_distance:.1f} of colour off"
    if measured.left_out:
        reason += f", what lies over {measured.left_out:.0%} of it left out"
    return replace(measured, same=True, refused_by=None, reason=reason)


def is_nearly_same(answer: Recognition, size: int) -> bool:
    """Tell whether what was measured on a crop of `size` pixels passes every check, or nearly does."""
    limits = Limits.at(size)
    wider = replace(
        limits,
        bits=limits.bits + APART,
        unlike=limits.unlike * _WIDER,
        scale=limits.scale * _WIDER,
        contrast=limits.contrast - _LESS,
        detail=limits.detail - _LESS,
        colour=limits.colour * _WIDER,
        colour_part=limits.colour_part * _WIDER,
    )
    return answer.same or (
        all(passed for _, passed, _ in _checks(answer, wider)) and answer.defect_share <= _WIDER
    )


def add_defect(verdict: Recognition, name: str, defect: Defect | None, share: float) -> Recognition:
    """Return a verdict of `judged` with the defect that the crop comes nearest to; a right one shows none.

    What was refused before stays so, for the same reason; the defect is added to it.
    """
    answer = replace(verdict, defect=defect, defect_share=share)
    if defect is None or share <= 1.0:
        return answer
    if not answer.same:
        return replace(answer, reason=f"{answer.reason}; it looks {defect}")
    reason = f"is {name}, but {defect} ({share:.1f} times as far that way as a right drawing may be)"
    return replace(answer, same=False, refused_by="defect", reason=reason)


def _checks(seen: Recognition, limits: Limits) -> tuple[tuple[Check, bool, str], ...]:
    """Return each check, whether it passed, and what to say if not."""
    wide, high = seen.scale
    bits = min(limits.bits, MOST_BITS_COVERED) if seen.left_out else limits.bits
    scaled = max(abs(wide - 1), abs(high - 1)) > limits.scale
    drawn = f"it is drawn {wide:.2f} times as wide and {high:.2f} times as high as its box"
    return (
        # Where the shapes are the picture's, the scale is what is wrong, and no bits are to be expected.
        ("scale", not (scaled and seen.likeness >= LEAST_LIKENESS), drawn),
        ("distance", seen.distance <= bits, f"{seen.distance} bits differ (at most {bits} may)"),
        (
            "likeness",
            seen.likeness >= LEAST_LIKENESS,
            f"its shapes are {seen.likeness:.2f} alike (at least {LEAST_LIKENESS})",
        ),
        (
            "likeness",
            seen.unlike <= limits.unlike,
            f"its shapes are {seen.unlike:.2f} off (at most {limits.unlike:.2f} is the drawing's)",
        ),
        ("scale", not scaled, drawn),
        (
            "contrast",
            limits.contrast <= seen.contrast <= MOST_CONTRAST,
            f"it has {seen.contrast:.0%} of the picture's contrast",
        ),
        (
            "detail",
            limits.detail <= seen.detail <= MOST_DETAIL,
            f"it has {seen.detail:.0%} of the picture's finer detail",
        ),
        (
            "part",
            seen.unlike_part <= MOST_UNLIKE_PART,
            f"a part of it is {seen.unlike_part:.1f} off (at most {MOST_UNLIKE_PART} is the drawing's)",
        ),
        (
            "colour",
            seen.colour_distance <= limits.colour,
            f"its colours are {seen.colour_distance:.1f} off (at most {limits.colour:.1f})",
        ),
        (
            "colour",
            seen.colour_part <= limits.colour_part,
            f"a part's colour is {seen.colour_part:.1f} off (at most {limits.colour_part:.1f})",
        ),
        ("colour", seen.tint >= LEAST_TINT, f"it has {seen.tint:.0%} of the picture's colourfulness"),
    )
