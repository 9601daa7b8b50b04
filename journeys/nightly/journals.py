"""Puts a night together from its plan and the journals of its tries, also where the night itself was lost."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from journeys.documents import UnreadableDocument, decode_json
from journeys.nightly.record import (
    AttemptRecord,
    CellRecord,
    CellStatus,
    LogRecord,
    NightRecord,
    check_moment,
)
from journeys.report import JOURNAL, JournalEntry, JourneyRecord
from journeys.timeline import Cause

_ATTEMPT = re.compile(r"attempt-([0-9]{1,9})")
_CRASHED = re.compile(r"::([^:\[\]]+)\[(.+)\]$")
_KINDS = {".zip": "trace", ".webm": "video"}


def gather_attempts(night: NightRecord, folder: Path) -> NightRecord:
    """Return a night with what became of its cells, as far as the journals in its folder have it."""
    cells = {
        (cell["journey"], cell["casting"]): CellRecord(**{**cell, "attempts": []}) for cell in night["cells"]
    }
    logs = list[LogRecord]()
    for number, results in sorted(_attempt_folders(folder)):
        for entry in _read_journal(results / JOURNAL):
            key = _key_of(entry)
            if key is None or key not in cells:
                continue
            cell = cells[key]
            others = [one for one in cell["attempts"] if one["number"] != number]
            cell["attempts"] = [*others, _attempt(number, results.relative_to(folder), entry)]
            if entry["evidence"]:
                logs += _evidence_logs(results / entry["evidence"], "{}[{}]".format(*key), folder)
        logs += [
            LogRecord(kind=log.stem, cell="", path=log.relative_to(folder).as_posix())
            for log in sorted((results / "servers").glob("*.log"))
        ]
        log = folder / f"attempt-{number}.log"
        if log.exists():
            logs.append(LogRecord(kind="pytest", cell="", path=log.name))
    for cell in cells.values():
        if cell["attempts"]:
            last = cell["attempts"][-1]
            status: CellStatus = last["status"]  # type: ignore[assignment]  # a journey's are among a cell's
            cell["status"], cell["cause"], cell["error"] = status, last["cause"], last["error"]
    return NightRecord(**{**night, "cells": list(cells.values()), "logs": logs})


def _attempt_folders(folder: Path) -> Iterator[tuple[int, Path]]:
    for each in folder.glob("attempt-*"):
        found = _ATTEMPT.fullmatch(each.name)
        if found and each.is_dir():
            yield int(found[1]), each


def _key_of(entry: JournalEntry) -> tuple[str, str] | None:
    """Return journey and casting of a journal's line; None where it isn't there."""
    if entry["record"] is not None:
        return entry["record"]["id"], entry["record"]["casting"]
    found = _CRASHED.search(entry["test"])
    return None if found is None else (found[1], found[2])


def _attempt(number: int, results: Path, entry: JournalEntry) -> AttemptRecord:
    record = entry["record"]
    attempt = AttemptRecord(
        number=number,
        status=record["status"] if record is not None else "error",
        cause=cause_of(record) if record is not None else "infrastructure",
        error=record["error"] if record is not None else _last_line(entry["error"]),
        started_at=record["started_at"] if record is not None else "",
        duration_s=record["duration_s"] if record is not None else 0.0,
        worker=entry["worker"],
        devices=entry["devices"],
        results=results.as_posix(),
        record=record,
    )
    if entry["evidence"]:
        attempt["evidence"] = entry["evidence"]
    return attempt


def cause_of(record: JourneyRecord) -> Cause:
    """Return a journey's cause; a missed budget or a screen that differs is one whatever broke after it.

    So it can't be tried again until it passes.
    """
    if record["cause"] == "infrastructure":
        if any(
            surface["verdict"] in {"failed", "inconclusive"} and not surface.get("machine_busy")
            for surface in record["surfaces"]
        ):
            return "verdict"
        if any(not screen["accepted"] for screen in record["screens"]):
            return "screen"
    return record["cause"]


def _read_journal(journal: Path) -> Iterator[JournalEntry]:
    """Yield a journal's lines; one that is damaged costs no more than itself."""
    try:
        lines = journal.read_bytes().split(b"\n")
    except OSError:
        return
    for line in lines:
        try:
            entry = decode_json(line.decode(errors="replace").encode(), JournalEntry, nul="replace")
            _check(entry)
        except UnreadableDocument:
            continue  # such as the line that was being written when the power went
        yield entry


def _check(entry: JournalEntry) -> None:
    record, evidence = entry["record"], entry["evidence"]
    if record is not None and record["started_at"]:
        check_moment("record.started_at", record["started_at"])
    names = (evidence or "").split("/")
    if (evidence or "").startswith("/") or ".." in names or any(len(name.encode()) > 255 for name in names):
        raise UnreadableDocument("evidence: is no folder of the results")


def _evidence_logs(evidence: Path, cell: str, folder: Path) -> list[LogRecord]:
    return [
        LogRecord(
            kind=_KINDS.get(file.suffix, file.stem), cell=cell, path=file.relative_to(folder).as_posix()
        )
        for file in sorted(evidence.glob("*"))
        if file.suffix in {".zip", ".webm", ".log"}
    ]


def _last_line(text: str) -> str:
    return next((line for line in reversed(text.splitlines()) if line.strip()), "")
