"""What drivers answer to the question for a log, and what of it belongs to a journey."""

from __future__ import annotations

from flutter_bridge.evidence import LogEntry, last_seconds, read_entries


def at(*moments: float) -> list[LogEntry]:
    return [LogEntry(moment, f"at {moment}") for moment in moments]


def test_a_drivers_messages_are_read_and_what_is_none_is_left_out() -> None:
    answered = [
        {"timestamp": 1_700_000_000_500, "level": "SEVERE", "message": "wrong"},
        {"timestamp": None, "message": "when?"},
        {"timestamp": 1},
        {"timestamp": 10**20, "message": "in a year that no calendar has"},
        {"timestamp": -1, "message": "before there were clocks"},
        {"timestamp": float("nan"), "message": "at no moment"},
        "a line",
    ]
    assert read_entries(answered) == [LogEntry(1_700_000_000.5, "wrong", "severe")]
    for nothing in (None, "no log", {"error": "no log"}):
        assert read_entries(nothing) == []


def test_a_message_tells_when_it_came_and_how_grave_it_is() -> None:
    assert str(LogEntry(1_700_000_000.5, "wrong", "error")) == "2023-11-14T22:13:20.500Z error   wrong"


def test_by_a_known_clock_only_the_last_seconds_are_kept() -> None:
    assert last_seconds(at(10, 19, 21, 25), 10, clock=30) == at(21, 25)
    assert last_seconds(at(10), 10, clock=30) == []


def test_by_a_clock_nobody_knows_nothing_of_the_last_seconds_is_lost() -> None:
    """Whatever the other host's clock says: its newest message is no later than the question."""
    assert last_seconds(at(1_010, 1_019, 1_021, 1_029), 10) == at(1_019, 1_021, 1_029)
    assert last_seconds([], 10) == []
