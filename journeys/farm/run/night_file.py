"""night.json: written whole, read with what is wrong said in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TypedDict

from journeys.documents import UnreadableDocument, decode_json, read_document, shown
from journeys.errors import SetupError, UsageError
from journeys.farm.night_record import SCHEMA, NightRecord
from journeys.whole_file import write_whole

NAME = "night.json"
MOST_BYTES = 1024 * 2**20

_EARLIEST, _LATEST = 1970, 9000


class _Version(TypedDict):
    schema: int


def write_night_file(folder: Path, night: NightRecord) -> Path:
    """Write a night's record into its folder: readers see all of it, or what was there before."""
    file = folder / NAME
    write_whole(file, json.dumps(night, ensure_ascii=False, separators=(",", ":")) + "\n")
    return file


def read_night_file(folder: Path) -> NightRecord:
    """Read the night.json of a folder, or the file itself.

    Raises `UsageError` where there is none, `SetupError` where it is none of this version's.
    """
    file = folder / NAME if folder.is_dir() else folder
    try:
        content = read_document(file, most=MOST_BYTES)
        return _decoded(content, file)
    except FileNotFoundError as error:
        raise UsageError(f"there is no {file}: name the folder of a night's results") from error
    except OSError as error:
        raise SetupError(f"{file}: can't be read: {error.strerror or error}") from error
    except UnreadableDocument as error:
        raise SetupError(f"{file}: {error}: was it written by another version?") from error


def _decoded(content: bytes, file: Path) -> NightRecord:
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
    if moment is None or moment.tzinfo is None or not _EARLIEST <= moment.year < _LATEST:
        raise UnreadableDocument(
            f"{where}: expected a moment such as 2026-01-31T12:00:00Z, found {shown(text)}"
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
