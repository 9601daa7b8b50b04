"""One run of pytest: which tests, in which order, and what is known of it however it ends."""

from __future__ import annotations

import os
import select
from pathlib import Path

import pytest

from journeys.plan import PytestRunner
from tests.journeys.plan.polluted_suite import names_of, write_suite

NAMES = names_of(12)


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PytestRunner:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return PytestRunner(root=tmp_path, logs=tmp_path / "logs")


async def test_tests_run_in_the_order_of_their_ids_across_files(runner: PytestRunner) -> None:
    write_suite(runner.root, len(NAMES))
    order = [NAMES[9], NAMES[2], NAMES[11], NAMES[0]]
    session = await runner.run("order", ["."], order=order)
    assert [test.id for test in session.tests] == order
    assert session.files == ("test_00.py", "test_01.py")


async def test_every_outcome_is_recorded_with_its_reason(runner: PytestRunner) -> None:
    bodies = {
        NAMES[0]: "import pytest; pytest.skip('no coins yet')",
        NAMES[1]: "import pytest; pytest.xfail('known')",
        NAMES[2]: "assert 1 == 2, 'one is not two'",
        NAMES[3]: "pass",
    }
    write_suite(runner.root, 5, bodies, fixtures={NAMES[3]: "nothing_of_this_name"})
    session = await runner.run("outcomes", ["."])
    assert [(test.outcome, test.reason.partition("\n")[0]) for test in session.tests] == [
        ("skipped", "no coins yet"),
        ("xfailed", "known"),
        ("failed", "AssertionError: one is not two"),
        ("error", session.tests[3].reason),
        ("passed", ""),
    ]
    assert "nothing_of_this_name" in session.tests[3].reason
    assert not session.is_passed


async def test_a_process_that_dies_says_in_which_test(runner: PytestRunner) -> None:
    write_suite(runner.root, len(NAMES), {NAMES[3]: "os._exit(7)"})
    session = await runner.run("death", ["."])
    assert [test.id for test in session.tests] == NAMES[:3]
    (problem,) = session.problems
    assert problem == f"pytest ended in the middle of {NAMES[3]} (exit code 7; log: {session.log})"


async def test_a_file_that_is_skipped_whole_has_its_reason(runner: PytestRunner) -> None:
    write_suite(runner.root, 2)
    (runner.root / "test_01.py").write_text(
        "import pytest\npytest.skip('another system', allow_module_level=True)\ndef test_x(): pass\n"
    )
    session = await runner.run("skip", ["."])
    (skipped,) = (test for test in session.tests if test.outcome == "skipped")
    assert (skipped.file, skipped.reason) == ("test_01.py", "another system")


async def test_what_is_left_running_ends_with_the_session(runner: PytestRunner) -> None:
    os.mkfifo(runner.root / "alive")
    alive = os.open(runner.root / "alive", os.O_RDONLY | os.O_NONBLOCK)
    try:
        lasting = (
            "import threading; pipe = open('alive', 'wb', 0); print(1, flush=True); threading.Event().wait()"
        )
        start = f"import subprocess as s; s.Popen([sys.executable, '-c', {lasting!r}], stdout=s.PIPE)"
        write_suite(runner.root, 1, {NAMES[0]: f"{start}.stdout.readline()"})
        session = await runner.run("children", ["."])
        assert session.is_passed
        # The pipe ends once nobody has it open any more.
        assert select.select([alive], [], [], 10)[0]
        assert os.read(alive, 1) == b""
    finally:
        os.close(alive)
