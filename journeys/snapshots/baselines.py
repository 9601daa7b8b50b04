"""The baselines: a folder of pictures that screens are compared with, each with its semantics.

    e2e/baselines/<journey>/<name>[<target>][<theme>].png
                            <name>[<target>][<theme>].json

They belong in version control: a change of theirs is reviewed like any other.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from journeys.errors import UsageError
from journeys.snapshots.record import ScreenKey, ScreenRecord

MAX_FILE_BYTES = 64 * 2**20
"""A larger file is none of ours."""

_PART = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")
_FILE = re.compile(r"(?P<name>[^\[\]]+)\[(?P<target>[^\[\]]+)\]\[(?P<theme>[^\[\]]+)\]\.png")


@dataclass(frozen=True)
class Baseline:
    """What a screen is compared with: a PNG, and its semantics as JSON, None where they are lost."""

    picture: bytes
    semantics: bytes | None


@dataclass(frozen=True)
class Orphans:
    """Paths of baselines without a screen, of the journeys that ran.

    Those in `gone` are of a target that the run had: the screen is not looked at any more. Those in
    `unplayed` are of other targets: ones to be run apart, or ones that nobody knows any more.
    """

    gone: tuple[PurePosixPath, ...] = ()
    unplayed: tuple[PurePosixPath, ...] = ()


def baseline_path(folder: Path, key: ScreenKey) -> Path:
    """Return where a key's baseline lies; raises `UsageError` for a name that no file may have."""
    for part in (key.journey, key.name, key.target, key.theme):
        if not _PART.fullmatch(part):
            raise UsageError(
                f"{part!r:.80} can't be part of a baseline's name: letters, digits, - and _ only, dots inside"
            )
    return folder / key.path


def read_baseline(path: Path) -> Baseline | None:
    """Return the baseline whose picture has this path, None where there is none.

    Raises `UsageError` where it is too large, or `OSError`.
    """
    picture = _read(path)
    return None if picture is None else Baseline(picture, _read(path.with_suffix(".json")))


def write_baseline(path: Path, baseline: Baseline) -> None:
    """Put a baseline in the place of what was there, whole or not at all; raises `OSError`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    # Both are written aside first: what can't be written whole changes nothing.
    with (
        _write_aside(path, baseline.picture) as picture,
        _write_aside(path, baseline.semantics or b"") as semantics,
    ):
        if baseline.semantics is None:
            path.with_suffix(".json").unlink(missing_ok=True)
        else:
            semantics.replace(path.with_suffix(".json"))
        picture.replace(path)


def remove_baseline(path: Path) -> None:
    """Remove the baseline whose picture has this path, if it is there."""
    path.unlink(missing_ok=True)
    path.with_suffix(".json").unlink(missing_ok=True)


def baseline_keys(folder: Path) -> Iterator[ScreenKey]:
    """Yield the keys of all baselines in a folder, in the order of their paths."""
    for path in sorted(folder.glob("*/*.png")):
        found = _FILE.fullmatch(path.name)
        if found:
            yield ScreenKey(journey=path.parent.name, **found.groupdict())


def find_orphans(records: Sequence[ScreenRecord], folder: Path) -> Orphans:
    """Return the baselines in a folder that none of a run's screens was compared with."""
    compared = {record.key.path for record in records}
    journeys = {record.key.journey for record in records}
    targets = {record.key.target for record in records}
    left = [key for key in baseline_keys(folder) if key.journey in journeys and key.path not in compared]
    return Orphans(
        gone=tuple(key.path for key in left if key.target in targets),
        unplayed=tuple(key.path for key in left if key.target not in targets),
    )


@contextmanager
def _write_aside(path: Path, content: bytes) -> Iterator[Path]:
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
            content = file.read(MAX_FILE_BYTES + 1)
    except FileNotFoundError:
        return None
    if len(content) > MAX_FILE_BYTES:
        raise UsageError(f"{path} has more than {MAX_FILE_BYTES // 2**20} MiB: no screenshot has, remove it")
    return content
