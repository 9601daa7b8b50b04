"""Records become journeys.json."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from journeys import Status
from journeys.report import (
    SCHEMA,
    JourneyRecord,
    overall_status,
    write_json,
)
from journeys.timeline import (
    StepEnded,
)
from tests.journeys.report.events_made import record, verdict


def write(file: Path, *records: JourneyRecord, **details: Any) -> Any:
    write_json(
        file,
        records,
        started_at=datetime(2026, 1, 31, 12, tzinfo=UTC),
        addresses={"app": "http://127.0.0.1:8550"},
        apps={"android": "org.example.app 1.2 (3), sha256 0123456789ab"},
        **details,
    )
    return json.loads(file.read_text(encoding="utf-8"))


def test_it_holds_what_is_documented_and_nothing_else(tmp_path: Path) -> None:
    made = record(StepEnded(title="alice looks", depth=0, duration_s=1.0), verdict())
    document = write(tmp_path / "journeys.json", made)
    assert set(document) == {
        "schema",
        "started_at",
        "finished_at",
        "duration_s",
        "addresses",
        "apps",
        "machine",
        "status",
        "error",
        "journeys",
    }
    assert document["schema"] == SCHEMA == 1
    assert document["started_at"] == "2026-01-31T12:00:00.000Z"
    assert datetime.fromisoformat(document["finished_at"]).tzinfo is not None
    assert document["addresses"] == {"app": "http://127.0.0.1:8550"}
    assert document["apps"] == {"android": "org.example.app 1.2 (3), sha256 0123456789ab"}
    assert set(document["machine"]) == {"system", "python", "cpus"}
    assert (document["status"], document["error"]) == ("passed", "")
    (journey,) = document["journeys"]
    assert journey == made
    assert set(journey) == {
        "id",
        "name",
        "priority",
        "targets",
        "casting",
        "status",
        "attempt",
        "cause",
        "started_at",
        "duration_s",
        "error",
        "actors",
        "reopened",
        "unreached",
        "unreported",
        "steps",
        "surfaces",
        "screens",
        "moments",
        "films",
    }
    assert set(journey["steps"][0]) == {"title", "depth", "started_s", "duration_s", "error"}


def test_a_run_cut_short_is_an_error_though_all_before_had_passed(tmp_path: Path) -> None:
    document = write(tmp_path / "journeys.json", record(), error="interrupted")
    assert (document["status"], document["error"]) == ("error", "interrupted")


def test_the_folder_is_made_and_letters_stay_as_they_are(tmp_path: Path) -> None:
    file = tmp_path / "made" / "here" / "journeys.json"
    write(file, record(name="Zoë sieht 李"))
    assert "Zoë sieht 李" in file.read_text(encoding="utf-8")


def test_it_is_written_whole_or_not_at_all(tmp_path: Path) -> None:
    file = tmp_path / "journeys.json"
    write(file, record())
    before = file.read_bytes()
    unwritable: Any = record() | {"actors": {"alice": object()}}
    with pytest.raises(TypeError):
        write(file, record(), unwritable)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]


@pytest.mark.parametrize(
    ("statuses", "overall"),
    [
        ([], "error"),
        (["passed", "passed"], "passed"),
        (["passed", "inconclusive"], "inconclusive"),
        (["inconclusive", "failed", "passed"], "failed"),
        (["failed", "error"], "error"),
    ],
)
def test_the_gravest_status_stands_for_all(statuses: list[str], overall: str) -> None:
    assert overall_status([record(status=Status(one)) for one in statuses]) == overall
