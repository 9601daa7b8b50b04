"""The baselines: a folder of pictures that screens are held against, each with what its semantics said.

    e2e/baselines/<journey>/<name>[<target>][<theme>].png
                            <name>[<target>][<theme>].json

They belong in version control: a change of theirs is reviewed like any other.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from journeys.errors import UsageError
from journeys.snapshots.record import ScreenKey

LARGEST = 64 * 2**20
"""Bytes of a file at most; a larger one is none of ours."""

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_FILE = re.compile(r"(?P<name>[^\[\]]+)\[(?P<target>[^\[\]]+)\]\[(?P<theme>[^\[\]]+)\]\.png")


@dataclass(frozen=True)
class Baseline:
    """What a screen is held against: a PNG, and as JSON what it said then, None where that is lost."""

    picture: bytes
    semantics: bytes | None


def baseline_path(folder: Path, key: ScreenKey) -> Path:
    """Return where a key's baseline lies; raises `UsageError` for a name that no file may have."""
    for part in (key.journey, key.name, key.target, key.theme):
        if not _PART.fullmatch(part):
            raise UsageError(
                f"{part!r:.80} can't be part of a baseline's name: letters, digits, - and _ only, dots inside"
            )
    return folder / key.path


def read_baseline(folder: Path, key: ScreenKey) -> Baseline | None:
    """Return a key's baseline, None where there is none yet; raises `UsageError` where it is too large."""
    return read_pair(baseline_path(folder, key))


def write_baseline(folder: Path, key: ScreenKey, baseline: Baseline) -> Path:
    """Put a baseline in the place of what was there and return its picture's path; raises `OSError`.

    The picture is there whole or as it was before; so is what it said.
    """
    path = baseline_path(folder, key)
    write_pair(path, baseline)
    return path


def remove_baseline(folder: Path, key: ScreenKey) -> None:
    """Remove a baseline, if it is there."""
    remove_pair(baseline_path(folder, key))


def read_pair(path: Path) -> Baseline | None:
    """Return the baseline whose picture has this path, None where there is none; raises `UsageError`."""
    picture = _read(path)
    return None if picture is None else Baseline(picture, _read(path.with_suffix(".json")))


def write_pair(path: Path, baseline: Baseline) -> None:
    """Write a baseline whose picture has this path, as `write_baseline` does; raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Both are written aside first: what can't be written whole changes nothing.
    with _aside(path, baseline.picture) as picture, _aside(path, baseline.semantics or b"") as said:
        if baseline.semantics is None:
            path.with_suffix(".json").unlink(missing_ok=True)
        else:
            said.replace(path.with_suffix(".json"))
        picture.replace(path)


def remove_pair(path: Path) -> None:
    """Remove the baseline whose picture has this path, if it is there."""
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)


def baseline_keys(folder: Path) -> Iterator[ScreenKey]:
    """Yield the keys of all baselines in a folder, in the order of their paths."""
    for path in sorted(folder.glob("*/*.png")):
        found = _FILE.fullmatch(path.name)
        if found:
            yield ScreenKey(journey=path.parent.name, **found.groupdict())


@contextmanager
def _aside(path: Path, content: bytes) -> Iterator[Path]:
    """Write a file beside another one, on disk when the block begins, and gone after it unless renamed."""
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".baseline-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        # Others read it too: mkstemp lets only its owner.
        Path(name).chmod(0o644)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            content = file.read(LARGEST + 1)
    except FileNotFoundError:
        return None
    if len(content) > LARGEST:
        raise UsageError(f"{path} has more than {LARGEST // 2**20} MiB: no screenshot has, remove it")
    return content
