"""A picture as a person chooses it: what is uploaded, and what it is recognised by.

PictureError
├── NotAPicture    the file or the bytes are no picture, or not a whole one
├── TooPlain       the picture's middle shows too little to be recognised by
└── TooAlike       two pictures could be taken for one another
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from journeys.pictures.alignment import PreparedCrop, align
from journeys.pictures.defects import Defect
from journeys.pictures.fingerprint import Fingerprint, Shape, brightness, colours
from journeys.pictures.recognition import Limits
from picture_reader import DecodingError, EncodedPicture, PictureFormat

_SUFFIXES: Final = {each.media_type: each.suffix for each in PictureFormat}
_SMALLEST_PX: Final = 96
_LARGEST_PX: Final = 1024
"""Pixels on a side that are kept of a picture: a camera's would fill the memory."""
MOST_PIXELS: Final = 89_000_000
"""Width times height of a picture, at most."""


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
    view = fingerprint.view_at()
    if view.contrast < demands.contrast:
        return "its middle is nearly one colour"
    if view.firm < demands.firm:
        return "its middle shows too few shapes"
    if view.hold < demands.hold:
        return "its middle would look the same when moved or stretched"
    source = image.resize((96, 96), Image.Resampling.LANCZOS, reducing_gap=2.0)
    for size, right, down, quality in _DRAWINGS:
        view, limits = fingerprint.view_at(size), Limits.at(size)
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


class PictureError(ValueError):
    """A picture can't be used; its text is one line that says why and what to do."""


class NotAPicture(PictureError):
    """The file or the bytes are no picture, or not a whole one."""


class TooPlain(PictureError):
    """The picture's middle shows too little to be recognised by."""


class TooAlike(PictureError):
    """Two pictures could be taken for one another."""


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture to upload, and to recognise on screen afterwards.

        picture = Picture.from_file(Path("me.jpg"))
        path = picture.save(folder)          # for a file chooser
        recogniser.recognise(crop, picture)

    `image` is the picture as browsers show it: upright, in sRGB, on white where it is transparent; of it the
    middle square, with at most 1,024 px a side. `encoded` is the file that is uploaded, of type `media_type`.
    """

    name: str
    image: Image.Image = field(repr=False)
    encoded: bytes = field(repr=False)
    media_type: str
    shortcoming: str | None = None
    """Why it can't be told from all other pictures: only that a change agrees with it is certified then."""

    @classmethod
    def from_file(cls, path: Path | str) -> Picture:
        """Read a picture from a file.

        Raises `NotAPicture` when it is none or can't be read, `TooPlain` when it has too few pixels. What
        can't be told from all other pictures is taken, and its `shortcoming` says why.
        """
        path = Path(path)
        try:
            data = path.read_bytes()
        except OSError as problem:
            raise NotAPicture(
                f"{path}: can't be read ({problem.strerror}); give the path of a picture file"
            ) from problem
        return cls.from_bytes(path.name, data)

    @classmethod
    def from_bytes(cls, name: str, data: bytes) -> Picture:
        """Read a picture from the bytes of its file, as `from_file` does."""
        try:
            read = EncodedPicture(data, most_pixels=MOST_PIXELS)
            image = read.pixels(square=_LARGEST_PX)
        except DecodingError as problem:
            raise NotAPicture(f"{name}: {problem}") from problem
        if image.width < _SMALLEST_PX:
            raise TooPlain(
                f"{name}: {image.width} px on its shorter side are too few to be recognised by; "
                f"choose a picture of at least {_SMALLEST_PX} px"
            )
        picture = cls(name=name, image=image, encoded=data, media_type=read.format.media_type)
        return replace(picture, shortcoming=find_shortcoming(picture.image, picture.fingerprint, Demands()))

    def require_recognisable(self) -> Picture:
        """Return the picture itself; raises `TooPlain` when it can't be told from all others."""
        if self.shortcoming is not None:
            raise TooPlain(
                f"{self.name}: {self.shortcoming}, so it can't be told from other pictures; choose one with "
                "clear shapes"
            )
        return self

    @cached_property
    def fingerprint(self) -> Fingerprint:
        """What the picture is recognised by."""
        return Fingerprint(self.image)

    def blind_to(self, size: int, shape: Shape = "circle") -> frozenset[Defect]:
        """Return what could be wrong with a drawing of `size` pixels without changing it visibly.

        A grey photograph can't show swapped channels, nor a texture that it is stretched: such a drawing is
        taken for the picture, and a report can say beforehand that it would be.
        """
        return self.fingerprint.defects(size, shape).blind

    @property
    def suffix(self) -> str:
        """The file name's ending that goes with `media_type`, with its dot."""
        return _SUFFIXES.get(self.media_type, f".{self.media_type.rpartition('/')[2]}")

    def save(self, folder: Path) -> Path:
        """Write the file to upload into a folder and return its path, for a file chooser."""
        stem = re.sub(r"[^\w.-]+", "-", Path(self.name).stem).strip("-.") or "picture"
        path = folder / f"{stem}{self.suffix}"
        path.write_bytes(self.encoded)
        return path
