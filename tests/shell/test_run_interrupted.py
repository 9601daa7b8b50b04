"""The `run` script when two set up at once, and when a set-up is interrupted."""

from __future__ import annotations

import contextlib
import subprocess
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from tests.shell.clone_folder import environment, installs, run


def test_two_at_once_set_up_once(clone: Path) -> None:
    both = [
        subprocess.Popen(  # noqa: S603 - our own script
            [clone / "run", "list"],
            env=environment(clone, SLOW="0.5"),
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        )
        for _ in range(2)
    ]
    said = [each.communicate(timeout=60)[1] for each in both]
    assert [each.returncode for each in both] == [0, 0]
    assert sum("another ./run is setting up" in each for each in said) == 1
    assert installs(clone) == 1


def test_a_lock_left_by_one_that_was_killed_is_cleared_away(clone: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", ""]) as gone:
        pass
    lock = clone / ".journeys" / "setup.lock"
    lock.mkdir(parents=True)
    (lock / "pid").write_text(f"{gone.pid}\n")
    done = run(clone, "list")
    assert (done.returncode, installs(clone)) == (0, 1)
    assert "another ./run" not in done.stderr
    assert not lock.exists()


def interrupted(clone: Path, *, within: int, **more: str) -> subprocess.Popen[bytes]:
    """Interrupt a set-up while pip runs; every process of it holds the pipe, so its end is the end of all."""
    with subprocess.Popen(  # noqa: S603 - our own script
        [clone / "run", "list"],
        env=environment(clone, **more),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 10
        while installs(clone) == 0:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.terminate()
        process.communicate(timeout=within)
    return process


def processes_in(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.status() != psutil.STATUS_ZOMBIE and Path(process.cwd()).is_relative_to(folder):
                found.append(process)
    return found


def test_an_interrupted_setup_leaves_no_lock_and_is_done_again(clone: Path) -> None:
    assert interrupted(clone, within=10, SLOW="60").returncode == 143
    assert not (clone / ".journeys" / "setup.lock").exists()
    assert run(clone, "list").returncode == 0
    assert installs(clone) == 2


@pytest.mark.parametrize("deaf_to", ["INT", "INT TERM"])
def test_an_interrupted_setup_ends_those_too_that_are_deaf_to_signals(clone: Path, deaf_to: str) -> None:
    assert interrupted(clone, within=30, DEAF=deaf_to).returncode == 143
    assert processes_in(clone) == []
    assert not (clone / ".journeys" / "setup.lock").exists()


def test_a_signal_between_the_start_of_a_step_and_its_number_is_not_lost(clone: Path) -> None:
    # The script is told to end by the step itself, the moment it is started.
    script = clone / "run"
    text = script.read_text()
    assert text.count("  job=$!\n") == 1
    script.write_text(text.replace("  job=$!\n", "  case $* in *pip*) kill -TERM $$ ;; esac\n  job=$!\n"))
    done = run(clone, "list", SLOW="60")
    assert done.returncode == 143
    assert processes_in(clone) == []
