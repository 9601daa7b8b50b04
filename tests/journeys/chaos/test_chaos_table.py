"""What came of a journey's faults, as its record and the table have it."""

from __future__ import annotations

from pathlib import Path

from flutter_bridge import Interval
from journeys import Timeline
from journeys.report import chaos_rows, record_of
from journeys.timeline import DataChecked, FaultEnded, FaultStarted, Noticed, Recovered


def test_a_record_says_what_came_of_a_fault(tmp_path: Path) -> None:
    timeline = Timeline()
    timeline.emit(FaultStarted(fault="storage full"))
    timeline.emit(Noticed(actor="alice", words="Busy.", picture=tmp_path / "saw-1.png"))
    timeline.emit(FaultEnded(fault="storage full"))
    timeline.emit(Recovered(what="bob sees it", took=Interval(0.1234, 0.5678), within_s=5.0))
    timeline.emit(DataChecked(what="the post", is_kept=True))
    timeline.emit(DataChecked(what="the picture", is_kept=False))

    record = record_of(timeline, results=tmp_path)["chaos"]

    assert record == {
        "faults": ["storage full"],
        "noticed": [{"actor": "alice", "words": "Busy.", "picture": "saw-1.png"}],
        # Outwards: nothing is claimed that wasn't seen.
        "recovered": [{"what": "bob sees it", "took_s": {"low": 0.123, "high": 0.568}, "within_s": 5.0}],
        "kept": ["the post"],
        "lost": ["the picture"],
    }
    assert chaos_rows([("failed", record)]) == [
        ("storage full", "Busy.", "0.123–0.568 s", "the picture", "failed")
    ]


def test_a_journey_in_which_nothing_breaks_has_no_such_record(tmp_path: Path) -> None:
    assert "chaos" not in record_of(Timeline(), results=tmp_path)
