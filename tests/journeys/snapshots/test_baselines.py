"""Baselines are a folder of pictures, written whole or not at all."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from journeys.errors import UsageError
from journeys.snapshots import (
    Baseline,
    ScreenKey,
    baseline_keys,
    baseline_path,
    read_baseline,
    remove_baseline,
    write_baseline,
)

KEY = ScreenKey("new_avatar", "profile-screen", "web-chromium-2.5x", "dark")


def place(folder: Path, key: ScreenKey = KEY) -> Path:
    return baseline_path(folder, key)


def names(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file())


def test_a_baseline_lies_where_its_key_says_with_what_the_screen_said(tmp_path: Path) -> None:
    write_baseline(place(tmp_path), Baseline(b"picture", b"{}"))
    assert place(tmp_path) == tmp_path / "new_avatar" / "profile-screen[web-chromium-2.5x][dark].png"
    assert names(tmp_path) == [
        "new_avatar/profile-screen[web-chromium-2.5x][dark].json",
        "new_avatar/profile-screen[web-chromium-2.5x][dark].png",
    ]
    assert read_baseline(place(tmp_path)) == Baseline(b"picture", b"{}")


def test_without_one_there_is_nothing_to_read(tmp_path: Path) -> None:
    assert read_baseline(place(tmp_path)) is None


def test_a_new_baseline_takes_the_place_of_both_parts(tmp_path: Path) -> None:
    write_baseline(place(tmp_path), Baseline(b"old", b"said"))
    write_baseline(place(tmp_path), Baseline(b"new", None))
    assert read_baseline(place(tmp_path)) == Baseline(b"new", None)


@pytest.mark.parametrize("failing", [1, 2])
def test_a_full_disk_leaves_the_baseline_as_it_was(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: int
) -> None:
    write_baseline(place(tmp_path), Baseline(b"old", b"said"))
    calls = 0

    def full(_descriptor: int) -> None:
        nonlocal calls
        calls += 1
        if calls == failing:
            raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        write_baseline(place(tmp_path), Baseline(b"new", b"other"))
    assert read_baseline(place(tmp_path)) == Baseline(b"old", b"said")
    assert len(names(tmp_path)) == 2


def test_one_that_is_removed_is_gone_and_may_be_gone_already(tmp_path: Path) -> None:
    write_baseline(place(tmp_path), Baseline(b"picture", b"{}"))
    remove_baseline(place(tmp_path))
    remove_baseline(place(tmp_path))
    assert names(tmp_path) == []


@pytest.mark.parametrize("part", ["../up", "a/b", "", ".hidden", "a b", "[x]", "x" * 101, "a\n"])
@pytest.mark.parametrize("field", ["journey", "name", "target", "theme"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, field: str, part: str) -> None:
    with pytest.raises(UsageError, match="can't be part of a baseline's name"):
        baseline_path(tmp_path, replace(KEY, **{field: part}))


def test_the_keys_of_all_baselines_are_told_by_their_paths(tmp_path: Path) -> None:
    others = [replace(KEY, name="a"), replace(KEY, theme="light"), replace(KEY, journey="another")]
    for key in (KEY, *others):
        write_baseline(place(tmp_path, key), Baseline(b"", None))
    (tmp_path / "new_avatar" / "notes.png").write_bytes(b"")
    assert set(baseline_keys(tmp_path)) == {KEY, *others}


def test_a_file_too_large_to_be_a_screenshot_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_baseline(place(tmp_path), Baseline(b"x" * 20, None))
    monkeypatch.setattr("journeys.snapshots.baselines.MAX_FILE_BYTES", 19)
    with pytest.raises(UsageError, match="no screenshot has"):
        read_baseline(place(tmp_path))
