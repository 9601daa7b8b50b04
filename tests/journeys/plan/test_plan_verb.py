"""`journeys plan` as a shell calls it: what it prints, what it leaves, its exit codes."""

from __future__ import annotations

import json
import os
import re
import shlex
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.cli import main
from tests.journeys.cli.command import finish, start

PROJECT = """
[tool.pytest.ini_options]
addopts = [
    # Of a project's own, none of which may change which tests run, or where.
    "-n", "2", "-x",
    # Plugins that take their time to be imported, and have no business here.
    "-p", "no:journeys", "-p", "no:playwright-asyncio", "-p", "no:asyncio", "-p", "no:schemathesis",
    "-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:flet",
]
[tool.journeys]
plan = "PLAN.md"
"""
PLAN = """
| id | priority | tests |
| --- | --- | --- |
| till | P0 | `checks/test_till_integration.py` |
| shelf | P1 | `checks/test_shelf_integration.py` |
| door | P0 | `checks/test_door_integration.py` |
| later | P2 | |
"""
TILL = """
import pytest, shop
def test_pays(): assert shop.price("coat") == 10
def test_counts(): pass
@pytest.mark.skip(reason="no coins yet")
def test_coins(): pass
"""
SHELF = """
import shop
def test_is_full(): assert not shop.SEEN
def test_is_seen(): shop.SEEN.append(1)
"""
DOOR = "def test_opens(): pass\n"
SHOP = "SEEN = []\ndef price(name):\n    return 10\ndef never():\n    return 1\n"


Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "checks").mkdir()
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "PLAN.md").write_text(PLAN)
    (tmp_path / "shop.py").write_text(SHOP)
    for name, text in {"till": TILL, "shelf": SHELF, "door": DOOR}.items():
        (tmp_path / f"checks/test_{name}_integration.py").write_text(text)
    return tmp_path


@pytest.fixture
def call(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command within this process."""
    monkeypatch.chdir(project)

    def call(*words: str) -> tuple[int, str, str]:
        try:
            code = main(["plan", *words])
        except SystemExit as ended:
            code = int(str(ended.code))
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return call


def test_a_plan_is_run_in_batches_and_kept(project: Path) -> None:
    shelf = project / "checks/test_shelf_integration.py"
    shelf.write_text(SHELF.replace("shop.SEEN.append(1)", "pass"))
    words = "--batch 2 --seed 7 --coverage shop --junit junit.xml --json run.json"
    code, out, err = finish("plan", "run", *words.split(), folder=project)
    assert (code, err) == (0, "")
    lines = [re.sub(r" in [0-9.]+ s$", "", line) for line in out.splitlines()]
    assert lines[0] == "batch 1 of 2: till, door"
    # Whichever ends first.
    assert sorted(lines[1:3]) == ["  door: 1 passed", "  till: 2 passed, 1 skipped"]
    assert lines[3:] == [
        "  batch 1, files' order: 3 passed, 1 skipped",
        "  batch 1, random order (seed 7): 3 passed, 1 skipped",
        "batch 2 of 2: shelf",
        "  shelf: 2 passed",
        "whole suite: 3 seams",
        "  whole suite, files' order: 5 passed, 1 skipped",
        "  whole suite, random order (seed 7): 5 passed, 1 skipped",
        "skipped: 1",
        "  checks/test_till_integration.py::test_coins: no coins yet",
        "counts match: the same 6 tests ran in every order",
        "coverage of shop: 80.0 % (4 of 5 lines)",
        lines[-1],
    ]
    assert re.match(r"passed: 3 seams in \d", lines[-1])
    record = json.loads((project / "run.json").read_text())
    assert record == json.loads((project / ".journeys/plan/last-run.json").read_text())
    assert (record["seed"], record["is_passed"], record["priorities"]) == (7, True, ["P0", "P1"])
    assert [(each["id"], each["tests"]) for each in record["seams"]] == [
        ("till", 3),
        ("door", 1),
        ("shelf", 2),
    ]
    assert (project / "junit.xml").read_text().count("<testcase ") == 6

    code, out, _ = finish("plan", "status", folder=project)
    assert code == 0
    assert out.splitlines() == [
        "P0  till   complete     2 of 3 tests ran, 1 skipped",
        "P0  door   complete     1 of 1 test ran",
        "P1  shelf  complete     2 of 2 tests ran",
        "P2  later  not planned  0 of 0 tests ran",
        "skipped: checks/test_till_integration.py::test_coins: no coins yet",
        "3 of 3 P0 and P1 seams are complete",
    ]
    (project / ".journeys/plan/last-run.json").unlink()
    assert finish("plan", "status", "--junit", "junit.xml", folder=project)[1] == out


def test_what_fails_in_random_order_only_comes_with_the_line_that_finds_it(project: Path) -> None:
    code, out, _ = finish("plan", "run", "--priority", "P1", "--seed", "1", folder=project)
    assert code == 1
    victim = "checks/test_shelf_integration.py::test_is_full"
    assert f"fails in random order only (seed 1): {victim}" in out.splitlines()
    (line,) = (line for line in out.splitlines() if line.startswith("find what breaks it: "))
    program, *words = shlex.split(line.removeprefix("find what breaks it: "))
    assert program == "journeys"
    code, out, _ = finish(*words, "--json", folder=project)
    assert code == 1
    found = json.loads(out)
    assert (found["seed"], found["tests"], found["runs"]) == (1, 2, 3)
    assert found["findings"] == [
        {
            "victim": victim,
            "cause": "tests",
            "by": ["checks/test_shelf_integration.py::test_is_seen"],
            "runs": 2,
        }
    ]


def test_counts_that_differ_are_named(project: Path) -> None:
    (project / "checks/test_door_integration.py").write_text(
        "import pytest, sys\n"
        "sides = 2 if 'test_till_integration' in sys.modules else 1\n"
        "@pytest.mark.parametrize('side', range(sides))\ndef test_opens(side): pass\n"
    )
    code, out, _ = finish("plan", "run", "--priority", "P0", "--seed", "1", folder=project)
    assert code == 1
    assert [line for line in out.splitlines() if line.startswith("counts")] == [
        f"counts differ: {where}: 1 test ran only there: checks/test_door_integration.py::test_opens[1]"
        for where in ("whole-suite", "whole-suite-random (seed 1)")
    ]


def test_ctrl_c_ends_all_that_runs(project: Path) -> None:
    os.mkfifo(project / "begun")
    waiting = (
        "import os, threading\ndef test_waits():\n    with open('begun', 'w') as pipe:\n"
        "        print(os.getpid(), file=pipe)\n    threading.Event().wait()\n"
    )
    for name in ("till", "door"):
        (project / f"checks/test_{name}_integration.py").write_text(waiting)
    process = start("plan", "run", "--priority", "P0", folder=project)
    try:
        # Opened to be written, too, so that it doesn't end between the two.
        with (project / "begun").open("r+b", buffering=0) as pipe:
            began = [int(line) for line in _read_lines(pipe.fileno(), 2)]
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    finally:
        process.kill()
    assert (process.returncode, err) == (130, "")
    for number in began:
        with pytest.raises(ProcessLookupError):
            os.kill(number, 0)


def _read_lines(file: int, count: int) -> list[bytes]:
    read = b""
    while read.count(b"\n") < count:
        read += os.read(file, 100)
    return read.splitlines()


def test_every_mistake_in_a_plan_has_its_line(project: Path, call: Call) -> None:
    (project / "PLAN.md").write_text(PLAN.replace("P1", "P5").replace("| door", "| till"))
    code, out, err = call("status")
    assert (code, out) == (2, "")
    assert err.splitlines() == [
        "journeys: error: PLAN.md:5: unknown priority 'P5': write P0, P1 or P2",
        "journeys: error: PLAN.md:6: the id till is in line 4 already: give one of them another",
    ]


def test_a_seam_without_its_file_is_not_run(project: Path, call: Call) -> None:
    (project / "checks/test_door_integration.py").unlink()
    code, _, err = call("run")
    assert code == 2
    assert err == (
        "journeys: error: PLAN.md:6: checks/test_door_integration.py of door is not there: write it, or mend"
        " its path\n"
    )


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "which one? journeys plan status, run, bisect"),
        ("run --priority P9", "argument --priority: 'P9' is no priority: write P0, P1 or P2, with commas"),
        ("run --priority P2", "PLAN.md names no test of P2: choose others by --priority"),
        ("run --batch 0", "argument --batch: '0': a number from 1 to 64"),
        ("run --seed ten", "argument --seed: 'ten' is no seed: a number from 0 to 4294967295"),
        ("status --plan NO.md", "NO.md is not there: write a test plan, or name one by --plan"),
        ("status --junit no.xml", "no.xml can't be read: No such file or directory"),
        ("status -- -x", "only run and bisect take words after --, not status"),
    ],
    ids=lambda words: words if isinstance(words, str) and words.count(" ") < 4 else "",
)
def test_what_can_not_be_done_is_one_line(words: str, complaint: str, call: Call) -> None:
    code, out, err = call(*words.split())
    assert (code, out) == (2, "")
    assert err.startswith(f"journeys: error: {complaint}")
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "lacks", "complaint"),
    [
        ("run", "pytest_randomly", "a random order needs pytest-randomly: pip install pytest-randomly"),
        ("bisect --seed 1", "pytest_randomly", "a random order needs pytest-randomly: pip install"),
        ("run --coverage shop", "pytest_cov", "--coverage needs pytest-cov: pip install pytest-cov"),
    ],
)
def test_what_is_to_be_installed_is_said(
    words: str, lacks: str, complaint: str, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("journeys.plan.sessions.find_spec", lambda name: None if name == lacks else name)
    code, out, err = call(*words.split())
    assert (code, out) == (2, "")
    assert err.startswith(f"journeys: error: {complaint}")
