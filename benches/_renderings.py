"""Pictures as apps draw them, by Pillow: every size, pixel ratio, shape and encoding, right and wrong.

A server stores a rendition of the picture in the cell's encoding; the app scales it into its box, somewhat
off the pixel grid, clips it on its theme, and the screen is read in the same encoding. What an app and a
device may choose (rendition, scaler, offset, theme) is drawn by lot for each rendering, always the same.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal, TypeAlias

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from benches._overlays import CLIPS, COVERS, OVERLAYS
from journeys.pictures import Defect, Picture

Clip: TypeAlias = Literal["circle", "square"]
Form: TypeAlias = Literal["JPEG q60", "PNG", "WebP"]
Change: TypeAlias = Callable[[Image.Image], Image.Image]

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
class Cell:
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
CELLS: Final = tuple(Cell(*each) for each in itertools.product(SIZES, RATIOS, SHAPES, FORMS))


@dataclass(frozen=True)
class Renderings:
    """Draws one picture in any cell; `number` is its lot."""

    picture: Picture
    number: int
    _served: dict[tuple[Form, int], Image.Image] = field(default_factory=dict, repr=False)

    def draw(self, cell: Cell, change: Change | None = None, dress: str | None = None) -> Image.Image:
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
        drawn = _scaled(shown, cell.pixels, (off[0], off[1]), side, _SCALERS[int(lots.integers(4))])
        whole = cell.pixels + 2 * _AROUND
        frame = Image.new("RGB", (whole, whole), theme)
        frame.paste(drawn, mask=_clip(dress or cell.shape, whole, (off[0], off[1]), side))
        if dress in PAINTS:
            # Where the semantics' box is, not where the picture happened to land: a part of a pixel apart.
            place = (_AROUND + off[0], _AROUND + off[1], side)
            PAINTS[dress](frame, place, cell.ratio, np.random.default_rng([len(dress), cell.pixels]))
        seen = _encoded(frame, cell.form)
        return seen.crop((_AROUND, _AROUND, _AROUND + cell.pixels, _AROUND + cell.pixels))

    def _rendition(self, form: Form, side: int) -> Image.Image:
        if (form, side) not in self._served:
            small = self.picture.image.resize((side, side), Image.Resampling.LANCZOS)
            self._served[form, side] = _encoded(small, form)
        return self._served[form, side]


def _encoded(image: Image.Image, form: Form) -> Image.Image:
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


def _scaled(
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
    framed = _bordered(shown, edge)
    return framed.transform(
        (whole, whole),
        Image.Transform.AFFINE,
        (step, 0, edge - left * step, 0, step, edge - top * step),
        kind,
    )


def _bordered(image: Image.Image, edge: int) -> Image.Image:
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


# --- what can be wrong ------------------------------------------------------------------------------------


def _turned(how: Image.Transpose) -> Change:
    return lambda image: image.transpose(how)


def _grown(wide: float, high: float) -> Change:
    def change(image: Image.Image) -> Image.Image:
        width, height = image.size
        box = (
            width * (1 - 1 / wide) / 2,
            height * (1 - 1 / high) / 2,
            width * (1 + 1 / wide) / 2,
            height * (1 + 1 / high) / 2,
        )
        return image.resize(image.size, Image.Resampling.BICUBIC, box=box)

    return change


def _channels(*order: int) -> Change:
    return lambda image: Image.merge("RGB", [image.split()[channel] for channel in order])


def _blurred(share: float) -> Change:
    return lambda image: image.filter(ImageFilter.GaussianBlur(image.width * share))


def _thumbnail(side: int) -> Change:
    return lambda image: image.resize((side, side), Image.Resampling.BOX).resize(
        image.size, Image.Resampling.BILINEAR
    )


def _loaded(share: float, rest: tuple[int, int, int]) -> Change:
    def change(image: Image.Image) -> Image.Image:
        part = image.copy()
        part.paste(rest, (0, round(image.height * share), image.width, image.height))
        return part

    return change


WRONG: Final[tuple[tuple[str, Defect, Change], ...]] = (
    ("mirrored", "mirrored", _turned(Image.Transpose.FLIP_LEFT_RIGHT)),
    ("upside down", "upside down", _turned(Image.Transpose.FLIP_TOP_BOTTOM)),
    ("rotated by 90", "turned by 90 degrees", _turned(Image.Transpose.ROTATE_90)),
    ("rotated by 180", "turned by 180 degrees", _turned(Image.Transpose.ROTATE_180)),
    ("rotated by 270", "turned by 270 degrees", _turned(Image.Transpose.ROTATE_270)),
    ("stretched, wider by 15 %", "stretched sideways", _grown(1.15, 1.0)),
    ("stretched, wider by 40 %", "stretched sideways", _grown(1.4, 1.0)),
    ("stretched, higher by 15 %", "stretched upwards", _grown(1.0, 1.15)),
    ("stretched, higher by 40 %", "stretched upwards", _grown(1.0, 1.4)),
    ("channels swapped, BGR", "red and blue swapped", _channels(2, 1, 0)),
    ("channels swapped, GRB", "red and green swapped", _channels(1, 0, 2)),
    ("channels swapped, RBG", "green and blue swapped", _channels(0, 2, 1)),
    ("grey", "grey", lambda image: ImageOps.grayscale(image).convert("RGB")),
    ("over-cropped by 15 %", "over-cropped", _grown(1.15, 1.15)),
    ("over-cropped by 25 %", "over-cropped", _grown(1.25, 1.25)),
    ("over-cropped by 50 %", "over-cropped", _grown(1.5, 1.5)),
    ("placeholder, 8 px enlarged", "blurred", _thumbnail(8)),
    ("placeholder, blurred by 6 %", "blurred", _blurred(0.06)),
    ("placeholder, blurred by 12 %", "blurred", _blurred(0.12)),
    ("half loaded, the rest grey", "half loaded", _loaded(0.5, (128, 128, 128))),
    ("half loaded, the rest white", "half loaded", _loaded(0.5, (255, 255, 255))),
    ("70 % loaded, the rest grey", "half loaded", _loaded(0.7, (128, 128, 128))),
    ("60 % loaded, the rest black", "half loaded", _loaded(0.6, (0, 0, 0))),
)
"""What can be wrong with a drawing: its name, what the picture itself calls it, and what does it."""
