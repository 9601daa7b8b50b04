"""`screens.json`: written whole or not at all, read with every field checked."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypedDict

from journeys.documents import UnreadableDocument, decode_any_json, decode_json, read_document
from journeys.errors import UsageError
from journeys.snapshots.record import FORMAT, RECORD, ScreenRecord
from journeys.whole_file import write_whole

ENTRY = "entry.json"
"""What one screen's record is called until the run ends; it lies beside the screen's pictures."""


class _Record(TypedDict):
    baselines: str
    screens: list[ScreenRecord]


def write_record(folder: Path, records: Sequence[ScreenRecord], *, baselines: Path) -> Path:
    """Write `screens.json` into a folder and return its path; raises `OSError`.

    `baselines` is the folder in which an approval is to be written.
    """
    document = {
        "format": FORMAT,
        "baselines": os.path.relpath(baselines, folder),
        "screens": [_entry(record) for record in records],
    }
    path = folder / RECORD
    _write(path, document)
    return path


def write_entry(folder: Path, record: ScreenRecord) -> None:
    """Keep one screen's record until the run ends, and `gather_entries` collects them; raises `OSError`."""
    _write(folder / record.key.id / ENTRY, _entry(record))


def forget_entry(folder: Path) -> None:
    """Take a screen out of what `gather_entries` collects, by the folder of its pictures."""
    (folder / ENTRY).unlink(missing_ok=True)


def gather_entries(folder: Path) -> list[ScreenRecord]:
    """Return what `write_entry` kept, whichever process did, in the order of the baselines' paths.

    Raises `UsageError` where one of them is damaged.
    """
    records = map(_read_entry, folder.glob(f"*/{ENTRY}"))
    return sorted(records, key=lambda record: str(record.key.path))


def _entry(record: ScreenRecord) -> dict[str, Any]:
    return {"id": record.key.id} | dataclasses.asdict(record)


def _write(path: Path, document: Mapping[str, Any]) -> None:
    write_whole(path, json.dumps(document, ensure_ascii=False, indent=1))


def read_record(folder: Path) -> tuple[list[ScreenRecord], Path]:
    """Return what a folder's `screens.json` tells, and the folder of the baselines.

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
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UsageError(f"{path} is of another version: run the journeys again")
    try:
        record = decode_json(content, _Record, nul="replace")
    except UnreadableDocument as error:
        raise UsageError(f"{path} is damaged ({error}): run the journeys again") from error
    return record["screens"], folder / record["baselines"]


def _read_entry(path: Path) -> ScreenRecord:
    try:
        return decode_json(read_document(path), ScreenRecord, nul="replace")
    except (OSError, UnreadableDocument) as error:
        raise UsageError(f"{path} is damaged ({error}): run the journeys again") from error
