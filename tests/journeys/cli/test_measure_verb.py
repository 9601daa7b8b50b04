"""`journeys measure`: what it runs, what it refuses, and what is left where it is ended early."""

from __future__ import annotations

import json
import signal
from pathlib import Path
from typing import Any

import pytest

from tests.journeys.cli.command import finish, start

PROJECT = """
[tool.pytest.ini_options]
# Plugins that take their time to be imported, and have no business here.
addopts = ["-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:anyio", "-p", "no:flet"]
asyncio_default_fixture_loop_scope = "session"
[tool.journeys]
paths = ["checks"]
[[tool.journeys.servers]]
name = "backend"
command = ["{python}", "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
[[tool.journeys.servers]]
name = "app"
command = ["{python}", "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
"""
SHOP = """
import asyncio, itertools, pathlib
from flutter_bridge import Interval
from journeys import Verdict, journey
from journeys.timeline import VerdictReached

numbers = itertools.count(1)

@journey("A coat fits")
async def coat_fits(timeline):
    number = next(numbers)
    timeline.emit(VerdictReached(
        surface="mirror", actor="alice", target="web", wanted="x", budget_s=1.0, reason="",
        verdict=Verdict.PASSED, commit_to_visible_s=Interval(0.1, 0.11), tap_to_visible_s=None,
    ))
    if pathlib.Path("wait").exists() and number == 3:
        await asyncio.Event().wait()

@journey("Everyone sees it")
async def everyone_sees_it(observers):
    pathlib.Path("observers").write_text(str(observers))
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(PROJECT)
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "test_shop.py").write_text(SHOP)
    (tmp_path / "conftest.py").touch()
    return tmp_path


def measure(*words: str, project: Path) -> tuple[int, str, str]:
    return finish("measure", *words, folder=project, importing=project)


def measured(folder: Path) -> Any:
    return json.loads((folder / "test-results" / "measure.json").read_text())


def test_a_journey_is_run_as_often_as_asked_and_its_distribution_reported(project: Path) -> None:
    code, out, err = measure("coat_fits", "--repeat", "4", project=project)
    assert (code, err) == (0, "")
    assert "A coat fits on web, 4 runs: 4 passed" in out
    assert measured(project)["distributions"][0]["all"]["verdicts"] == {"passed": 4}


def test_without_a_name_it_measures_what_many_can_see(project: Path) -> None:
    code, _, err = measure("--repeat", "1", "--observers", "5", project=project)
    assert (code, err) == (0, "")
    assert (project / "observers").read_text() == "5"
    assert [one["journey"] for one in measured(project)["runs"]] == ["everyone_sees_it"]


def test_a_project_without_such_a_journey_is_asked_for_a_name(project: Path) -> None:
    (project / "checks" / "test_shop.py").write_text("")
    code, out, err = measure(project=project)
    assert (code, out) == (2, "")
    assert err == ("journeys: error: which journey is to be measured? journeys list shows what there is\n")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["coat_fit"], "no file and no journey is called 'coat_fit': did you mean coat_fits?"),
        (["coat_fits", "--observers", "5"], "5 observers were asked for, but none of these journeys takes"),
    ],
)
def test_what_cannot_be_measured_is_a_matter_of_usage(project: Path, words: list[str], said: str) -> None:
    code, out, err = measure(*words, project=project)
    assert code == 2
    assert said in out + err
    assert not (project / ".journeys").exists() or not list((project / ".journeys").glob("servers/*"))


def test_ended_by_hand_it_reports_on_what_was_done(project: Path) -> None:
    (project / "wait").touch()
    with start("measure", "coat_fits", "--repeat", "50", folder=project, importing=project) as process:
        assert process.stdout
        said = ""
        while "run 2 of 50" not in said:
            said = process.stdout.readline()
            assert said
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, "")
    document = measured(project)
    assert (document["status"], document["error"]) == ("error", "interrupted")
    assert [one["status"] for one in document["runs"]] == ["passed", "passed"]
    assert "A coat fits on web, 2 runs: 2 passed" in out
