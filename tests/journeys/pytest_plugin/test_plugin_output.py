"""Sessions remove what sessions wrote: whatever `--output` names, nothing of anybody else's is lost."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run

PLAIN = "def test_plain(): ...\n"
PAGE = """
import pytest

@pytest.fixture
def browser_name(): ...

def test_page(browser_name, output_path):
    import pathlib
    pathlib.Path(output_path).mkdir(parents=True)
    pathlib.Path(output_path, "trace.zip").touch()
"""


def everything(folder: Path) -> set[str]:
    """What lies in a folder, but for what Python and pytest keep for themselves."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not {"__pycache__", ".pytest_cache"} & {path.name, *(each.name for each in path.parents)}
    }


@pytest.fixture
def around(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a project that has a neighbour, and return the folder they lie in."""
    work = pytester.mkdir("work")
    for each in ("clone/.git/objects", "clone/tests", "sibling/.git", "clone/docs"):
        (work / each).mkdir(parents=True)
        (work / each / "kept.txt").write_text("by heart")
    (work / "clone/link").symlink_to("../sibling")
    (work / "clone/up").symlink_to("..")
    (work / "home").mkdir()
    monkeypatch.setenv("HOME", str(work / "home"))
    monkeypatch.chdir(work / "clone")
    return work


@pytest.mark.parametrize(
    ("script", "more"), [("journey", []), ("plain", []), ("page", []), ("journey", ["-n", "1"])]
)
def test_nothing_of_others_is_lost_whatever_is_named(
    around: Path,
    pytester: pytest.Pytester,
    within: Run,
    given: list[str],
    three: str,
    script: str,
    more: list[str],
) -> None:
    module = {"journey": three, "plain": PLAIN, "page": PAGE}[script]
    (around / "clone/tests/test_it.py").write_text(module)
    (around / "clone/pyproject.toml").write_text(
        '[tool.pytest.ini_options]\nasyncio_default_fixture_loop_scope = "function"\n'
    )
    before = everything(around)
    names = ["..", "../clone", "tests/..", "tests", ".git", "~", "/", "link", "up", "up/clone/tests", "docs"]
    names = names if not more else ["..", "docs"]
    for name in names:
        options = [f"--output={Path(name).expanduser()}", *(given if script == "journey" else ())]
        result = within(*options, *more, "-p", "no:cacheprovider", "tests")
        assert result.ret == (pytest.ExitCode.OK if name == "docs" else pytest.ExitCode.USAGE_ERROR), name
        assert before <= everything(around), name
    # What was written was listed, and goes with the next session.
    within("--output=docs", *(given if script == "journey" else ()), "-p", "no:cacheprovider", "tests")
    assert before <= everything(around)


def test_a_session_clears_what_the_last_one_wrote(run: Run, here: Project, three: str) -> None:
    evidence = """
from journeys import journey

@journey("Leaves evidence")
async def leaves_evidence(output_path):
    import pathlib
    pathlib.Path(output_path).mkdir(parents=True)
    pathlib.Path(output_path, "frame.png").touch()
"""
    assert run("--journey-target=web", test_it=evidence).ret == 0
    results = here.path / "test-results"
    (results / "notes.txt").write_text("by heart")
    assert list(results.glob("*leaves-evidence*/frame.png"))
    # Unit tests, and what is only collected, leave it as it is.
    run("-k", "plain", test_plain=PLAIN)
    for looking in ("--collect-only", "--setup-plan", "--fixtures", "--fixtures-per-test"):
        assert run(looking, "--journey-target=web", test_it=evidence).ret == 0
    assert list(results.glob("*leaves-evidence*/frame.png"))
    run(test_it=three)
    written = {".journeys-results", "journeys.json", "report"}
    assert {path.name for path in results.iterdir()} == {*written, "notes.txt"}


@pytest.mark.parametrize("name", ["journeys.json", "junit.xml", "report"])
def test_a_file_of_others_in_the_place_of_a_report_is_refused_before_anything_runs(
    run: Run, here: Project, three: str, name: str
) -> None:
    file = here.path / "test-results" / name
    file.parent.mkdir()
    file.write_text("somebody's")
    result = run("--journey-target=web", test_it=three)
    assert result.ret in {2, pytest.ExitCode.USAGE_ERROR}
    said = result.stdout.str() + result.stderr.str()
    assert f"{name} is there and was written by no run: name another folder, or remove it" in said
    assert file.read_text() == "somebody's"
    assert not here.started()
    assert run("--journey-target=web", "--output=elsewhere").ret == 0


@pytest.mark.parametrize("spoil", ["file", "parent"])
def test_a_file_in_the_way_is_told_in_one_line(run: Run, here: Project, three: str, spoil: str) -> None:
    (here.path / "mine.txt").write_text("by heart")
    result = run(f"--output=mine.txt{'/results' * (spoil == 'parent')}", test_it=three)
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    (line,) = [line for line in result.errlines if line]
    assert line.endswith("/mine.txt is a file: name a folder")
    assert (here.path / "mine.txt").read_text() == "by heart"
