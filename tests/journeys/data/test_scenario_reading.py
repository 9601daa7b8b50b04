"""A scenario that can't be used says on which line, why, and what to do."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from journeys.data import DataFormat, InvalidScenario, read_scenario

if TYPE_CHECKING:
    from tests.journeys.data.conftest import Write

SOUND = 'version = 2\n\n[[notes]]\nid = "a"\ntext = "Hello"\n'


def test_a_sound_one_is_its_content(write: Write, form: DataFormat) -> None:
    scenario = read_scenario(write(SOUND), form)
    assert (scenario.name, scenario.version) == ("notes", 2)
    assert [(note.id, note.text, note.colour) for note in scenario.content.notes] == [("a", "Hello", "red")]


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        ('version = 2\n[[notes]]\nid = "a"\ntext = \n', 4, "can't be read as TOML: Invalid value"),
        ("version = 2\nnotes = [\n\n", 2, "can't be read as TOML: Invalid value; correct that"),
        ("version = 2\nabout = 'a\n", 2, "can't be read as TOML: "),
        ("notes = []\n", 1, "has no version: write version = 2 above everything else"),
        ("# Notes\nversion = 3\n", 2, "version: 3 is newer than 2, the newest known here: update"),
        ("version = 0\n", 1, "version: 0 is no version: it is a whole number from 1 to 2"),
        ("version = true\n", 1, "version: True is no version"),
        ('version = "2"\n', 1, "version: '2' is no version"),
        (
            SOUND.replace('text = "Hello"', "text = 5"),
            5,
            "notes[0].text: expected text, found a whole number",
        ),
        (SOUND.replace('text = "Hello"', ""), 3, "notes[0]: has no text: write it down"),
        (SOUND + 'color = "red"\n', 6, "notes[0].color: is no field here, did you mean colour?"),
        (SOUND + 'colour = "pink"\n', 6, "notes[0].colour: invalid enum value 'pink'"),
        (SOUND + 'tags = ["a", 1]\n', 6, "notes[0].tags[1]: expected text, found a whole number"),
        (SOUND + '[[notices]]\nid = "b"\n', 6, "notices: is no field here, did you mean notes?"),
        (SOUND.replace("Hello", "Hello?"), 5, "notes[0].text: asks something: make it a statement"),
        (
            "version = 1\n[[notes]]\nid = 'a'\ntext = 'b'\ncolour = 7\n",
            1,
            "is no sound version 1 (IndexError",
        ),
        ("version = 1\nnotes = 5\n", 1, "is no sound version 1 (TypeError"),
    ],
    ids=lambda value: value if isinstance(value, str) and "\n" not in value else "",
)
def test_a_wrong_one_names_line_and_reason(
    write: Write, form: DataFormat, text: str, line: int, says: str
) -> None:
    file = write(text)
    with pytest.raises(InvalidScenario) as refused:
        read_scenario(file, form)
    (problem,) = refused.value.problems
    assert problem.startswith(f"{file}:{line}: ")
    assert says in problem
    assert "\n" not in problem


def test_all_that_breaks_a_rule_is_said_at_once_in_the_files_order(write: Write, form: DataFormat) -> None:
    more = "".join(f'[[notes]]\nid = "{each}"\ntext = "Why?"\n' for each in "bcd")
    with pytest.raises(InvalidScenario, match=r":8: .* \(and 2 more\)$") as refused:
        read_scenario(write(SOUND + more), form)
    assert [problem.split(":")[1] for problem in refused.value.problems] == ["8", "11", "14"]


def test_a_file_that_is_not_there_or_no_text_is_one_line(tmp_path: Path, form: DataFormat) -> None:
    (tmp_path / "picture.toml").write_bytes(b"version = 2\n\xff\xfe\x00")
    for name, says in (("nothing.toml", "No such file"), ("picture.toml", r"picture.toml:2: .*no UTF-8")):
        with pytest.raises(InvalidScenario, match=says):
            read_scenario(tmp_path / name, form)
