"""The `journeys` command: its verbs, its one-line errors and its exit codes."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from journeys.cli import main
from tests.few_plugins import FEW_PLUGINS
from tests.journeys.cli.command import finish, start

Call = Callable[..., tuple[int, str, str]]

SERVERS = """
[tool.pytest.ini_options]
addopts = [FEW_PLUGINS]
filterwarnings = ["error"]
asyncio_default_fixture_loop_scope = "session"
asyncio_default_test_loop_scope = "session"
[tool.journeys]
paths = ["checks"]
[[tool.journeys.servers]]
name = "backend"
command = ["{python}", "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
sample = ["--directory", "."]
[[tool.journeys.servers]]
name = "app"
command = ["{python}", "-m", "http.server", "{port}", "--bind", "127.0.0.1"]
[[tool.journeys.sample_accounts]]
email = "ada@example.test"
password = "open sesame"
""".replace("FEW_PLUGINS", FEW_PLUGINS)
JOURNEYS = '''
from journeys.journey import journey

@journey("A basket reaches the till", priority="P1")
async def basket_reaches_the_till():
    """What is in it
    is what is paid."""

@journey("A coat fits", priority="P0", phase="tdd_red")
async def coat_fits():
    pass
'''
CHECKS = """
import os, signal, pytest

def test_good(): pass
def test_bad(): assert not "good"
def test_interrupted(): os.kill(os.getpid(), signal.SIGINT)
def test_terminated(): os.kill(os.getpid(), signal.SIGTERM)
def test_ended(): pytest.exit("no server is called 'x'", returncode=2)
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "pyproject.toml").write_text(SERVERS)
    (tmp_path / "checks").mkdir()
    (tmp_path / "checks" / "test_shop.py").write_text(JOURNEYS)
    (tmp_path / "checks" / "test_checks.py").write_text(CHECKS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def call(project: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command within this process."""

    def call(*words: str) -> tuple[int, str, str]:
        try:
            code = main(words)
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        said = capsys.readouterr()
        return code, said.out, said.err

    return call


def test_help_names_the_verbs_and_the_exit_codes(call: Call) -> None:
    code, out, _ = call("--help")
    assert code == 0
    verbs = [
        "run",
        "measure",
        "list",
        "chaos",
        "plan",
        "report",
        "data",
        "review",
        "load",
        "farm",
        "app",
        "browser",
    ]
    assert re.findall(r"^    (\w+) ", out, re.MULTILINE) == verbs
    assert re.findall(r"^  (\d+) ", out, re.MULTILINE) == ["0", "1", "2", "3", "130"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("lst", "there is no 'lst': did you mean list? (see journeys --help)"),
        ("frobnicate", "there is no 'frobnicate': see journeys --help"),
        (
            "run --headless",
            "unrecognized arguments: --headless: did you mean --headed? (see journeys run --help)",
        ),
        ("list --js", "unrecognized arguments: --js: did you mean --json? (see journeys list --help)"),
        (
            "farm run --max-sesions 3",
            (
                "unrecognized arguments: --max-sesions 3: did you mean --max-sessions?"
                " (see journeys farm run --help)"
            ),
        ),
        (
            "farm run --max-sesions=3",
            (
                "unrecognized arguments: --max-sesions=3: did you mean --max-sessions?"
                " (see journeys farm run --help)"
            ),
        ),
        ("farm merge x --zzz", "unrecognized arguments: --zzz (see journeys farm merge --help)"),
        ("farm --dry-run run", "unrecognized arguments: --dry-run (see journeys farm --help)"),
        ("--zzz list", "unrecognized arguments: --zzz (see journeys --help)"),
        (
            "list -- x",
            "only run, measure, chaos, plan and farm take words after --, not list (see journeys --help)",
        ),
        ("run --workers some", "argument --workers: invalid int value: 'some' (see journeys run --help)"),
        ("run --workers 0", "--workers 0: at least 1 is needed"),
        ("measure --repeat 0", "--repeat 0: a journey is run from 1 to 10000 times"),
        ("measure --repeat -1", "--repeat -1: a journey is run from 1 to 10000 times"),
        ("measure --repeat 10001", "--repeat 10001: a journey is run from 1 to 10000 times"),
        ("measure --repeat often", "argument --repeat: invalid int value: 'often' (see journeys measure"),
        ("measure --observers 0", "--observers 0: from 1 to 32 people can look on"),
        ("measure --observers 33", "--observers 33: from 1 to 32 people can look on"),
        ("measure --workers 2", "measure takes no --workers: journeys side by side slow what they measure"),
        ("measure --target wbe coat_fits", "unknown target 'wbe': did you mean web?"),
        ("run --target wbe", "unknown target 'wbe': did you mean web?"),
        (
            "run --app-url 127.0.0.1",
            "--app-url needs --backend-url: the app given talks to a backend of its own",
        ),
        ("run --backend-url 127.0.0.1", "--backend-url '127.0.0.1' is no address"),
        ("app --backend-url x", "--backend-url 'x' is no address"),
        (
            "app --backend-url http://127.0.0.1:1 --app-url http://127.0.0.1:2",
            "nothing to start: both the app and the backend are given",
        ),
    ],
)
def test_a_wrong_command_line_is_refused_in_one_line(call: Call, words: str, complaint: str) -> None:
    code, out, err = call(*words.split())
    assert err.startswith(f"journeys: error: {complaint}")
    assert err.count("\n") == 1
    assert (code, out) == (2, "")


def test_a_broken_configuration_is_refused_in_one_line(call: Call, project: Path) -> None:
    (project / "pyproject.toml").write_text("[tool.journeys]\ntargets = 1\n")
    for verb in ("run", "list", "app"):
        code, _, err = call(verb)
        assert code == 2
        assert err == (
            f"journeys: error: {project}/pyproject.toml: tool.journeys.targets:"
            " expected a list of strings, found 1\n"
        )


def test_an_address_nobody_answers_at_is_the_infrastructures_fault(call: Call) -> None:
    code, _, err = call("app", "--backend-url", "http://127.0.0.1:1")
    assert code == 3
    assert err == (
        "journeys: error: the backend at http://127.0.0.1:1 does not answer (connection refused):"
        " is it running, and is the address right?\n"
    )


def test_a_traceback_is_shown_on_request_only(call: Call) -> None:
    words = ("run", "--target", "wbe")
    assert "Traceback" not in call(*words)[2]
    assert "Traceback" in call(*words, "--debug")[2]


def test_journeys_are_listed_by_priority(project: Path) -> None:
    code, out, _ = finish("list", folder=project)
    assert code == 0
    assert out == textwrap.dedent("""\
        P0  coat_fits
            A coat fits

        P1  basket_reaches_the_till
            A basket reaches the till
            What is in it
            is what is paid.

        2 journeys; run one with: journeys run NAME
    """)


def test_journeys_of_a_folder_without_settings_are_listed(tmp_path: Path) -> None:
    (tmp_path / "test_shop.py").write_text(JOURNEYS)
    code, out, err = finish("list", "test_shop.py", folder=tmp_path)
    assert (code, err) == (0, "")
    assert out.endswith("2 journeys; run one with: journeys run NAME\n")


@pytest.mark.parametrize("verb", ["run", "list"])
def test_configured_paths_that_are_not_there_are_named_by_every_verb(tmp_path: Path, verb: str) -> None:
    (tmp_path / "test_shop.py").write_text(JOURNEYS)
    code, _, err = finish(verb, folder=tmp_path)
    assert code == 2
    assert err.endswith("e2e is not there: name what to run, or set [tool.journeys] paths\n")


def test_options_of_the_terminal_in_a_projects_settings_are_no_hindrance(project: Path) -> None:
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text().replace("addopts = [", 'addopts = ["-ra", "--color=yes", '))
    code, out, err = finish("list", folder=project)
    assert (code, err) == (0, "")
    assert out.endswith("2 journeys; run one with: journeys run NAME\n")


def test_an_option_that_pytest_refuses_is_named(project: Path) -> None:
    settings = project / "pyproject.toml"
    settings.write_text(settings.read_text().replace("addopts = [", 'addopts = ["--no-such", '))
    code, out, err = finish("list", folder=project)
    assert (code, out) == (2, "")
    assert err.endswith("checks: pytest.main(): error: unrecognized arguments: --no-such\n")


def test_journeys_are_listed_for_programs(project: Path) -> None:
    code, out, _ = finish("list", "--json", folder=project)
    assert code == 0
    assert json.loads(out)[0] == {
        "id": "coat_fits",
        "name": "A coat fits",
        "priority": "P0",
        "phase": "tdd_red",
        "kind": "normal",
        "seams": [],
        "module": "test_shop",
        "description": "",
    }


def test_journeys_that_can_not_be_imported_are_a_matter_of_setup(project: Path) -> None:
    (project / "checks" / "test_shop.py").write_text("import no_such_module")
    code, _, err = finish("list", folder=project)
    assert code == 2
    assert err == (
        "journeys: error: checks/test_shop.py can't be collected: ModuleNotFoundError: No module named"
        " 'no_such_module'\n"
    )


def test_an_unknown_journey_is_refused_with_the_nearest_one(project: Path) -> None:
    code, _, err = finish("run", "coat_fit", folder=project)
    assert (code, err) == (
        2,
        "journeys: error: no file and no journey is called 'coat_fit': did you mean coat_fits?\n",
    )


JOURNEY = """
from journeys import journey

@journey("A scarf is wound")
async def scarf_is_wound(): pass
"""


def test_a_journey_that_only_a_test_file_has_is_called_by_its_name_too(project: Path) -> None:
    (project / "checks" / "test_scarfs.py").write_text(JOURNEY)
    code, out, err = finish("run", "scarf_is_wound", folder=project)
    assert (code, err) == (0, "")
    assert "passed       P1  A scarf is wound" in out


OTHERWISE = """
import journeys
from journeys import journey as passes

@journeys.journey(
    "A hat is blown away"
)
async def hat_is_blown_away(): pass

@passes("A glove is found")
async def glove_is_found(): pass
"""


@pytest.mark.parametrize("name", ["hat_is_blown_away", "glove_is_found"])
def test_a_journey_is_called_by_its_name_however_its_decorator_is_written(project: Path, name: str) -> None:
    (project / "checks" / "test_otherwise.py").write_text(OTHERWISE)
    code, out, err = finish("run", name, folder=project)
    assert (code, err) == (0, "")
    assert "1 passed" in out


def test_workers_refuse_an_unknown_journey_as_one_process_does(project: Path) -> None:
    (project / "checks" / "test_scarfs.py").write_text(JOURNEY)
    code, _, err = finish("run", "scarf_is_wou", "--workers", "2", folder=project)
    assert (code, err) == (
        2,
        "journeys: error: no file and no journey is called 'scarf_is_wou': did you mean scarf_is_wound?\n",
    )


def test_words_for_pytest_ask_for_what_was_not_asked_for(project: Path) -> None:
    (project / "checks" / "test_scarfs.py").write_text(JOURNEY)
    words = ("run", "scarf_is_wound", "--", "--journey-repeat=2")
    code, out, err = finish(*words, folder=project)
    assert (code, err) == (0, "")
    assert "A scarf is wound run 2 of 2" in out
    assert (
        "--journey-repeat 0: a journey is run from 1"
        in finish(*words[:-1], "--journey-repeat=0", folder=project)[2]
    )


def test_a_nightly_job_s_journeys_are_called_by_their_names(project: Path) -> None:
    (project / "nights").mkdir()
    (project / "nights" / "test_scarfs.py").write_text(JOURNEY)
    (project / "nightly.toml").write_text(
        '[night]\ntargets = ["web"]\njourneys = ["nights"]\n[targets.web]\nplatform = "web"\n'
    )
    words = ("run", "--targets-file", "nightly.toml", "--target", "web")
    code, out, _ = finish(*words, "scarf_is_wound", folder=project)
    assert (code, "A scarf is wound" in out) == (0, True)
    code, _, err = finish(*words, "scarf_is_wou", folder=project)
    assert (code, err) == (
        2,
        "journeys: error: no file and no journey is called 'scarf_is_wou': did you mean scarf_is_wound?\n",
    )


@pytest.mark.parametrize(
    ("name", "expected"),
    [("good", 0), ("bad", 1), ("interrupted", 130), ("terminated", 143), ("ended", 2)],
)
def test_the_exit_code_says_how_it_went(project: Path, name: str, expected: int) -> None:
    code, _, err = finish("run", f"checks/test_checks.py::test_{name}", folder=project)
    assert (code, "Traceback" in err) == (expected, False)


def test_a_choice_that_leaves_nothing_is_an_error(project: Path) -> None:
    code, _, err = finish("run", "-k", "coats_fit", folder=project)
    assert code == 2
    assert err.endswith(
        "journeys: error: nothing to run: no journey matches -k 'coats_fit': did you mean coat_fits?\n"
    )


@pytest.mark.parametrize(("sent", "expected"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_the_app_is_there_until_it_is_ended(project: Path, sent: signal.Signals, expected: int) -> None:
    with start("app", folder=project) as process:
        assert process.stdout
        said = ""
        while "Ctrl-C ends them." not in said:
            line = process.stdout.readline()
            assert line, said
            said += line
        addresses = re.findall(r"^  (backend|app) +(http://127\.0\.0\.1:\d+)$", said, re.MULTILINE)
        assert [name for name, _ in addresses] == ["backend", "app"]
        assert "ada@example.test  open sesame" in said
        for _, address in addresses:
            assert httpx.get(address).status_code == 200
        process.send_signal(sent)
        _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (expected, "")
    for _, address in addresses:
        with pytest.raises(httpx.ConnectError):
            httpx.get(address)


def test_the_app_going_away_by_itself_is_said_so(project: Path) -> None:
    (project / "pyproject.toml").write_text(
        SERVERS.replace('"-m", "http.server", "{port}"', '"short.py", "{port}"', 1)
    )
    (project / "short.py").write_text(
        "import http.server as h, os, sys, threading\n"
        "threading.Timer(0.5, lambda: (print('out of paper'), os._exit(7))).start()\n"
        "h.HTTPServer(('127.0.0.1', int(sys.argv[1])), h.SimpleHTTPRequestHandler).serve_forever()\n"
    )
    code, _, err = finish("app", folder=project)
    assert code == 3
    assert re.fullmatch(r"journeys: error: server 'backend' ended by itself \(exit code 7\): .*\n", err)
    assert "out of paper" in err


def test_the_command_is_a_module_too(project: Path) -> None:
    command = [sys.executable, "-m", "journeys", "list", "--json"]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=True)  # noqa: S603 - our own words
    assert [each["id"] for each in json.loads(done.stdout)] == ["coat_fits", "basket_reaches_the_till"]
