"""Apps are asked why a journey failed before they are closed: where it did, and somebody waits for it."""

from __future__ import annotations

import subprocess
import sys
import threading
import zipfile
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run

STAGED = """
import asyncio, os, pathlib
from contextlib import asynccontextmanager

import journeys, pytest
from flutter_bridge import AppUnreachable

def note(what):
    with open("noted", "a") as noted:
        print(what, file=noted)

class App:
    target = "memory"
    unreached_addresses = ()

    async def keep_evidence(self, folder, name):
        note(f"{name} kept in {folder.name}")
        raise AppUnreachable("the app is gone")

class Stage:
    target, theme = "memory", "light"

    @asynccontextmanager
    async def open(self, actor):
        yield App()
        note(f"{actor} closed")

@pytest.fixture
def stage_for():
    return lambda actor: Stage()

@journeys.journey("Somebody looks")
async def somebody_looks(cast):
    await cast.actor("alice")
    BODY
"""


def noted(here: Project) -> list[str]:
    return (here.path / "noted").read_text().splitlines()


@pytest.mark.parametrize(
    ("body", "status", "error"),
    [
        ("assert False, 'nothing there'", "failed", "nothing there"),
        ("raise journeys.Inconclusive('on the edge')", "inconclusive", "on the edge"),
        ("raise journeys.InfrastructureError('gone')", "error", "gone"),
    ],
)
def test_what_did_not_pass_is_told_of_and_stays_what_it_is(
    run: Run, here: Project, body: str, status: str, error: str
) -> None:
    run(test_it=STAGED.replace("BODY", body)).assert_outcomes(failed=1)
    asked, closed = noted(here)
    assert asked.startswith("alice kept in test-it-py-somebody-looks")
    assert closed == "alice closed"
    (record,) = here.report()["journeys"]
    assert record["status"] == status
    assert record["error"].splitlines()[0] == error


@pytest.mark.parametrize(
    ("body", "outcome"), [("pass", "passed"), ("pytest.skip('not today')", "skipped")], ids=str
)
def test_of_what_passed_or_was_skipped_nothing_is_kept(
    run: Run, here: Project, body: str, outcome: str
) -> None:
    run(test_it=STAGED.replace("BODY", body)).assert_outcomes(**{outcome: 1})
    assert noted(here) == ["alice closed"]


def test_ctrl_c_waits_for_no_evidence(
    project: Project, pytester: pytest.Pytester, eventually: Callable[..., None]
) -> None:
    body = """pathlib.Path("waiting").write_text(str(os.getpid()))
    await asyncio.Event().wait()"""
    pytester.makepyfile(test_it=STAGED.replace("BODY", body))
    command = [sys.executable, "-m", "pytest", "--journey-console", "--journey-target=web"]
    running = pytester.popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    try:
        eventually((project.path / "waiting").exists)
        running.send_signal(2)
        running.communicate(timeout=60)
    finally:
        with running:
            running.kill()
    assert running.returncode == pytest.ExitCode.INTERRUPTED
    assert noted(project) == ["alice closed"]


ON_A_PHONE = (
    STAGED.replace('target = "memory"', 'target = "phone"')
    .replace('target, theme = "memory", "light"', 'target, theme = "phone", "light"')
    .replace("def stage_for():", "def stage_for(journey_target):")
)


class IdleAppium(BaseHTTPRequestHandler):
    """Is ready for sessions; nobody begins one, as the stage has its app already."""

    def do_GET(self) -> None:
        content = b'{"value": {"ready": true}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def appium_url() -> Iterator[str]:
    """Run what passes for an Appium until a session begins."""
    with ThreadingHTTPServer(("127.0.0.1", 0), IdleAppium) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.mark.parametrize(
    ("tracing", "body", "names"),
    [
        ("retain-on-failure", "assert False, 'nothing there'", ["trace-alice.zip"]),
        ("retain-on-failure", "pass", []),
        ("retain-on-failure", "pytest.skip('not today')", []),
        ("on", "pass", ["trace-alice.zip"]),
        ("off", "assert False, 'nothing there'", []),
    ],
    ids=["failed", "passed", "skipped", "on", "off"],
)
def test_a_device_is_traced_where_the_web_would_be(
    run: Run, here: Project, appium_url: str, tracing: str, body: str, names: list[str]
) -> None:
    (here.path / "targets.toml").write_text('[targets.phone]\nplatform = "chromium"\n')
    script = ON_A_PHONE.replace("BODY", body)
    options = (f"--tracing={tracing}", "--journey-target=phone", f"--appium-url={appium_url}")
    run(*options, test_it=script)
    kept = sorted((here.path / "test-results").rglob("*.zip"))
    assert [each.name for each in kept] == names
    for each in kept:
        with zipfile.ZipFile(each) as archive:
            assert ("nothing there" in archive.read("trace.trace").decode()) is (body != "pass")
        (record,) = here.report()["journeys"]
        assert each.parent == here.path / "test-results" / record["evidence"]
