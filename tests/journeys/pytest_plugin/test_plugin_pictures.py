"""The pictures journeys upload: painted, or photographs from the configured folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

from journeys.pictures import Picture, PictureBook

if TYPE_CHECKING:
    from tests.journeys.pytest_plugin.conftest import Project, Run

SCRIPT = """
from pathlib import Path
from journeys import journey

def note(pictures):
    with open("handed-out", "a") as file:
        print(*(picture.name for picture in pictures.take(3)), file=file)

@journey("One")
async def one(pictures): note(pictures)

@journey("Two")
async def two(pictures): note(pictures)

@journey("None")
async def none(): ...
"""

PYTEST = """
[tool.pytest.ini_options]
asyncio_default_fixture_loop_scope = "function"
addopts = ["-p", "no:randomly", "-p", "no:hypothesispytest"]
"""

Configured = Callable[[str], None]


@pytest.fixture
def configured(here: Project, given: list[str], pytester: pytest.Pytester) -> Configured:
    """Make a project with journeys that ask for pictures, and something in its configuration."""

    def configure(text: str) -> None:
        pytester.makepyfile(test_it=SCRIPT)
        here.configure(f"[tool.journeys]\n{text}\n{PYTEST}")

    return configure


def test_journeys_get_the_folders_photographs_in_orders_of_their_own_and_then_painted_ones(
    configured: Configured, within: Run, given: list[str], here: Project, book: list[Picture]
) -> None:
    configured("pictures = 'faces'")
    (here.path / "faces").mkdir()
    names = {path.name for path in (picture.save(here.path / "faces") for picture in book[:2])}
    assert within(*given).ret == 0
    handed_out = [line.split() for line in (here.path / "handed-out").read_text().splitlines()]
    assert len(handed_out) == 2
    for first, second, third in handed_out:
        assert {first, second} == names
        assert third not in names
    assert within(*given).ret == 0
    again = [line.split() for line in (here.path / "handed-out").read_text().splitlines()]
    assert again == handed_out * 2


def test_without_a_folder_they_are_painted(
    configured: Configured, within: Run, given: list[str], here: Project
) -> None:
    configured("")
    assert within(*given).ret == 0
    for line in (here.path / "handed-out").read_text().splitlines():
        assert "." not in line


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (None, "faces: is no folder; give the path of one with pictures in it"),
        ([], "faces: none of its 0 files gives a picture; put some in"),
        (
            ["notes.txt"],
            "faces: none of its 1 files gives a picture, the first for this: notes.txt: this is no picture",
        ),
    ],
)
def test_a_folder_that_gives_no_picture_is_an_error_of_the_journeys_that_ask_for_pictures(
    configured: Configured,
    within: Run,
    given: list[str],
    here: Project,
    files: list[str] | None,
    why: str,
) -> None:
    configured("pictures = 'faces'")
    for name in files or ():
        (here.path / "faces").mkdir(exist_ok=True)
        (here.path / "faces" / name).write_text("hello")
    if files == []:
        (here.path / "faces").mkdir()
    assert within(*given).ret == 2
    assert here.statuses() == {"one": "error", "two": "error", "none": "passed"}
    for record in here.report()["journeys"][:2]:
        assert record["error"].startswith(f"tool.journeys.pictures: {here.path}")
        assert why in record["error"]
        assert "\n" not in record["error"]


def test_a_folder_s_photographs_are_read_by_journeys_that_ask_for_them_only(
    configured: Configured,
    within: Run,
    given: list[str],
    here: Project,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    configured("pictures = 'faces'")

    def refuse(name: str, data: bytes) -> Picture:
        raise AssertionError(f"{name} was read")

    (here.path / "faces").mkdir()
    PictureBook(1).fresh().save(here.path / "faces")
    monkeypatch.setattr(Picture, "from_bytes", refuse)
    assert within(*given, "-k", "none").ret == 0
