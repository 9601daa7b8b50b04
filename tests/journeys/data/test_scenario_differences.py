"""What differs between two scenarios is said record by record."""

from __future__ import annotations

from typing import TYPE_CHECKING

from journeys.data import DataFormat, describe_differences, read_scenario

if TYPE_CHECKING:
    from tests.journeys.data.conftest import Write

ONE = """
version = 2
[[notes]]
id = "a"
text = "Hello"
[[notes]]
id = "b"
text = "Bye"
"""
OTHER = """
version = 2
[[notes]]
id = "c"
text = "New"
[[notes]]
id = "a"
text = "Hello you"
colour = "blue"
"""


def test_records_are_the_same_by_their_ids(write: Write, form: DataFormat) -> None:
    one, other = (read_scenario(write(text), form).content for text in (ONE, OTHER))
    assert list(describe_differences(one, other)) == [
        "notes: b is gone",
        "notes: a: text 'Hello' is 'Hello you' now",
        "notes: a: colour 'red' is 'blue' now",
        "notes: c is new",
    ]


def test_what_is_the_same_is_not_said(write: Write, form: DataFormat) -> None:
    one = read_scenario(write(ONE), form).content
    moved = read_scenario(write(ONE.replace("# ", "")), form).content
    assert list(describe_differences(one, moved)) == []
