"""Scenarios go from version to version and back, with their comments; older ones still load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from journeys.data import DataFormat, InvalidScenario, migrate, read_scenario, read_source

if TYPE_CHECKING:
    from tests.journeys.data.conftest import Write

OLD = """\
# Notes of all colours.
version = 1  # for now

[[notes]]
id = "grass"
text = "It grows."  # in spring
colour = 1

# Nobody said which colour.
[[notes]]
id = "plain"
text = 'As it is'
"""
NEW = OLD.replace("version = 1", "version = 2").replace("colour = 1", 'colour = "green"')


def test_an_older_version_is_rewritten_and_its_comments_stay(write: Write, form: DataFormat) -> None:
    assert migrate(read_source(write(OLD), 2), form, 2) == NEW


def test_a_newer_version_goes_back_to_what_it_was(write: Write, form: DataFormat) -> None:
    assert migrate(read_source(write(NEW), 2), form, 1) == OLD


def test_a_file_of_an_older_version_loads_as_it_is(write: Write, form: DataFormat) -> None:
    old = read_scenario(write(OLD), form)
    assert old.version == 1
    assert old.content == read_scenario(write(NEW), form).content


def test_what_an_older_version_has_no_words_for_is_refused_with_its_line(
    write: Write, form: DataFormat
) -> None:
    file = write(NEW.replace('"green"', '"clear"'))
    with pytest.raises(InvalidScenario) as refused:
        migrate(read_source(file, 2), form, 1)
    why = "version 1 can't say this: no number is clear; change it, or keep version 2"
    assert str(refused.value) == f"{file}:7: notes[0].colour: {why}"


def test_the_version_that_it_has_already_changes_nothing(write: Write, form: DataFormat) -> None:
    assert migrate(read_source(write(NEW), 2), form, 2) == NEW
