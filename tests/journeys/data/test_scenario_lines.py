"""Where something stands in a TOML file is found, however it is written."""

from __future__ import annotations

import pytest

from journeys.data.lines import find_lines, line_of

DOCUMENT = '''\
# A comment with [[people]] in it.
version = 2
about = """
[[people]]
id = "nobody"
"""

[[people]]
id = "ada"  # [not a table]
picture = { size = [1, 2] }
"a quoted key" = 1
tags = [
  "[posts]",
  "two",
]

[[posts]]
by = 'ada'

  [[people]]
  id = "bob"
  home.city = "Berlin"

  [people.work]
  place = "x = y"

[[people.pets]]
name = "Tom"

[[people.pets]]
name = "Jerry"
'''


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("version",), 2),
        (("about",), 3),
        (("people",), 8),
        (("people", 0, "id"), 9),
        (("people", 0, "picture"), 10),
        (("people", 0, "a quoted key"), 11),
        (("people", 0, "tags"), 12),
        (("posts", 0, "by"), 18),
        (("people", 1), 20),
        (("people", 1, "id"), 21),
        (("people", 1, "home", "city"), 22),
        (("people", 1, "work", "place"), 25),
        (("people", 1, "pets", 1, "name"), 31),
    ],
)
def test_each_key_is_on_its_line(place: tuple[str | int, ...], line: int) -> None:
    assert find_lines(DOCUMENT)[place] == line


@pytest.mark.parametrize(
    ("place", "line"),
    [
        (("people", 0, "picture", "size", 1), 10),
        (("people", 0, "tags", 1), 12),
        (("people", 1, "name"), 20),
        ((), 1),
    ],
)
def test_what_has_no_line_of_its_own_is_where_the_place_around_it_is(
    place: tuple[str | int, ...], line: int
) -> None:
    assert line_of(place, find_lines(DOCUMENT)) == line
