"""Files as the review reads them: inside one folder, of a known kind, not too large; and what it refuses.

JourneysError
└── ReviewError    422  what was asked for can't be done as it is
    ├── Conflict   409  somebody or something was there first: another reviewer, a changed file
    ├── Gone       410  the results are not there any more
    ├── TooLarge   413  a picture or a tree that no screen has
    └── NoSpace    507  the disk is full, or lets nothing be written

Each has the HTTP status that it is answered with.
"""

from __future__ import annotations

import errno
import struct
import warnings
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import ClassVar, Final

from PIL import Image

from journeys.errors import JourneysError
from journeys.snapshots.comparison import describe_other_format

MAX_DOCUMENT_BYTES: Final = 64 * 2**20
MAX_TREE_BYTES: Final = 8 * 2**20
MAX_PICTURE_BYTES: Final = 64 * 2**20
MAX_PIXELS: Final = 64_000_000

_KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}
_DAMAGE = (
    *(OSError, SyntaxError, ValueError, EOFError, OverflowError),
    *(struct.error, Image.DecompressionBombError),
)
"""What Pillow raises for a damaged picture."""


class ReviewError(JourneysError):
    """What was asked for can't be done as it is."""

    status: ClassVar[int] = 422


class Conflict(ReviewError):
    """Somebody or something was there first: another reviewer, a changed file."""

    status = 409


class Gone(ReviewError):
    """The results are not there any more."""

    status = 410


class TooLarge(ReviewError):
    """A picture or a tree that no screen has."""

    status = 413


class NoSpace(ReviewError):
    """The disk is full, or lets nothing be written."""

    status = 507


def write_error(path: Path, error: OSError) -> NoSpace:
    """Return the error for a file that could not be written: why, and what to do."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return NoSpace(f"the disk is full: {path} is as it was; make room and decide again")
    return NoSpace(f"{path} can't be written ({error.strerror or error}): it is as it was")


def path_inside(folder: Path, relative: str) -> Path:
    """Return a file's path below a folder; raises `ReviewError` where what it leads to lies elsewhere."""
    root = folder.resolve()
    path = (root / relative).resolve()
    if path == root or not path.is_relative_to(root):
        raise ReviewError(f"{relative} lies outside {folder}: nothing is read or written there")
    return path


def read_inside(folder: Path, relative: str, *, most: int = MAX_PICTURE_BYTES) -> bytes:
    """Return a file's content; raises `Gone` where it isn't there, `TooLarge`, or `ReviewError`."""
    path = path_inside(folder, relative)
    try:
        with path.open("rb") as file:
            content = file.read(most + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Gone(f"{path} isn't there any more: run the journeys again") from error
    except OSError as error:
        raise ReviewError(f"{path} can't be read ({error.strerror})") from error
    if len(content) > most:
        raise TooLarge(f"{path} has more than {most // 2**20} MiB: no screenshot has")
    return content


def digest_of(content: bytes) -> str:
    """Return a file's SHA-256."""
    return sha256(content).hexdigest()


def media_type_of(content: bytes) -> str:
    """Return a picture's media type; raises `ReviewError` where it is none that a screen comes as."""
    for magic, kind in _KINDS.items():
        if content.startswith(magic):
            return kind
    raise ReviewError("this is no PNG, JPEG or WebP")


def check_screenshot(content: bytes, name: str) -> None:
    """Raise `ReviewError` where a file is no whole PNG, or has more pixels than a screen."""
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ReviewError(f"{name} is no PNG ({describe_other_format(content)}): run the journeys again")
    try:
        with warnings.catch_warnings():
            # Pillow warns of very many pixels, and we refuse them.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=["PNG"]) as picture:
                width, height = picture.size
                if width * height > MAX_PIXELS:
                    raise TooLarge(f"{name} has {width}x{height} pixels: no screen has so many")
                picture.load()
    except _DAMAGE as error:
        raise ReviewError(f"{name} is damaged ({error}): run the journeys again") from error


def size_of(path: Path) -> tuple[int, int] | None:
    """Return a picture's size from its head, None where it has none to be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=["PNG", "JPEG", "WEBP"]) as picture:
                return picture.size
    except _DAMAGE:
        return None
