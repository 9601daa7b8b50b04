"""Pictures as the review takes them: files inside one folder, of a known kind, and not too large."""

from __future__ import annotations

import struct
import warnings
from io import BytesIO
from pathlib import Path

from PIL import Image

from journeys.review.errors import Gone, Refused, TooLarge
from journeys.review.limits import PICTURE, PIXELS
from journeys.snapshots.comparison import describe_other_format

_KINDS = {b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg", b"RIFF": "image/webp"}

# By any of these Pillow tells of damage.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    OverflowError,
    struct.error,
    Image.DecompressionBombError,
)


def inside(folder: Path, relative: str) -> Path:
    """Return a file's path below a folder; raises `Refused` where it, or what it links to, lies elsewhere."""
    root = folder.resolve()
    path = (root / relative).resolve()
    if path == root or not path.is_relative_to(root):
        raise Refused(f"{relative} lies outside {folder}: nothing is read or written there")
    return path


def read_inside(folder: Path, relative: str, *, largest: int = PICTURE) -> bytes:
    """Return a file's content; raises `Gone` where it isn't there, `TooLarge`, or `Refused`."""
    path = inside(folder, relative)
    try:
        with path.open("rb") as file:
            content = file.read(largest + 1)
    except (FileNotFoundError, NotADirectoryError) as error:
        raise Gone(f"{path} isn't there any more: run the journeys again") from error
    except OSError as error:
        raise Refused(f"{path} can't be read ({error.strerror})") from error
    if len(content) > largest:
        raise TooLarge(f"{path} has more than {largest // 2**20} MiB: no screenshot has")
    return content


def kind_of(content: bytes) -> str:
    """Return a picture's media type; raises `Refused` where it is none that a screen comes as."""
    for magic, kind in _KINDS.items():
        if content.startswith(magic):
            return kind
    raise Refused("this is no PNG, JPEG or WebP")


def check_screenshot(content: bytes, name: str) -> None:
    """Raise `Refused` where a file is no whole PNG, or has more pixels than a screen."""
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        raise Refused(f"{name} is no PNG ({describe_other_format(content)}): run the journeys again")
    try:
        with warnings.catch_warnings():
            # Pillow warns of very many pixels, and we refuse them.
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=["PNG"]) as picture:
                width, height = picture.size
                if width * height > PIXELS:
                    raise TooLarge(f"{name} has {width}x{height} pixels: no screen has so many")
                picture.load()
    except _DAMAGE as error:
        raise Refused(f"{name} is damaged ({error}): run the journeys again") from error


def size_of(path: Path) -> tuple[int, int] | None:
    """Return a picture's size from its head, None where it has none to be read."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(path, formats=["PNG", "JPEG", "WEBP"]) as picture:
                return picture.size
    except _DAMAGE:
        return None
