"""What became of a night: night.json, its types, how it is written and read, the exit code that follows."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, NotRequired, TypedDict

from msgspec import Meta

from journeys.documents import UnreadableDocument, decode_json, quote_value, read_document, write_atomically
from journeys.errors import SetupError, UsageError
from journeys.report import JourneyRecord, Outcome, Seconds
from journeys.timeline import Cause

SCHEMA = 1

FILE_NAME = "night.json"
MAX_FILE_BYTES = 1024 * 2**20

MAX_SHARDS = 1000
"""A night is dealt out to at most so many."""

CellStatus = Literal["passed", "failed", "inconclusive", "error", "not run"]
"""`not run`: the night was cut short, or the cell's target could not be used at all."""

STATUS_LETTERS: Mapping[str, str] = {
    "passed": "p",
    "failed": "f",
    "inconclusive": "i",
    "error": "e",
    "not run": "n",
}
"""How a status is written in one letter, in the store and in trends."""

Shard = Annotated[int, Meta(ge=1, le=MAX_SHARDS)]

_GRAVEST_FIRST: tuple[CellStatus, ...] = ("error", "failed", "inconclusive", "not run", "passed")
_EARLIEST_YEAR, _LATEST_YEAR = 1970, 9000


class QuarantineRecord(TypedDict):
    """Who answers for a journey known to be flaky, why, and until which day (ISO 8601)."""

    owner: str
    reason: str
    until: str


class AttemptRecord(TypedDict):
    """One try of a cell; `results` is its run's folder, relative to the folder of night.json.

    `evidence` is the folder in it with the try's own files; left out where it has left none.
    """

    number: int
    status: Outcome
    cause: Cause
    error: str
    started_at: str
    duration_s: Seconds
    worker: str
    devices: list[str]
    results: str
    evidence: NotRequired[str]
    record: JourneyRecord | None


class CellRecord(TypedDict):
    """One journey on one casting, with all its attempts; status and cause are those of the last one."""

    journey: str
    name: str
    priority: str
    casting: str
    status: CellStatus
    cause: Cause
    error: str
    expected_s: Seconds
    shard: Shard
    quarantine: QuarantineRecord | None
    attempts: list[AttemptRecord]


class TargetRecord(TypedDict):
    """One target of the night; `error` is why nothing could be played there, empty where something could."""

    name: str
    platform: str
    provider: str
    devices: list[str]
    error: str


class LogRecord(TypedDict):
    """A trace, a video, a device's or a server's log; `cell` is empty for one of the whole night."""

    kind: str
    cell: str
    path: str


class NightRecord(TypedDict):
    """A night, or one shard of it, or several merged; times are RFC 3339 in UTC, numbers in `_s` seconds.

    `shards` says which of how many are in it: `[1, 2, 5]` of 5. `error` is why it was cut short.
    `whole_cells` is how many cells the night has in all its shards together. `targets_file` is the nightly
    job's file, as seen from the project's folder.
    """

    schema: int
    id: str
    name: str
    started_at: str
    finished_at: str
    duration_s: Seconds
    status: CellStatus
    error: str
    revision: str
    branch: str
    shards: Annotated[list[Shard], Meta(min_length=1)]
    shard_count: Shard
    workers: int
    planned_s: Seconds
    whole_cells: NotRequired[int]
    targets_file: NotRequired[str]
    expired: list[str]
    unmatched: NotRequired[list[str]]
    targets: list[TargetRecord]
    cells: list[CellRecord]
    logs: list[LogRecord]


def write_night_file(folder: Path, night: NightRecord) -> Path:
    """Write a night's record into its folder: readers see all of it, or what was there before."""
    file = folder / FILE_NAME
    write_atomically(file, json.dumps(night, ensure_ascii=False, separators=(",", ":")) + "\n")
    return file


def read_night_file(folder: Path) -> NightRecord:
    """Read the night.json of a folder, or the file itself.

    Raises `UsageError` where there is none, `SetupError` where it is none of this version's.
    """
    file = folder / FILE_NAME if folder.is_dir() else folder
    try:
        content = read_document(file, most=MAX_FILE_BYTES)
        return _decode(content, file)
    except FileNotFoundError as error:
        raise UsageError(f"there is no {file}: name the folder of a night's results") from error
    except OSError as error:
        raise SetupError(f"{file}: can't be read: {error.strerror or error}") from error
    except UnreadableDocument as error:
        raise SetupError(f"{file}: {error}: was it written by another version?") from error


def worst_status(cells: Iterable[CellRecord]) -> CellStatus:
    """Return the gravest status of the cells that count, which those in quarantine don't."""
    statuses = {cell["status"] for cell in cells if cell["quarantine"] is None}
    return next((status for status in _GRAVEST_FIRST if status in statuses), "passed")


def exit_code(night: NightRecord) -> int:
    """Return what `journeys farm` ends with: 2 wins over 1, and 1 over 3, as in `journeys run`."""
    codes = {1} if night["expired"] else set[int]()
    for cell in night["cells"]:
        if cell["quarantine"] is not None or cell["status"] == "passed":
            continue
        if cell["cause"] == "setup":
            codes.add(2)
        elif cell["cause"] == "infrastructure":
            codes.add(3)
        else:
            # What was not played because of a limit is no pass either.
            codes.add(1)
    return next((code for code in (2, 1, 3) if code in codes), 0)


class _Version(TypedDict):
    schema: int


def _decode(content: bytes, file: Path) -> NightRecord:
    schema = decode_json(content, _Version, nul="replace")["schema"]
    if schema > SCHEMA:
        raise SetupError(f"{file}: is of schema {schema}, this version knows {SCHEMA}: update journeys")
    if schema != SCHEMA:
        raise UnreadableDocument(f"is no night.json of schema {SCHEMA}")
    night = decode_json(content, NightRecord, nul="replace")
    for where, moment in _moments(night):
        check_moment(where, moment)
    return night


def check_moment(where: str, text: str) -> None:
    """Raise `UnreadableDocument` unless a text is a moment of these times, with its time zone."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or not _EARLIEST_YEAR <= moment.year < _LATEST_YEAR:
        raise UnreadableDocument(
            f"{where}: expected a moment such as 2026-01-31T12:00:00Z, found {quote_value(text)}"
        )


def _moments(night: NightRecord) -> Iterator[tuple[str, str]]:
    """Yield the moments that have to be there, and where they are."""
    yield "started_at", night["started_at"]
    if night["finished_at"]:  # it is empty until the night is over
        yield "finished_at", night["finished_at"]
    for number, cell in enumerate(night["cells"]):
        for index, attempt in enumerate(cell["attempts"]):
            if attempt["started_at"]:
                yield f"cells[{number}].attempts[{index}].started_at", attempt["started_at"]
