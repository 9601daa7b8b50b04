"""The `run` script: what it says, and what it hands on."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.shell.clone_folder import ROOT, calls, run

SCRIPTS = [ROOT / "run", ROOT / ".ci" / "run"]


@pytest.mark.parametrize("script", SCRIPTS, ids=str)
def test_scripts_are_sound_and_may_be_called(script: Path) -> None:
    assert os.access(script, os.X_OK)
    subprocess.run(["/bin/bash", "-n", script], check=True)  # noqa: S603 - our own script


def test_alone_it_says_what_it_can_do_and_touches_nothing(clone: Path) -> None:
    done = run(clone)
    assert done.returncode == 0
    for verb in ("web", "android", "plan", "measure", "test", "app", "review", "list", "bench NAME", "lint"):
        assert f"\n  {verb} " in done.stdout
    assert calls(clone) == []
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["wbe"], "run: error: there is no 'wbe': ./run says what there is\n"),
        (["bench", "nothing"], "run: error: there is no bench 'nothing'; there is: "),
        (["bench"], "run: say what to measure: ./run bench NAME, which is one of: "),
    ],
)
def test_what_it_does_not_know_is_refused_before_any_setup(
    clone: Path, words: list[str], complaint: str
) -> None:
    done = run(clone, *words)
    assert done.returncode == 2
    assert done.stderr.startswith(complaint)
    assert done.stderr.count("\n") == 1
    assert calls(clone) == []


def test_it_hands_a_review_its_words(clone: Path) -> None:
    assert run(clone, "review", "apply", "decisions.json").returncode == 0
    assert calls(clone)[-1] == "-m journeys.cli review apply decisions.json"


def test_it_measures_what_it_is_told_to(clone: Path) -> None:
    assert run(clone, "measure", "--repeat", "50").returncode == 0
    assert calls(clone)[-1] == "-m journeys.cli measure --repeat 50"


def test_quick_tests_need_neither_a_browser_nor_appium(clone: Path) -> None:
    assert run(clone, "test", "--quick", "-x").returncode == 0
    assert calls(clone)[-1] == "-m tests --quick -x"
    assert not [call for call in calls(clone) if "browser" in call or call.startswith("npm")]
