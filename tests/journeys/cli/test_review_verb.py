"""`journeys review` as a shell calls it: what it prints, serves, writes, and ends with."""

from __future__ import annotations

import json
import re
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from subprocess import Popen

import httpx
import pytest

from tests.journeys.cli.command import finish, start
from tests.journeys.review.results_folder import Screen, moved_button, new_text, write_results


@pytest.fixture
def project(tmp_path: Path) -> Path:
    write_results(
        tmp_path, [moved_button(), new_text(), Screen("same", moved_button().after, moved_button().after)]
    )
    return tmp_path


def decisions(project: Path, *verdicts: tuple[Screen, str]) -> Path:
    file = project / "downloaded.json"
    listed = [{"id": each.key.id, "verdict": verdict, "note": "so be it"} for each, verdict in verdicts]
    file.write_text(json.dumps({"format": 1, "decisions": listed}))
    return file


@contextmanager
def served(project: Path, *words: str) -> Iterator[tuple[Popen[str], str]]:
    """Start a review and give its process and the address that it prints."""
    with start("review", "--no-open", *words, folder=project) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline()
            found = re.fullmatch(r"2 screens differ: (http://127\.0\.0\.1:\d+/\?token=[\w-]{43})\n", line)
            assert found, (line, process.stderr and process.stderr.read())
            assert process.stdout.readline() == "Ctrl-C ends the review; what is decided is kept.\n"
            yield process, found[1]
        finally:
            process.kill()


def test_it_serves_whoever_has_the_token_until_ctrl_c(project: Path) -> None:
    with served(project) as (process, address):
        with httpx.Client(follow_redirects=True) as client:
            assert client.get(address.partition("?")[0]).status_code == 401
            assert "<title>Review</title>" in client.get(address).text
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    assert (process.returncode, err) == (130, "")
    assert out == "0 approved, 0 rejected, 2 undecided\n"


def test_a_port_that_is_taken_is_said(project: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        code, _, err = finish("review", "--port", str(port), folder=project)
    assert code == 2
    assert (
        err
        == f"journeys: error: port {port} can't be used (Address already in use): name another with --port\n"
    )


def test_it_writes_the_page_as_files(project: Path) -> None:
    code, out, err = finish("review", "--static", "page", folder=project)
    assert (code, out, err) == (0, "written: page/index.html\n", "")
    assert (project / "page" / "index.html").exists()


def test_decisions_of_a_file_are_applied(project: Path) -> None:
    decisions(project, (moved_button(), "approved"), (new_text(), "rejected"))
    code, out, err = finish("review", "apply", "downloaded.json", folder=project)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "approved  profile_is_complete/profile[web-chromium-1x][light].png: so be it",
        "rejected  profile_is_complete/settings[web-chromium-1x][light].png: so be it",
        "1 approved, 1 rejected, 0 undecided",
    ]
    path = moved_button().key.path
    written = project / "e2e/baselines" / path
    assert written.read_bytes() == (project / "test-results/screens/actual" / path).read_bytes()


def test_what_can_not_be_applied_is_a_line_and_exit_code_1(project: Path) -> None:
    decisions(project, (moved_button(), "approved"), (moved_button("gone"), "approved"))
    code, out, err = finish("review", "apply", "downloaded.json", folder=project)
    assert code == 1
    assert err == "journeys: there is no such screen in these results: reload the page\n"
    assert out.endswith("1 approved, 0 rejected, 1 undecided\n")


def test_it_leaves_a_reg_json_beside_the_results(project: Path) -> None:
    finish("review", "--static", "page", folder=project)
    document = json.loads((project / "test-results/screens/reg.json").read_text())
    assert (len(document["failedItems"]), len(document["passedItems"])) == (2, 1)


def test_where_nothing_differs_there_is_nothing_to_open(tmp_path: Path) -> None:
    same = moved_button().after
    write_results(tmp_path, [Screen("same", same, same)])
    code, out, err = finish("review", folder=tmp_path)
    assert (code, err) == (0, "")
    assert out == "all 1 screens look like their baselines: nothing to review\n"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--results", "nowhere"], "there is no folder nowhere: name the results with --results"),
        (["aply", "x.json"], "journeys review aply x.json: it is journeys review apply FILE"),
        (["apply"], "journeys review apply: it is journeys review apply FILE"),
        (["apply", "nowhere.json"], "nowhere.json can't be read (No such file or directory)"),
        (["apply", "x.json", "--static", "page"], "one at a time"),
        (["--port", "99999"], "99999 is no port"),
    ],
)
def test_a_wrong_command_line_is_one_line(project: Path, words: list[str], said: str) -> None:
    code, out, err = finish("review", *words, folder=project)
    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1
