"""Pictures as apps draw them, by Pillow: every size, pixel ratio, shape and encoding, right and wrong.

A server stores a rendition of the picture in the cell's encoding; the app scales it into its box, somewhat
off the pixel grid, clips it on its theme, and the screen is read in the same encoding. What an app and a
device may choose (rendition, scaler, offset, theme) is drawn by lot for each rendering, always the same.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np
from PIL import Image, ImageDraw

from benches._overlays import CLIPS, COVERS, OVERLAYS
from benches._wrong_drawings import Change
from journeys.pictures import Picture

Clip: TypeAlias = Literal["circle", "square"]
Form: TypeAlias = Literal["JPEG q60", "PNG", "WebP"]

SIZES: Final = (24, 40, 64, 120, 240)
RATIOS: Final = (1, 2, 3)
SHAPES: Final[tuple[Clip, ...]] = ("circle", "square")
FORMS: Final[tuple[Form, ...]] = ("JPEG q60", "PNG", "WebP")

_RENDITIONS: Final = (48, 96, 192, 512)
_AROUND: Final = 4
_FINER: Final = 4
_THEMES: Final = ((255, 255, 255), (18, 18, 18), (103, 80, 164), (250, 243, 224), (0, 121, 107))
_SCALERS: Final = ("bilinear", "mipmap", "bicubic", "lanczos")
_WEBP: Final = 85


@dataclass(frozen=True)
class Variant:
    """One way to draw: `size` in logical pixels at a pixel ratio, clipped to a shape, in an encoding."""

    size: int
    ratio: int
    shape: Clip
    form: Form

    def __str__(self) -> str:
        return f"{self.size} px x {self.ratio}, {self.shape}, {self.form}"

    @property
    def pixels(self) -> int:
        """Pixels of the device on a side."""
        return self.size * self.ratio


PAINTS: Final = OVERLAYS | COVERS
CELLS: Final = tuple(Variant(*each) for each in itertools.product(SIZES, RATIOS, SHAPES, FORMS))


@dataclass(frozen=True)
class Renderings:
    """Draws one picture in any cell; `number` is its lot."""

    picture: Picture
    number: int
    _served: dict[tuple[Form, int], Image.Image] = field(default_factory=dict, repr=False)

    def draw(self, cell: Variant, change: Change | None = None, dress: str | None = None) -> Image.Image:
        """Return the crop of the screen that the avatar's box covers.

        `change` is what is wrong with the drawing: applied to what the server sends. `dress` names what the
        app draws over the picture, or the shape it is clipped to; its own lots are those of the name, so
        that all pictures of an app wear the same.
        """
        lots = np.random.default_rng(
            [self.number, cell.pixels, cell.size, SHAPES.index(cell.shape), FORMS.index(cell.form)]
        )
        # An app asks for the smallest rendition that suffices, or was written for a lesser display.
        suits = next((side for side in _RENDITIONS if side >= cell.pixels), _RENDITIONS[-1])
        lesser = next((side for side in _RENDITIONS if side >= cell.size * 1.0), _RENDITIONS[-1])
        shown = self._rendition(cell.form, int(lots.choice((suits, lesser, _RENDITIONS[-1]))))
        if change is not None:
            shown = change(shown)
        theme = _THEMES[int(lots.integers(len(_THEMES)))]
        off = lots.uniform(-1.0, 1.0, 2)
        side = cell.pixels + lots.uniform(-0.5, 0.5)
        drawn = _scale(shown, cell.pixels, (off[0], off[1]), side, _SCALERS[int(lots.integers(4))])
        whole = cell.pixels + 2 * _AROUND
        frame = Image.new("RGB", (whole, whole), theme)
        frame.paste(drawn, mask=_clip(dress or cell.shape, whole, (off[0], off[1]), side))
        if dress in PAINTS:
            # Where the semantics' box is, not where the picture happened to land: a part of a pixel apart.
            place = (_AROUND + off[0], _AROUND + off[1], side)
            PAINTS[dress](frame, place, cell.ratio, np.random.default_rng([len(dress), cell.pixels]))
        seen = _encode(frame, cell.form)
        return seen.crop((_AROUND, _AROUND, _AROUND + cell.pixels, _AROUND + cell.pixels))

    def _rendition(self, form: Form, side: int) -> Image.Image:
        if (form, side) not in self._served:
            small = self.picture.image.resize((side, side), Image.Resampling.LANCZOS)
            self._served[form, side] = _encode(small, form)
        return self._served[form, side]


def _encode(image: Image.Image, form: Form) -> Image.Image:
    """Return an image as it comes out of an encoding."""
    if form == "PNG":
        return image
    stored = io.BytesIO()
    if form == "WebP":
        image.save(stored, "WEBP", quality=_WEBP, method=0)
    else:
        image.save(stored, "JPEG", quality=60)
    with Image.open(stored) as opened:
        return opened.convert("RGB")


def _scale(
    shown: Image.Image, pixels: int, off: tuple[float, float], side: float, scaler: str
) -> Image.Image:
    """Return the frame around a box with an image drawn into it, `side` wide and high."""
    whole = pixels + 2 * _AROUND
    if scaler in {"bicubic", "lanczos"} and side < shown.width:
        # Scalers that look at every pixel: first to about twice the size, then exactly into place.
        between = min(shown.width, round(2 * side))
        kind = Image.Resampling.LANCZOS if scaler == "lanczos" else Image.Resampling.BICUBIC
        shown = shown.resize((between, between), kind)
    while shown.width >= (2 * side if scaler == "mipmap" else 2.5 * side):
        shown = shown.reduce(2)
    step = shown.width / side
    left, top = _AROUND + off[0], _AROUND + off[1]
    kind = Image.Resampling.BILINEAR if scaler in {"bilinear", "mipmap"} else Image.Resampling.BICUBIC
    # The edge is drawn on beyond the box, as a texture clamped to it is: the clip decides what shows.
    edge = max(2, round(2 * step))
    framed = _add_border(shown, edge)
    return framed.transform(
        (whole, whole),
        Image.Transform.AFFINE,
        (step, 0, edge - left * step, 0, step, edge - top * step),
        kind,
    )


def _add_border(image: Image.Image, edge: int) -> Image.Image:
    pixels = np.pad(np.asarray(image), ((edge, edge), (edge, edge), (0, 0)), mode="edge")
    return Image.fromarray(pixels)


def _clip(shape: str, whole: int, off: tuple[float, float], side: float) -> Image.Image:
    """Return the mask of a shape, its edge smoothed."""
    finer = _FINER if whole < 300 else 2
    mask = Image.new("L", (whole * finer, whole * finer))
    left, top = (_AROUND + off[0]) * finer, (_AROUND + off[1]) * finer
    box = (left, top, left + side * finer - 1, top + side * finer - 1)
    drawing = ImageDraw.Draw(mask)
    if shape in CLIPS:
        CLIPS[shape](drawing, box)
    elif shape == "square":
        drawing.rectangle(box, fill=255)
    else:
        drawing.ellipse(box, fill=255)
    return mask.reduce(finer)
