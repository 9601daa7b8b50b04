"""Temporary folders go with their block, and those of the dead with the next one of their kind."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from flutter_bridge.temporary import sweep, temporary_folder

HELD = """
import os, sys
from flutter_bridge.temporary import temporary_folder

with temporary_folder("kind") as folder:
    (folder / "picture.png").touch()
    print(folder, flush=True)
    if sys.argv[1] == "dies":
        os.kill(os.getpid(), 9)
    sys.stdin.read()
"""


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    return tmp_path


def held(how: str) -> subprocess.Popen[str]:
    return subprocess.Popen(  # noqa: S603 - our own words
        [sys.executable, "-c", HELD, how], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def test_a_folder_goes_with_its_block(folder: Path) -> None:
    with temporary_folder("kind") as made:
        assert made.is_dir()
        assert made.parents[1] == folder
        (made / "deep").mkdir()
    assert list(folder.iterdir()) == []


def test_what_a_killed_process_left_goes_and_what_is_in_use_stays(folder: Path) -> None:
    with held("dies") as dead:
        assert dead.stdout
        left = Path(dead.stdout.readline().strip())
    assert (left / "picture.png").exists()
    with held("lives") as alive:
        assert alive.stdout
        used = Path(alive.stdout.readline().strip())
        assert (used / "picture.png").exists()
        assert not left.exists()
        sweep("kind")
        assert (used / "picture.png").exists()
        alive.communicate()
    assert list(folder.iterdir()) == []


def test_nothing_else_is_swept(folder: Path) -> None:
    for name in (
        "journeys-kind-mine",
        "journeys-kind-open",
        "journeys-kind-new",
        "journeys-other-x",
    ):
        (folder / name).mkdir(mode=0o700)
        (folder / name / "thesis.txt").write_text("by heart")
    for name in ("journeys-kind-open", "journeys-other-x"):
        (folder / name / "owner").write_text("1\n")
    (folder / "journeys-kind-open").chmod(0o755)
    (folder / "journeys-kind-new" / "owner").touch()
    (folder / "journeys-kind-file").write_text("by heart")
    (folder / "elsewhere").mkdir(mode=0o700)
    (folder / "elsewhere" / "owner").write_text("1\n")
    (folder / "journeys-kind-link").symlink_to("elsewhere")
    before = sorted(folder.rglob("*"))
    sweep("kind")
    assert sorted(folder.rglob("*")) == before
