"""A picture as a person chooses it: what is uploaded, and what it is recognised by."""

from __future__ import annotations

import io
import re
import warnings
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Final

from PIL import Image, ImageCms, ImageOps

from journeys.pictures.defects import Defect
from journeys.pictures.errors import NotAPicture, TooPlain
from journeys.pictures.fingerprint import Fingerprint, Shape
from journeys.pictures.structure import require_structure

_SUFFIXES: Final = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}
_SMALLEST: Final = 96


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture to upload, and to recognise on screen afterwards.

        picture = Picture.from_file(Path("me.jpg"))
        path = picture.save(folder)          # for a file chooser
        recogniser.recognise(crop, picture)

    `image` is the picture as a profile shows it: upright, RGB, its middle square. `encoded` is the file that
    is uploaded, of type `media_type`.
    """

    name: str
    image: Image.Image = field(repr=False)
    encoded: bytes = field(repr=False)
    media_type: str

    @classmethod
    def from_file(cls, path: Path | str) -> Picture:
        """Read a picture from a file and make sure that it can be recognised.

        Raises `NotAPicture` when it is none or can't be read, `TooPlain` when it shows too little.
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
        """Read a picture from the bytes of its file and make sure that it can be recognised.

        Raises `NotAPicture` when they are none, `TooPlain` when it shows too little.
        """
        image, media_type = _decode(name, data)
        if image.width < _SMALLEST:
            raise TooPlain(
                f"{name}: {image.width} px on its shorter side are too few to be recognised by; "
                f"choose a picture of at least {_SMALLEST} px"
            )
        picture = cls(name=name, image=image, encoded=data, media_type=media_type)
        require_structure(name, picture.image, picture.fingerprint)
        return picture

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


def _decode(name: str, data: bytes) -> tuple[Image.Image, str]:
    """Return the upright middle square in sRGB and the media type."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened = Image.open(io.BytesIO(data))
            opened.load()
            media_type = Image.MIME.get(opened.format or "", "application/octet-stream")
            upright = ImageOps.exif_transpose(opened)
            image = _srgb(upright)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as problem:
        raise NotAPicture(
            f"{name}: has more pixels than a profile picture may have; choose a smaller one"
        ) from problem
    except (OSError, SyntaxError, ValueError, EOFError) as problem:
        raise NotAPicture(
            f"{name}: is no picture, or not a whole one; choose a JPEG, PNG or WebP file"
        ) from problem
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.crop((left, top, left + side, top + side)), media_type


def _srgb(image: Image.Image) -> Image.Image:
    """Return an image in the RGB a browser would show, what is transparent on white."""
    profile = image.info.get("icc_profile")
    if image.has_transparency_data:
        layers = image.convert("RGBA")
        image = Image.new("RGB", layers.size, "white")
        image.paste(layers, mask=layers.getchannel("A"))
    elif image.mode != "CMYK":
        image = image.convert("RGB")
    if profile and image.mode in {"RGB", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError):
            # A broken or foreign profile is ignored, as browsers do.
            converted = None
        image = converted or image
    return image.convert("RGB")
