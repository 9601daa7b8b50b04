"""Real photographs and square parts of them: from a folder of one's own, or those that scikit-image has."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path, PurePosixPath
from typing import Final, TypeAlias

import numpy as np
from PIL import Image

from journeys.pictures import PhotographFolder, Picture, TooPlain
from picture_reader import DecodingError, EncodedPicture

_MOST_PIXELS: Final = 89_000_000
_SMALLEST_CROP: Final = 128
_CROP_SIDES: Final = (0.3, 0.8)
_MOST_SHARED: Final = 0.5
"""Part that two crops may share of the area they cover together."""
_APART: Final = 16
"""Bits of 64 between any two crops of one image, and between each and the whole."""
_MOST_TRIES: Final = 60

# Its drawings, its documents and the second half of its stereo pair are left out.
_OF_SCIKIT_IMAGE: Final = (
    "astronaut.png",
    "brick.png",
    "camera.png",
    "cell.png",
    "chelsea.png",
    "clock_motion.png",
    "coffee.png",
    "coins.png",
    "grass.png",
    "gravel.png",
    "hubble_deep_field.jpg",
    "ihc.png",
    "moon.png",
    "motorcycle_left.png",
    "retina.jpg",
    "rocket.jpg",
)


@dataclass(frozen=True)
class UnusableFile:
    """A file that gives no picture, or no further crop."""

    name: str
    reason: str
    """One line that begins with the name: why not."""


_Box: TypeAlias = tuple[int, int, int, int]


def photographs(folder: Path, *, crops: int = 0) -> tuple[list[Picture], list[UnusableFile]]:
    """Return the pictures of all files in a folder and the folders in it, and the files that give none.

    With `crops`, each image also gives so many square parts of itself, always the same ones, that can't be
    mistaken for one another or for the whole; an image that is refused as a whole may still give some.
    Hidden files are left out. Raises `PictureError` when there is no such folder.
    """
    files = PhotographFolder(folder)
    return _collect(files, files.names, crops)


def scikit_image_photographs(*, crops: int = 0) -> tuple[list[Picture], list[UnusableFile]]:
    """Return the photographs that are in scikit-image's package, as `photographs` does; nothing is loaded.

    Raises `ModuleNotFoundError` when scikit-image is not installed.
    """
    package = find_spec("skimage")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError(
            "scikit-image is not installed, so there are no photographs of it; pip install scikit-image"
        )
    folder = Path(package.submodule_search_locations[0]) / "data"
    return _collect(PhotographFolder(folder), _OF_SCIKIT_IMAGE, crops)


def _collect(
    folder: PhotographFolder, names: Iterable[str], crops: int
) -> tuple[list[Picture], list[UnusableFile]]:
    pictures: list[Picture] = []
    refused: list[UnusableFile] = []
    for name in names:
        whole = folder.read(name)
        if isinstance(whole, Picture):
            pictures.append(whole)
        else:
            refused.append(UnusableFile(name, str(whole)))
        # Of what is no picture there are no parts; of a plain one there may be some that aren't plain.
        if crops and isinstance(whole, Picture | TooPlain):
            cut = _crops(name, folder.data(name), crops, whole)
            pictures += cut
            if len(cut) < crops:
                why = f"{name}: gave {len(cut)} of {crops} crops; no further part is clear and unlike these"
                refused.append(UnusableFile(name, why))
    return pictures, refused


def _crops(name: str, data: bytes, count: int, whole: Picture | TooPlain) -> list[Picture]:
    """Cut up to so many square parts out of an image, the same ones whatever the file is called."""
    try:
        image = EncodedPicture(data, most_pixels=_MOST_PIXELS).pixels()
    except DecodingError:  # more than the memory holds: its middle alone took less
        return []
    shorter = min(image.size)
    random = np.random.default_rng(zlib.crc32(data))
    stem = PurePosixPath(name).with_suffix("")
    boxes: list[_Box] = []
    crops: list[Picture] = []
    known = [whole.fingerprint] if isinstance(whole, Picture) else []
    tries = 0
    while len(crops) < count and tries < _MOST_TRIES and shorter >= _SMALLEST_CROP:
        tries += 1
        side = max(_SMALLEST_CROP, round(random.uniform(*_CROP_SIDES) * shorter))
        left, top = (int(random.integers(0, along - side + 1)) for along in image.size)
        box = (left, top, left + side, top + side)
        if any(_overlap_share(box, other) > _MOST_SHARED for other in boxes):
            continue
        try:
            crop = Picture.from_bytes(f"{stem}-crop-{len(crops) + 1}.jpg", _encode_jpeg(image.crop(box)))
            crop.require_recognisable()
        except TooPlain:
            continue
        if all(crop.fingerprint - other >= _APART for other in known):
            crops.append(crop)
            boxes.append(box)
            known.append(crop.fingerprint)
            tries = 0
    return crops


def _encode_jpeg(image: Image.Image) -> bytes:
    stored = io.BytesIO()
    image.save(stored, "JPEG", quality=92)
    return stored.getvalue()


def _overlap_share(one: _Box, other: _Box) -> float:
    """Return which part of the area two boxes cover together is in both."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    both = max(width, 0) * max(height, 0)
    together = sum((box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)) - both
    return both / together
