"""A journey that a busy machine spoiled is played once more; nothing else is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run

# Whether it is quiet is the machine's business, and a test of its own.
QUIET = """
from journeys.pytest_plugin import replays

def pytest_configure(config):
    replays.wait_for_quiet = lambda: print("it is waited for quiet")
"""

JOURNEYS = """
import pytest
import journeys
from journeys import journey

TRIES = {}

def attempt_at(what):
    TRIES[what] = TRIES.get(what, 0) + 1
    return TRIES[what]

@pytest.fixture
def opened():
    attempt_at("opened")
    yield
    attempt_at("closed")

@journey("Busy once")
async def busy_once(timeline, opened):
    if attempt_at("once") == 1:
        raise journeys.MachineTooBusy("alice's header was late; the machine was too busy to tell")
    assert (TRIES["opened"], TRIES["closed"]) == (2, 1)

@journey("Busy always")
async def busy_always(timeline):
    attempt_at("always")
    raise journeys.MachineTooBusy("bob's feed was late")

@journey("Late")
async def late(timeline):
    attempt_at("late")
    raise journeys.BudgetMissed("bob's feed was late")

@journey("Busy, then late")
async def busy_then_late(timeline):
    if attempt_at("both") == 1:
        raise journeys.MachineTooBusy("bob's feed was late")
    raise journeys.BudgetMissed("bob's feed was later")

@journey("Between")
async def between(timeline):
    attempt_at("between")
    raise journeys.Inconclusive("the budget lies inside")

def test_counts():
    assert TRIES == {"opened": 2, "closed": 2, "once": 2, "always": 2, "late": 1, "both": 2, "between": 1}
"""


def test_what_a_busy_machine_spoiled_is_played_once_more_and_told(run: Run, here: Project) -> None:
    result = run("--journey-target=web", "--journey-console", conftest=QUIET, test_it=JOURNEYS)
    records = {one["id"]: one for one in here.report()["journeys"]}
    assert {name: (one["status"], one["cause"], one["attempt"]) for name, one in records.items()} == {
        "busy_once": ("passed", "", 2),
        "busy_always": ("inconclusive", "infrastructure", 2),
        "late": ("failed", "verdict", 1),
        "busy_then_late": ("failed", "verdict", 2),
        "between": ("inconclusive", "verdict", 1),
    }
    (why,) = records["busy_once"]["reopened"]
    assert why.startswith("played again, as the machine was too busy: alice's header was late; the machine")
    assert result.ret == 1
    assert "test_counts" not in "\n".join(result.outlines)  # a plain test is told of where it fails


@pytest.mark.parametrize(
    ("chosen", "code"), [("busy_once", 0), ("busy_always", 3), ("busy_then_late", 1), ("between", 1)]
)
def test_the_second_time_decides_what_the_session_ends_with(run: Run, chosen: str, code: int) -> None:
    result = run("--journey-target=web", "-k", chosen, conftest=QUIET, test_it=JOURNEYS)
    assert result.ret == code


def test_pytests_own_report_has_a_letter_for_it(run: Run) -> None:
    result = run("--journey-target=web", "-k", "busy_once", conftest=QUIET, test_it=JOURNEYS)
    result.stdout.fnmatch_lines(["test_it.py R*", "*1 passed*1 rerun*"])


def test_repeated_runs_are_measured_and_not_played_again(run: Run, here: Project) -> None:
    options = ("--journey-target=web", "--journey-repeat=2", "-k", "busy_once")
    run(*options, conftest=QUIET, test_it=JOURNEYS)
    assert [one["attempt"] for one in here.report()["journeys"]] == [1, 1]
