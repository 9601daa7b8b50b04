"""What a session collects, and what it refuses before it begins."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run


def names_in(result: pytest.RunResult) -> list[str]:
    return [line.partition("::")[2] for line in result.outlines if "::" in line]


def test_journeys_are_collected_where_they_are_written_or_imported_under_any_name(
    run: Run, three: str
) -> None:
    result = run(
        "--collect-only",
        "-q",
        scripts=three,
        test_imported="from scripts import somebody_looks, somebody_acts",
        test_written=three.replace("somebody", "anybody"),
    )
    assert names_in(result) == [
        "somebody_looks",
        "somebody_acts",
        "anybody_looks",
        "anybody_acts",
        "anybody_leaves",
    ]


@pytest.mark.parametrize(
    ("options", "picked"),
    [
        (["-m", "p0"], ["somebody_looks"]),
        (["-m", "p1 or p2"], ["somebody_acts", "somebody_leaves"]),
        (["-m", "tdd_red"], ["somebody_looks"]),
        (["-m", "journey and not p0"], ["somebody_acts", "somebody_leaves"]),
        (["-k", "leaves"], ["somebody_leaves"]),
        (["--journey=somebody_looks", "--journey=somebody_acts"], ["somebody_looks", "somebody_acts"]),
    ],
)
def test_they_are_picked_by_priority_phase_and_name(
    run: Run, options: list[str], picked: list[str], three: str
) -> None:
    result = run("--collect-only", "-q", *options, test_it=three)
    assert names_in(result) == picked


def test_the_name_of_a_journey_picks_no_other_that_begins_alike(run: Run, three: str) -> None:
    more = f"{three}\n@journey('Somebody looks on')\nasync def somebody_looks_on(): ..."
    more += "\ndef test_somebody_looks(): ..."
    result = run("--collect-only", "-q", "--journey=somebody_looks", test_it=more)
    assert names_in(result) == ["somebody_looks"]


def test_one_that_drives_an_app_runs_once_on_each_target(run: Run, here: Project) -> None:
    script = """
        from journeys import journey

        @journey("Somebody looks")
        async def somebody_looks(journey_target): ...
    """
    result = run("--journey-target=web", "--journey-target=tv", "-v", test_it=script)
    result.assert_outcomes(passed=2)
    assert [one["targets"] for one in here.report()["journeys"]] == [["web"], ["tv"]]


def test_only_collecting_starts_nothing_and_writes_nothing(
    project: Project, pytester: pytest.Pytester, within: Run, three: str
) -> None:
    pytester.makepyfile(test_it=three)
    for more in ([], ["-n", "2"]):
        result = within("--collect-only", "-q", "--journey-target=web", *more)
        assert result.ret == 0
    assert not project.started()
    assert not project.report_file.exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--journey-target=wep"], "ERROR: unknown target 'wep': did you mean web?"),
        (
            ["--journey=somebody_look"],
            "ERROR: --journey somebody_look: no journey is called so: did you mean",
        ),
        (["--backend-url=nonsense"], "ERROR: --backend-url 'nonsense' is no address: write it like"),
        (["--output=."], "name a folder of its own for results"),
    ],
)
def test_what_is_asked_for_and_is_not_there_is_a_usage_error_in_one_line(
    run: Run, options: list[str], said: str, three: str
) -> None:
    result = run(*options, test_it=three)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in result.errlines if line]
    assert said in line
