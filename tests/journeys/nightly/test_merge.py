"""Shards become one night, also where a machine was lost; what a journal says of a cell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Unpack

import pytest

from journeys.cli.command import main
from journeys.errors import JourneysError, SetupError, UsageError
from journeys.nightly.journals import gather_attempts
from journeys.nightly.merge import merge_shards, read_shard
from journeys.nightly.record import (
    CellRecord,
    CellStatus,
    NightRecord,
    QuarantineRecord,
    exit_code,
    read_night_file,
    write_night_file,
)
from journeys.nightly.report.content import NightReport
from journeys.nightly.store import Store
from journeys.output import MARKER
from journeys.report import JOURNAL, JournalEntry, JourneyRecord, append_to_journal
from tests.journeys.nightly.sample_nights import NightFields, cell, journey, night, screen, surface


def planned(name: str) -> CellRecord:
    """A journey's cell that nobody has played yet."""
    return cell("not run", of=name)


def shard(number: int, *cells: CellRecord, of: int = 2, **fields: Unpack[NightFields]) -> NightRecord:
    """One shard of a night that has two cells in all."""
    own = NightFields(shards=[number], shard_count=of, planned_s=10.0 * number, whole_cells=2)
    own.update(fields)
    return night(*cells, **own)


def note(
    folder: Path,
    attempt: int,
    record: JourneyRecord | None,
    *,
    evidence: str = "",
    test: str = "",
    error: str = "",
) -> None:
    """Write a line into the journal of a night's attempt."""
    entry = JournalEntry(record=record, worker="gw0", devices=[], evidence=evidence, test=test, error=error)
    append_to_journal(folder / f"attempt-{attempt}" / JOURNAL, entry)


def test_shards_become_one_night_with_their_evidence_beside_it(tmp_path: Path) -> None:
    for number, name in ((1, "looks"), (2, "acts")):
        folder = tmp_path / f"download-{number}"
        write_night_file(folder, shard(number, planned(name), finished_at=""))
        note(folder, 1, journey(of=name))
        write_night_file(folder, gather_attempts(shard(number, planned(name)), folder))
    joined = merge_shards([tmp_path / "download-2", tmp_path / "download-1"], tmp_path / "out")
    assert [(each["journey"], each["status"]) for each in joined["cells"]] == [
        ("looks", "passed"),
        ("acts", "passed"),
    ]
    assert (joined["shards"], joined["status"], joined["error"], joined["planned_s"]) == (
        [1, 2],
        "passed",
        "",
        20.0,
    )
    assert exit_code(joined) == 0
    for each in joined["cells"]:
        assert (tmp_path / "out" / each["attempts"][0]["results"] / JOURNAL).exists()


def test_of_a_lost_machine_what_its_journal_has_is_kept_and_the_rest_is_not_run(tmp_path: Path) -> None:
    write_night_file(tmp_path, shard(1, planned("looks"), planned("acts"), of=1, finished_at=""))
    note(tmp_path, 1, journey(of="looks"))
    journal = tmp_path / "attempt-1" / JOURNAL
    damaged = [
        '{"record": {"id": "ac',
        "7",
        '{"record": {"id": "acts", "casting": "web"}}',
        '{"record": null, "test": null}',
    ]
    journal.write_text(journal.read_text() + "\n".join(damaged))
    found = read_shard(tmp_path)
    assert [(each["status"], each["cause"]) for each in found["cells"]] == [
        ("passed", ""),
        ("not run", "infrastructure"),
    ]
    assert "lost" in found["error"]
    assert exit_code(found) == 3


def test_a_night_lost_with_its_machine_ended_with_the_last_that_is_known_of_it(tmp_path: Path) -> None:
    lost = shard(1, planned("looks"), planned("acts"), of=1, finished_at="")
    write_night_file(tmp_path, lost)
    assert (read_shard(tmp_path)["finished_at"], read_shard(tmp_path)["duration_s"]) == (
        lost["started_at"],
        0,
    )
    for name, began, seconds in (("looks", "02:10:00.000", 70.0), ("acts", "02:11:00.000", 4.5)):
        played = journey(of=name)
        played["started_at"], played["duration_s"] = f"2026-11-21T{began}Z", seconds
        note(tmp_path, 1, played)
    note(tmp_path, 2, None, test="test_a.py::looks[web]", error="worker 'gw0' crashed")
    found = read_shard(tmp_path)
    assert (found["finished_at"], found["duration_s"]) == ("2026-11-21T02:11:10.000Z", 670.0)


async def test_a_shard_that_starts_late_knows_the_same_past_as_the_first(store: Store) -> None:
    await store.keep(shard(1, cell(of="looks", seconds=10.0), of=1, id="night-0"))
    assert await store.durations(before="night-1") == {("looks", "web"): 10.0}
    await store.keep(shard(1, cell(of="looks", seconds=50.0), id="night-1"))
    assert await store.durations(before="night-1") == {("looks", "web"): 10.0}
    assert await store.durations(before="night-2") == {("looks", "web"): 30.0}


@pytest.mark.parametrize(
    ("there", "of", "said"),
    [
        (2, 2, "shard 1 of 2 can't be found"),
        (1, 3, "shards 2 and 3 of 3 can't be found"),
        (3, 4, "shards 1, 2 and 4 of 4 can't be found"),
    ],
)
def test_a_missing_shard_is_said_and_no_pass(tmp_path: Path, there: int, of: int, said: str) -> None:
    write_night_file(tmp_path / "one", shard(there, cell(of="looks"), of=of))
    joined = merge_shards([tmp_path / "one"], tmp_path / "out")
    assert (joined["status"], joined["error"]) == ("error", said)


@pytest.mark.parametrize("left", ['{"schema": 1, "cells": [', '{"schema": 1, "cells": []}', "\0", None])
def test_a_shard_that_cannot_be_read_costs_no_other(tmp_path: Path, left: str | None) -> None:
    write_night_file(tmp_path / "one", shard(1, cell(of="looks")))
    (tmp_path / "two").mkdir()
    if left is not None:
        (tmp_path / "two" / "night.json").write_text(left)
    joined = merge_shards([tmp_path / "two", tmp_path / "one"], tmp_path / "out")
    assert [each["status"] for each in joined["cells"]] == ["passed"]
    assert (joined["shards"], joined["status"]) == ([1], "error")
    assert joined["error"].startswith("shard 2 of 2 can't be found; ")
    assert str(tmp_path / "two" / "night.json") in joined["error"]
    with pytest.raises(JourneysError, match=r"two.night\.json"):
        merge_shards([tmp_path / "two"], tmp_path / "out")


def test_a_folder_that_is_not_there_is_a_mistake(tmp_path: Path) -> None:
    write_night_file(tmp_path / "one", shard(1, cell(of="looks")))
    with pytest.raises(UsageError, match=r"there is no .*nowhere"):
        merge_shards([tmp_path / "one", tmp_path / "nowhere"], tmp_path / "out")


@pytest.mark.parametrize(("status", "code"), [("passed", 3), ("failed", 1)])
def test_a_shard_that_cannot_be_read_ends_the_night_with_3_unless_a_journey_failed(
    tmp_path: Path, store_address: str, monkeypatch: pytest.MonkeyPatch, status: CellStatus, code: int
) -> None:
    monkeypatch.setenv("JOURNEYS_STORE", store_address)
    monkeypatch.chdir(tmp_path)
    write_night_file(tmp_path / "one", shard(1, cell(status, of="looks"), of=1, whole_cells=1))
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "night.json").write_text("{")
    assert main(["farm", "merge", "one", "two"]) == code


@pytest.mark.parametrize(
    ("record", "said"),
    [
        ({"schema": 1, "cells": []}, "has no id: was it written by another version"),
        (
            night(cell()) | {"cells": [cell() | {"expected_s": "soon"}]},
            r"cells\[0\]\.expected_s: expected a number, found text: was it written by another version",
        ),
        (night() | {"shards": []}, "shards: expected a list of length >= 1"),
        (night() | {"shard_count": 10**9}, "shard_count: expected a whole number <= 1000"),
        (night() | {"workers": 10**30}, "workers: a number of more than 64 bits"),
        (night() | {"started_at": "2026-02-31T00:00:00Z"}, "started_at: expected a moment such as"),
        (night() | {"finished_at": "2026-02-01T00:00:00"}, "finished_at: expected a moment such as"),
        (night() | {"status": "splendid"}, "status: invalid enum value 'splendid'"),
        (night() | {"schema": 2}, "is of schema 2, this version knows 1: update journeys"),
        ({**night(), "cells": [{"journey": "looks"}]}, r"has no cells\[0\]\.name"),
        ({**night(), "cells": [{**cell(), "attempts": [{}]}]}, r"has no cells\[0\]\.attempts\[0\]\.number"),
    ],
)
def test_a_night_json_that_lacks_fields_is_refused_in_one_line(
    tmp_path: Path, record: Any, said: str
) -> None:
    (tmp_path / "night.json").write_text(json.dumps(record))
    with pytest.raises(SetupError, match=said):
        read_night_file(tmp_path)


def test_a_night_that_is_too_deep_or_holds_nul_is_no_reason_to_fail(tmp_path: Path) -> None:
    file = write_night_file(tmp_path, night(cell("failed", error="the app showed \0")))
    assert read_night_file(tmp_path)["cells"][0]["error"] == "the app showed \ufffd"
    file.write_text(file.read_text().replace('"logs":[]', f'"logs":{"[" * 50_000}'))
    with pytest.raises(SetupError, match=r"night\.json: .*: was it written by another version\?$"):
        read_night_file(tmp_path)


@pytest.mark.parametrize(
    "wrong", [{"shards": "one"}, {"cells": 7}, {"targets": [{"name": None}]}, {"planned_s": []}]
)
def test_a_shard_with_values_of_other_types_costs_no_other(tmp_path: Path, wrong: dict[str, Any]) -> None:
    write_night_file(tmp_path / "one", shard(1, cell(of="looks")))
    (tmp_path / "two").mkdir()
    (tmp_path / "two" / "night.json").write_text(json.dumps(shard(2, cell(of="acts")) | wrong))
    joined = merge_shards([tmp_path / "one", tmp_path / "two"], tmp_path / "out")
    assert [each["journey"] for each in joined["cells"]] == ["looks"]
    assert joined["error"].startswith("shard 2 of 2 can't be found; ")
    assert f"night.json: {next(iter(wrong))}" in joined["error"]


@pytest.mark.parametrize("evidence", ["/etc", "../../elsewhere", ".", "x" * 256])
def test_a_journal_leads_to_no_files_elsewhere(tmp_path: Path, evidence: str) -> None:
    write_night_file(tmp_path, shard(1, planned("looks"), of=1, finished_at=""))
    note(tmp_path, 1, journey(of="looks"), evidence=evidence)
    assert [log["path"] for log in read_shard(tmp_path)["logs"]] == []


def test_another_night_makes_room_for_this_one(tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_night_file(out, shard(1, of=1, id="night-3"))
    note(out, 1, journey(of="looks"))
    write_night_file(tmp_path / "one", shard(1, cell(of="looks"), of=1, whole_cells=1))
    (out / "thesis.txt").write_text("by heart")
    with pytest.raises(UsageError, match="another night there would be removed"):
        merge_shards([tmp_path / "one"], out, keep=[out / "attempt-1" / "store"])
    merge_shards([tmp_path / "one"], out, keep=[tmp_path, out])
    assert sorted(each.name for each in out.iterdir()) == [MARKER, "shard-1", "thesis.txt"]


def test_what_lies_in_the_place_of_a_nights_files_stays(tmp_path: Path) -> None:
    write_night_file(tmp_path / "one", shard(1, cell(of="looks"), of=1, whole_cells=1))
    for name in ("night.json", "shard-1"):
        out = tmp_path / f"out-with-{name}"
        out.mkdir()
        (out / name).write_text("by heart")
        with pytest.raises(UsageError, match=f"{name} is there and was written by no run"):
            merge_shards([tmp_path / "one"], out)
        assert (out / name).read_text() == "by heart"


@pytest.mark.parametrize("kind", ["this night", "a shard lies there", "no night"])
def test_what_is_no_other_night_stays(tmp_path: Path, kind: str) -> None:
    out = tmp_path / "out"
    (out / "attempt-1").mkdir(parents=True)
    if kind != "no night":
        write_night_file(out, shard(1, of=1, id="night-3" if kind == "a shard lies there" else "night-4"))
    one = out / "one" if kind == "a shard lies there" else tmp_path / "one"
    write_night_file(one, shard(1, cell(of="looks"), of=1, whole_cells=1))
    merge_shards([one], out)
    assert (out / "attempt-1").is_dir()


def test_what_is_wrong_with_the_quarantine_is_told_once_and_fails_nothing(tmp_path: Path) -> None:
    line = "no journey is called 'lookss': did you mean looks?"
    for number, name in ((1, "looks"), (2, "acts")):
        write_night_file(tmp_path / name, shard(number, cell(of=name), unmatched=[line]))
    joined = merge_shards([tmp_path / "looks", tmp_path / "acts"], tmp_path / "out")
    assert NightReport(joined, None).alerts == [f"Quarantine: {line}"]
    assert exit_code(joined) == 0


def test_shards_packed_by_different_pasts_are_found_out(tmp_path: Path) -> None:
    for number in (1, 2):
        write_night_file(tmp_path / f"{number}", shard(number, cell(of="looks")))
    joined = merge_shards([tmp_path / "1", tmp_path / "2"], tmp_path / "out")
    assert "1 of 2 cells were planned" in joined["error"]


def test_of_a_shard_played_twice_the_newer_one_counts(tmp_path: Path) -> None:
    write_night_file(tmp_path / "new", shard(1, cell(of="looks"), of=1, whole_cells=1))
    old = shard(1, cell("failed", of="looks"), of=1, started_at="2026-11-20T02:00:00.000Z")
    write_night_file(tmp_path / "old", old)
    joined = merge_shards([tmp_path / "new", tmp_path / "old"], tmp_path / "out")
    assert [each["status"] for each in joined["cells"]] == ["passed"]


def test_shards_of_several_nights_are_refused(tmp_path: Path) -> None:
    write_night_file(tmp_path / "one", shard(1))
    write_night_file(tmp_path / "two", shard(2, id="night-5"))
    with pytest.raises(UsageError, match=r"night-4, night-5.*JOURNEYS_NIGHT"):
        merge_shards([tmp_path / "one", tmp_path / "two"], tmp_path / "out")
    with pytest.raises(UsageError, match="name the folder of a night"):
        read_night_file(tmp_path / "three")


def test_a_missed_budget_stays_the_cause_whatever_broke_after_it(tmp_path: Path) -> None:
    for spoiled in (
        journey("error", of="looks", cause="infrastructure", surfaces=[surface()], error="no device"),
        journey("error", of="acts", cause="infrastructure", screens=[screen("moved")]),
    ):
        note(tmp_path, 1, spoiled)
    found = gather_attempts(shard(1, planned("looks"), planned("acts")), tmp_path)
    assert [each["cause"] for each in found["cells"]] == ["verdict", "screen"]


def test_a_lost_worker_is_an_attempt_that_the_infrastructure_spoiled(tmp_path: Path) -> None:
    note(tmp_path, 1, None, test="test_a.py::looks[web]", error="[gw0] linux\nworker 'gw0' crashed")
    note(tmp_path, 2, journey(of="looks"))
    (found,) = gather_attempts(shard(1, planned("looks")), tmp_path)["cells"]
    assert [(each["status"], each["cause"], each["error"]) for each in found["attempts"]] == [
        ("error", "infrastructure", "worker 'gw0' crashed"),
        ("passed", "", ""),
    ]
    assert found["status"] == "passed"


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (cell("passed"), 0),
        (cell("failed", cause="verdict"), 1),
        (cell("failed", cause="screen"), 1),
        (cell("not run", cause=""), 1),
        (cell("error", cause="infrastructure"), 3),
        (cell("not run", cause="setup"), 2),
        (cell("failed", cause="verdict", quarantine=QuarantineRecord(owner="", reason="", until="")), 0),
    ],
)
def test_how_a_night_ends_follows_from_its_cells(ended: CellRecord, code: int) -> None:
    assert exit_code(shard(1, ended)) == code


def test_an_expired_entry_of_the_quarantine_fails_the_night() -> None:
    assert exit_code(shard(1, cell(of="looks"), expired=["looks: ..."])) == 1


def test_night_json_is_there_whole_or_not_at_all(tmp_path: Path) -> None:
    file = write_night_file(tmp_path, shard(1, planned("looks")))
    before = file.read_bytes()
    unwritable: Any = {**shard(1), "cells": [object()]}
    with pytest.raises(TypeError):
        write_night_file(tmp_path, unwritable)
    assert file.read_bytes() == before
    assert list(tmp_path.iterdir()) == [file]
    assert json.loads(before) == read_night_file(tmp_path)
