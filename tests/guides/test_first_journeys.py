"""Whoever follows a page from its top gets what it says: first journeys are played as they stand there."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.test_docs import block
from tests.journeys.cli.command import start

OWN_APP, TUTORIAL = "docs/guides/your-own-app.md", "docs/tutorial.md"
LONGEST_S = 180


def journeys(*words: str, folder: Path) -> tuple[int, str, str]:
    """Call the command as a reader does."""
    with start(*words, folder=folder) as process:
        out, err = process.communicate(timeout=LONGEST_S)
    return process.returncode, out, err


def unhurried(script: str) -> str:
    """Give a journey's budgets time enough for a machine that runs other tests meanwhile."""
    changed, count = re.subn(r"within=[\d.]+\)", "within=10.0)", script)
    assert count == 1
    return changed


def verdicts(folder: Path) -> dict[tuple[str, str], str]:
    """Tell how each surface of each journey did, from what the run has left in a folder."""
    report = json.loads((folder / "test-results" / "journeys.json").read_text())
    return {
        (journey["id"], surface["surface"]): surface["verdict"]
        for journey in report["journeys"]
        for surface in journey["surfaces"]
    }


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the guide's first journey in it, and nothing else."""
    (tmp_path / "test_counter.py").write_text(unhurried(block(OWN_APP, "press_is_counted")))
    return tmp_path


def test_ten_lines_are_a_green_journey(sample_app: str, folder: Path) -> None:
    code, out, err = journeys("run", "test_counter.py", "--app-url", sample_app, folder=folder)
    assert (code, err) == (0, ""), out
    assert verdicts(folder) == {("press_is_counted", "counter"): "passed"}


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["run"], "e2e is not there: name what to run, or set [tool.journeys] paths"),
        (
            ["run", "test_counter.py"],
            "no server is called 'app': configure it in [tool.journeys], or give its address with --app-url",
        ),
    ],
)
def test_what_is_left_out_is_asked_for(words: list[str], why: str, folder: Path) -> None:
    code, out, err = journeys(*words, folder=folder)
    said = (out + err).replace(f"{folder}/", "")
    assert (code, said) == (2, f"journeys: error: {why}\n")


def test_plain_pytest_plays_it_without_a_warning(sample_app: str, folder: Path) -> None:
    command = [sys.executable, "-m", "pytest", "test_counter.py", "--app-url", sample_app]
    env = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    done = subprocess.run(  # noqa: S603 - no words but ours
        command, cwd=folder, env=env, capture_output=True, text=True, timeout=LONGEST_S, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    assert re.search(r"^=+ 1 passed in [^,]*=+$", done.stdout, re.MULTILINE), done.stdout


def test_a_kit_is_played_by_two(chat_url: str, tmp_path: Path) -> None:
    (tmp_path / "kit.py").write_text(block(OWN_APP, "class ChatCast"))
    (tmp_path / "conftest.py").write_text(block(OWN_APP, "async def cast"))
    (tmp_path / "test_chat.py").write_text(unhurried(block(OWN_APP, "message_reaches_the_other_one")))
    code, out, err = journeys("run", "test_chat.py", "--app-url", chat_url, folder=tmp_path)
    assert (code, err) == (0, ""), out
    assert verdicts(tmp_path) == {("message_reaches_the_other_one", "last message"): "passed"}


@pytest.fixture
def my_app(tmp_path: Path) -> Path:
    """Give the folder that a reader of the tutorial has made."""
    (tmp_path / "pyproject.toml").write_text(block(TUTORIAL, "[tool.journeys]", "toml"))
    (tmp_path / "e2e").mkdir()
    (tmp_path / "e2e/conftest.py").write_text(block(TUTORIAL, "journeys.profile.fixtures"))
    script = unhurried(block(TUTORIAL, "new_avatar_reaches_a_friend"))
    (tmp_path / "e2e/test_avatars.py").write_text(script)
    return tmp_path


@pytest.mark.long
def test_the_tutorial_works_step_by_step(my_app: Path) -> None:
    code, out, err = journeys("list", folder=my_app)
    assert (code, err) == (0, "")
    assert "P0  new_avatar_reaches_a_friend" in out

    code, out, err = journeys("run", "new_avatar_reaches_a_friend", folder=my_app)
    assert (code, err) == (0, ""), out
    assert {surface: verdict for (_, surface), verdict in verdicts(my_app).items()} == {
        "header": "passed",
        "feed": "passed",
    }
    folder, *frames = block(TUTORIAL, "last-old.jpg", "text").split()
    assert sorted(file.name for file in (my_app / "test-results" / folder).glob("0*")) == sorted(frames)
