"""What runs wrote into a folder goes before the next one; nothing else does, whatever lies there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from journeys.errors import InfrastructureError, SetupError, UsageError
from journeys.output import MARKER, OutputFolder, list_night_files, list_run_files


def contents(folder: Path) -> dict[str, str]:
    """Everything below a folder but the list: its files' texts, where links lead, and empty folders."""
    found = {}
    for path in folder.rglob("*"):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = f"-> {path.readlink()}"
        elif path.is_file() and path.name != MARKER:
            found[name] = path.read_text()
        elif path.is_dir() and not any(path.iterdir()):
            found[f"{name}/"] = ""
    return found


def run_into(folder: Path, *names: str) -> None:
    """Do what a run does: list names, then write there."""
    OutputFolder(folder).claim(*names)
    for name in names:
        (folder / name / "deep").mkdir(parents=True)
        (folder / name / "deep" / "frame.png").write_text("a frame")


def test_what_a_run_wrote_goes_and_what_others_put_beside_it_stays(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    run_into(folder, "first", "second")
    (folder / "mine.txt").write_text("by heart")
    (folder / "kept").mkdir()
    (folder / "kept" / "thesis.txt").write_text("by heart")
    OutputFolder(folder).clear()
    assert contents(folder) == {"mine.txt": "by heart", "kept/thesis.txt": "by heart"}


def test_a_folder_without_a_list_loses_nothing(tmp_path: Path) -> None:
    for name in ("journeys.json", "junit.xml", "screens", "report"):
        (tmp_path / name).mkdir() if "." not in name else (tmp_path / name).write_text("somebody's")
    before = contents(tmp_path)
    folder = OutputFolder(tmp_path, earlier=list_run_files)
    folder.clear()
    with pytest.raises(UsageError, match=r"journeys\.json is there and was written by no run"):
        folder.claim("journeys.json")
    folder.claim_free("report", "mine")
    (tmp_path / "mine").mkdir()
    OutputFolder(tmp_path).clear()
    # "screens" is empty, as a run of an earlier version leaves it where none was compared.
    assert contents(tmp_path) | {"screens/": ""} == before


def test_only_names_in_the_folder_itself_are_believed(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    (folder / "inside").mkdir(parents=True)
    (folder / "inside" / "mine.txt").write_text("by heart")
    (folder / ".git").mkdir()
    (tmp_path / "thesis.txt").write_text("by heart")
    OutputFolder(folder).claim("x")
    names = ["..", "../thesis.txt", ".", "", ".git", str(tmp_path / "thesis.txt"), "inside/mine.txt", MARKER]
    with (folder / MARKER).open("a") as listed:
        listed.writelines(f"{name}\n" for name in names)
    before = contents(tmp_path)
    OutputFolder(folder).clear()
    assert contents(tmp_path) == before


@pytest.mark.parametrize(
    "content", [b"", b"inside\n", b"# Somebody's own\ninside\n", b"\xff\xfe\x00", b"\0" * 9]
)
def test_a_file_of_the_lists_name_that_is_no_list_makes_nothing_ours(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "inside").mkdir()
    (tmp_path / MARKER).write_bytes(content)
    OutputFolder(tmp_path).clear()
    assert (tmp_path / "inside").is_dir()


def test_links_are_removed_and_never_followed(tmp_path: Path) -> None:
    others, folder = tmp_path / "others", tmp_path / "results"
    others.mkdir()
    (others / "thesis.txt").write_text("by heart")
    run_into(folder, "first")
    (folder / "first" / "link").symlink_to(others)
    OutputFolder(folder).claim("second", "third")
    (folder / "second").symlink_to(others)
    (folder / "third").symlink_to(others / "thesis.txt")
    OutputFolder(folder).clear()
    assert contents(folder) == {}
    assert contents(others) == {"thesis.txt": "by heart"}


def test_a_list_that_is_a_link_is_neither_believed_nor_written_to(tmp_path: Path) -> None:
    folder = tmp_path / "results"
    run_into(folder, "first")
    (folder / MARKER).rename(tmp_path / "list")
    (folder / MARKER).symlink_to(tmp_path / "list")
    before = (tmp_path / "list").read_text()
    OutputFolder(folder).clear()
    assert (folder / "first").is_dir()
    with pytest.raises(SetupError, match="can't be written to"):
        OutputFolder(folder).claim("second")
    assert (tmp_path / "list").read_text() == before


def test_a_repository_in_what_a_run_wrote_stays(tmp_path: Path) -> None:
    run_into(tmp_path, "first")
    (tmp_path / "first" / "deep" / ".git").mkdir()
    before = contents(tmp_path)
    with pytest.raises(SetupError, match=r"first/deep is a Git repository"):
        OutputFolder(tmp_path).clear()
    assert contents(tmp_path) == before
    assert OutputFolder(tmp_path).names() == ["first"]


def unshared(*words: str) -> subprocess.CompletedProcess[str]:
    """Run a command that mounts, where nobody else sees it."""
    return subprocess.run(  # noqa: S603 - words of ours
        ["unshare", "-m", *words],  # noqa: S607 - whichever there is
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(unshared("true").returncode != 0, reason="mounting takes root")
@pytest.mark.parametrize("mount", ["-t tmpfs none", "--bind others"])
def test_a_mount_in_what_a_run_wrote_stays(tmp_path: Path, mount: str) -> None:
    folder, others = tmp_path / "results", tmp_path / "others"
    run_into(folder, "first")
    others.mkdir()
    (others / "thesis.txt").write_text("by heart")
    clear = "import pathlib, journeys.output as o; o.OutputFolder(pathlib.Path.cwd() / 'results').clear()"
    script = f'cd "$0" && mount {mount} results/first/deep && touch results/first/deep/x && "$1" -c "{clear}"'
    done = unshared("sh", "-c", script, str(tmp_path), sys.executable)
    assert f"something is mounted at {folder}/first/deep" in done.stderr
    assert (others / "thesis.txt").exists()


def test_a_name_is_listed_before_what_it_names_is_there(tmp_path: Path) -> None:
    folder = OutputFolder(tmp_path)
    folder.claim("journeys.json", "screens")
    # Here the run is killed, in the middle of a file that is written whole.
    (tmp_path / ".journeys.json.0a1b2c3d").write_text("{")
    (tmp_path / ".journeys.json.notes").write_text("mine")
    (tmp_path / "screens").mkdir()
    OutputFolder(tmp_path).clear()
    assert contents(tmp_path) == {".journeys.json.notes": "mine"}


def test_processes_list_names_side_by_side(tmp_path: Path) -> None:
    folders = [OutputFolder(tmp_path) for _ in range(4)]
    for number, folder in enumerate(folders):
        folder.claim_free(f"journey-{number}")
        (tmp_path / f"journey-{number}").mkdir()
    assert sorted(OutputFolder(tmp_path).names()) == [f"journey-{number}" for number in range(4)]


def test_what_a_version_without_a_list_left_goes_as_far_as_it_can_be_known(tmp_path: Path) -> None:
    report = {"schema": 1, "addresses": {}, "journeys": []}
    (tmp_path / "journeys.json").write_text(json.dumps(report))
    (tmp_path / "junit.xml").write_text('<?xml version="1.0"?><testsuites name="pytest tests"/>')
    (tmp_path / "journeys-profile-names-py-new-name-web").mkdir()
    (tmp_path / "journeys-profile-names-py-new-name-web" / "01-header-last-old.png").write_text("a frame")
    (tmp_path / "screens" / "0a1b").mkdir(parents=True)
    (tmp_path / "screens" / "0a1b" / "entry.json").write_text("{}")
    (tmp_path / "screens" / "screens.json").write_text("{}")
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "thesis.txt").write_text("by heart")
    (tmp_path / "web").mkdir()
    (tmp_path / "web" / "journeys.json").write_text(json.dumps(report))
    folder = OutputFolder(tmp_path, earlier=list_run_files)
    folder.clear()
    folder.claim("journeys.json", "junit.xml")
    assert set(contents(tmp_path)) == {"notes/thesis.txt", "web/journeys.json"}


def test_of_a_night_without_a_list_only_what_nights_write_goes(tmp_path: Path) -> None:
    (tmp_path / "night.json").write_text(json.dumps({"schema": 1, "id": "night-1", "cells": []}))
    for name in ("attempt-1", "report", "shard-2", "attempt-of-mine"):
        (tmp_path / name).mkdir()
    (tmp_path / "attempt-1.log").touch()
    (tmp_path / "thesis.txt").write_text("by heart")
    OutputFolder(tmp_path, earlier=list_night_files).clear()
    assert set(contents(tmp_path)) == {"attempt-of-mine/", "thesis.txt"}


def test_a_list_begun_where_a_version_without_one_has_written_names_that_too(tmp_path: Path) -> None:
    (tmp_path / "night.json").write_text(json.dumps({"schema": 1, "id": "night-1", "cells": []}))
    OutputFolder(tmp_path, earlier=list_night_files).claim("night.json", "report")
    assert OutputFolder(tmp_path).names() == ["night.json", "report"]


def test_a_folder_that_cannot_be_made_is_told_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SetupError, match=r"^--output .*/file/results: can't be written to: Not a directory$"):
        OutputFolder(tmp_path / "file" / "results").claim("journeys.json")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device here is always full")
def test_a_full_disk_is_the_machines_fault(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = os.open

    def open_on_full_disk(path: Path, flags: int, mode: int = 0o777) -> int:
        return opened("/dev/full" if Path(path).name == MARKER else path, flags & ~os.O_CREAT, mode)

    monkeypatch.setattr(os, "open", open_on_full_disk)
    with pytest.raises(InfrastructureError, match="No space left on device"):
        OutputFolder(tmp_path).claim("journeys.json")
