"""Looks for a picture on a whole screenshot: for apps that don't say where their avatars are."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Final, TypeAlias

import numpy as np
from PIL import Image

from journeys.pictures.correlation import Guess, guesses
from journeys.pictures.fingerprint import Shape
from journeys.pictures.picture import Picture
from journeys.pictures.recogniser import Recogniser
from journeys.pictures.recognition import SMALLEST_PX, Check, Limits, Recognition

SIZES_PX: Final = (24, 512)
"""Pixels of the screenshot that a picture's side is expected to have."""

_MOST_GUESSES: Final = 200
_MOST_REFUSED: Final = 30
"""Guesses refused one after the other, from the likeliest down, after which no further one is looked at."""
_STEPS: Final = 4
_ROUNDING_PX: Final = 2
"""Pixels by which a box may be off, in its size and beyond the screenshot's edges."""

_MOST_STRETCHED: Final = 1.5
"""How much one side may differ from the other, in multiples of what each may differ from its box."""
_MOST_OFF: Final = 45.0
"""Difference in colour, in levels of red, green and blue, beyond which something else is seen."""
_MOST_OFF_CORNER: Final = 70.0
"""The same in a corner, whose last pixels are half the background's."""
_MOST_GONE: Final = 2
"""Sides of a picture that may be covered: by a badge, or by a name."""

_CELLS: Final = 24
_ALONG: Final = np.abs(np.arange(_CELLS) - _CELLS / 2 + 0.5)
_CORNERS: Final = np.minimum(_ALONG[:, None], _ALONG[None, :]) >= 10.5
"""What only a square shows."""
_BETWEEN: Final = (np.hypot(_ALONG[:, None], _ALONG[None, :]) > 12.7) & (
    np.maximum(_ALONG[:, None], _ALONG[None, :]) < 9.9
)
"""What a rounded square shows, and a circle doesn't."""

_Square: TypeAlias = tuple[int, int, int, int]


@dataclass(frozen=True)
class Match:
    """A place on a screenshot, and what came of looking for a picture there; true if it is the picture."""

    box: tuple[int, int, int, int]
    """Left, top, width and height, in pixels of the screenshot."""
    recognition: Recognition
    shape: Shape = "circle"
    """How the picture is clipped, as far as it can be told from what is behind it."""

    def __bool__(self) -> bool:
        return self.recognition.same


@dataclass(frozen=True)
class SearchResult:
    """What came of looking for a picture on a screenshot; true if it was found."""

    found: tuple[Match, ...]
    """Every place where it is, the best first."""
    nearest: Match | None
    """The best of them, or else what comes nearest, and why it isn't the picture; if anything does."""
    reason: str
    """One line: where it is, or why it is nowhere."""

    def __bool__(self) -> bool:
        return bool(self.found)


def find(picture: Picture, screenshot: Image.Image, *, sizes: tuple[int, int] = SIZES_PX) -> list[Match]:
    """Return every place on a screenshot where a picture is, the best first; none where it isn't.

        for place in pictures.find(picture, await app.screenshot()):
            print(place.box, place.recognition.reason)

    The picture may be clipped as a circle, a rounded square or a square, on any background, and `sizes` are
    the pixels its side may have; it must be wholly on the screenshot. See `search` for why it is nowhere.
    """
    return list(search(picture, screenshot, sizes=sizes).found)


def search(picture: Picture, screenshot: Image.Image, *, sizes: tuple[int, int] = SIZES_PX) -> SearchResult:
    """Look for a picture on a screenshot, and say what came nearest where it isn't found.

    Nothing is found that `Recogniser` would not recognise in that box.
    """
    if sizes[0] > sizes[1]:
        raise ValueError(f"sizes are the smallest and the largest in pixels, got {sizes}")
    smallest, largest = max(SMALLEST_PX, sizes[0]), sizes[1]
    screen = screenshot.convert("RGB")
    found: list[Match] = []
    refused: list[Match] = []
    in_a_row = 0
    for guess in guesses(picture.fingerprint, screen, (smallest, largest), _MOST_GUESSES):
        if in_a_row == _MOST_REFUSED:
            break
        if any(_covers(place, guess) for place in found):
            continue
        place = _refine(picture, screen, guess)
        if place is not None and smallest - _ROUNDING_PX <= place.box[2] <= largest + _ROUNDING_PX:
            (found if place else refused).append(place)
        in_a_row = 0 if place else in_a_row + 1
    found.sort(key=_rank)
    apart = [
        place for index, place in enumerate(found) if not any(_overlap(place, best) for best in found[:index])
    ]
    nearest = min(apart or refused, key=_rank, default=None)
    return SearchResult(tuple(apart), nearest, _reason(picture, screen, apart, nearest))


def _refine(picture: Picture, screen: Image.Image, guess: Guess) -> Match | None:
    """Move and scale a guess until the picture fits its box; none where that is not on the screen."""
    recogniser = Recogniser()
    x, y, size = guess.x, guess.y, guess.size
    best: Match | None = None
    seen: set[_Square] = set()
    for _ in range(_STEPS):
        box = _box(x, y, size, screen.size)
        if box is None or box in seen:
            break
        seen.add(box)
        left, top, width, height = box
        crop = screen.crop((left, top, left + width, top + height))
        recognition = recogniser.recognise(crop, picture)
        place = Match(box, recognition)
        if recognition.same:
            place = _check_whole(crop, picture, place)
        if best is None or _rank(place) < _rank(best):
            best = place
        wide, high = recognition.scale
        x, y = left + width / 2 + recognition.alignment[0], top + height / 2 + recognition.alignment[1]
        size = (width * wide + height * high) / 2
    return best


def _check_whole(crop: Image.Image, picture: Picture, place: Match) -> Match:
    """Say how a recognised picture is clipped; refuse it where its sides differ, or where it goes on beyond.

    An avatar's own box would have told: here it was taken to be where the picture fits.
    """
    wide, high = place.recognition.scale
    if abs(wide / high - 1) > _MOST_STRETCHED * Limits.at(min(crop.size)).scale:
        why = f"it is drawn {wide:.2f} times as wide and {high:.2f} times as high as a square"
        return replace(place, recognition=_refuse(place.recognition, picture, "scale", why))
    drawn = picture.image.resize(crop.size, Image.Resampling.LANCZOS, reducing_gap=2.0)
    gone = sum(_colour_off(crop, drawn, side) > _MOST_OFF for side in _sides(min(crop.size)))
    if gone > _MOST_GONE:
        why = f"{gone} of its 4 sides are not drawn: it is clipped too far in, or covered"
        return replace(place, recognition=_refuse(place.recognition, picture, "part", why))
    return replace(place, shape=_shape(crop, drawn))


def _sides(size: int) -> tuple[_Square, ...]:
    """Return where the picture ends to the left, to the right, above and below, whatever its shape."""
    edge, deep = max(1, round(0.02 * size)), max(2, round(0.04 * size))
    near, far = (edge, edge + deep), (size - edge - deep, size - edge)
    begin, end = round(0.38 * size), round(0.62 * size)
    return (
        (near[0], begin, near[1], end),
        (far[0], begin, far[1], end),
        (begin, near[0], end, near[1]),
        (begin, far[0], end, far[1]),
    )


def _colour_off(crop: Image.Image, drawn: Image.Image, part: _Square) -> float:
    """Return how far a part's mean colour is off, in levels of red, green and blue."""
    seen, expected = (np.asarray(image.crop(part), dtype=float) for image in (crop, drawn))
    return float(np.linalg.norm(seen.mean(axis=(0, 1)) - expected.mean(axis=(0, 1))))


def _shape(crop: Image.Image, drawn: Image.Image) -> Shape:
    """Tell how a picture is clipped by which of its corners is drawn."""
    cells = (image.resize((_CELLS, _CELLS), Image.Resampling.BOX) for image in (crop, drawn))
    seen, expected = (np.asarray(image, dtype=float) for image in cells)
    off = np.linalg.norm(seen - expected, axis=-1)
    if float(np.median(off[_CORNERS])) <= _MOST_OFF_CORNER:
        return "square"
    return "rounded" if float(np.median(off[_BETWEEN])) <= _MOST_OFF_CORNER else "circle"


def _refuse(recognition: Recognition, picture: Picture, check: Check, why: str) -> Recognition:
    return replace(recognition, same=False, refused_by=check, reason=f"is not {picture.name}: {why}")


def _box(x: float, y: float, size: float, screen: tuple[int, int]) -> _Square | None:
    """Return the square on whole pixels, if it is on the screen and large enough."""
    side = round(size)
    left, top = round(x - side / 2), round(y - side / 2)
    inside = (max(left, 0), max(top, 0), min(left + side, screen[0]), min(top + side, screen[1]))
    width, height = inside[2] - inside[0], inside[3] - inside[1]
    if min(width, height) < max(SMALLEST_PX, side - _ROUNDING_PX):
        return None
    return inside[0], inside[1], width, height


def _rank(place: Match) -> tuple[bool, float]:
    """Order places: those where the picture is before others, then by how like it they are."""
    seen = place.recognition
    wide, high = seen.scale
    return not seen.same, abs(wide - 1) + abs(high - 1) - seen.likeness


def _covers(place: Match, guess: Guess) -> bool:
    left, top, width, height = place.box
    inside = abs(guess.x - left - width / 2) < width / 4 and abs(guess.y - top - height / 2) < height / 4
    return inside and 0.5 < guess.size / width < 2


def _overlap(one: Match, other: Match) -> bool:
    """Tell whether two boxes are one place: they share more than a third of what they cover."""
    width = min(one.box[0] + one.box[2], other.box[0] + other.box[2]) - max(one.box[0], other.box[0])
    height = min(one.box[1] + one.box[3], other.box[1] + other.box[3]) - max(one.box[1], other.box[1])
    both = max(width, 0) * max(height, 0)
    return both * 3 > one.box[2] * one.box[3] + other.box[2] * other.box[3] - both


def _reason(picture: Picture, screen: Image.Image, found: list[Match], nearest: Match | None) -> str:
    where = f"on the {screen.width} x {screen.height} px screenshot"
    if found:
        places = ", ".join(f"{p.box[2]} px at ({p.box[0]}, {p.box[1]})" for p in found)
        return f"{picture.name} is {where}: {places}"
    if nearest is None:
        return f"nothing {where} is anything like {picture.name}"
    left, top, width, _ = nearest.box
    place = f"{width} px at ({left}, {top})"
    return f"{picture.name} is not {where}; nearest come {place}: {nearest.recognition.reason}"
