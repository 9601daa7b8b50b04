"""An output folder is never one that holds what is read, nor a repository's, nor a file."""

from __future__ import annotations

from pathlib import Path

import pytest

from journeys.errors import UsageError
from journeys.output import resolve_output


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a project beside another one, work in it, and have a home of its own."""
    project = tmp_path / "work" / "clone"
    for folder in (project / "tests", project / ".git" / "objects", tmp_path / "work" / "sibling" / ".git"):
        folder.mkdir(parents=True)
    (project / "tests" / "test_it.py").touch()
    (project / "up").symlink_to("..")
    (project / "mine").symlink_to("tests")
    (project / "round").symlink_to("round")
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.chdir(project)
    return project


@pytest.mark.parametrize(
    "named",
    [
        *("", ".", "..", "../..", "/", "tests/..", "../clone", "up", "up/clone", "tests/../../clone/.", "~"),
        *("tests", "mine", "./tests/", "mine/.", "../clone/tests"),
        *(".git", ".git/objects", ".git/new", "../sibling", "up/sibling", "../sibling/.git"),
        *("tests/test_it.py", "tests/test_it.py/results", "/dev/null", "round", "round/x", "nul\0"),
    ],
)
def test_a_folder_that_holds_something_else_is_refused(project: Path, named: str) -> None:
    with pytest.raises(UsageError, match=r"^--output .*: name (another|a folder)") as refused:
        resolve_output(named, sources=[project, project / "tests"])
    assert "\n" not in str(refused.value)


def test_the_home_is_no_output_folder_and_neither_is_what_holds_it(project: Path) -> None:
    for named in (Path.home(), Path.home().parent):
        with pytest.raises(UsageError, match="holds"):
            resolve_output(named)
    assert resolve_output(Path.home() / "results") == Path.home() / "results"


def test_a_folder_of_its_own_is_found_where_links_lead(project: Path) -> None:
    for named in ("results", "tests/results", "up/clone/results", "mine/../results", "../results"):
        assert resolve_output(named, sources=[project, project / "tests"]) == (project / named).resolve()
