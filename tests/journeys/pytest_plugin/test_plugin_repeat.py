"""`--journey-repeat` runs each journey many times; `--journey-observers` says how many people look on."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run

TWO = """
from journeys import journey

@journey("Somebody looks")
async def somebody_looks(): ...

@journey("Somebody acts")
async def somebody_acts(journey_target): ...

def test_plain(): ...
"""
# A journey that has measured: 10 ms in its first run, 20 ms in its second ... and that fails in its third.
MEASURED = """
from flutter_bridge import Interval
from journeys import Verdict, journey
from journeys.timeline import VerdictReached

runs = []

@journey("Somebody looks")
async def somebody_looks(timeline):
    runs.append(1)
    took = len(runs) / 100
    timeline.emit(VerdictReached(
        surface="header", actor="alice", target="web", wanted="x", budget_s=1.0, reason="",
        verdict=Verdict.FAILED if len(runs) == 3 else Verdict.PASSED,
        commit_to_visible_s=Interval(took, took + 0.002), tap_to_visible_s=None,
    ))
    if len(runs) == STOP:
        raise KeyboardInterrupt
    assert len(runs) != 3, "too late"
"""


def measured(here: Project) -> Any:
    return json.loads((here.path / "test-results" / "measure.json").read_text())


def test_each_journey_runs_so_often_and_they_take_turns(run: Run) -> None:
    result = run("--collect-only", "-q", "--journey-repeat=3", test_it=TWO)
    names = [line.partition("::")[2] for line in result.outlines if "::" in line]
    assert [name for name in names if "acts" in name] == [
        f"somebody_acts[web-{number}of3]" for number in (1, 2, 3)
    ]
    assert [name for name in names if "looks" in name] == [
        f"somebody_looks[{number}of3]" for number in (1, 2, 3)
    ]
    assert names.count("test_plain") == 1


def test_several_journeys_take_turns(run: Run) -> None:
    script = TWO.replace("acts(journey_target)", "acts()")
    result = run("--collect-only", "-q", "--journey-repeat=2", test_it=script)
    names = [line.partition("::")[2] for line in result.outlines if "somebody" in line]
    assert names == [
        "somebody_looks[1of2]",
        "somebody_acts[1of2]",
        "somebody_looks[2of2]",
        "somebody_acts[2of2]",
    ]


def test_every_run_is_reported_and_a_failed_one_does_not_end_the_others(run: Run, here: Project) -> None:
    result = run("--journey-repeat=4", test_it=MEASURED.replace("STOP", "0"))
    result.assert_outcomes(passed=3, failed=1)
    assert result.ret == 1
    assert [one["status"] for one in here.report()["journeys"]] == ["passed", "passed", "failed", "passed"]
    document = measured(here)
    assert (document["repeat"], document["status"]) == (4, "failed")
    assert [(one["run"], one["status"]) for one in document["runs"]] == [
        (1, "passed"),
        (2, "passed"),
        (3, "failed"),
        (4, "passed"),
    ]
    (distribution,) = document["distributions"]
    assert distribution["all"]["commit_to_visible_s"] == {
        "p50": {"low": 0.02, "high": 0.022},
        "p95": {"low": 0.04, "high": 0.042},
    }
    assert "run 4, alice: 40–42 ms" in (here.path / "test-results" / "measure.html").read_text()


def test_one_that_is_cut_short_reports_on_the_runs_that_were_done(run: Run, here: Project) -> None:
    with pytest.raises(KeyboardInterrupt):
        run("--journey-repeat=50", "--journey-console", test_it=MEASURED.replace("STOP", "2"))
    document = measured(here)
    assert (document["status"], document["error"]) == ("error", "interrupted")
    assert [one["run"] for one in document["runs"]][:1] == [1]
    assert document["distributions"][0]["samples"][0]["run"] == 1


def test_the_console_says_which_run_and_draws_the_distribution(run: Run) -> None:
    result = run("--journey-repeat=4", "--journey-console", test_it=MEASURED.replace("STOP", "0"))
    lines = [line for line in result.outlines if line]
    assert lines[1].startswith("passed       P1  Somebody looks run 1 of 4  ")
    assert "Somebody looks on web, 4 runs: 3 passed, 1 failed" in lines
    assert any(line.startswith("  10–12 ms |###") or "|###" in line for line in lines)
    assert "measure.html" in lines[-1]


def test_without_it_nothing_is_repeated_and_no_distribution_is_written(run: Run, here: Project) -> None:
    run(test_it=TWO).assert_outcomes(passed=3)
    assert not (here.path / "test-results" / "measure.json").exists()


CROWD = """
from journeys import journey

@journey("Everyone looks")
async def everyone_looks(observers):
    with open("looked", "w") as file:
        file.write(str(observers))

@journey("Somebody looks")
async def somebody_looks(): ...
"""


@pytest.mark.parametrize(("options", "expected"), [([], "2"), (["--journey-observers=7"], "7")])
def test_a_journey_learns_how_many_look_on(
    run: Run, here: Project, options: list[str], expected: str
) -> None:
    run(*options, test_it=CROWD).assert_outcomes(passed=2)
    assert (here.path / "looked").read_text() == expected


def test_observers_nobody_would_bring_in_are_refused_before_anything_starts(
    project: Project, pytester: pytest.Pytester, within: Run
) -> None:
    pytester.makepyfile(test_it=CROWD)
    result = within("--journey-observers=7", "-k", "somebody", "--journey-console")
    assert result.ret == 2
    assert any(
        "7 observers were asked for, but none of these journeys takes" in line for line in result.outlines
    )
    assert not project.started()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--journey-repeat=0"], "--journey-repeat 0: a journey is run from 1 to 10000 times"),
        (["--journey-repeat=10001"], "--journey-repeat 10001: a journey is run from 1 to 10000 times"),
        (["--journey-observers=0"], "--journey-observers 0: from 1 to 32 people can look on"),
        (["--journey-observers=33"], "--journey-observers 33: from 1 to 32 people can look on"),
        (
            ["--journey-repeat=2", "-n", "2"],
            "--journey-repeat measures, and runs side by side would slow each",
        ),
    ],
)
def test_what_cannot_be_is_a_usage_error_in_one_line(run: Run, options: list[str], said: str) -> None:
    result = run(*options, test_it=TWO)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in result.errlines if line]
    assert said in line
