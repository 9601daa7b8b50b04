"""The `run` script sets itself up: once, and again when what it needs has changed."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell.clone_folder import calls, installs, put, run


def test_the_first_call_sets_up_and_the_second_only_does_what_it_is_for(clone: Path) -> None:
    first = run(clone, "web", "-k", "two words")
    assert first.returncode == 0, first.stderr
    assert installs(clone) == 1
    assert calls(clone)[-1] == "-m journeys.cli run --target web -k two words"
    before = len(calls(clone))
    second = run(clone, "web")
    assert second.stderr == ""
    assert calls(clone)[before:] == ["-m journeys.cli run --target web"]


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
        ('fake-android = ["lxml"', 'fake-android = ["lxml>=6"'),
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


def test_packages_come_by_uv(clone: Path) -> None:
    assert run(clone, "list", PIP_SETTINGS=":env:.cert='/etc/own.pem'").returncode == 0
    (call,) = [call for call in calls(clone) if "--editable" in call]
    assert call.startswith("-m uv pip install --constraint constraints.txt --editable .[backend,")
    assert call.endswith(",dev] --python .venv/bin/python")


@pytest.mark.parametrize(
    "settings", ["global.index-url='https://packages.example.test'", "install.no-index='1'"]
)
def test_packages_come_by_pip_where_it_was_told_from_where(clone: Path, settings: str) -> None:
    assert run(clone, "list", PIP_SETTINGS=settings).returncode == 0
    assert not [call for call in calls(clone) if " uv" in call]
    assert installs(clone) == 1


def test_what_uv_can_t_get_pip_tries(clone: Path) -> None:
    assert run(clone, "list", BROKEN_UV="yes").returncode == 0
    assert [call.split()[1] for call in calls(clone) if "--editable" in call] == ["uv", "pip"]


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


@pytest.mark.parametrize("kind", ["folder", "link"])
def test_an_environment_of_somebody_elses_is_never_emptied(clone: Path, kind: str) -> None:
    others = clone / ".venv" if kind == "folder" else clone.parent / "shared"
    (others / "bin").mkdir(parents=True)
    (others / "thesis.txt").write_text("by heart")
    if kind == "link":
        (clone / ".venv").symlink_to(others)
    done = run(clone, "list")
    assert done.returncode == 2
    assert done.stderr.splitlines()[-1] == (
        "run: error: .venv is there, doesn't work, and wasn't made by this script: move it away, or remove it"
    )
    assert (others / "thesis.txt").read_text() == "by heart"


@pytest.mark.parametrize("lost", ["pip", "stamp and pip"])
def test_an_environment_that_was_made_here_is_made_again_where_it_broke(clone: Path, lost: str) -> None:
    run(clone, "list")
    (clone / ".venv" / "bin" / "pip").unlink()
    if "stamp" in lost:
        (clone / ".venv" / "installed").unlink()
    else:
        (clone / "constraints.txt").write_text("another==1\n")
        (clone / ".journeys" / "venv").unlink()  # as an earlier version leaves it
    assert run(clone, "list").returncode == 0
    assert (clone / ".venv" / "bin" / "pip").exists()
