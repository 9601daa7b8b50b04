"""Projects with journeys in them, and sessions to run them in."""

from __future__ import annotations

import json
import os
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from flutter_bridge import now
from journeys.configuration import read_configuration
from journeys.run.servers import Servers

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
addopts = [
    "--strict-markers", "-p", "no:randomly",
    # They take their time to be imported.
    "-p", "no:schemathesis", "-p", "no:hypothesispytest", "-p", "no:anyio",
]
markers = ["smoke: a few that are run often"]
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


@dataclass(frozen=True)
class Project:
    """A project's folder, and what sessions have left there."""

    path: Path

    def configure(self, text: str) -> None:
        (self.path / "pyproject.toml").write_text(text)

    @property
    def report_file(self) -> Path:
        return self.path / "test-results" / "journeys.json"

    def report(self) -> Any:
        return json.loads(self.report_file.read_text())

    def statuses(self) -> dict[str, str]:
        return {one["id"]: one["status"] for one in self.report()["journeys"]}

    def properties(self) -> list[tuple[str, str]]:
        """Return name and value of every property in junit.xml."""
        root = ET.parse(self.path / "test-results" / "junit.xml").getroot()  # noqa: S314 - our own file
        return [(one.attrib["name"], one.attrib["value"]) for one in root.iter("property")]

    def started(self) -> dict[str, int]:
        """Return the process ids of the servers that were started, each of them once."""
        log = self.path / "started"
        pairs = [line.split() for line in log.read_text().splitlines()] if log.exists() else []
        assert len({name for name, _ in pairs}) == len(pairs), "a server was started twice"
        return {name: int(pid) for name, pid in pairs}

    def waiting_one_is_gone(self) -> bool:
        """Whether the process whose journey left its number in `waiting` has ended."""
        return is_gone(int((self.path / "waiting").read_text()))

    def servers_are_gone(self) -> bool:
        pids = self.started().values()
        assert pids, "none was started"
        return all(is_gone(pid) for pid in pids)


def is_gone(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return True
    return False


@pytest.fixture(autouse=True)
def _own_registry(empty_registry: None) -> None:
    """Have no session meet the journeys of another."""


@pytest.fixture
def three() -> str:
    """Give a module of three journeys that pass."""
    return THREE


@pytest.fixture
def configured() -> str:
    """Give the configuration of a project that says how its servers are started."""
    return CONFIGURED


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
    for module in (
        "journeys.report",
        "journeys.runner",
        "journeys.run.servers",
        "journeys.devices",
        "httpcore",
        "scipy.fftpack",
    ):
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
def here(pytester: pytest.Pytester) -> Project:
    """Give the folder sessions run in."""
    return Project(pytester.path)


@pytest.fixture
def project(here: Project) -> Project:
    """Make a project whose servers are to be started."""
    here.configure(CONFIGURED)
    (here.path / "server.py").write_text(SERVER)
    return here


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool]], None]:
    """Wait for a condition, no longer than a minute: a busy machine starts a session slowly."""

    def wait(condition: Callable[[], bool]) -> None:
        deadline = now() + 60
        while not condition():
            assert now() < deadline, "it never came about"
            time.sleep(0.02)

    return wait
