"""`journeys data`: what it says and does, and its exit codes."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.cli import main

HERE = Path(__file__).parent
NOTES = 'version = 1\n\n[[notes]]\nid = "a"\ntext = "Hello"  # a word\ncolour = 2\n'

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Call the command in a project of its own, whose format is the tests'."""
    shutil.copy(HERE / "notes_format.py", tmp_path)
    (tmp_path / "pyproject.toml").write_text('[tool.journeys]\ndata = "notes_format:FORMAT"\n')
    (tmp_path / "e2e" / "data").mkdir(parents=True)
    (tmp_path / "e2e" / "data" / "notes.toml").write_text(NOTES)
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "notes_format", raising=False)

    def call_one(*words: str) -> tuple[int, str, str]:
        try:
            code = main(["data", *words])
        except SystemExit as ended:
            code = int(str(ended.code))
        said = capsys.readouterr()
        return code, said.out, said.err

    return call_one


def test_check_says_what_is_sound(call: Call) -> None:
    assert call("check") == (
        0,
        "e2e/data/notes.toml: sound, version 1 (journeys data migrate brings it up to date)\n",
        "",
    )


def test_check_says_every_problem_of_every_file(call: Call, tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / f"{name}.toml").write_text(NOTES.replace("Hello", "Hello?"))
    code, out, err = call("check", "one.toml", "two.toml", "e2e/data")
    assert (code, out.count("sound")) == (1, 1)
    asks = "notes[0].text: asks something: make it a statement"
    assert err.splitlines() == [f"one.toml:5: {asks}", f"two.toml:5: {asks}"]


def test_migrate_rewrites_files_and_goes_back(call: Call, tmp_path: Path) -> None:
    file = tmp_path / "e2e" / "data" / "notes.toml"
    assert call("migrate", "--dry-run") == (0, "e2e/data/notes.toml: would be version 2 now\n", "")
    assert file.read_text() == NOTES
    assert call("migrate") == (0, "e2e/data/notes.toml: is version 2 now\n", "")
    assert file.read_text() == NOTES.replace("version = 1", "version = 2").replace(
        "colour = 2", 'colour = "blue"'
    )
    assert call("migrate") == (0, "all are version 2 already\n", "")
    assert call("migrate", "--to", "1")[0] == 0
    assert file.read_text() == NOTES


def test_no_file_is_rewritten_where_one_can_not_be(call: Call, tmp_path: Path) -> None:
    (tmp_path / "e2e" / "data" / "other.toml").write_text("version = 7\n")
    code, _, err = call("migrate")
    assert (code, err) == (
        2,
        "journeys: error: e2e/data/other.toml:1: version: 7 is newer than 2, the newest known here: update\n",
    )
    assert (tmp_path / "e2e" / "data" / "notes.toml").read_text() == NOTES


def test_load_says_what_it_has_made(call: Call) -> None:
    url = "http://127.0.0.1:8000"
    for scenario in ("notes", "e2e/data/notes.toml"):
        assert call("load", scenario, "--url", url) == (0, f"notes: notes sent to {url}: 1\n", "")


def test_load_goes_to_another_machine_only_where_that_is_said(call: Call) -> None:
    url = "https://staging.example.com"
    code, out, err = call("load", "notes", "--url", url)
    assert (code, out) == (2, "")
    assert (
        err
        == f"journeys: error: --url {url} is another machine's: add --elsewhere if test data may go there\n"
    )
    assert call("load", "notes", "--url", url, "--elsewhere")[0] == 0


def test_diff_names_records(call: Call, tmp_path: Path) -> None:
    (tmp_path / "new.toml").write_text(NOTES.replace("Hello", "Bye"))
    said = "notes: a: text 'Hello' is 'Bye' now\n1 difference\n"
    assert call("diff", "e2e/data/notes.toml", "new.toml") == (1, said, "")
    assert call("diff", "new.toml", "new.toml") == (0, "no difference\n", "")


def test_schema_is_printed_or_written(call: Call, tmp_path: Path) -> None:
    code, out, _ = call("schema")
    assert code == 0
    assert json.loads(out)["title"] == "Scenario, version 2"
    assert call("schema", "--output", "schema.json")[0] == 0
    assert (tmp_path / "schema.json").read_text() == out


@pytest.mark.parametrize(
    ("configured", "says"),
    [
        ("", "tool.journeys.data: is missing: name your DataFormat there"),
        ('data = "nowhere:FORMAT"', "'nowhere:FORMAT' can't be had (No module named 'nowhere')"),
        ('data = "notes_format:FORM"', "can't be had"),
        ('data = "notes_format"', "can't be had"),
        ('data = "notes_format:COLOURS"', "is no DataFormat"),
    ],
)
def test_a_format_that_is_not_there_is_one_line(
    call: Call, tmp_path: Path, configured: str, says: str
) -> None:
    (tmp_path / "pyproject.toml").write_text(f"[tool.journeys]\n{configured}\n")
    code, _, err = call("check")
    assert code == 2
    assert says in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("check", "nothing.toml"), "nothing.toml: there is no such file or folder"),
        (("check", "empty"), "empty: holds no scenario, which is a file called NAME.toml"),
        (("load", "notes", "--url", "localhost:8000"), "is no address: write it like http://127.0.0.1:8000"),
        (("migrate", "--to", "3"), "--to 3: versions are 1 to 2"),
        ((), "required: COMMAND"),
    ],
)
def test_a_wrong_command_line_is_one_line(
    call: Call, tmp_path: Path, words: tuple[str, ...], says: str
) -> None:
    (tmp_path / "empty").mkdir()
    code, _, err = call(*words)
    assert code == 2
    assert says in err
