"""The nightly job's part in a session: which journeys are played on what, and what became of them.

The journal is written line by line as journeys end, so that nothing is lost where the session is.
"""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from journeys.documents import UnreadableDocument, decode_json, read_document
from journeys.errors import UsageError

JOURNAL = "journal.jsonl"
"""The journal's name in the folder for results."""

STORE = "JOURNEYS_LEASES"
"""The environment variable that says where devices are leased: a PostgreSQL address, or a folder's path."""

HOLDER = "JOURNEYS_HOLDER"
"""The environment variable with the name under which devices are leased, before the worker's."""

NIGHT = "JOURNEYS_NIGHT_PIPE"
"""The environment variable with the number of a pipe that closes when the nightly job has gone."""


class Cell(NamedTuple):
    """One journey on one casting."""

    journey: str
    casting: str


def read_cells(file: Path) -> tuple[Cell, ...]:
    """Read the cells to be played; raises `UsageError` where the file is none of the nightly job's."""
    try:
        return tuple(Cell(*each) for each in decode_json(read_document(file), list[tuple[str, str]]))
    except (OSError, UnreadableDocument) as error:
        raise UsageError(
            f"--journey-cells {file}: no list of cells, as `journeys farm run` writes it: {error}"
        ) from error


def write_cells(file: Path, cells: Sequence[tuple[str, str]]) -> None:
    """Write cells for a session to read."""
    file.write_text(json.dumps([list(cell) for cell in cells]), encoding="utf-8")


def append(journal: Path, entry: Mapping[str, object]) -> None:
    """Add a line to a journal."""
    journal.parent.mkdir(parents=True, exist_ok=True)
    with journal.open("a", encoding="utf-8", errors="replace") as lines:
        lines.write(json.dumps(entry, ensure_ascii=False) + "\n")


def end_with_the_night(pipe: int) -> None:
    """End this session as Ctrl-C does once the nightly job has gone, however it went; SIGTERM does so, too.

    A job that a shell started in the background is deaf to Ctrl-C, and so were all it starts.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.default_int_handler)

    def wait() -> None:
        if not os.read(pipe, 1):
            os.kill(os.getpid(), signal.SIGINT)

    threading.Thread(target=wait, name="until-the-night-ends", daemon=True).start()
