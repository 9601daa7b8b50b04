"""What journeys run against is started once, watched, and gone afterwards."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run


def test_they_are_started_once_for_all_journeys_and_gone_afterwards(
    project: Project, pytester: pytest.Pytester, within: Run, three: str
) -> None:
    pytester.makepyfile(test_it=three)
    result = within()
    result.assert_outcomes(passed=3)
    pids = project.started()
    assert set(pids) == {"app", "backend"}
    assert project.servers_are_gone()


@pytest.mark.parametrize("looking", ["--collect-only", "--setup-plan", "--fixtures", "--fixtures-per-test"])
def test_a_session_that_only_lists_starts_none(
    project: Project, pytester: pytest.Pytester, within: Run, three: str, looking: str
) -> None:
    pytester.makepyfile(test_it=three)
    assert within(looking).ret == 0
    assert not project.started()


def test_plain_tests_of_the_same_project_start_none(
    project: Project, pytester: pytest.Pytester, within: Run
) -> None:
    pytester.makepyfile(test_it="def test_plain(): pass")
    assert within().ret == 0
    assert not project.started()


def test_several_workers_share_them_and_report_as_one_process_does(
    project: Project, pytester: pytest.Pytester, three: str
) -> None:
    failing = three.replace("leaves(): ...", "leaves(): assert False, 'nobody there'")
    pytester.makepyfile(test_it=failing)
    result = pytester.runpytest_subprocess("-n", "2", "--journey-console", "--journey-target=web")
    assert result.ret == 1
    assert project.servers_are_gone()
    assert project.statuses() == {
        "somebody_looks": "passed",
        "somebody_acts": "passed",
        "somebody_leaves": "failed",
    }
    assert set(project.report()["addresses"]) == {"app", "backend"}
    text = "\n".join(result.outlines)
    assert "journeys on web · backend http://127.0.0.1:" in text
    assert "nobody there" in text
    assert "failed: 2 passed, 1 failed in" in text
    said = [value for name, value in project.properties() if name == "status"]
    assert sorted(said) == ["failed", "passed", "passed"]


def test_one_that_goes_away_ends_the_session_with_its_own_error(
    project: Project, pytester: pytest.Pytester, within: Run
) -> None:
    script = """
        import urllib.request, urllib.error, http.client
        import pytest
        from journeys import journey

        @journey("Passes before", priority="P0")
        async def passes_before(): ...

        @journey("Meets the end")
        async def meets_the_end(pytestconfig):
            from journeys.pytest_plugin.session import SESSION
            with pytest.raises((http.client.HTTPException, OSError)):
                urllib.request.urlopen(pytestconfig.stash[SESSION].environment.addresses["backend"] + "/end")
            import asyncio
            await asyncio.Event().wait()

        @journey("Never begins")
        async def never_begins(): ...
    """
    pytester.makepyfile(test_it=script)
    result = within("--journey-console")
    assert result.ret == 3
    document = project.report()
    assert project.statuses() == {"passes_before": "passed", "meets_the_end": "error"}
    for said in (document["error"], document["journeys"][1]["error"]):
        assert said.startswith("server 'backend' ended by itself (exit code 7)")
    assert project.servers_are_gone()


def test_a_project_without_a_backend_plays_what_asks_nothing_of_one(
    project: Project, pytester: pytest.Pytester, within: Run, configured: str
) -> None:
    table = '[[tool.journeys.servers]]\nname = "backend"\n'
    backend = f'{table}command = ["{{python}}", "server.py", "backend", "{{port}}"]\n'
    assert backend in configured
    project.configure(configured.replace(backend, ""))
    script = """
        from journeys import journey
        from journeys.profile.fixtures import cast, identifiers, journey_backend

        @journey("Asks nobody")
        async def asks_nobody(cast): ...

        @journey("Asks for more")
        async def asks_for_more(cast):
            await cast.default_picture()
    """
    pytester.makepyfile(test_it=script)
    assert within("--journey-console", "-oasyncio_default_fixture_loop_scope=session").ret == 2
    assert project.statuses() == {"asks_nobody": "passed", "asks_for_more": "error"}
    assert project.report()["journeys"][1]["error"] == (
        "the journey asks for the default picture, and has no backend for it: no server is called 'backend': "
        "configure it in [tool.journeys], or give its address with --backend-url"
    )
    assert set(project.started()) == {"app"}
    assert project.servers_are_gone()


@pytest.mark.parametrize(
    ("change", "code", "said"),
    [
        (("server.py", "missing.py"), 3, "server '(app|backend)' ended by itself"),
        (('"{python}", "server.py"', '"/no/such/python"'), 2, "can't start '/no/such/python'"),
        (('name = "app"', 'name = "apple"'), 2, "no server is called 'app': configure it"),
    ],
    ids=["dies", "no command", "not configured"],
)
def test_one_that_cannot_be_started_is_said_in_one_line_and_replaces_the_last_report(
    project: Project,
    pytester: pytest.Pytester,
    within: Run,
    change: tuple[str, str],
    code: int,
    said: str,
    three: str,
    configured: str,
) -> None:
    project.report_file.parent.mkdir()
    project.report_file.write_text('{"schema": 1, "status": "passed", "addresses": {}, "journeys": []}')
    project.configure(configured.replace(*change))
    pytester.makepyfile(test_it=three)
    result = within("--journey-console")
    assert result.ret == code
    (line,) = [line for line in result.outlines if line]
    assert line.startswith("journeys: error: ")
    document = project.report()
    assert line == f"journeys: error: {document['error']}"
    assert (document["status"], document["journeys"]) == ("error", [])
    result.stdout.re_match_lines([f".*{said}.*"])


@pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "two workers"])
def test_ctrl_c_stops_them_and_reports_what_there_was(
    project: Project, pytester: pytest.Pytester, workers: list[str], eventually: Callable[..., None]
) -> None:
    script = """
        import asyncio, os, pathlib
        from journeys import journey

        @journey("Waits")
        async def waits():
            pathlib.Path("waiting").write_text(str(os.getpid()))
            await asyncio.Event().wait()
    """
    pytester.makepyfile(test_it=script)
    command = [sys.executable, "-m", "pytest", "--journey-console", "--journey-target=web", *workers]
    running = pytester.popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        eventually((project.path / "waiting").exists)
        running.send_signal(2)
        output, errors = running.communicate(timeout=60)
    finally:
        with running:
            running.kill()
    assert running.returncode == pytest.ExitCode.INTERRUPTED
    assert b"journeys: interrupted: what was started has been stopped" in output
    assert b"Traceback" not in output + errors
    assert project.servers_are_gone()
    eventually(project.waiting_one_is_gone)
    document = project.report()
    assert (document["status"], document["error"]) == ("error", "interrupted")
