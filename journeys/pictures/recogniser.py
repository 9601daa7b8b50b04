"""Looks for a picture in a crop of the screen."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
from PIL import Image

from journeys.pictures.agreement import judge_agreement
from journeys.pictures.alignment import CORE, Alignment, PreparedCrop, align
from journeys.pictures.fingerprint import (
    VIEW,
    Floats,
    Shape,
    View,
    VisiblePart,
    brightness,
    colours,
    detail,
    difference_by_region,
    hash_view,
    judgeable_regions,
    standardise,
)
from journeys.pictures.overlay import Overlay, learnt_masks, overlay_of, trusted_masks
from journeys.pictures.picture import Picture, TooAlike
from journeys.pictures.recognition import (
    LEAST_CONTRAST,
    LEAST_LIKENESS,
    LEAST_NEAR,
    MOST_UNSQUARE,
    SMALLEST_PX,
    Limits,
    Recognition,
    add_defect,
    is_nearly_same,
    judge,
    refusal,
)

_NEAREST: Final = 3
"""Candidates that are compared in any case, so that the answer can say why it is none of them."""
COMPARED_SIZES_PX: Final = (96, 64, 40, 24)
"""Pixels on a side at which two pictures must differ."""
_CLOSER: Final = 0.03
_LIKE: Final = 0.8
"""Likeness from which on a refused crop may well show the picture, drawn wrongly: then it is said how."""
_NOISE: Final = 4.0
_TINTED: Final = 4.0
_FINE: Final = 3.0


class Recogniser:
    """Tells whether a crop of the screen shows a picture.

        recogniser = Recogniser()
        seen = recogniser.recognise(frame.crop(box), picture)
        if not seen.same:
            print(seen.reason)

    `shape` is how the app clips its avatars. What is looked at of a circle lies inside the other shapes
    too, so that one is right for all of them; the others look at a little more.
    """

    def __init__(self, shape: Shape = "circle") -> None:
        self.shape: Shape = shape

    def recognise(
        self, crop: Image.Image, picture: Picture, *, overlay: Overlay | None = None
    ) -> Recognition:
        """Tell whether a crop shows a picture, and why not.

        The crop is the square box around the avatar, give or take two pixels. What an app draws over a corner
        or the rim is left out; `overlay` is what else is known to lie over the picture. Of a picture that
        can't be told from others (`Picture.shortcoming`) it is said only whether the crop agrees with it.
        """
        unfit = _refuse_unfit(crop)
        return unfit if unfit is not None else _answer(PreparedCrop(crop, self.shape), picture, overlay)

    def overlay_on(self, crop: Image.Image, picture: Picture) -> Overlay | None:
        """Return what lies over a picture that a crop is known to show; None where nothing tells it.

        Wherever the picture doesn't explain the pixels, something lies over it. That may be up to 35 % of
        what is looked at, and all of the rest must be the picture's by every check.
        """
        prepared = self._prepare(crop)
        return None if isinstance(prepared, Recognition) else _overlay_on(prepared, picture)

    def find_best(
        self, crop: Image.Image, candidates: Iterable[Picture]
    ) -> tuple[Picture | None, Recognition]:
        """Return which of some pictures a crop shows, if that is beyond doubt, and why.

        When it is none of them, the answer says why it isn't the nearest.
        """
        prepared = self._prepare(crop)
        if isinstance(prepared, Recognition):
            return None, prepared
        answers = _compare_nearest(prepared, list(candidates))
        if not answers:
            return None, refusal("ambiguous", "there was no picture to look for")
        same = [(picture, answer) for picture, answer in answers if answer.same]
        if len(same) == 1:
            return same[0]
        if same:
            names = " or ".join(picture.name for picture, _ in same)
            reason = f"could be {names}: use pictures that are further apart"
            return None, replace(same[0][1], same=False, refused_by="ambiguous", reason=reason)
        return None, answers[0][1]

    def find_nearest(
        self, crop: Image.Image, candidates: Iterable[Picture]
    ) -> list[tuple[Picture, Recognition]]:
        """Return the candidates that a crop comes nearest to and what came of each, the nearest first.

        Those that are far from it wherever it is moved (`LEAST_NEAR`) are left out, for it can't show them,
        but at least three are compared. There are none when the crop is fit for no comparison.
        """
        prepared = self._prepare(crop)
        return [] if isinstance(prepared, Recognition) else _compare_nearest(prepared, list(candidates))

    def tell_apart(self, one: Picture, other: Picture) -> None:
        """Make sure that neither of two pictures could be taken for the other, large or small.

        Raises `TooAlike` when one could, or nearly.
        """
        for size in COMPARED_SIZES_PX:
            for shown, looked_for in ((one, other), (other, one)):
                crops = [PreparedCrop(drawing, self.shape) for drawing in drawings_at(shown, size)]
                if (answer := find_mistake(crops, looked_for)) is not None:
                    raise TooAlike(
                        f"{one.name} and {other.name} are too alike: {shown.name}, drawn in {size} px, is "
                        f"hardly told from {looked_for.name} ({answer.distance} bits differ); choose another "
                        "picture"
                    )

    def _prepare(self, crop: Image.Image) -> PreparedCrop | Recognition:
        """Prepare a crop for comparisons, or say why it is fit for none."""
        if (unfit := _refuse_unfit(crop)) is not None:
            return unfit
        prepared = PreparedCrop(crop, self.shape)
        plain = _refuse_plain(prepared)
        return prepared if plain is None else plain


def _refuse_unfit(crop: Image.Image) -> Recognition | None:
    width, height = crop.size
    if min(width, height) < SMALLEST_PX:
        return refusal("size", f"{width} x {height} px are too few (at least {SMALLEST_PX} on a side)")
    if abs(width - height) > max(2, MOST_UNSQUARE * max(width, height)):
        return refusal("size", f"{width} x {height} px are not square: the avatar is cut off")
    return None


def _answer(crop: PreparedCrop, picture: Picture, overlay: Overlay | None = None) -> Recognition:
    """Say whether a crop shows a picture, or agrees with one that can't be recognised."""
    if picture.shortcoming is not None:
        return judge_agreement(crop, picture)
    plain = _refuse_plain(crop)
    return plain if plain is not None else _compare(crop, picture, overlay)


def _refuse_plain(crop: PreparedCrop) -> Recognition | None:
    if crop.contrast >= LEAST_CONTRAST:
        return None
    return refusal("structure", f"shows one plain colour ({crop.contrast:.1f} grey levels of contrast)")


def find_mistake(crops: Sequence[PreparedCrop], picture: Picture) -> Recognition | None:
    """Return what makes drawings of another picture be taken for a picture; None where nothing does.

    The first, which is in place, must not even come near it; the others, moved a little and larger, must not
    be taken for it.
    """
    answer = _answer(crops[0], picture)
    if is_nearly_same(answer, min(crops[0].size)):
        return answer
    answers = (_answer(crop, picture) for crop in crops[1:])
    return next((answer for answer in answers if answer.same), None)


def drawings_at(picture: Picture, size: int) -> list[Image.Image]:
    """Return a picture drawn in a box of `size` pixels: as it should be, and a little larger and off.

    A hair's breadth decides in which of several ways another picture is brought into line with it.
    """
    side = picture.image.width
    off = _CLOSER * side
    boxes = [(0.0, 0.0, float(side), float(side))]
    boxes += [(x, y, x + side - off, y + side - off) for x in (0.0, off) for y in (0.0, off)]
    return [
        picture.image.resize((size, size), Image.Resampling.LANCZOS, box=box, reducing_gap=2.0)
        for box in boxes
    ]


def _compare_nearest(crop: PreparedCrop, pictures: Sequence[Picture]) -> list[tuple[Picture, Recognition]]:
    """Compare a crop with all pictures it could show, and with the nearest few in any case."""
    if not pictures:
        return []
    views = (picture.fingerprint.view_at(min(crop.size), crop.shape) for picture in pictures)
    near = crop.nearness(np.stack([view.luma.ravel() for view in views]))
    order = np.argsort(-near, kind="stable")
    answers = [
        (pictures[index], _compare(crop, pictures[index]))
        for rank, index in enumerate(order)
        if rank < _NEAREST or near[index] >= LEAST_NEAR
    ]
    return sorted(answers, key=lambda answer: (answer[1].distance, -answer[1].likeness))


def _compare(crop: PreparedCrop, picture: Picture, overlay: Overlay | None = None) -> Recognition:
    """Judge whether a crop shows a picture, as it is or with something over it."""
    size = min(crop.size)
    view = picture.fingerprint.view_at(size, crop.shape)
    whole = _measure(crop, picture, align(crop, view))
    if whole.same:
        return whole
    found = align(crop, view, CORE if overlay is None else overlay.free_mask)
    if found.likeness < LEAST_LIKENESS:
        return whole
    wrong = picture.fingerprint.defects(size, crop.shape)
    known = np.zeros((VIEW, VIEW)) if overlay is None else overlay.covered_mask(found, crop.inner)
    # A wrong drawing that explains what is off is no overlay.
    if wrong.find_explanation(crop.view(found.shift), 1 - known):
        return whole
    for trusted in trusted_masks(found, view, size, known):
        # What is known to be covered can't be asked for, what an overlay is assumed to cover must be.
        asked = np.maximum(trusted, known)
        if not _shows_enough(view.part(asked), size) or wrong.find_hidden(asked):
            continue
        uncovered = _measure(crop, picture, align(crop, view, trusted), trusted)
        if uncovered.same:
            return uncovered
    return whole


def _shows_enough(left: VisiblePart, size: int) -> bool:
    """Tell whether what is left of a picture could be recognised: if small, all that is asked of a whole."""
    return left.contrast >= 8 + 170 / size and left.hold >= 200 + 9600 / size


def _overlay_on(crop: PreparedCrop, picture: Picture) -> Overlay | None:
    """Find what lies over a picture: all that it doesn't explain, if it does explain the rest."""
    size = min(crop.size)
    view = picture.fingerprint.view_at(size, crop.shape)
    core = align(crop, view, CORE)
    if core.likeness < LEAST_NEAR:
        return None
    # What lies over the core too would pull it out of line; mostly it is where its box says.
    in_place = Alignment(shift=(0.0, 0.0), scale=(1.0, 1.0), likeness=core.likeness, view=crop.view())
    for found in (core, in_place):
        for trusted in learnt_masks(found, view, size):
            placed = align(crop, view, trusted)
            if _measure(crop, picture, placed, trusted).same:
                return overlay_of(trusted, placed, crop.inner)
    return None


def _measure(
    crop: PreparedCrop, picture: Picture, found: Alignment, trusted: Floats | None = None
) -> Recognition:
    """Measure how far what a crop shows is from a picture, and judge it.

    `trusted` is 1 for each pixel of a view that is looked at; the others count as neither like nor unlike.
    """
    size = min(crop.size)
    view = picture.fingerprint.view_at(size, crop.shape)
    drawn = found.view if trusted is None else _uncover(found.view, view, trusted)
    part = 1.0 if trusted is None else float(trusted.mean())
    distance = view.bits_from(hash_view(drawn))
    if max(abs(each - 1) for each in found.scale) > Limits.at(size).scale:
        # At a scale that is not allowed another picture may look like this one.
        placed = crop.view(found.shift)
        distance = max(
            distance,
            view.bits_from(hash_view(placed if trusted is None else _uncover(placed, view, trusted))),
        )
    luma, seen = brightness(drawn), colours(drawn, trusted)
    expected = view.colours if trusted is None else colours(view.pixels, trusted)
    regions = np.ones(view.give.shape) if trusted is None else judgeable_regions(trusted)
    colour_parts = np.linalg.norm(seen - expected, axis=-1) * regions
    left = view if trusted is None else view.part(trusted)
    wanted, contrast = left.luma, left.contrast
    # Contrast is judged by itself; here the crop is given the picture's.
    parts = difference_by_region(standardise(luma, trusted) * contrast, wanted * contrast, trusted) * regions
    give = view.give * regions
    measured = Recognition(
        same=False,
        distance=round(distance / part),
        colour_distance=float(colour_parts.sum() / regions.sum()),
        alignment=(found.shift[0] * crop.size[0], found.shift[1] * crop.size[1]),
        refused_by=None,
        reason="",
        likeness=found.likeness,
        unlike=_rms(parts, regions) / (_rms(give, regions) + _NOISE),
        unlike_part=float(np.max(parts / (view.give + _NOISE))),
        scale=found.scale,
        contrast=float(np.mean(luma * wanted)) / part / max(contrast, 1e-6),
        detail=_least_share(_share(detail(luma), view.detail, _FINE), part),
        colour_part=float(colour_parts.max()),
        tint=_share(seen[..., 1:] * regions[..., None], expected[..., 1:] * regions[..., None], _TINTED),
        left_out=1 - part,
    )
    answer = judge(measured, picture.name, size)
    if not answer.same and answer.likeness < _LIKE:
        return answer
    # At the expected scale: the alignment would take a stretched drawing back to the picture.
    defect, share = picture.fingerprint.defects(size, crop.shape).find_clearest(
        crop.view(found.shift), trusted
    )
    return add_defect(answer, picture.name, defect, share)


def _uncover(seen: Image.Image, view: View, trusted: Floats) -> Image.Image:
    """Return what a crop shows, with the picture itself where something lies over it."""
    pixels = np.where(trusted[..., None] > 0, np.asarray(seen, dtype=np.float64), view.pixels)
    return Image.fromarray(pixels.astype(np.uint8))


def _least_share(share: float, part: float) -> float:
    """Return how much of what was looked at is there, where the rest was taken to be all there."""
    return 1 - (1 - share) / part


def _share(seen: Floats, expected: Floats, least: float) -> float:
    """Return how much of what is expected is seen: 1 is all, or too little to tell."""
    power = float(np.sum(expected * expected))
    if power < least * least * expected.size:
        return 1.0
    return float(np.sum(seen * expected)) / power


def _rms(values: Floats, regions: Floats) -> float:
    return float(np.sqrt(np.sum(values * values) / regions.sum()))
