"""Reports and records are there whole, or as they were before."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from journeys.documents import write_atomically


def test_folders_above_it_are_made_and_what_was_there_is_replaced(tmp_path: Path) -> None:
    file = tmp_path / "night" / "report" / "index.html"
    write_atomically(file, "first")
    write_atomically(file, b"second")
    assert file.read_bytes() == b"second"
    assert [each.name for each in file.parent.iterdir()] == ["index.html"]


def test_others_may_read_it_as_they_may_any_file(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        write_atomically(tmp_path / "report.json", "{}")
    finally:
        os.umask(before)
    assert (tmp_path / "report.json").stat().st_mode & 0o777 == 0o644


def test_half_a_character_loses_no_report(tmp_path: Path) -> None:
    write_atomically(tmp_path / "journeys.json", "half of \U0001f600: \ud83d")
    assert (tmp_path / "journeys.json").read_text(encoding="utf-8") == "half of \U0001f600: ?"


def test_a_file_of_others_that_is_in_its_way_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(secrets, "token_hex", lambda _: "0a1b2c3d")
    others = tmp_path / ".report.json.0a1b2c3d"
    others.write_text("by heart")
    with pytest.raises(FileExistsError):
        write_atomically(tmp_path / "report.json", "{}")
    assert others.read_text() == "by heart"


def test_where_it_can_t_be_written_nothing_has_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "decisions.json"
    write_atomically(file, "kept", lasting=True)

    def full(_: int) -> None:
        raise OSError("No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_atomically(file, "lost", lasting=True)
    assert file.read_text() == "kept"
    assert list(tmp_path.iterdir()) == [file]
