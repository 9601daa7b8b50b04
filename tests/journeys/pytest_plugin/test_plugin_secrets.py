"""Secrets are planted wherever one can come in, a journey fails over all of them, and none comes out."""

from __future__ import annotations

import base64
import json
import sys
from collections.abc import Iterator
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from journeys.cli import main
from journeys.redaction import PUT

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project

# None is part of another, and each has what has to be escaped somewhere.
VARIABLE = "Var/iable&One+7"
NAMED = "Name<d>Two'8"
BACKEND = "Back end#Three%9"
APP = "Ap:p?Four=10"
QUERY = "Query~Five^11"
APPIUM = "Appi;um*Six$12"
ADDRESS = "Data@base|Seven!13"
BODY = "BodyEight14TokenOfTheServer"
ALL = (VARIABLE, NAMED, BACKEND, APP, QUERY, APPIUM, ADDRESS, BODY)

SCRIPT = """
import base64, json, os, sys
from pathlib import Path
from urllib.parse import quote

import pytest
from journeys import journey

WANTED = ("SAUCE_ACCESS_KEY", "FARM_PERSON", "DATABASE", "APPIUM_PASSWORD")

def said(pytestconfig):
    args = [str(each) for each in pytestconfig.invocation_params.args] + sys.argv
    return [os.environ[name] for name in WANTED] + args

@pytest.fixture
def folder(output_path, pytestconfig):
    Path(output_path).mkdir(parents=True, exist_ok=True)
    return Path(output_path)

def forms(text):
    yield text
    yield quote(text, safe="")
    yield base64.b64encode(text.encode()).decode()
    yield base64.b64encode(f"joe:{text}".encode()).decode()
    yield json.dumps({"said": text})

@journey("Tells all it knows")
async def tells_all(pytestconfig, folder):
    for text in said(pytestconfig):
        for form in forms(text):
            print(form)
            print(form, file=sys.stderr)
            with (folder / "alice.log").open("a") as file:
                print(form, file=file)
    local = said(pytestconfig)
    raise ValueError(*local)

from journeys.profile.fixtures import journey_backend

@journey("Is told")
async def is_told(journey_backend):
    await journey_backend.create_person("Alice")

def test_plain(pytestconfig):
    assert said(pytestconfig) == []
"""

TARGETS = """
[targets.far]
platform = "android"
appium_url = "http://joe:${APPIUM_PASSWORD}@127.0.0.1:PORT"
app_id = "org.example.app"
capabilities = { "vendor:person" = "${FARM_PERSON}" }
"""

CHATTY = """
import os, sys, http.server
print(dict(os.environ), flush=True)
http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), http.server.SimpleHTTPRequestHandler).serve_forever()
"""


class Telltale(BaseHTTPRequestHandler):
    """Is an app, a backend and an Appium, and says to each what was asked of it."""

    def do_GET(self) -> None:
        self._answer(200, {"value": {"ready": True}, "now": 0})

    def do_POST(self) -> None:
        heard = dict(self.headers)
        told = {"detail": f"refused: {heard} token={BODY}", "password": BODY}
        self._answer(500, {**told, "detail": f"{json.dumps(told)} for {heard.get('Authorization')}"})

    def _answer(self, code: int, body: object) -> None:
        content = json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def telltale() -> Iterator[int]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Telltale) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_address[1]
        server.shutdown()
        thread.join()


@pytest.fixture
def addresses(
    project: Project,
    pytester: pytest.Pytester,
    telltale: int,
    monkeypatch: pytest.MonkeyPatch,
    configured: str,
) -> list[str]:
    """Plant them all; the options that name an app and a backend."""
    environment = {
        "SAUCE_ACCESS_KEY": VARIABLE,
        "FARM_PERSON": NAMED,
        "APPIUM_PASSWORD": quote(APPIUM, safe=""),
        "DATABASE": f"postgresql://joe:{quote(ADDRESS, safe='')}@db.example/x",
        "COLUMNS": "80",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    one = configured.partition("[[tool.journeys.servers]]")
    server = '[[tool.journeys.servers]]\nname = "chatty"\ncommand = ["{python}", "chatty.py", "{port}"]\n'
    project.configure(one[0] + server + "[tool.pytest" + configured.partition("[tool.pytest")[2])
    (project.path / "chatty.py").write_text(CHATTY)
    (project.path / "targets.toml").write_text(TARGETS.replace("PORT", str(telltale)))
    pytester.makepyfile(test_it=SCRIPT)
    app, backend, query = (quote(each, safe="") for each in (APP, BACKEND, QUERY))
    return [
        f"--app-url=http://joe:{app}@127.0.0.1:{telltale}/?access_token={query}",
        f"--backend-url=http://joe:{backend}@127.0.0.1:{telltale}",
    ]


def forms(secret: str) -> Iterator[str]:
    yield secret
    yield quote(secret, safe="")
    yield json.dumps(secret)[1:-1]
    yield repr(secret)[1:-1]
    for text in (secret, f"joe:{secret}", f"joe:{quote(secret, safe='')}"):
        yield base64.b64encode(text.encode()).decode()


def assert_nothing_leaks(project: Project, result: pytest.RunResult) -> None:
    written = {
        str(file.relative_to(project.path)): file.read_bytes().decode(errors="replace")
        for folder in (".journeys", "test-results")
        for file in (project.path / folder).rglob("*")
        if file.is_file()
    }
    written |= {"stdout": result.stdout.str(), "stderr": result.stderr.str()}
    leaks = [
        (name, form)
        for name, text in written.items()
        for secret in ALL
        for form in forms(secret)
        if form in text
    ]
    assert leaks == []


@pytest.mark.parametrize(
    "more", [["--journey-console", "-n", "1"], ["-vv", "--showlocals", "-s"]], ids=" ".join
)
def test_a_run_that_fails_over_secrets_tells_none(
    project: Project, pytester: pytest.Pytester, addresses: list[str], more: list[str]
) -> None:
    result = pytester.runpytest_subprocess("--journey-target=far", *addresses, *more)
    assert result.ret == 1
    assert list(project.statuses().values()) == ["error", "error"]
    assert (project.path / ".journeys/servers/chatty.log").stat().st_size > 0
    (evidence,) = project.path.glob("test-results/**/alice.log")
    assert evidence.stat().st_size > 0
    assert_nothing_leaks(project, result)
    assert PUT in result.stdout.str()


def test_the_command_tells_none_either(
    project: Project, pytester: pytest.Pytester, addresses: list[str]
) -> None:
    words = [*addresses, "--target=far", "--debug", "test_it.py"]
    result = pytester.run(sys.executable, "-m", "journeys.cli", "run", *words)
    assert result.ret == 1
    assert list(project.statuses().values()) == ["error", "error"]
    assert_nothing_leaks(project, result)


@pytest.mark.parametrize("option", ["--backend-urll=http", "--backend-url=ftp"])
def test_an_option_that_pytest_refuses_shows_no_password(
    project: Project, pytester: pytest.Pytester, addresses: list[str], option: str
) -> None:
    result = pytester.runpytest_subprocess(f"{option}://joe:{quote(BACKEND)}@127.0.0.1:1")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    assert PUT in result.stderr.str()
    assert_nothing_leaks(project, result)


@pytest.mark.parametrize(
    "words",
    [
        ["run", f"--backend-url=ftp://joe:{quote(BACKEND)}@127.0.0.1"],
        ["run", f"--backend-url=http://joe:{BACKEND}/x@127.0.0.1"],
        ["run", f"--backend-urll=http://joe:{quote(BACKEND)}@127.0.0.1:1"],
        ["run", "--backend-url", f"http://{BODY}@127.0.0.1:0"],
        ["run", "--targett", "web", f"--my-password={BODY}"],
        ["app", f"--app-url=http://joe:{quote(BACKEND)}@127.0.0.1:1"],
    ],
    ids=" ".join,
)
def test_a_command_that_is_refused_repeats_no_password(
    project: Project, addresses: list[str], capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    with suppress(SystemExit):
        assert main(words) in {2, 3}
    out, err = capsys.readouterr()
    assert PUT in err
    assert [form for secret in ALL for form in forms(secret) if form in out + err] == []
