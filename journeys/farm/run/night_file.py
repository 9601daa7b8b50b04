"""night.json: written whole, read with what is wrong said in one line."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NotRequired, cast, get_origin, get_type_hints

from journeys.errors import SetupError, UsageError
from journeys.farm.night_record import SCHEMA, AttemptRecord, CellRecord, NightRecord
from journeys.whole_file import write_whole

NAME = "night.json"


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
        night = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise UsageError(f"there is no {file}: name the folder of a night's results") from error
    except (OSError, ValueError) as error:
        raise SetupError(f"{file}: can't be read: {error}") from error
    if not isinstance(night, dict) or night.get("schema") != SCHEMA or "cells" not in night:
        raise SetupError(f"{file}: is no night.json of schema {SCHEMA}: was it written by another version?")
    missing = next(_missing(night), None)
    if missing is not None:
        raise SetupError(f"{file}: has no {missing}: was it written by another version?")
    return cast(NightRecord, night)


def _missing(night: dict[str, Any]) -> Iterator[str]:
    """Yield the fields that ought to be there and are not."""
    yield from sorted(_required(NightRecord) - night.keys())
    of_cell, of_attempt = _required(CellRecord), _required(AttemptRecord)
    for number, cell in enumerate(night["cells"]):
        yield from (f"cells[{number}].{key}" for key in sorted(of_cell - cell.keys()))
        for attempt in cell["attempts"]:
            yield from (f"cells[{number}].attempts[].{key}" for key in sorted(of_attempt - attempt.keys()))


def _required(record: type) -> frozenset[str]:
    hints = get_type_hints(record, include_extras=True)
    return frozenset(key for key, hint in hints.items() if get_origin(hint) is not NotRequired)
