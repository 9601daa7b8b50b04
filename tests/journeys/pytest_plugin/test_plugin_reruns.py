"""Tests that are tried again: each attempt begins with nothing of the last one's, and the last one counts.

The plugins that try again aren't installed here. What they do to an item is: pytest-rerunfailures and flaky
run its whole protocol again, pytest-retry its set-up and its call while the report on the first is made. Both
do it below, and the plugins themselves were tried by hand.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run

PROTOCOL = """
from _pytest.runner import runtestprotocol

def pytest_runtest_protocol(item, nextitem):
    for attempt in range(1, 4):
        item.execution_count = attempt
        reports = runtestprotocol(item, nextitem=nextitem, log=False)
        failed = [report for report in reports if report.failed]
        for report in reports:
            if report.failed and attempt < 3:
                report.outcome = "rerun"
            item.ihook.pytest_runtest_logreport(report=report)
        if not failed:
            break
        item._initrequest()
    return True

def pytest_report_teststatus(report):
    if report.outcome == "rerun":
        return "rerun", "R", "RERUN"
"""

# As a wrapper within ours, and around it: which one it is depends on which was registered first.
IN_REPORT = """
import pytest
from _pytest.runner import CallInfo
from _pytest.reports import TestReport

class Retry:
    @pytest.hookimpl(hookwrapper=True, ORDER)
    def pytest_runtest_makereport(self, item, call):
        outcome = yield
        report = outcome.get_result()
        if call.when != "call" or call.excinfo is None:
            return
        hook, fake = item.ihook, pytest.Class.from_parent(item.session, name="fake")
        for attempt in range(2):
            CallInfo.from_call(lambda: hook.pytest_runtest_teardown(item=item, nextitem=fake), "teardown")
            if attempt == 0:
                report.outcome = "retried"
                hook.pytest_runtest_logreport(report=report)
            item._initrequest()
            CallInfo.from_call(lambda: hook.pytest_runtest_setup(item=item), when="setup")
            again = CallInfo.from_call(lambda: hook.pytest_runtest_call(item=item), when="call")
            new = TestReport.from_item_and_call(item, again)
            report.outcome, report.longrepr = new.outcome, new.longrepr
            if new.passed:
                break

def pytest_configure(config):
    config.pluginmanager.register(Retry(), "retry")

def pytest_report_teststatus(report):
    if report.outcome == "retried":
        return "retried", "R", "RETRY"
"""

WAYS = {
    "protocol": PROTOCOL,
    "in report, within": IN_REPORT.replace("ORDER", "trylast=True"),
    "in report, around": IN_REPORT.replace("ORDER", "tryfirst=True"),
}

JOURNEYS = """
import pathlib
import journeys
from journeys import journey
from journeys.timeline import ScreenCompared, StepEnded, Verdict, VerdictReached

TRIES = {}

def attempt_at(what):
    TRIES[what] = TRIES.get(what, 0) + 1
    return TRIES[what]

def look(timeline, *, surfaces, accepted=True, folder="screens/profile"):
    timeline.emit(ScreenCompared(screen="profile", actor="alice", target="web", theme="light",
                                 status="same" if accepted else "changed", summary="it moved",
                                 accepted=accepted, folder=pathlib.Path(folder)))
    for number in range(surfaces):
        timeline.emit(VerdictReached(surface=f"place {number}", actor="alice", target="web", wanted="it",
                                     budget_s=1.0, verdict=Verdict.PASSED, reason="",
                                     commit_to_visible_s=None, tap_to_visible_s=None))

@journey("A screen differs once")
async def screen_differs_once(timeline, request):
    attempt = attempt_at("screen")
    request.node.user_properties.append(("build", str(attempt)))
    look(timeline, surfaces=3 if attempt == 1 else 1, accepted=attempt > 1)

@journey("A step fails once")
async def step_fails_once(timeline, output_path):
    attempt = attempt_at("step")
    pathlib.Path(output_path).mkdir(parents=True)
    timeline.emit(StepEnded(title=f"attempt {attempt}", depth=0, duration_s=0.1))
    if attempt == 1:
        raise journeys.SetupError("not yet")

@journey("It never works")
async def never_works(timeline):
    look(timeline, surfaces=1)
    assert False, f"attempt {attempt_at('never')}"
"""


@pytest.mark.parametrize("way", WAYS)
def test_the_last_attempt_is_what_is_told(run: Run, here: Project, way: str) -> None:
    result = run("--journey-target=web", "--journey-console", conftest=WAYS[way], test_it=JOURNEYS)
    assert here.statuses() == {
        "screen_differs_once": "passed",
        "step_fails_once": "passed",
        "never_works": "failed",
    }
    screen, step, never = here.report()["journeys"]
    assert [one["attempt"] for one in (screen, step, never)] == [2, 2, 3]
    assert [one["accepted"] for one in screen["screens"]] == [True]
    assert len(screen["surfaces"]) == 1
    assert [one["title"] for one in step["steps"]] == ["attempt 2"]
    assert never["error"].startswith("attempt 3")
    # The attempt that was not set up is no more; the one that failed is.
    assert result.ret == 1
    lines = [line for line in result.outlines if line.startswith(("passed ", "failed ", "error "))]
    assert [line.split()[0] for line in lines if "once" in line][-3:].count("passed") == 2
    assert sum("attempt 2" in line for line in lines) >= 2
    check_evidence(here)
    check_properties(here)


def check_evidence(here: Project) -> None:
    """Each attempt's evidence has a folder of its own."""
    folders = sorted(path.name for path in (here.path / "test-results").glob("*step-fails-once*"))
    assert len(folders) == 2
    assert folders[1] == f"{folders[0]}-retry1"


def check_properties(here: Project) -> None:
    """JUnit has the properties of the last attempt alone."""
    root = ET.parse(here.path / "test-results" / "junit.xml").getroot()  # noqa: S314 - our own file
    *_, last = (case for case in root.iter("testcase") if "screen_differs" in case.attrib["name"])
    properties = [(one.attrib["name"], one.attrib["value"]) for one in last.iter("property")]
    assert len(properties) == len(dict(properties))
    told = dict(properties)
    assert (told["attempt"], told["build"], told["status"]) == ("2", "2", "passed")
    assert "surface.1.surface" in told
    assert "surface.2.surface" not in told


def test_a_screen_of_an_earlier_attempt_is_not_reviewed(run: Run, here: Project) -> None:
    script = """
from journeys import journey
from journeys.pytest_plugin.session import SESSION
from journeys.timeline import ScreenCompared

TRIES = []

@journey("Looks once")
async def looks_once(timeline, pytestconfig):
    TRIES.append(1)
    folder = pytestconfig.stash[SESSION].spec.screens.results / "0a1b"
    if len(TRIES) == 1:
        folder.mkdir(parents=True)
        (folder / "entry.json").write_text("{}")
        (folder / "actual.png").touch()
        timeline.emit(ScreenCompared(screen="profile", actor="alice", target="web", theme="light",
                                     status="changed", summary="", accepted=False, folder=folder))
"""
    run(conftest=PROTOCOL, test_it=script)
    assert [path.name for path in (here.path / "test-results/screens/0a1b").iterdir()] == ["actual.png"]
    assert here.statuses() == {"looks_once": "passed"}


def test_attempts_cost_a_test_without_journeys_nothing(run: Run) -> None:
    script = """
TRIES = []

def test_flaky(record_property):
    TRIES.append(1)
    record_property("attempt", len(TRIES))
    assert len(TRIES) > 1
"""
    assert run(conftest=PROTOCOL, test_it=script).ret == 0
