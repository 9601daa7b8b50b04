"""How the end of a log is written down: bounded, and without what was typed in secret."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from flutter_bridge.evidence import HIDDEN, MAX_LINE_LENGTH, MAX_LOG_LINES, write_log


async def kept(folder: Path, messages: Iterable[str], hidden: Iterable[str] = ()) -> list[str]:
    await write_log(folder, "alice", "logcat", messages, hidden=set(hidden))
    return (folder / "alice-logcat.log").read_text(encoding="utf-8").splitlines()


async def test_the_last_lines_are_kept_each_no_longer_than_it_may_be(tmp_path: Path) -> None:
    lines = await kept(
        tmp_path, ["first", *(f"line {number}" for number in range(MAX_LOG_LINES - 1)), "x" * 9_999]
    )
    assert (len(lines), lines[0], lines[-1]) == (MAX_LOG_LINES, "line 0", "x" * MAX_LINE_LENGTH)


async def test_a_message_of_several_lines_is_as_many(tmp_path: Path) -> None:
    assert await kept(tmp_path, ["wrong\n  at main", "and\ud800"]) == ["wrong", "  at main", "and?"]


async def test_what_was_typed_in_secret_is_hidden_also_where_the_line_is_cut(tmp_path: Path) -> None:
    messages = ["typed hunter2 and hunter2000", "x" * (MAX_LINE_LENGTH - 3) + "hunter2000"]
    lines = await kept(tmp_path, messages, ["hunter2", "hunter2000", "ed", ""])
    assert lines == [f"typed {HIDDEN} and {HIDDEN}", ("x" * (MAX_LINE_LENGTH - 3) + HIDDEN)[:MAX_LINE_LENGTH]]


async def test_of_an_empty_log_nothing_is_written(tmp_path: Path) -> None:
    await write_log(tmp_path / "never", "alice", "logcat", ["", "\n"][:1], hidden=())
    assert not (tmp_path / "never").exists()
