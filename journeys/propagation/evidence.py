"""Saves the frames that decide a verdict, byte for byte as they came."""

from __future__ import annotations

import asyncio
import re
from pathlib import Path

from flutter_bridge import Frame
from journeys.propagation.appearance import Appearance
from journeys.propagation.sighting import Sighting

_SUFFIXES = ((b"\xff\xd8", ".jpg"), (b"\x89PNG", ".png"), (b"RIFF", ".webp"))


async def save(seen: Appearance, folder: Path, stem: str) -> tuple[Path | None, Path | None]:
    """Save the last frame without the change and the first with it; None where there is no such frame."""
    return await asyncio.to_thread(_save_both, seen, folder, stem)


def _save_both(seen: Appearance, folder: Path, stem: str) -> tuple[Path | None, Path | None]:
    return (
        _saved(seen.last_old, folder / f"{stem}-last-old"),
        _saved(seen.first_new, folder / f"{stem}-first-new"),
    )


async def save_frame(frame: Frame | None, folder: Path, name: str) -> Path | None:
    """Save one frame under a name that its format is added to; None where there is no frame."""
    return await asyncio.to_thread(_written, frame, folder / name)


def _saved(look: Sighting | None, path: Path) -> Path | None:
    return _written(None if look is None else look.frame, path)


def _written(frame: Frame | None, path: Path) -> Path | None:
    if frame is None:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    named = path.with_name(path.name + _suffix(frame))
    named.write_bytes(frame.encoded)
    return named


def _suffix(frame: Frame) -> str:
    return next((suffix for magic, suffix in _SUFFIXES if frame.encoded.startswith(magic)), ".bin")


def stem(number: int, surface: str, actor: str) -> str:
    """Return the beginning of a file's name: `01-profile-screen-alice`."""
    return "-".join((f"{number:02d}", *(re.sub(r"\W+", "-", part).strip("-") for part in (surface, actor))))
