"""The pictures of journeys: a book of painted ones, each far from all others, and a folder of photographs."""

from __future__ import annotations

import io
import os
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Final

import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from journeys.pictures.fingerprint import Fingerprint
from journeys.pictures.painting import PAINTERS
from journeys.pictures.picture import Demands, NotAPicture, Picture, PictureError, TooAlike, find_shortcoming

MINIMUM_DISTANCE: Final = 20
"""Bits of 64 between the plain hashes of any two pictures of a book."""

_DRAFT: Final = 96
_SEEN: Final = (24, 48)
_MOST_TRIES: Final = 400
_DEMANDS: Final = Demands(contrast=24.0, firm=52, bits=7, likeness=0.94, colour=0.65, scale=0.3, faded=0.5)
_LEAST_COLOURFUL: Final = 18.0

_ENCODINGS: Final[tuple[tuple[str, str, dict[str, int]], ...]] = (
    ("JPEG", "image/jpeg", {"quality": 92}),
    ("PNG", "image/png", {"compress_level": 1}),
    ("WEBP", "image/webp", {"quality": 90, "method": 0}),
)

_TURNS: Final = (
    Image.Transpose.FLIP_LEFT_RIGHT,
    Image.Transpose.FLIP_TOP_BOTTOM,
    Image.Transpose.ROTATE_90,
    Image.Transpose.ROTATE_180,
    Image.Transpose.ROTATE_270,
)
_MOST_FILES: Final = 1000
_MOST_FILE_BYTES: Final = 40_000_000


class PictureBook:
    """As many pictures as asked for, each far from all the others and easy to recognise.

        pictures = PictureBook(seed=7)
        old, new = pictures.fresh(), pictures.fresh()

    The same seed gives the same pictures in the same order. At least `minimum_distance` bits of 64 lie
    between any two of them, in what a circle and in what a square shows of them, and between each and its own
    mirror image and turns. Each also proves, before it is handed out, that small drawings are recognised
    and that it can show every defect (`Picture.blind_to`).

    `photographs` are handed out first, in their order and their own size: those that are far enough from what
    was handed out before. Nothing more is asked of them.
    """

    def __init__(
        self,
        seed: int = 0,
        minimum_distance: int = MINIMUM_DISTANCE,
        photographs: Iterable[Picture] = (),
    ) -> None:
        self.seed = seed
        self.minimum_distance = minimum_distance
        self._photographs = iter(photographs)
        self._circles = np.zeros((0, 64), dtype=np.bool_)
        self._squares = np.zeros((0, 64), dtype=np.bool_)
        self._made = 0
        self._tried = 0

    def fresh(self, size: int = 512) -> Picture:
        """Return the next picture, `size` pixels on a side unless it is a photograph.

        Raises `TooAlike` when no further picture is far enough from the others.
        """
        for photograph in self._photographs:
            if self._distance(photograph.fingerprint) >= self.minimum_distance:
                self._remember(photograph.fingerprint)
                return photograph
        kind = list(PAINTERS)[self._made % len(PAINTERS)]
        for _ in range(_MOST_TRIES):
            self._tried += 1
            draft = PAINTERS[kind](self._random(), _DRAFT)
            if not self._is_suitable(draft):
                continue
            image = PAINTERS[kind](self._random(), size)
            fingerprint = Fingerprint(image)
            if self._distance(fingerprint) >= self.minimum_distance:
                picture = self._picture(kind, image)
                self._remember(picture.fingerprint)
                self._made += 1
                return picture
        raise TooAlike(
            f"no further picture is {self.minimum_distance} bits from {len(self._circles)} others: "
            "use another book or a smaller minimum distance"
        )

    def take(self, count: int, size: int = 512) -> list[Picture]:
        """Return the next `count` pictures."""
        return [self.fresh(size) for _ in range(count)]

    def avoid(self, picture: Picture) -> None:
        """Keep every further picture far from this one."""
        self._remember(picture.fingerprint)

    def _random(self) -> np.random.Generator:
        return np.random.default_rng([self.seed, self._tried])

    def _picture(self, kind: str, image: Image.Image) -> Picture:
        form, media_type, options = _ENCODINGS[self._made % len(_ENCODINGS)]
        stored = io.BytesIO()
        image.save(stored, form, **options)
        name = f"{kind}-{self.seed}-{self._made + 1}"
        return Picture(name=name, image=image, encoded=stored.getvalue(), media_type=media_type)

    def _remember(self, fingerprint: Fingerprint) -> None:
        circle, square = _bits(fingerprint.hash), _bits(fingerprint.square_hash)
        self._circles = np.vstack([self._circles, circle])
        self._squares = np.vstack([self._squares, square])

    def _distance(self, fingerprint: Fingerprint) -> int:
        """Return how many bits lie between a picture and the nearest that must be kept away from."""
        if not len(self._circles):
            return 64
        circle, square = _bits(fingerprint.hash), _bits(fingerprint.square_hash)
        return int(
            min((self._circles ^ circle).sum(axis=1).min(), (self._squares ^ square).sum(axis=1).min())
        )

    def _is_suitable(self, draft: Image.Image) -> bool:
        """Tell whether a draft is far from all others and can show each wrong drawing of itself."""
        fingerprint = Fingerprint(draft)
        view = fingerprint.view_at()
        colourful = float(np.mean(np.hypot(view.colours[..., 1], view.colours[..., 2])))
        if colourful < _LEAST_COLOURFUL or self._distance(fingerprint) < self.minimum_distance:
            return False
        for upright, own in (
            (fingerprint.draw(), fingerprint.hash),
            (fingerprint.draw(shape="square"), fingerprint.square_hash),
        ):
            if min(own - imagehash.phash(upright.transpose(turn)) for turn in _TURNS) < self.minimum_distance:
                return False
        if find_shortcoming(draft, fingerprint, _DEMANDS) is not None:
            return False
        return not any(fingerprint.defects(size).blind for size in _SEEN)


def _bits(perceptual: imagehash.ImageHash) -> NDArray[np.bool_]:
    return np.asarray(perceptual.hash, dtype=np.bool_).reshape(1, 64)


class PhotographFolder:
    """The photographs of a folder, each read when it is first asked for.

        folder = PhotographFolder(Path("faces"))
        book = PictureBook(seed=7, photographs=folder.shuffle(7))

    Raises `PictureError` when there is no such folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._answers: dict[str, Picture | PictureError] = {}
        if not folder.is_dir():
            raise PictureError(f"{folder}: is no folder; give the path of one with pictures in it")

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The files in the folder and the folders in it, hidden ones left out, as sorted paths.

        Raises `PictureError` when they are too many.
        """
        found: list[str] = []
        for place, folders, files in os.walk(self.folder):
            # In place, for it is what os.walk goes on to.
            folders[:] = [name for name in folders if not name.startswith(".")]
            found += (
                (Path(place) / name).relative_to(self.folder).as_posix()
                for name in files
                if not name.startswith(".")
            )
            if len(found) > _MOST_FILES:
                raise PictureError(f"{self.folder}: has more than {_MOST_FILES} files; use a smaller folder")
        return tuple(sorted(found))

    def read(self, name: str) -> Picture | PictureError:
        """Return the picture that a file gives, or why it gives none."""
        if name not in self._answers:
            try:
                self._answers[name] = Picture.from_bytes(name, self.data(name)).require_recognisable()
            except PictureError as problem:
                self._answers[name] = problem
        return self._answers[name]

    def data(self, name: str) -> bytes:
        """Return what a file holds; raises `PictureError` when it may not or can't be read."""
        path = self.folder / name
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise PictureError(f"{name}: leads out of {self.folder}; copy the picture into it")
        try:
            if not path.is_file():
                raise NotAPicture(f"{name}: is no file that could be read")
            size = path.stat().st_size
            if size > _MOST_FILE_BYTES:
                most = f"at most {_MOST_FILE_BYTES / 1e6:.0f} are read"
                raise PictureError(f"{name}: has {size / 1e6:.0f} MB, {most}; make it smaller")
            return path.read_bytes()
        except OSError as problem:
            raise NotAPicture(f"{name}: can't be read ({problem.strerror})") from problem

    def shuffle(self, seed: int) -> Iterator[Picture]:
        """Give the pictures one by one, in an order that depends on the seed.

        Raises `PictureError` when not one of the files gives a picture.
        """
        why: list[str] = []
        for index in np.random.default_rng(seed).permutation(len(self.names)):
            answer = self.read(self.names[index])
            if isinstance(answer, Picture):
                yield answer
            else:
                why.append(str(answer))
        if len(why) == len(self.names):
            first = f", the first for this: {min(why)}" if why else "; put some in"
            raise PictureError(f"{self.folder}: none of its {len(why)} files gives a picture{first}")
