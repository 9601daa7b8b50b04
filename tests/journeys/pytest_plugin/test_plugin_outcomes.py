"""What becomes of journeys: records, JUnit properties, and the exit code."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run


def test_journeys_that_pass_end_the_session_well_and_are_reported(
    run: Run, here: Project, three: str
) -> None:
    result = run("--journey-target=web", test_it=three)
    assert result.ret == 0
    document = here.report()
    assert document["status"] == "passed"
    assert set(document["addresses"]) == {"app", "backend"}
    assert [(one["id"], one["name"], one["priority"]) for one in document["journeys"]] == [
        ("somebody_looks", "Somebody looks", "P0"),
        ("somebody_acts", "Somebody acts", "P1"),
        ("somebody_leaves", "Somebody leaves", "P2"),
    ]


@pytest.mark.parametrize(
    ("bodies", "code", "expected"),
    [
        (["assert 1 == 2, 'nothing there'"], 1, ["failed"]),
        (["raise journeys.Inconclusive('on the edge')"], 1, ["inconclusive"]),
        (["raise journeys.InfrastructureError('gone')"], 3, ["error"]),
        (["raise journeys.ObserverError('blind')"], 3, ["error"]),
        (["raise journeys.SetupError('not set up')"], 2, ["error"]),
        (["pass", "raise journeys.InfrastructureError('gone')"], 3, ["passed", "error"]),
        (["assert False", "raise journeys.InfrastructureError('gone')"], 1, ["failed", "error"]),
    ],
)
def test_the_exit_code_says_what_kind_of_failure_there_was(
    run: Run, here: Project, bodies: list[str], code: int, expected: list[str]
) -> None:
    scripts = "".join(
        f"@journeys.journey('Journey {number}')\nasync def journey_{number}():\n    {body}\n"
        for number, body in enumerate(bodies)
    )
    result = run("--journey-target=web", test_it=f"import journeys\n{scripts}")
    assert result.ret == code
    assert list(here.statuses().values()) == expected


def test_a_plain_test_that_fails_beside_them_fails_the_session(run: Run, here: Project, three: str) -> None:
    result = run(test_it=three, test_plain="def test_plain(): assert False")
    assert result.ret == 1
    assert set(here.statuses().values()) == {"passed"}


def test_a_fixture_that_breaks_keeps_a_journey_from_its_verdict(run: Run, here: Project) -> None:
    script = """
        import pytest
        from journeys import journey

        @pytest.fixture
        def broken(): raise RuntimeError("no stage")

        @pytest.fixture
        def untidy():
            yield
            raise RuntimeError("can't be closed")

        @journey("Never begins")
        async def never_begins(broken, journey_target): ...

        @journey("Passes before")
        async def passes_before(untidy): ...

        @journey("Fails before")
        async def fails_before(untidy): assert False, "nothing there"
    """
    result = run("--journey-target=tv", "-k", "never_begins", test_it=script)
    assert result.ret == 2
    (record,) = here.report()["journeys"]
    assert (record["status"], record["error"]) == ("error", "RuntimeError: no stage")
    assert record["targets"] == ["tv"]
    assert record["started_at"]

    result = run("-k", "passes_before")
    assert result.ret == 3
    (record,) = here.report()["journeys"]
    assert (record["status"], record["error"]) == ("error", "RuntimeError: can't be closed")

    run("-k", "fails_before")
    (record,) = here.report()["journeys"]
    assert record["status"] == "failed"
    assert record["error"].splitlines()[0] == "nothing there"
    assert record["error"].splitlines()[-1] == "RuntimeError: can't be closed"


def test_a_skipped_journey_was_not_run(run: Run, here: Project, three: str) -> None:
    script = three + "\n@journey('Skips')\nasync def skips(): pytest.skip('not today')\n"
    result = run(test_it=script)
    result.assert_outcomes(passed=3, skipped=1)
    assert result.ret == 0
    assert "skips" not in here.statuses()


def test_junit_has_the_figures_at_its_usual_place_or_where_it_is_asked_for(run: Run, here: Project) -> None:
    script = """
        from flutter_bridge import Interval
        from journeys import Verdict, journey
        from journeys.timeline import VerdictReached

        @journey("Somebody looks", priority="P0")
        async def somebody_looks(timeline, request):
            request.node.user_properties.append(("build", "42"))
            timeline.emit(VerdictReached(
                surface="header", actor="alice", target="web", wanted="it", budget_s=1.0,
                verdict=Verdict.PASSED, reason="", commit_to_visible_s=Interval(0.1, 0.2),
                tap_to_visible_s=None,
            ))
    """
    run(test_it=script)
    assert not (here.path / "test-results" / "junit.xml").exists()
    run("--journey-target=web", "--junitxml=mine.xml")
    assert (here.path / "mine.xml").exists()
    run("--journey-target=web")
    properties = here.properties()
    assert len(properties) == len(dict(properties))
    assert (
        dict(properties).items()
        >= {
            "build": "42",
            "journey": "Somebody looks",
            "priority": "P0",
            "status": "passed",
            "surface.1.verdict": "passed",
            "surface.1.commit_to_visible_s.low": "0.1000",
            "surface.1.commit_to_visible_s.high": "0.2000",
        }.items()
    )


def test_journeys_share_the_loop_of_their_fixtures_whatever_the_projects_settings(run: Run) -> None:
    script = """
        import asyncio
        import pytest_asyncio
        from journeys import journey

        @pytest_asyncio.fixture(scope="session", loop_scope="session")
        async def loop(): return asyncio.get_running_loop()

        @journey("First")
        async def first(loop): assert asyncio.get_running_loop() is loop

        @journey("Second")
        async def second(loop): assert asyncio.get_running_loop() is loop
    """
    run(test_it=script).assert_outcomes(passed=2)
