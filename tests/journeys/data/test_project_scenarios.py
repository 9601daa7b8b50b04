"""The scenarios of this project: sound, with everything odd in them, and with a schema that fits."""

from __future__ import annotations

import json
import unicodedata
from pathlib import Path

import jsonschema  # type: ignore[import-untyped]  # it ships no types
import pytest
import tomlkit

from journeys.data import InvalidScenario, read_scenario, write_schema
from journeys.profile.scenarios import FORMAT

ROOT = Path(__file__).parents[3]
DATA = ROOT / "e2e" / "data"
FILES = sorted(DATA.glob("*.toml"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_each_is_sound(file: Path) -> None:
    scenario = read_scenario(file, FORMAT)
    assert scenario.content.about


def test_the_schema_beside_them_is_that_of_the_code() -> None:
    written = (DATA / "scenario.schema.json").read_text(encoding="utf-8")
    assert written == write_schema(FORMAT), "journeys data schema --output e2e/data/scenario.schema.json"


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_the_schema_takes_those_of_the_newest_version_and_refuses_what_is_wrong(file: Path) -> None:
    schema = json.loads((DATA / "scenario.schema.json").read_text(encoding="utf-8"))
    document = tomlkit.parse(file.read_text(encoding="utf-8")).unwrap()
    if document["version"] == FORMAT.version:
        jsonschema.validate(document, schema)
    document["people"][0]["nmae"] = "Ada"
    with pytest.raises(jsonschema.ValidationError, match="nmae"):
        jsonschema.validate(document, schema)


def test_versions_are_all_there_so_that_older_ones_go_on_loading() -> None:
    assert {read_scenario(file, FORMAT).version for file in FILES} == set(range(1, FORMAT.version + 1))


def test_everything_odd_is_in_them() -> None:
    people = [person for file in FILES for person in read_scenario(file, FORMAT).content.people]
    posts = [post for file in FILES for post in read_scenario(file, FORMAT).content.posts]
    names = "".join(person.name for person in people)
    pictures = [person.picture for person in people if person.picture is not None]
    scripts = {unicodedata.name(letter, "?").split()[0] for letter in names}
    assert {"CJK", "HIRAGANA", "KATAKANA", "HANGUL", "ARABIC", "HEBREW", "DEVANAGARI", "COMBINING"} <= scripts
    assert "👩" in names
    assert max(len(person.name) for person in people) == 80
    assert any(not person.name.strip("\u200b") for person in people)
    assert any(person.picture is None for person in people)
    assert any(person.deleted for person in people)
    assert {picture.mode for picture in pictures} == {"RGB", "grey", "grey-16", "CMYK", "palette"}
    assert {picture.format for picture in pictures} == {"jpeg", "png", "webp", "gif"}
    assert any(picture.transparent for picture in pictures)
    assert any(picture.orientation > 4 for picture in pictures)
    assert max(width / height for width, height in (picture.size for picture in pictures)) > 20
    assert max(height / width for width, height in (picture.size for picture in pictures)) > 20
    assert sum(post.count for post in posts) >= 3000


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ('[[people]]\nid = "ada"\nname = "Ada again"', "'ada' is there already: give it another id"),
        ('[[people]]\nid = "Bob"\nname = "Bob"', "expected text matching regex"),
        ('[[people]]\nid = "bob"\nname = "  "', "is empty, which the backend refuses"),
        (f'[[people]]\nid = "bob"\nname = "{"x" * 81}"', "has 81 characters, of which the backend takes 80"),
        ('[[people]]\nid = "bob"\nname = "a\\u0007b"', "has control characters"),
        ('[[posts]]\nby = "eve"\ntext = "Hi"', "there is no 'eve' among the people: add them"),
        ('[[posts]]\nby = "ada"\ntext = "Hi"\ncount = 200_000', "expected a whole number <= 100000"),
        (
            '[[people]]\nid = "bob"\nname = "Bob"\npicture = { pattern = "tiles", size = [95, 512] }',
            "fewer than 96 pixels can't be recognised",
        ),
        (
            '[[people]]\nid = "bob"\nname = "Bob"\npicture = { pattern = "tiles", mode = "CMYK" }',
            "no png is CMYK: choose RGB or grey or grey-16 or palette",
        ),
    ],
    ids=lambda value: value if "\n" not in value else "",
)
def test_what_the_backend_would_refuse_is_refused_here(tmp_path: Path, line: str, says: str) -> None:
    file = tmp_path / "people.toml"
    file.write_text(f'version = 2\n[[people]]\nid = "ada"\nname = "Ada"\n\n{line}\n', encoding="utf-8")
    with pytest.raises(InvalidScenario, match=r"people\.toml:\d+: (people|posts)\[") as refused:
        read_scenario(file, FORMAT)
    assert says in str(refused.value)


def test_a_name_counts_as_the_backend_keeps_it(tmp_path: Path) -> None:
    """Composed, and with one space for several."""
    file = tmp_path / "people.toml"
    name = "e\u0301" * 79 + "     "
    file.write_text(f'version = 2\n[[people]]\nid = "ada"\nname = "{name}"\n', encoding="utf-8")
    read_scenario(file, FORMAT)
