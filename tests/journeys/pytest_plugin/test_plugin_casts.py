"""Casts under pytest: what they are called, who is played where, and who is missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run

MEETING = """
from journeys import journey
from journeys.timeline import ActorJoined

@journey("Two people meet")
async def two_people_meet(journey_target, timeline):
    for actor in ("alice", "bob"):
        timeline.emit(ActorJoined(actor=actor, target="web"))
"""


def test_a_journey_runs_once_for_each_cast_under_its_name(run: Run, here: Project) -> None:
    casts = ("alice=tv,bob=web", "alice=web,bob=tv")
    result = run(*(f"--journey-cast={cast}" for cast in casts), test_it=MEETING)
    result.assert_outcomes(passed=2)
    played = here.report()["journeys"]
    assert [one["casting"] for one in played] == list(casts)
    assert [one["targets"] for one in played] == [["tv", "web"], ["web", "tv"]]


def test_a_cast_of_the_projects_own_is_asked_for_by_name(run: Run, here: Project) -> None:
    (here.path / "targets.toml").write_text('[casts.mixed]\nalice = "tv"\n"*" = "web"\n')
    run("--journey-cast=mixed", test_it=MEETING).assert_outcomes(passed=1)
    (played,) = here.report()["journeys"]
    assert (played["casting"], played["targets"]) == ("mixed", ["tv", "web"])


def test_an_actor_who_took_no_part_is_most_likely_misspelt(run: Run, here: Project) -> None:
    result = run("--journey-cast=alcie=tv", "--journey-console", test_it=MEETING)
    assert result.ret == 2
    said = "the cast 'alcie=tv' names alcie, who took no part: did you mean alice?"
    assert said in " ".join(result.outlines)
    assert here.report()["error"] == said


def test_a_cast_says_where_one_target_is_for_all_others(run: Run, here: Project) -> None:
    run("--journey-cast=alice=web", "--journey-target=tv", test_it=MEETING).assert_outcomes(passed=1)
    assert [one["targets"] for one in here.report()["journeys"]] == [["web", "tv"]]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--journey-cast=alice=tvv"], "ERROR: unknown target 'tvv': did you mean tv?"),
        (["--journey-cast=mixed"], "ERROR: unknown cast 'mixed': targets.toml has none; or write it out"),
        (["--journey-device=phone-1"], "ERROR: --device has no meaning on web"),
        (["--journey-app=x.apk", "--journey-target=android"], "ERROR: --app x.apk: there is no such file"),
    ],
)
def test_what_makes_no_sense_is_a_usage_error_in_one_line(run: Run, options: list[str], said: str) -> None:
    result = run(*options, test_it=MEETING)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in result.errlines if line]
    assert said in line
