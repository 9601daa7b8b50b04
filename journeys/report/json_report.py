"""Writes journeys.json: every journey of a run, its steps and what was measured."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from journeys.report.record import JourneyRecord, rfc3339
from journeys.whole_file import write_whole

SCHEMA = 1
"""The version of journeys.json: raised when a field changes its meaning or goes, not when one is added."""


def write_json(
    file: Path,
    records: Sequence[JourneyRecord],
    *,
    started_at: datetime,
    addresses: Mapping[str, str],
    error: str = "",
) -> None:
    """Write the report, whole or not at all; `docs/reference/journeys-json.md` describes it.

    `error` says why the run ended before all of its journeys had; its status is then `error`.
    """
    finished_at = datetime.now(UTC)
    document = {
        "schema": SCHEMA,
        "started_at": rfc3339(started_at),
        "finished_at": rfc3339(finished_at),
        "duration_s": round((finished_at - started_at).total_seconds(), 3),
        "addresses": dict(addresses),
        "machine": machine(),
        "status": "error" if error else overall_status(records),
        "error": error,
        "journeys": list(records),
    }
    write_whole(file, json.dumps(document, indent=2, ensure_ascii=False) + "\n")


def machine() -> dict[str, str | int | None]:
    """Describe the machine a report is from."""
    return {
        "system": platform.platform(),
        "python": platform.python_version(),
        "cpus": os.cpu_count(),
    }


def overall_status(records: Sequence[JourneyRecord]) -> str:
    """Return the gravest status among the journeys; `error` where none was run."""
    statuses = {record["status"] for record in records}
    return next(
        (status for status in ("error", "failed", "inconclusive", "passed") if status in statuses), "error"
    )
