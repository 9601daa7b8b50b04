"""What becomes of a run through the real Appium when something breaks: one line, and nothing left behind."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import now
from tests.journeys.cli.command import start

Play = Callable[..., subprocess.Popen[str]]

LONGEST = 120.0
"""Seconds within which anything has come about, or never will."""


@pytest.fixture
def play(project: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Play]:
    """Return what starts a run of some journeys; nothing of it outlives the test."""
    for name in ("ANDROID_HOME", "ANDROID_SDK_ROOT"):
        monkeypatch.delenv(name, raising=False)
    runs: list[subprocess.Popen[str]] = []

    def play(target: str, *journeys: str) -> subprocess.Popen[str]:
        tests = [f"test_faults.py::{journey}" for journey in journeys]
        runs.append(start("run", f"--target={target}", *tests, folder=project))
        return runs[-1]

    yield play
    for each in runs:
        if each.poll() is None:
            each.terminate()
        each.communicate()


def ended(running: subprocess.Popen[str]) -> tuple[int, str]:
    """Wait for a run's end; return its exit code and what it said."""
    out, err = running.communicate(timeout=LONGEST)
    assert "Traceback" not in out + err
    return running.returncode, out + err


def report(project: Path) -> Any:
    return json.loads((project / "test-results" / "journeys.json").read_text())


def left_behind(project: Path) -> list[str]:
    """Return which of the processes of a run's last journey are still there."""
    started = (project / "processes").read_text().splitlines()
    assert any("appium" in line for line in started)
    listed = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,stat=,args="],  # noqa: S607 - wherever it lies
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = [line.split(None, 2) for line in listed.splitlines()]
    # What has ended and waits to be told of is gone.
    there = {f"{pid} {args}" for pid, state, args in rows if not state.startswith("Z")}
    return [line for line in started if line in there]


def eventually(condition: Callable[[], object], running: subprocess.Popen[str]) -> None:
    deadline = now() + LONGEST
    while not condition():
        assert running.poll() is None, running.communicate()
        assert now() < deadline, "it never came about"
        time.sleep(0.02)


@pytest.mark.long
def test_each_fault_on_a_phone_is_told_and_the_next_journey_has_a_phone_again(
    play: Play, project: Path
) -> None:
    faults = {
        "device_unplugged": ("error", "the driver's server on the device stopped (", ""),
        "server_crashes": ("error", "the driver's server on the device stopped (", ""),
        "session_ended": ("error", "", ""),
        "app_ends": ("error", "app.journeys.reference is not running on ", "screenshot"),
        "permission_asked": ("passed", "", ""),
        "app_hangs": (
            "failed",
            'by.text("Hello") is not on screen: a dialog is in the way: "app.journeys.reference isn\'t',
            "screenshot",
        ),
        "all_is_well": ("passed", "", ""),
    }
    code, said = ended(play("phone", *faults))
    assert code == 1
    assert "a stand-in takes its place" in said
    played = {one["id"]: one for one in report(project)["journeys"]}
    assert {name: one["status"] for name, one in played.items()} == {
        name: status for name, (status, _, _) in faults.items()
    }
    for name, (status, begins, evidence) in faults.items():
        error = played[name]["error"]
        assert error.startswith(begins)
        assert "\n" not in error
        assert bool(error) is (status != "passed")
        if evidence:
            picture = Path(error.rpartition("screenshot: ")[2])
            assert picture.stat().st_size
            # The journeys before said the same, on the same phone: what they said is not this one's.
            said = (picture.parent / "alice-logcat.log").read_text()
            assert said.count("Hello from /") == 1
            assert (picture.parent / "alice-screen.png").stat().st_size
        elif status == "passed":
            assert not list((project / "test-results").glob(f"*{name.replace('_', '-')}*/alice-*"))
    assert not left_behind(project)


@pytest.mark.parametrize(
    ("target", "journey", "server"),
    [("browser", "appium_dies", "appium"), ("phone", "stand_ins_die", "stand-in")],
)
def test_a_server_that_dies_ends_the_run_and_takes_what_it_started_along(
    play: Play, project: Path, target: str, journey: str, server: str
) -> None:
    code, said = ended(play(target, journey, "all_is_well"))
    assert code == 3
    (line,) = [line for line in said.splitlines() if line.startswith("journeys: error: ")]
    assert line.startswith(f"journeys: error: server '{server}' ended by itself (signal SIGKILL)")
    assert [(one["id"], one["status"]) for one in report(project)["journeys"]] == [(journey, "error")]
    assert not left_behind(project)


def test_ctrl_c_in_the_middle_leaves_nothing_behind(play: Play, project: Path) -> None:
    running = play("phone", "somebody_waits", "all_is_well")
    eventually((project / "processes").exists, running)
    running.send_signal(signal.SIGINT)
    code, said = ended(running)
    assert code == 130
    assert "journeys: interrupted: what was started has been stopped" in said
    assert not left_behind(project)


def test_ctrl_c_while_appium_starts_leaves_nothing_behind(play: Play, project: Path) -> None:
    running = play("phone", "all_is_well")
    eventually((project / ".journeys" / "servers" / "appium.log").exists, running)
    running.send_signal(signal.SIGINT)
    code, said = ended(running)
    assert code == 130
    assert said.strip() == "journeys: interrupted: what was started has been stopped"


def test_capabilities_nobody_knows_are_to_be_set_right(play: Play, project: Path) -> None:
    code, _ = ended(play("nonsense", "all_is_well"))
    assert code == 2
    (played,) = report(project)["journeys"]
    assert "opened no session: Could not find a driver for automationName 'Nonsense'" in played["error"]
