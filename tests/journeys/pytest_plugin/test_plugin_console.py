"""The journeys' own output, in the place of pytest's."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run


def test_it_takes_the_place_of_pytests_own_output(run: Run, here: Project, three: str) -> None:
    script = three.replace("acts(timeline): ...", "acts(timeline): assert 1 == 2, 'nothing there'")
    result = run("--journey-console", "--journey-target=web", test_it=script)
    assert result.ret == 1
    first, *lines = [line for line in result.outlines if line]
    assert first.startswith("3 journeys on web · app http://127.0.0.1:")
    assert [line.rpartition(" ")[0].rpartition(" ")[0] for line in lines[:2]] == [
        "passed       P0  Somebody looks",
        "failed       P1  Somebody acts",
    ]
    assert lines[2:4] == ["             nothing there", "             assert 1 == 2"]
    assert lines[4].startswith("passed       P2  Somebody leaves")
    assert lines[5].startswith("failed: 2 passed, 1 failed in ")
    assert lines[6].startswith("results: ")
    assert len(lines) == 7
    for name in ("journeys.json", "junit.xml"):
        assert str(here.path / "test-results" / name) in lines[6]
    assert not any(result.errlines)


def test_the_traceback_is_there_for_those_who_ask(run: Run) -> None:
    script = "from journeys import journey\n@journey('Fails')\nasync def fails(): assert 1 == 2"
    result = run("--journey-console", "--journey-debug", test_it=script)
    assert any("test_it.py:3: AssertionError" in line for line in result.outlines)


def test_a_module_that_cannot_be_imported_is_said_and_nothing_is_started(
    project: Project, pytester: pytest.Pytester, within: Run, three: str
) -> None:
    pytester.makepyfile(test_it=three, test_broken="import nonsense_of_mine")
    result = within("--journey-console")
    assert result.ret == 2
    text = "\n".join(result.outlines)
    assert "test_broken.py can't be read" in text
    assert "No module named 'nonsense_of_mine'" in text
    assert "journeys: error: 1 error during collection" in text
    assert not project.started()
    document = project.report()
    assert (document["status"], document["journeys"]) == ("error", [])


@pytest.mark.parametrize(("options", "more"), [([], False), (["--journey-debug"], True)])
def test_what_breaks_the_session_itself_is_not_silenced_with_pytests_output(
    run: Run, here: Project, three: str, *, options: list[str], more: bool
) -> None:
    broken = "def pytest_runtest_logstart(): raise RuntimeError('a plugin is broken')"
    result = run("--journey-console", *options, test_it=three, conftest=broken)
    assert result.ret == pytest.ExitCode.INTERNAL_ERROR
    text = "\n".join(result.outlines)
    assert "journeys: error: " in text
    assert "RuntimeError: a plugin is broken" in text
    assert ("Traceback" in text) is more
