"""`screens.json`: written whole or not at all, read with every field checked."""

from __future__ import annotations

import dataclasses
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from journeys.errors import UsageError
from journeys.screens.record import (
    FORMAT,
    RECORD,
    ChangedRegion,
    FilmFrame,
    PixelBox,
    ScreenKey,
    ScreenRecord,
    ScreenStatus,
)
from journeys.whole_file import write_whole

ENTRY = "entry.json"
"""What one screen's record is called until the run ends; it lies beside the screen's pictures."""


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


def gather_entries(folder: Path) -> list[ScreenRecord]:
    """Return what `write_entry` kept, whichever process did, in the order of the baselines' paths."""
    documents = [json.loads(path.read_text(encoding="utf-8")) for path in folder.glob(f"*/{ENTRY}")]
    return sorted(map(_screen, documents), key=lambda record: str(record.key.path))


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
        document = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            f"{path} can't be read ({error.strerror}): run journeys that compare screens"
        ) from error
    except ValueError as error:
        raise UsageError(f"{path} is no JSON: run the journeys again") from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise UsageError(f"{path} is of another version: run the journeys again")
    try:
        return [_screen(each) for each in document["screens"]], folder / document["baselines"]
    except (KeyError, TypeError, ValueError) as error:
        raise UsageError(f"{path} is damaged ({error}): run the journeys again") from error


def _screen(value: Mapping[str, Any]) -> ScreenRecord:
    return ScreenRecord(
        key=ScreenKey(**value["key"]),
        status=ScreenStatus(value["status"]),
        actor=value["actor"],
        summary=value["summary"],
        size=_size(value["size"]),
        actual=value["actual"],
        baseline=value["baseline"],
        baseline_size=None if value["baseline_size"] is None else _size(value["baseline_size"]),
        difference=value["difference"],
        semantics=value["semantics"],
        baseline_semantics=value["baseline_semantics"],
        regions=tuple(
            ChangedRegion(
                PixelBox(**each["box"]), each["pixels"], each["hash_distance"], tuple(each["reasons"])
            )
            for each in value["regions"]
        ),
        masks=tuple(PixelBox(**each) for each in value["masks"]),
        cause=value["cause"],
        film=tuple(FilmFrame(**each) for each in value["film"]),
    )


def _size(value: Sequence[int]) -> tuple[int, int]:
    width, height = value
    return width, height
