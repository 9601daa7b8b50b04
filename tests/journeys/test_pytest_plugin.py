"""What the plugin makes of a pytest session with journeys in it, and of one without."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from journeys.configuration import read_configuration
from journeys.servers import Servers

SERVER = """
import http.server, os, sys

with open("started", "a") as started:
    print(sys.argv[1], os.getpid(), file=started)

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == "/end":
            os._exit(7)
        self.send_response(200)
        self.end_headers()
    def log_message(self, *args):
        pass

http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[2])), Handler).serve_forever()
"""

PROJECT = """
[tool.journeys]
targets = ["web", "tv"]
paths = ["."]

[tool.pytest.ini_options]
# Not what journeys need: they see to it themselves.
asyncio_default_fixture_loop_scope = "function"
addopts = ["--strict-markers", "-p", "no:randomly", "-p", "no:hypothesispytest"]
markers = ["tdd_red: first seen to fail"]
"""

CONFIGURED = PROJECT.replace(
    "[tool.pytest",
    """
[[tool.journeys.servers]]
name = "backend"
command = ["{python}", "server.py", "backend", "{port}"]

[[tool.journeys.servers]]
name = "app"
command = ["{python}", "server.py", "app", "{port}"]

[tool.pytest""",
)

THREE = """
import pytest
from journeys import journey

@journey("Somebody looks", priority="P0", phase="tdd_red")
async def somebody_looks(): ...

@journey("Somebody acts")
async def somebody_acts(timeline): ...

@journey("Somebody leaves", priority="P2")
async def somebody_leaves(): ...
"""

Run = Callable[..., pytest.RunResult]

pytestmark = pytest.mark.usefixtures("empty_registry")


@pytest.fixture(scope="session")
def given(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[str]]:
    """Have servers run that a session is told of, so that it need not start any."""
    folder = tmp_path_factory.mktemp("given")
    (folder / "server.py").write_text(SERVER)
    (folder / "pyproject.toml").write_text(CONFIGURED)
    with Servers(read_configuration(folder)) as servers:
        yield [
            f"--app-url={servers.addresses['app']}",
            f"--backend-url={servers.addresses['backend']}",
        ]


@pytest.fixture(scope="session")
def imported() -> None:
    """Import what sessions import, for what one inside another imports first is forgotten with it.

    Others would import it anew: that takes time, and httpx doesn't know the errors of a second httpcore.
    """
    for module in ("journeys.report", "journeys.runner", "journeys.servers", "httpcore"):
        import_module(module)


@pytest.fixture
def within(imported: None, pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a session inside the one this test is part of."""

    def run(*arguments: str) -> pytest.RunResult:
        # pytest-playwright gathers soft assertions for one test at a time, and has begun to for this one.
        with monkeypatch.context() as aside:
            aside.setattr("playwright._impl._assertions._soft_errors", None)
            return pytester.runpytest_inprocess(*arguments)

    return run


@pytest.fixture
def run(pytester: pytest.Pytester, within: Run, given: list[str]) -> Run:
    """Run a session against the servers that run already, of a project with some files."""

    def run_(*arguments: str, **files: str) -> pytest.RunResult:
        (pytester.path / "pyproject.toml").write_text(PROJECT)
        if files:
            pytester.makepyfile(**files)
        return within(*given, *arguments)

    return run_


@pytest.fixture
def project(pytester: pytest.Pytester) -> Path:
    """Make a project whose servers are to be started."""
    (pytester.path / "pyproject.toml").write_text(CONFIGURED)
    (pytester.path / "server.py").write_text(SERVER)
    return pytester.path


def report(folder: Path) -> Any:
    return json.loads((folder / "test-results" / "journeys.json").read_text())


def statuses(folder: Path) -> dict[str, str]:
    return {one["id"]: one["status"] for one in report(folder)["journeys"]}


def started(folder: Path) -> dict[str, int]:
    """Return the process ids of the servers that were started; each name once."""
    lines = (folder / "started").read_text().split("\n")
    pairs = [line.split() for line in lines if line]
    assert len({name for name, _ in pairs}) == len(pairs), "a server was started twice"
    return {name: int(pid) for name, pid in pairs}


def are_gone(pids: dict[str, int]) -> bool:
    for pid in pids.values():
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            continue
        return False
    return True


class TestCollection:
    def names(self, result: pytest.RunResult) -> list[str]:
        return [line.partition("::")[2] for line in result.outlines if "::" in line]

    def test_journeys_are_collected_where_they_are_written_or_imported_under_any_name(self, run: Run) -> None:
        result = run(
            "--collect-only",
            "-q",
            scripts=THREE,
            test_imported="from scripts import somebody_looks, somebody_acts",
            test_written=THREE.replace("somebody", "anybody"),
        )
        assert self.names(result) == [
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
        ],
    )
    def test_they_are_picked_by_priority_phase_and_name(
        self, run: Run, options: list[str], picked: list[str]
    ) -> None:
        result = run("--collect-only", "-q", *options, test_it=THREE)
        assert self.names(result) == picked

    def test_one_that_drives_an_app_runs_once_on_each_target(
        self, run: Run, pytester: pytest.Pytester
    ) -> None:
        script = """
            from journeys import journey

            @journey("Somebody looks")
            async def somebody_looks(journey_target): ...
        """
        result = run("--journey-target=web", "--journey-target=tv", "-v", test_it=script)
        result.assert_outcomes(passed=2)
        assert [one["targets"] for one in report(pytester.path)["journeys"]] == [["web"], ["tv"]]

    def test_only_collecting_starts_nothing_and_writes_nothing(
        self, project: Path, pytester: pytest.Pytester, within: Run
    ) -> None:
        pytester.makepyfile(test_it=THREE)
        for more in ([], ["-n", "2"]):
            result = within("--collect-only", "-q", "--journey-target=web", *more)
            assert result.ret == 0
        assert not (project / "started").exists()
        assert not (project / "test-results" / "journeys.json").exists()

    @pytest.mark.parametrize(
        ("options", "said"),
        [
            (["--journey-target=wep"], "ERROR: unknown target 'wep': did you mean web?"),
            (["--backend-url=nonsense"], "ERROR: --backend-url 'nonsense' is no address: write it like"),
            (["--output=."], "this folder would be cleared; name one of its own"),
        ],
    )
    def test_what_is_asked_for_and_is_not_there_is_a_usage_error_in_one_line(
        self, run: Run, options: list[str], said: str
    ) -> None:
        result = run(*options, test_it=THREE)
        assert result.ret == pytest.ExitCode.USAGE_ERROR
        (line,) = [line for line in result.errlines if line]
        assert said in line


class TestOutcomes:
    def test_journeys_that_pass_end_the_session_well_and_are_reported(
        self, run: Run, pytester: pytest.Pytester
    ) -> None:
        result = run("--journey-target=web", test_it=THREE)
        assert result.ret == 0
        document = report(pytester.path)
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
        self, run: Run, pytester: pytest.Pytester, bodies: list[str], code: int, expected: list[str]
    ) -> None:
        scripts = "".join(
            f"@journeys.journey('Journey {number}')\nasync def journey_{number}():\n    {body}\n"
            for number, body in enumerate(bodies)
        )
        result = run("--journey-target=web", test_it=f"import journeys\n{scripts}")
        assert result.ret == code
        assert list(statuses(pytester.path).values()) == expected

    def test_a_plain_test_that_fails_beside_them_fails_the_session(
        self, run: Run, pytester: pytest.Pytester
    ) -> None:
        result = run(test_it=THREE, test_plain="def test_plain(): assert False")
        assert result.ret == 1
        assert set(statuses(pytester.path).values()) == {"passed"}

    def test_a_fixture_that_breaks_keeps_a_journey_from_its_verdict(
        self, run: Run, pytester: pytest.Pytester
    ) -> None:
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
        (record,) = report(pytester.path)["journeys"]
        assert (record["status"], record["error"]) == ("error", "RuntimeError: no stage")
        assert record["targets"] == ["tv"]
        assert record["started_at"]

        result = run("-k", "passes_before")
        assert result.ret == 3
        (record,) = report(pytester.path)["journeys"]
        assert (record["status"], record["error"]) == ("error", "RuntimeError: can't be closed")

        run("-k", "fails_before")
        (record,) = report(pytester.path)["journeys"]
        assert record["status"] == "failed"
        assert record["error"].splitlines()[0] == "nothing there"
        assert record["error"].splitlines()[-1] == "RuntimeError: can't be closed"

    def test_a_skipped_journey_was_not_run(self, run: Run, pytester: pytest.Pytester) -> None:
        script = THREE + "\n@journey('Skips')\nasync def skips(): pytest.skip('not today')\n"
        result = run(test_it=script)
        result.assert_outcomes(passed=3, skipped=1)
        assert result.ret == 0
        assert "skips" not in statuses(pytester.path)

    def test_junit_has_the_figures_at_its_usual_place_or_where_it_is_asked_for(
        self, run: Run, pytester: pytest.Pytester
    ) -> None:
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
        assert not (pytester.path / "test-results" / "junit.xml").exists()
        run("--journey-target=web", "--junitxml=mine.xml")
        assert (pytester.path / "mine.xml").exists()
        run("--journey-target=web")
        root = ET.parse(pytester.path / "test-results" / "junit.xml").getroot()  # noqa: S314 - our own file
        properties = [(one.get("name"), one.get("value")) for one in root.iter("property")]
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

    def test_journeys_share_the_loop_of_their_fixtures_whatever_the_projects_settings(self, run: Run) -> None:
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


class TestConsole:
    def test_it_takes_the_place_of_pytests_own_output(self, run: Run, pytester: pytest.Pytester) -> None:
        script = THREE.replace("acts(timeline): ...", "acts(timeline): assert 1 == 2, 'nothing there'")
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
            assert str(pytester.path / "test-results" / name) in lines[6]
        assert not any(result.errlines)

    def test_the_traceback_is_there_for_those_who_ask(self, run: Run) -> None:
        script = "from journeys import journey\n@journey('Fails')\nasync def fails(): assert 1 == 2"
        result = run("--journey-console", "--journey-debug", test_it=script)
        assert any("test_it.py:3: AssertionError" in line for line in result.outlines)

    def test_a_module_that_cannot_be_imported_is_said_and_nothing_is_started(
        self, project: Path, pytester: pytest.Pytester, within: Run
    ) -> None:
        pytester.makepyfile(test_it=THREE, test_broken="import nonsense_of_mine")
        result = within("--journey-console")
        assert result.ret == 2
        text = "\n".join(result.outlines)
        assert "test_broken.py can't be read" in text
        assert "No module named 'nonsense_of_mine'" in text
        assert "journeys: error: 1 error during collection" in text
        assert not (project / "started").exists()
        document = report(project)
        assert (document["status"], document["journeys"]) == ("error", [])


class TestServers:
    def test_they_are_started_once_for_all_journeys_and_gone_afterwards(
        self, project: Path, pytester: pytest.Pytester, within: Run
    ) -> None:
        pytester.makepyfile(test_it=THREE)
        result = within()
        result.assert_outcomes(passed=3)
        pids = started(project)
        assert set(pids) == {"app", "backend"}
        assert are_gone(pids)

    def test_plain_tests_of_the_same_project_start_none(
        self, project: Path, pytester: pytest.Pytester, within: Run
    ) -> None:
        pytester.makepyfile(test_it="def test_plain(): pass")
        assert within().ret == 0
        assert not (project / "started").exists()

    def test_several_workers_share_them_and_report_as_one_process_does(
        self, project: Path, pytester: pytest.Pytester
    ) -> None:
        failing = THREE.replace("leaves(): ...", "leaves(): assert False, 'nobody there'")
        pytester.makepyfile(test_it=failing)
        result = pytester.runpytest_subprocess("-n", "2", "--journey-console", "--journey-target=web")
        assert result.ret == 1
        assert are_gone(started(project))
        assert statuses(project) == {
            "somebody_looks": "passed",
            "somebody_acts": "passed",
            "somebody_leaves": "failed",
        }
        assert set(report(project)["addresses"]) == {"app", "backend"}
        text = "\n".join(result.outlines)
        assert "journeys on web · backend http://127.0.0.1:" in text
        assert "nobody there" in text
        assert "failed: 2 passed, 1 failed in" in text
        root = ET.parse(project / "test-results" / "junit.xml").getroot()  # noqa: S314 - our own file
        said = [one.get("value") for one in root.iter("property") if one.get("name") == "status"]
        assert sorted(map(str, said)) == ["failed", "passed", "passed"]

    def test_one_that_goes_away_ends_the_session_with_its_own_error(
        self, project: Path, pytester: pytest.Pytester, within: Run
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
                    urllib.request.urlopen(pytestconfig.stash[SESSION].addresses["backend"] + "/end")
                import asyncio
                await asyncio.Event().wait()

            @journey("Never begins")
            async def never_begins(): ...
        """
        pytester.makepyfile(test_it=script)
        result = within("--journey-console")
        assert result.ret == 3
        document = report(project)
        assert statuses(project) == {"passes_before": "passed", "meets_the_end": "error"}
        for said in (document["error"], document["journeys"][1]["error"]):
            assert said.startswith("server 'backend' ended by itself (exit code 7)")
        assert are_gone(started(project))

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
        self,
        project: Path,
        pytester: pytest.Pytester,
        within: Run,
        change: tuple[str, str],
        code: int,
        said: str,
    ) -> None:
        (project / "test-results").mkdir()
        (project / "test-results" / "journeys.json").write_text('{"status": "passed"}')
        (project / "pyproject.toml").write_text(CONFIGURED.replace(*change))
        pytester.makepyfile(test_it=THREE)
        result = within("--journey-console")
        assert result.ret == code
        (line,) = [line for line in result.outlines if line]
        assert line.startswith("journeys: error: ")
        document = report(project)
        assert line == f"journeys: error: {document['error']}"
        assert (document["status"], document["journeys"]) == ("error", [])
        result.stdout.re_match_lines([f".*{said}.*"])

    @pytest.mark.parametrize("workers", [[], ["-n", "2"]], ids=["alone", "two workers"])
    def test_ctrl_c_stops_them_and_reports_what_there_was(
        self, project: Path, pytester: pytest.Pytester, workers: list[str], eventually: Callable[..., None]
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
        eventually((project / "waiting").exists)
        running.send_signal(2)
        output, errors = running.communicate(timeout=20)
        assert running.returncode == pytest.ExitCode.INTERRUPTED
        assert b"journeys: interrupted: what was started has been stopped" in output
        assert b"Traceback" not in output + errors
        assert are_gone(started(project))
        eventually(lambda: are_gone({"worker": int((project / "waiting").read_text())}))
        document = report(project)
        assert (document["status"], document["error"]) == ("error", "interrupted")


class TestPlainProject:
    """A project that knows nothing of journeys, on a machine where they are installed."""

    def test_it_is_not_disturbed(self, pytester: pytest.Pytester, within: Run) -> None:
        pytester.makepyprojecttoml(
            "[tool.pytest.ini_options]\nasyncio_default_fixture_loop_scope = 'function'\n"
            "addopts = ['--strict-markers', '-p', 'no:randomly', '-p', 'no:hypothesispytest']"
        )
        (pytester.path / "test-results").mkdir()
        pytester.makepyfile(
            test_it="""
            import pytest

            def test_passes(): pass
            def test_fails(): assert 1 == 2

            def test_no_browser_fixture_is_replaced(pytestconfig):
                assert not pytestconfig.pluginmanager.hasplugin("journeys-browser")
            """
        )
        for more in ([], ["-n", "2"]):
            result = within(*more)
            result.assert_outcomes(passed=2, failed=1)
            assert result.ret == 1
            assert not (pytester.path / "test-results" / "journeys.json").exists()
        assert not (pytester.path / ".journeys").exists()

    def test_it_pays_for_nothing_it_does_not_use(self) -> None:
        heavy = {"numpy", "playwright", "httpx", "rich", "journeys.pictures", "journeys.propagation"}
        script = "import sys, journeys.pytest_plugin; print(*sys.modules)"
        output = subprocess.run(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", script], capture_output=True, text=True, check=True
        ).stdout
        assert "journeys.pytest_plugin.session" in output.split()
        assert not heavy & set(output.split())
