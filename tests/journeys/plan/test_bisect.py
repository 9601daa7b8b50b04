"""What breaks a test is found in real suites, run by pytest, by the places at which pollution was put."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.errors import UsageError
from journeys.plan import PytestRunner, bisect
from tests.journeys.plan.polluted_suite import names_of, pollute, write_suite

SIZE = 12
NAMES = names_of(SIZE)
SEED = 3


@pytest.fixture
def runner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PytestRunner:
    monkeypatch.setenv("PYTEST_DISABLE_PLUGIN_AUTOLOAD", "1")
    return PytestRunner(root=tmp_path, logs=tmp_path / "logs")


@pytest.fixture(scope="module")
async def order(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """In which order a clean suite runs."""
    folder = tmp_path_factory.mktemp("clean")
    write_suite(folder, SIZE)
    session = await PytestRunner(root=folder, logs=folder / "logs").run("order", ["."], seed=SEED)
    assert session.is_passed
    return [test.id for test in session.tests]


@pytest.mark.parametrize("kind", ["fixture", "module state", "database", "cache", "environment"])
async def test_the_pair_is_found(kind: str, runner: PytestRunner) -> None:
    polluter, victim = NAMES[3], NAMES[9]
    pollute(runner.root, SIZE, kind, [polluter], victim)
    found = await bisect(runner, ["."], seed=None)
    (finding,) = found.findings
    assert (finding.victim, finding.cause, finding.by) == (victim, "tests", (polluter,))
    # The order, alone, four halvings of nine, the pair, the file without its test.
    assert found.runs <= 8


async def test_the_pair_is_found_in_random_order(runner: PytestRunner, order: list[str]) -> None:
    assert order != NAMES
    assert sorted(order) == NAMES
    polluter, victim = order[4], order[9]
    pollute(runner.root, SIZE, "environment", [polluter], victim)
    found = await bisect(runner, ["."], seed=SEED)
    (finding,) = found.findings
    assert (finding.victim, finding.cause, finding.by) == (victim, "tests", (polluter,))


async def test_two_polluters_that_are_needed_together(runner: PytestRunner) -> None:
    first, second, victim = NAMES[2], NAMES[6], NAMES[9]
    bodies = {
        first: "shop.TILL['coins'] = 1",
        second: "shop.TILL['notes'] = 1",
        victim: "assert len(shop.TILL) < 2",
    }
    write_suite(runner.root, SIZE, bodies)
    (finding,) = (await bisect(runner, ["."], seed=None)).findings
    assert (finding.victim, finding.cause, finding.by) == (victim, "tests", (first, second))


async def test_a_fixture_of_another_module_that_leaves_something(runner: PytestRunner) -> None:
    write_suite(runner.root, SIZE, {NAMES[9]: "assert shop.TILL == {}"}, fixtures={NAMES[5]: "counter"})
    file = runner.root / "test_00.py"
    fixture = "import pytest\n@pytest.fixture(scope='module')\ndef counter():\n    shop.TILL['coins'] = 3\n"
    file.write_text(file.read_text() + fixture)
    (finding,) = (await bisect(runner, ["."], seed=None)).findings
    assert (finding.victim, finding.cause, finding.by) == (NAMES[9], "tests", (NAMES[5],))


async def test_a_test_that_fails_alone_is_broken_by_nothing(runner: PytestRunner) -> None:
    write_suite(runner.root, SIZE, {NAMES[9]: "assert not 'sound'"})
    found = await bisect(runner, ["."], seed=None)
    (finding,) = found.findings
    assert (finding.victim, finding.cause, finding.by) == (NAMES[9], "itself", ())
    assert found.runs == 2


@pytest.mark.parametrize("polluting", ["test_00.py", "test_01.py"], ids=["before", "after"])
async def test_a_file_that_leaves_something_when_it_is_imported(polluting: str, runner: PytestRunner) -> None:
    victim = next(name for name in NAMES if not name.startswith(polluting))
    write_suite(runner.root, SIZE, {victim: "assert shop.TILL == {}"})
    file = runner.root / polluting
    file.write_text(file.read_text() + "shop.TILL['coins'] = 3\n")
    (finding,) = (await bisect(runner, ["."], seed=None)).findings
    assert (finding.victim, finding.cause, finding.by) == (victim, "import", (polluting,))


async def test_the_same_polluter_is_tried_first_for_the_next_victim(runner: PytestRunner) -> None:
    polluter, victims = NAMES[1], [NAMES[8], NAMES[10]]
    bodies = {polluter: "shop.TILL['coins'] = 3"} | dict.fromkeys(victims, "assert shop.TILL == {}")
    write_suite(runner.root, SIZE, bodies)
    found = await bisect(runner, ["."], seed=None)
    assert [(each.victim, each.by) for each in found.findings] == [(each, (polluter,)) for each in victims]
    assert found.findings[1].runs == 2


async def test_nothing_that_fails_is_nothing_to_find(runner: PytestRunner) -> None:
    write_suite(runner.root, SIZE)
    found = await bisect(runner, ["."], seed=1)
    assert (found.findings, found.runs, found.tests) == ((), 1, SIZE)


async def test_what_can_not_be_run_is_refused(runner: PytestRunner) -> None:
    write_suite(runner.root, SIZE)
    with pytest.raises(UsageError, match=r"no test is called test_00.py::test_x: did you mean test_00.py"):
        await bisect(runner, ["."], seed=None, victim="test_00.py::test_x")
    with pytest.raises(UsageError, match=r"pytest can't run nowhere: ERROR: file or directory not found"):
        await bisect(runner, ["nowhere"], seed=None)
    (runner.root / "test_00.py").write_text("import nothing_of_this_name")
    with pytest.raises(UsageError, match=r"test_00.py can't be collected: ModuleNotFoundError"):
        await bisect(runner, ["."], seed=None)
