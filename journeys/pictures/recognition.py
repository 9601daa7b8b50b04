"""Tells whether what is on screen is a certain picture, and why not."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal, TypeAlias

import numpy as np
from PIL import Image

from journeys.pictures.alignment import Alignment, Look, align
from journeys.pictures.errors import TooAlike
from journeys.pictures.fingerprint import Shape, View
from journeys.pictures.picture import Picture
from journeys.pictures.view import Floats, brightness, colours, detail, standardised, unlike

Check: TypeAlias = Literal[
    "size", "structure", "distance", "likeness", "scale", "contrast", "detail", "part", "colour", "ambiguous"
]
"""The checks, in the order they are made; the first that fails is named."""

SMALLEST: Final = 20
"""Pixels a crop must have on a side; from 24 on nothing is missed."""
MOST_UNSQUARE: Final = 0.06
"""Part by which a crop's sides may differ (or two pixels): a box cut by the screen's edge differs by more."""
LEAST_CONTRAST: Final = 2.0
"""Grey levels by which a crop must deviate to show anything at all."""
MOST_BITS: Final = 10
"""Firm bits that may differ."""
LEAST_LIKENESS: Final = 0.65
"""Correlation of brightness that there must be."""
MOST_UNLIKE_PART: Final = 2.3
"""Difference in the worst of 4 x 4 regions: one that is covered, or not yet loaded, is further off."""
MOST_CONTRAST: Final = 1.3
"""How much of the picture's contrast there may be."""
DETAIL: Final = (0.5, 1.6)
"""How much of the picture's finer detail must be there: a blurred placeholder has less."""
LEAST_TINT: Final = 0.5
"""How much of the picture's colourfulness must be there, in its own direction."""
_TINTED: Final = 4.0
_FINE: Final = 3.0
_NOISE: Final = 4.0


@dataclass(frozen=True)
class Limits:
    """The limits that depend on the size in pixels: the smaller a drawing, the more the drawing costs."""

    unlike: float
    """Difference in brightness there may be, in multiples of what drawing it coarser makes (and 4 grey levels)."""
    scale: float
    """Part by which a picture may be drawn wider or higher than its box."""
    contrast: float
    """How much of the picture's contrast must be there: one that fades in or out has less."""
    colour: float
    """CIE Lab difference there may be, in the mean of 4 x 4 regions."""
    colour_part: float
    """CIE Lab difference there may be in the worst of them."""

    @classmethod
    def at(cls, size: int) -> Limits:
        """Return the limits for a crop of `size` pixels."""
        colour = 2.5 + 180 / size
        return cls(
            unlike=min(1.1, 0.7 + 20 / size),
            scale=0.045 + 1.2 / size,
            contrast=0.8 - 5 / size,
            colour=colour,
            colour_part=3 * colour,
        )


@dataclass(frozen=True)
class Recognition:
    """What came of looking for a picture in a crop.

    `reason` says it in one line, with the figure that decided.
    """

    same: bool
    distance: int
    """Firm bits of the perceptual hash that differ at the best alignment; 64 when nothing was compared."""
    colour_distance: float
    """Mean CIE Lab difference of 4 x 4 regions."""
    alignment: tuple[float, float]
    """How far right and down of the box's middle the picture lies, in pixels of the crop."""
    refused_by: Check | None
    """The check that refused, when it is not the picture."""
    reason: str
    likeness: float = 0.0
    """Correlation of brightness at the best alignment, at most 1."""
    scale: tuple[float, float] = (1.0, 1.0)
    """How much wider and higher than expected the picture is drawn."""
    contrast: float = 0.0
    """How much of the picture's contrast is there, 1 is all."""
    detail: float = 0.0
    """How much of the picture's finer detail is there, 1 is all."""
    unlike: float = 0.0
    """Difference in brightness, in multiples of what drawing the picture coarser would make."""
    unlike_part: float = 0.0
    """The same in the worst of 4 x 4 regions."""

    def __bool__(self) -> bool:
        return self.same


def nothing(check: Check, reason: str) -> Recognition:
    """Return the answer for a crop that was compared with nothing."""
    return Recognition(
        same=False, distance=64, colour_distance=100.0, alignment=(0.0, 0.0), refused_by=check, reason=reason
    )


class Recogniser:
    """Tells whether a crop of the screen shows a picture.

        recogniser = Recogniser()
        seen = recogniser.recognise(frame.crop(box), picture)
        if not seen.same:
            print(seen.reason)

    `shape` is how the app clips its avatars. A circle's view is inside the other shapes too, so it is right for
    all of them; the others look at a little more.
    """

    def __init__(self, shape: Shape = "circle") -> None:
        self.shape: Shape = shape

    def recognise(self, crop: Image.Image, picture: Picture) -> Recognition:
        """Tell whether a crop shows a picture, and why not."""
        look, refused = self._look(crop)
        return refused if look is None else self._compare(look, picture)

    def best(self, crop: Image.Image, candidates: Iterable[Picture]) -> tuple[Picture | None, Recognition]:
        """Return which of some pictures a crop shows, if that is beyond doubt, and why.

        When it is none of them, the answer says why it isn't the nearest.
        """
        look, refused = self._look(crop)
        if look is None:
            return None, refused
        answers = [(picture, self._compare(look, picture)) for picture in candidates]
        same = [(picture, answer) for picture, answer in answers if answer.same]
        if len(same) == 1:
            return same[0]
        if same:
            names = " and ".join(picture.name for picture, _ in same)
            nearest = min((answer for _, answer in same), key=lambda answer: answer.distance)
            return None, Recognition(
                **{
                    **vars(nearest),
                    "same": False,
                    "refused_by": "ambiguous",
                    "reason": f"could be {names}: use pictures that are further apart",
                }
            )
        if not answers:
            return None, nothing("ambiguous", "there was no picture to look for")
        return None, min(
            (answer for _, answer in answers), key=lambda answer: (answer.distance, -answer.likeness)
        )

    def tell_apart(self, one: Picture, other: Picture) -> None:
        """Make sure that neither of two pictures could be taken for the other.

        Raises `TooAlike` when they could.
        """
        for shown, looked_for in ((one, other), (other, one)):
            answer = self.recognise(shown.image, looked_for)
            if answer.same or answer.distance <= MOST_BITS:
                raise TooAlike(
                    f"{one.name} and {other.name} are too alike ({answer.distance} bits apart, "
                    f"more than {MOST_BITS} are needed): choose another picture"
                )

    def _look(self, crop: Image.Image) -> tuple[Look | None, Recognition]:
        width, height = crop.size
        if min(width, height) < SMALLEST:
            return None, nothing(
                "size", f"{width} x {height} px are too few to recognise anything in (at least {SMALLEST})"
            )
        if abs(width - height) > max(2, MOST_UNSQUARE * max(width, height)):
            return None, nothing(
                "size", f"{width} x {height} px are not square: the avatar is cut off or not the whole box"
            )
        look = Look(crop, self.shape)
        if look.contrast < LEAST_CONTRAST:
            return None, nothing(
                "structure", f"shows one plain colour (contrast {look.contrast:.1f} grey levels)"
            )
        return look, nothing("structure", "")

    def _compare(self, look: Look, picture: Picture) -> Recognition:
        view = picture.fingerprint.at(min(look.size), look.shape)
        found = align(look, view)
        luma = brightness(found.view)
        seen_colours = colours(found.view)
        apart = np.linalg.norm(seen_colours - view.colours, axis=-1)
        # Contrast is judged by itself, so here the crop has the picture's.
        parts = unlike(standardised(luma) * view.contrast, view.luma * view.contrast)
        measured = _Measured(
            unlike=_rms(parts) / (_rms(view.give) + _NOISE),
            unlike_part=float(np.max(parts / (view.give + _NOISE))),
            distance=view.bits_from(found.hash),
            colour_distance=float(apart.mean()),
            worst_region=float(apart.max()),
            tint=_share(seen_colours[..., 1:], view.colours[..., 1:], _TINTED),
            contrast=float(np.mean(luma * view.luma)) / max(view.contrast, 1e-6),
            detail=_share(detail(luma), view.detail, _FINE),
        )
        check, why = measured.judge(found, min(look.size))
        reason = (
            f"is {picture.name}: {measured.distance} bits and {measured.colour_distance:.1f} of colour off"
            if check is None
            else f"is not {picture.name}: {why}"
        )
        return Recognition(
            same=check is None,
            distance=measured.distance,
            colour_distance=measured.colour_distance,
            alignment=(found.shift[0] * look.size[0], found.shift[1] * look.size[1]),
            refused_by=check,
            reason=reason,
            likeness=found.likeness,
            scale=found.scale,
            contrast=measured.contrast,
            detail=measured.detail,
            unlike=measured.unlike,
            unlike_part=measured.unlike_part,
        )


@dataclass(frozen=True)
class _Measured:
    """The figures that the checks decide by."""

    distance: int
    colour_distance: float
    worst_region: float
    tint: float
    contrast: float
    detail: float
    unlike: float
    unlike_part: float

    def judge(self, found: Alignment, size: int) -> tuple[Check | None, str]:
        """Return the first check that fails, and why."""
        limits = Limits.at(size)
        wide, high = found.scale
        checks: tuple[tuple[Check, bool, str], ...] = (
            (
                "distance",
                self.distance <= MOST_BITS,
                f"{self.distance} bits differ (at most {MOST_BITS} may)",
            ),
            (
                "likeness",
                found.likeness >= LEAST_LIKENESS,
                f"its shapes are only {found.likeness:.2f} alike (at least {LEAST_LIKENESS})",
            ),
            (
                "likeness",
                self.unlike <= limits.unlike,
                f"it differs {self.unlike:.1f} times as much as drawing can explain",
            ),
            (
                "scale",
                max(abs(wide - 1), abs(high - 1)) <= limits.scale,
                f"it is drawn {wide:.2f} times as wide and {high:.2f} times as high as it should be",
            ),
            (
                "contrast",
                limits.contrast <= self.contrast <= MOST_CONTRAST,
                f"it has {self.contrast:.0%} of the picture's contrast",
            ),
            (
                "detail",
                DETAIL[0] <= self.detail <= DETAIL[1],
                f"it has {self.detail:.0%} of the picture's detail",
            ),
            (
                "part",
                self.unlike_part <= MOST_UNLIKE_PART,
                f"a part of it differs {self.unlike_part:.1f} times as much as drawing can explain",
            ),
            (
                "colour",
                self.colour_distance <= limits.colour,
                f"its colours are {self.colour_distance:.1f} off (at most {limits.colour:.1f})",
            ),
            (
                "colour",
                self.worst_region <= limits.colour_part,
                f"a part of it is {self.worst_region:.1f} off in colour (at most {limits.colour_part:.1f})",
            ),
            ("colour", self.tint >= LEAST_TINT, f"it has {self.tint:.0%} of the picture's colourfulness"),
        )
        return next(((check, why) for check, passed, why in checks if not passed), (None, ""))


def _share(seen: Floats, expected: Floats, least: float) -> float:
    """Return how much of what is expected is seen: 1 is all; also where too little is expected to tell."""
    power = float(np.sum(expected * expected))
    if power < least * least * expected.size:
        return 1.0
    return float(np.sum(seen * expected)) / power


def _rms(values: Floats) -> float:
    return float(np.sqrt(np.mean(values * values)))
