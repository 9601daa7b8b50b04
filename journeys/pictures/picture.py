"""A picture as a person chooses it: what is uploaded, and what it is recognised by.

PictureError
├── NotAPicture    the file or the bytes are no picture, or not a whole one
├── TooPlain       the picture's middle shows too little to be recognised by
└── TooAlike       two pictures could be taken for one another
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Final

from PIL import Image

from journeys.pictures.defects import Defect
from journeys.pictures.fingerprint import Fingerprint, Shape
from journeys.pictures.shortcoming import Demands, find_shortcoming
from picture_reader import DecodingError, EncodedPicture, PictureFormat

_SUFFIXES: Final = {each.media_type: each.suffix for each in PictureFormat}
_SMALLEST_PX: Final = 96
_LARGEST_PX: Final = 1024
"""Pixels on a side that are kept of a picture: a camera's would fill the memory."""
MOST_PIXELS: Final = 89_000_000
"""Width times height of a picture, at most."""


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
