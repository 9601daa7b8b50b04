"""What can be wrong with a drawing of the right picture, and how to see it.

Each wrong drawing leads away from the right one in a direction of its own. How far along it a crop lies says
whether it shows the defect: 0 is the right drawing, 1 the wrong one (a matched filter). What a shift by a
part of a pixel would explain is taken out of the direction first, so that a defect is neither seen in a crop
out of line nor hidden by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

Defect: TypeAlias = Literal[
    "mirrored",
    "upside down",
    "turned by 90 degrees",
    "turned by 180 degrees",
    "turned by 270 degrees",
    "stretched sideways",
    "stretched upwards",
    "over-cropped",
    "red and blue swapped",
    "red and green swapped",
    "green and blue swapped",
    "grey",
    "blurred",
    "half loaded",
]
"""What can be wrong with a drawing of the right picture."""

_Change: TypeAlias = Callable[[Image.Image], Image.Image]
_Pixels: TypeAlias = NDArray[np.float32]


def _enlargement(wide: float, high: float) -> _Change:
    """Return what draws a picture larger, its middle in the middle."""

    def change(image: Image.Image) -> Image.Image:
        (width, height), (x, y) = image.size, (1 / wide, 1 / high)
        box = (width * (1 - x) / 2, height * (1 - y) / 2, width * (1 + x) / 2, height * (1 + y) / 2)
        return image.resize(image.size, Image.Resampling.BICUBIC, box=box)

    return change


def _turn(turn: Image.Transpose) -> _Change:
    return lambda image: image.transpose(turn)


def _channel_swap(*order: int) -> _Change:
    return lambda image: Image.merge("RGB", [image.split()[channel] for channel in order])


def _blur(image: Image.Image) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(image.width * 0.06))


def _thumbnail(image: Image.Image) -> Image.Image:
    return image.resize((8, 8), Image.Resampling.BOX).resize(image.size, Image.Resampling.BILINEAR)


def _partial_load(part: float, rest: int) -> _Change:
    def change(image: Image.Image) -> Image.Image:
        half = image.copy()
        half.paste((rest, rest, rest), (0, round(image.height * part), *image.size))
        return half

    return change


_WAYS: Final[tuple[tuple[Defect, _Change], ...]] = (
    ("mirrored", _turn(Image.Transpose.FLIP_LEFT_RIGHT)),
    ("upside down", _turn(Image.Transpose.FLIP_TOP_BOTTOM)),
    ("turned by 90 degrees", _turn(Image.Transpose.ROTATE_90)),
    ("turned by 180 degrees", _turn(Image.Transpose.ROTATE_180)),
    ("turned by 270 degrees", _turn(Image.Transpose.ROTATE_270)),
    ("stretched sideways", _enlargement(1.15, 1.0)),
    ("stretched sideways", _enlargement(4 / 3, 1.0)),
    ("stretched upwards", _enlargement(1.0, 1.15)),
    ("stretched upwards", _enlargement(1.0, 4 / 3)),
    ("over-cropped", _enlargement(1.15, 1.15)),
    ("over-cropped", _enlargement(1.3, 1.3)),
    ("red and blue swapped", _channel_swap(2, 1, 0)),
    ("red and green swapped", _channel_swap(1, 0, 2)),
    ("green and blue swapped", _channel_swap(0, 2, 1)),
    ("grey", lambda image: image.convert("L").convert("RGB")),
    ("blurred", _blur),
    ("blurred", _thumbnail),
    ("half loaded", _partial_load(0.5, 128)),
    ("half loaded", _partial_load(0.7, 128)),
    ("half loaded", _partial_load(0.5, 255)),
    ("half loaded", _partial_load(0.6, 0)),
)
_NAMES: Final = tuple(name for name, _ in _WAYS)
_COLOURS: Final[frozenset[Defect]] = frozenset(
    {"red and blue swapped", "red and green swapped", "green and blue swapped", "grey"}
)
_PARTIAL: Final[frozenset[Defect]] = frozenset({"blurred", "grey"})
"""What a right drawing may show in part: another scaler is softer, a codec keeps less colour."""


_MOSTLY: Final = 0.5
"""Part of what is off in a crop that a defect must explain to be the reason for it, and no overlay."""
_NEARLY_ALL: Final = 0.5
"""How far towards a wrong drawing a crop must lie for that."""
_LEAST_LEFT: Final = 0.7
"""How much of what a defect must change of a drawing is asked for where a part of it is left out."""


def least_visible_levels(size: int) -> float:
    """Return by how many grey levels a defect must change a drawing of `size` pixels to be seen in it.

    Root mean square over all pixels and channels. Where it is less, codecs and scalers do as much.
    """
    return 3.5 + 60 / size


def tolerance_of(defect: Defect, size: int) -> float:
    """Return how far towards a wrong drawing of `size` pixels a right one may lie (1 is all the way)."""
    return 0.72 + 4.3 / size if defect in _PARTIAL else 0.5 + 1.2 / size


@dataclass(frozen=True, eq=False)
class Defects:
    """The wrong drawings of one picture at one size, and which of them it can't show."""

    size: int
    blind: frozenset[Defect]
    """Defects that a drawing of this size doesn't show, some way at least: they would go unnoticed."""
    _right: _Pixels = field(repr=False)
    _names: tuple[Defect, ...] = field(repr=False)
    _directions: _Pixels = field(repr=False)
    _power: _Pixels = field(repr=False)

    @classmethod
    def of(cls, image: Image.Image, draw: _Change, size: int) -> Defects:
        """Draw a picture wrongly in every way; `draw` returns the view of an image in a box of `size` px."""
        right = _pixels(draw(image))
        ways = np.stack([_pixels(draw(change(image))) for _, change in _WAYS])
        directions = (ways - right).reshape(len(_WAYS), -1)
        for name, direction in zip(_NAMES, directions, strict=True):
            if name in _COLOURS:
                # Codecs keep colours at half the resolution: what they do to finer ones says nothing.
                direction[:] = _coarse(direction.reshape(right.shape)).ravel()
        down, across = np.gradient(right, axis=(0, 1))
        shifts, _ = np.linalg.qr(np.stack([down.ravel(), across.ravel()], axis=1))
        directions -= (directions @ shifts) @ shifts.T
        power = np.sum(directions * directions, axis=1)
        shown = np.sqrt(power / right.size) >= least_visible_levels(size)
        return cls(
            size=size,
            blind=frozenset(name for name, seen in zip(_NAMES, shown, strict=True) if not seen),
            _right=right.ravel(),
            _names=tuple(name for name, seen in zip(_NAMES, shown, strict=True) if seen),
            _directions=directions[shown] / power[shown, None],
            _power=power[shown],
        )

    def find_hidden(self, trusted: NDArray[np.float64]) -> Defect | None:
        """Return a defect that could no longer be seen if only the pixels were looked at that are trusted."""
        looked_at, left = self._visible_share(trusted)
        hidden = np.sqrt(left / looked_at.sum()) < _LEAST_LEFT * least_visible_levels(self.size)
        return self._names[int(np.argmax(hidden))] if hidden.any() else None

    def find_explanation(self, view: Image.Image, trusted: NDArray[np.float64]) -> Defect | None:
        """Return a defect that explains most of what is off in a view, were it there in full or nearly."""
        looked_at, left = self._visible_share(trusted)
        off = (_pixels(view).ravel() - self._right) * looked_at
        along = self._directions @ off * self._power
        explained = along * along / np.maximum(left * float(off @ off), 1e-6)
        fits = (explained >= _MOSTLY) & (along >= _NEARLY_ALL * left)
        return self._names[int(np.argmax(fits * explained))] if fits.any() else None

    def _visible_share(self, trusted: NDArray[np.float64]) -> tuple[_Pixels, _Pixels]:
        """Return which values are looked at, and how much of each wrong drawing's difference these hold."""
        looked_at = np.repeat(trusted.ravel(), 3).astype(np.float32)
        left = (self._directions * self._directions) @ looked_at * self._power**2
        return looked_at, left.astype(np.float32)

    def find_clearest(
        self, view: Image.Image, trusted: NDArray[np.float64] | None = None
    ) -> tuple[Defect | None, float]:
        """Return the defect that a view most clearly shows and how far towards it the view lies.

        It is measured in parts of what a right drawing may lie towards it: above 1 it is shown. Only the
        pixels for which `trusted` is 1 are looked at.
        """
        if not self._names:
            return None, 0.0
        off = _pixels(view).ravel() - self._right
        if trusted is None:
            towards = self._directions @ off
        else:
            looked_at, left = self._visible_share(trusted)
            # Of what hardly shows any more only noise would be seen.
            seen = np.sqrt(left / looked_at.sum()) >= _LEAST_LEFT * least_visible_levels(self.size)
            towards = self._directions @ (off * looked_at) * self._power / np.maximum(left, 1e-6) * seen
        parts = towards / np.array([tolerance_of(name, self.size) for name in self._names])
        worst = int(np.argmax(parts))
        return self._names[worst], float(parts[worst])


def _coarse(pixels: _Pixels) -> _Pixels:
    """Return pixels with each 4 x 4 of them replaced by their mean."""
    high, wide, channels = pixels.shape
    means = pixels.reshape(high // 4, 4, wide // 4, 4, channels).mean(axis=(1, 3))
    return np.asarray(means.repeat(4, axis=0).repeat(4, axis=1), dtype=np.float32)


def _pixels(view: Image.Image) -> _Pixels:
    return np.asarray(view, dtype=np.float32)
