"""The `run` script: what it says, and its set-up with a stand-in for Python."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SCRIPTS = [ROOT / "run", ROOT / ".ci" / "run"]

# Stands in for python3: makes a .venv whose Python is this script again, and writes down what it is asked.
PYTHON = """#!/bin/sh
echo "$*" >> "$CALLS"
case "$*" in
  *ensurepip*) [ -z "${BARE:-}" ] || [ -f "$HOME/has-venv" ] || { echo python3.99-venv; exit; }; echo whole ;;
  --version) echo Python 3.99 ;;
  "-m venv"*) mkdir -p .venv/bin && cp "$0" .venv/bin/python
              echo "$PWD/.venv/bin/python" > .venv/bin/pip ;;
  "-m pip install"*) [ -z "${SLOW:-}" ] || sleep "$SLOW"
                     [ -z "${BROKEN:-}" ] || { echo "ERROR: no route to the index"; exit 1; } ;;
  *"browser --install") echo /bin/sh ;;
esac
"""


# All that the script may use: a real Python in reach would install for real.
TOOLS = "bash cat cksum cp dirname env find grep id ls mkdir mv rm rmdir sed sh sleep tail touch tr"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what the script looks at, and a Python that only pretends."""
    folder = tmp_path.resolve() / "a clone"
    folder.mkdir()
    for name in ("run", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "benches", folder / "benches")
    commands = tmp_path / "bin"
    commands.mkdir()
    for name in TOOLS.split():
        found = shutil.which(name)
        assert found
        (commands / name).symlink_to(found)
    python = commands / "python3.13"
    python.write_text(PYTHON)
    python.chmod(0o755)
    return folder


def environment(clone: Path, **more: str) -> dict[str, str]:
    folder = clone.parent
    return {
        "PATH": str(folder / "bin"),
        "HOME": str(folder),
        "CALLS": str(folder / "calls"),
        **more,
    }


def run(clone: Path, *words: str, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603 - our own script
        [clone / "run", *words],
        env=environment(clone, **more),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def calls(clone: Path) -> list[str]:
    file = clone.parent / "calls"
    return [line for line in file.read_text().splitlines() if line] if file.exists() else []


def installs(clone: Path) -> int:
    return sum(call.startswith("-m pip install") for call in calls(clone))


@pytest.mark.parametrize("script", SCRIPTS, ids=str)
def test_scripts_are_sound_and_may_be_called(script: Path) -> None:
    assert os.access(script, os.X_OK)
    subprocess.run(["/bin/bash", "-n", script], check=True)  # noqa: S603 - our own script


def test_alone_it_says_what_it_can_do_and_touches_nothing(clone: Path) -> None:
    done = run(clone)
    assert done.returncode == 0
    for verb in ("web", "measure", "test", "app", "list", "bench NAME", "lint"):
        assert f"\n  {verb} " in done.stdout
    assert calls(clone) == []
    assert not (clone / ".venv").exists()


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["wbe"], "run: error: there is no 'wbe': ./run says what there is\n"),
        (["bench", "nothing"], "run: error: there is no bench 'nothing'; there is: "),
        (["bench"], "run: error: there is: "),
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


def test_the_first_call_sets_up_and_the_second_only_does_what_it_is_for(clone: Path) -> None:
    first = run(clone, "web", "-k", "two words")
    assert first.returncode == 0, first.stderr
    assert installs(clone) == 1
    assert calls(clone)[-1] == "-m journeys.cli run --target web -k two words"
    before = len(calls(clone))
    second = run(clone, "web")
    assert second.stderr == ""
    assert calls(clone)[before:] == ["-m journeys.cli run --target web"]


def test_it_measures_what_it_is_told_to(clone: Path) -> None:
    assert run(clone, "measure", "--repeat", "50").returncode == 0
    assert calls(clone)[-1] == "-m journeys.cli measure --repeat 50"


def test_changed_dependencies_are_installed_again(clone: Path) -> None:
    run(clone, "list")
    with (clone / "constraints.txt").open("a") as file:
        file.write("another==1\n")
    run(clone, "list")
    run(clone, "list")
    assert installs(clone) == 2


def test_a_failed_setup_is_said_in_a_line_and_tried_again(clone: Path) -> None:
    failed = run(clone, "list", BROKEN="yes")
    assert failed.returncode == 2
    log = clone / ".journeys" / "setup.log"
    assert failed.stderr.splitlines()[-1] == (
        "run: error: installing what constraints.txt pins (a minute or two the first time):"
        f" ERROR: no route to the index (log: {log})"
    )
    assert run(clone, "list").returncode == 0
    assert installs(clone) == 2


def test_dependencies_that_were_changed_in_vain_and_back_are_installed_again(clone: Path) -> None:
    run(clone, "list")
    pinned = (clone / "constraints.txt").read_text()
    (clone / "constraints.txt").write_text("another==1\n")
    run(clone, "list", BROKEN="yes")
    (clone / "constraints.txt").write_text(pinned)
    run(clone, "list")
    assert installs(clone) == 3


def test_a_name_on_the_path_that_is_no_python_is_passed_over(clone: Path) -> None:
    good = clone.parent / "bin" / "python3.13"
    good.rename(good.with_name("python3"))
    for name in ("python3.13", "python3.12", "python3.11"):
        shim = good.with_name(name)
        shim.write_text("#!/bin/sh\necho 'pyenv: command not found' >&2\nexit 127\n")
        shim.chmod(0o755)
    assert run(clone, "list").returncode == 0
    assert installs(clone) == 1


def test_without_a_fitting_python_it_says_what_to_install(clone: Path) -> None:
    (clone.parent / "bin" / "python3.13").unlink()
    done = run(clone, "list")
    assert done.returncode == 2
    assert (
        "run: error: Python 3.11 or newer is needed: sudo apt-get install python3 python3-venv" in done.stderr
    )
    assert not (clone / ".journeys" / "setup.lock").exists()


def put(clone: Path, name: str, script: str) -> None:
    """Put a command before the system's own."""
    file = clone.parent / "bin" / name
    file.unlink(missing_ok=True)
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)


def test_a_python_without_venv_is_mended_by_root_on_debian(clone: Path) -> None:
    put(clone, "id", "echo 0")
    put(
        clone,
        "apt-get",
        'echo "apt-get $*" >> "$CALLS"; case "$*" in *install*) touch "$HOME/has-venv" ;; esac',
    )
    if not Path("/etc/debian_version").exists():
        pytest.skip("this is no Debian")
    done = run(clone, "list", BARE="yes")
    assert (done.returncode, installs(clone)) == (0, 1)
    asked = [call.split()[3:] for call in calls(clone) if call.startswith("apt-get")]
    assert asked == [["update"], ["install", "--yes", "python3.99-venv"]]


def test_a_python_without_venv_is_explained_to_everybody_else(clone: Path) -> None:
    put(clone, "id", "echo 1000")
    done = run(clone, "list", BARE="yes")
    assert (done.returncode, installs(clone)) == (2, 0)
    assert done.stderr.endswith(
        "can't make virtual environments: sudo apt-get install python3.99-venv (or python3-venv)\n"
    )


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
    said = [each.communicate(timeout=30)[1] for each in both]
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


def test_an_interrupted_setup_leaves_no_lock_and_is_done_again(clone: Path) -> None:
    with subprocess.Popen(  # noqa: S603 - our own script
        [clone / "run", "list"],
        env=environment(clone, SLOW="60"),
        stdin=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        deadline = time.monotonic() + 10
        while installs(clone) == 0:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        process.terminate()
        process.communicate(timeout=60)
    assert process.returncode == 143
    assert not (clone / ".journeys" / "setup.lock").exists()
    assert run(clone, "list").returncode == 0
    assert installs(clone) == 2
