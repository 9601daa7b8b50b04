"""A project with journeys need say nothing in pytest's settings, and its other tests run as they did."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Run

OPTION = "asyncio_default_fixture_loop_scope"

PLAIN = """
import asyncio
import pytest
import pytest_asyncio

@pytest_asyncio.fixture
async def loop():
    return asyncio.get_running_loop()

@pytest.mark.asyncio
async def test_that_runs_where_its_fixture_did(loop):
    assert asyncio.get_running_loop() is loop
"""

READING = f"""
def test_that_reads_the_setting(pytestconfig):
    assert pytestconfig.getini("{OPTION}") == "function"
"""

OWN = """
import asyncio
import pytest
import pytest_asyncio
from journeys import journey

@pytest_asyncio.fixture
async def own():
    return asyncio.get_running_loop()

@journey("Somebody looks")
async def somebody_looks(own):
    assert asyncio.get_running_loop() is own
"""

PLAYED = """
from journeys import journey

@journey("Somebody looks")
async def somebody_looks(cast):
    await cast.actor("alice")
"""


def test_a_project_without_settings_is_not_warned(
    pytester: pytest.Pytester,
    within: Run,
    given: list[str],
    three: str,
    recwarn: pytest.WarningsRecorder,
) -> None:
    pytester.makepyfile(test_three=three)
    within(*given, "-p", "no:randomly").assert_outcomes(passed=3)
    assert [str(each.message) for each in recwarn] == []


def test_other_tests_of_the_project_have_fixtures_in_their_own_loops(
    pytester: pytest.Pytester, within: Run, given: list[str]
) -> None:
    pytester.makepyfile(test_plain=PLAIN)
    within(*given, "-p", "no:randomly").assert_outcomes(passed=1)


def test_what_the_project_says_is_so(pytester: pytest.Pytester, within: Run, given: list[str]) -> None:
    pytester.makepyprojecttoml(f"[tool.pytest.ini_options]\n{OPTION} = 'function'\n")
    pytester.makepyfile(test_reading=READING)
    within(*given, "-p", "no:randomly").assert_outcomes(passed=1)


def test_a_project_without_journeys_is_asked_as_ever(pytester: pytest.Pytester, within: Run) -> None:
    pytester.makepyfile(test_plain=PLAIN)
    with pytest.warns(pytest.PytestDeprecationWarning, match=f'"{OPTION}" is unset'):
        within("-p", "no:randomly").assert_outcomes(passed=1)


@pytest.mark.parametrize("scope", ["", "function", "session"])
def test_what_a_journey_asks_for_runs_where_the_journey_does(
    pytester: pytest.Pytester, within: Run, given: list[str], scope: str
) -> None:
    line = f"{OPTION} = '{scope}'" if scope else ""
    pytester.makepyprojecttoml(f"[tool.pytest.ini_options]\n{line}\n")
    pytester.makepyfile(test_played=OWN)
    within(*given, "-p", "no:randomly").assert_outcomes(passed=1)


def test_other_tests_have_a_fixture_in_their_own_loop_though_a_journey_had_it_before(
    pytester: pytest.Pytester, within: Run, given: list[str]
) -> None:
    plain = "@pytest.mark.asyncio\nasync def test_it(own): assert asyncio.get_running_loop() is own"
    pytester.makepyfile(test_shared=f"{OWN}\n{plain}")
    within(*given, "-p", "no:randomly").assert_outcomes(passed=2)


def test_settings_that_keep_the_browser_from_starting_are_named(run: Run) -> None:
    asking = PLAYED.replace('@journey("Somebody looks")', "@pytest.mark.asyncio(loop_scope='session')")
    done = run("-p", "no:randomly", test_asking=f"import pytest{asking.replace('somebody', 'test_somebody')}")
    done.stdout.fnmatch_lines(
        f'*{OPTION} = "function", and the browser lives as long as the session: '
        'set it to "session" in pytest\'s settings, or make a journey of the test*'
    )
