"""What a comparison of screens leaves behind: `screens.json`, which the review reads.

It is written whole or not at all, and read with every field checked. Paths are relative to its folder and use
`/`. Boxes are in the screenshots' pixels.
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any, TypedDict

from journeys.documents import (
    UnreadableDocument,
    decode_any_json,
    decode_json,
    read_document,
    write_atomically,
)
from journeys.errors import UsageError

if TYPE_CHECKING:
    from flutter_bridge import Box

RECORD = "screens.json"
"""The file's name; it lies in the folder `screens` of a run's results."""

_FORMAT = 1
"""Of `screens.json`; another one is refused."""

_ENTRY = "entry.json"
"""What one screen's record is called until the run ends; it lies beside the screen's pictures."""


class ScreenStatus(StrEnum):
    """How a screen looks beside its baseline."""

    SAME = "same"
    NEW = "new"
    """There is no baseline yet."""
    CHANGED = "changed"
    """It looks different, or looks the same and says something else."""
    RESIZED = "resized"
    """It has another size than its baseline; what both share was compared."""
    UNREADABLE = "unreadable"
    """The baseline is no picture, or one too large."""


@dataclass(frozen=True)
class ScreenKey:
    """What tells baselines apart: the journey, the screen's name, and what changes pixels.

    `target` names the target with what it draws by, such as `web-chromium-1x`; `theme` is `light` or `dark`.
    Each part is a file name's: letters, digits, `.`, `_`, `-`.
    """

    journey: str
    name: str
    target: str
    theme: str

    @property
    def path(self) -> PurePosixPath:
        """Where the baseline lies in the baselines' folder."""
        return PurePosixPath(self.journey, f"{self.name}[{self.target}][{self.theme}].png")

    @property
    def id(self) -> str:
        """A short name that is the same in every run."""
        return hashlib.sha256(str(self.path).encode()).hexdigest()[:12]


@dataclass(frozen=True)
class PixelBox:
    """A part of a screenshot, in its pixels."""

    left: int
    top: int
    width: int
    height: int

    def covers(self, box: Box, pixel_ratio: float) -> bool:
        """Whether all of a box in logical pixels lies in it."""
        return (
            self.left <= box.left * pixel_ratio
            and self.top <= box.top * pixel_ratio
            and self.left + self.width >= box.right * pixel_ratio
            and self.top + self.height >= box.bottom * pixel_ratio
        )


@dataclass(frozen=True)
class ChangedRegion:
    """A part of a screen that looks different, and what each opinion says of it.

    `pixels` is how many pixels differ beyond what anti-aliasing explains. `hash_distance` is between both
    sides' perceptual hashes, in bits of 64. `reasons` are lines for people, from the semantics, such as
    "button “Save” moved 8 px down".
    """

    box: PixelBox
    pixels: int
    hash_distance: int
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True)
class FilmFrame:
    """A picture of the journey around the screen: what had just been done, and how the app looked then."""

    title: str
    picture: str


@dataclass(frozen=True)
class ScreenRecord:
    """One screen that was compared.

    `actual`, `baseline` and `difference` are pictures (`baseline` is a copy of what was compared with).
    `semantics` and `baseline_semantics` are the trees as JSON. `cause` is the same for screens that most
    likely changed for the same reason, whatever their target: reviewed as one group. `film` is in order.
    """

    key: ScreenKey
    status: ScreenStatus
    actor: str
    summary: str
    size: tuple[int, int]
    actual: str
    baseline: str | None = None
    baseline_size: tuple[int, int] | None = None
    difference: str | None = None
    semantics: str | None = None
    baseline_semantics: str | None = None
    regions: tuple[ChangedRegion, ...] = ()
    masks: tuple[PixelBox, ...] = ()
    cause: str = ""
    film: tuple[FilmFrame, ...] = ()


class _ScreensDocument(TypedDict):
    baselines: str
    screens: list[ScreenRecord]


def write_record(folder: Path, records: Sequence[ScreenRecord], *, baselines: Path) -> Path:
    """Write `screens.json` into a folder and return its path; raises `OSError`.

    `baselines` is the folder in which an approval is to be written.
    """
    path = folder / RECORD
    document = {
        "format": _FORMAT,
        "baselines": os.path.relpath(baselines, folder),
        "screens": list(map(_as_dict, records)),
    }
    _write(path, document)
    return path


def read_record(folder: Path) -> tuple[list[ScreenRecord], Path]:
    """Return the screens in a folder's `screens.json`, and the folder of the baselines.

    Raises `UsageError` where there is none, or it isn't one of ours.
    """
    path = folder / RECORD
    try:
        content = read_document(path)
        document = decode_any_json(content)
    except OSError as error:
        raise UsageError(
            f"{path} can't be read ({error.strerror}): run journeys that compare screens"
        ) from error
    except UnreadableDocument as error:
        raise UsageError(f"{path} {error}: run the journeys again") from error
    if not isinstance(document, dict) or document.get("format") != _FORMAT:
        raise UsageError(f"{path} is of another version: run the journeys again")
    try:
        record = decode_json(content, _ScreensDocument, nul="replace")
    except UnreadableDocument as error:
        raise UsageError(f"{path} is damaged ({error}): run the journeys again") from error
    return record["screens"], folder / record["baselines"]


def write_entry(folder: Path, record: ScreenRecord) -> None:
    """Keep one screen's record until the run ends, and `gather_entries` collects them; raises `OSError`."""
    _write(folder / record.key.id / _ENTRY, _as_dict(record))


def forget_entry(folder: Path) -> None:
    """Take a screen out of what `gather_entries` collects, by the folder of its pictures."""
    (folder / _ENTRY).unlink(missing_ok=True)


def gather_entries(folder: Path) -> list[ScreenRecord]:
    """Return what `write_entry` kept, whichever process did, in the order of the baselines' paths.

    Raises `UsageError` where one of them is damaged.
    """
    records = map(_read_entry, folder.glob(f"*/{_ENTRY}"))
    return sorted(records, key=lambda record: str(record.key.path))


def _read_entry(path: Path) -> ScreenRecord:
    try:
        return decode_json(read_document(path), ScreenRecord, nul="replace")
    except (OSError, UnreadableDocument) as error:
        raise UsageError(f"{path} is damaged ({error}): run the journeys again") from error


def _as_dict(record: ScreenRecord) -> dict[str, Any]:
    return {"id": record.key.id} | dataclasses.asdict(record)


def _write(path: Path, document: dict[str, Any]) -> None:
    write_atomically(path, json.dumps(document, ensure_ascii=False, indent=1))
