"""What is kept of a failure: the end of a log, bounded and without what was typed in secret."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flutter_bridge.evidence import (
    HIDDEN,
    MAX_LINE_LENGTH,
    MAX_LOG_LINES,
    LogEntry,
    last_seconds,
    read_entries,
    write_log,
)


async def write_and_read_log(folder: Path, messages: Iterable[str], hidden: Iterable[str] = ()) -> list[str]:
    await write_log(folder, "alice", "logcat", messages, hidden=set(hidden))
    return (folder / "alice-logcat.log").read_text(encoding="utf-8").splitlines()


async def test_the_last_lines_are_kept_each_no_longer_than_it_may_be(tmp_path: Path) -> None:
    lines = await write_and_read_log(
        tmp_path, ["first", *(f"line {number}" for number in range(MAX_LOG_LINES - 1)), "x" * 9_999]
    )
    assert (len(lines), lines[0], lines[-1]) == (MAX_LOG_LINES, "line 0", "x" * MAX_LINE_LENGTH)


async def test_a_message_of_several_lines_is_as_many(tmp_path: Path) -> None:
    assert await write_and_read_log(tmp_path, ["wrong\n  at main", "and\ud800"]) == [
        "wrong",
        "  at main",
        "and?",
    ]


async def test_what_was_typed_in_secret_is_hidden_also_where_the_line_is_cut(tmp_path: Path) -> None:
    messages = ["typed hunter2 and hunter2000", "x" * (MAX_LINE_LENGTH - 3) + "hunter2000"]
    lines = await write_and_read_log(tmp_path, messages, ["hunter2", "hunter2000", "ed", ""])
    assert lines == [f"typed {HIDDEN} and {HIDDEN}", ("x" * (MAX_LINE_LENGTH - 3) + HIDDEN)[:MAX_LINE_LENGTH]]


async def test_of_an_empty_log_nothing_is_written(tmp_path: Path) -> None:
    await write_log(tmp_path / "never", "alice", "logcat", ["", "\n"][:1], hidden=())
    assert not (tmp_path / "never").exists()


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
