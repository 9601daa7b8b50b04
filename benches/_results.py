"""What every benchmark writes: `bench-results/NAME.json`, the machine and the date beside the figures."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "bench-results"


def write_results(name: str, figures: Mapping[str, object]) -> Path:
    """Write a benchmark's figures and say where they are.

    Keys common to all: `bench`, `date` (RFC 3339, UTC), `machine` (`system`, `processor`, `cpus`, `python`,
    `load`: the load average over one minute).
    """
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{name}.json"
    document = {
        "bench": name,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {
            "system": platform.platform(),
            "processor": platform.machine(),
            "cpus": os.cpu_count(),
            "python": platform.python_version(),
            "load": round(os.getloadavg()[0], 2),
        },
        **figures,
    }
    file.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"written: {file.relative_to(FOLDER.parent)}")
    return file


def print_table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table whose first column is text and whose others are figures."""
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        cells = [
            cell.ljust(width) if column == 0 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())
