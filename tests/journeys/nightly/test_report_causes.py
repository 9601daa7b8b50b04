"""What went wrong in a night, grouped by its cause."""

from __future__ import annotations

import pytest

from journeys.nightly.record import CellRecord
from journeys.nightly.report.causes import Group, groups_of, names_in
from tests.journeys.nightly.sample_nights import cell, night, screen, surface, target


def grouped(*cells: CellRecord) -> list[Group]:
    return groups_of(cells, names=names_in(night(*cells)))


def titles(*cells: CellRecord) -> list[str]:
    return [group.title for group in grouped(*cells)]


def test_the_same_fault_of_the_same_surface_is_one_cause_on_all_targets() -> None:
    (group,) = grouped(
        cell("failed", on="web", surfaces=[surface()], error="bob's feed never showed it within 10 s"),
        cell("failed", on="pixel", of="another", surfaces=[surface()], error="carol's feed never showed it"),
    )
    assert group.title == "The feed never showed the change"
    assert dict(group.castings()) == {"web": 1, "pixel": 1}
    assert dict(group.journeys()) == {"another": 1, "new_avatar_reaches_every_surface": 1}


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (None, "The header showed the change too late"),
        ("reverted", "The header showed the change and went back to the old look"),
        ("alternated", "The header flickered between the old look and the new one"),
        ("yet unknown", "The header: yet unknown"),
        ("{0.__class__}", "The header: {0.__class__}"),
    ],
)
def test_another_fault_is_another_cause_in_words(fault: str | None, expected: str) -> None:
    failed = cell("failed", surfaces=[surface(fault=fault, on="header")])
    assert titles(failed, cell("failed", on="pixel", surfaces=[surface(on="header")])) == sorted(
        [expected, "The header never showed the change"]
    )


def test_surfaces_that_passed_explain_nothing() -> None:
    fine = surface("passed", None, on="header")
    assert titles(cell("failed", surfaces=[fine, surface()])) == ["The feed never showed the change"]


def test_the_cause_that_explains_most_cells_takes_them_and_tells_of_the_others() -> None:
    both = [surface(on="header"), surface(on="feed")]
    (group,) = grouped(
        cell("failed", on="web", surfaces=both),
        cell("failed", on="pixel", surfaces=[surface(on="feed")]),
    )
    assert (group.title, len(group.cells)) == ("The feed never showed the change", 2)
    assert list(group.also) == [("The header never showed the change", 1)]


def test_a_cell_is_in_one_group_only() -> None:
    cells = [
        cell("failed", on=f"t{number}", surfaces=[surface(on=name) for name in names])
        for number, names in enumerate((("a", "b"), ("b", "c"), ("c", "d"), ("d",), ("a", "d")))
    ]
    found = [each["casting"] for group in grouped(*cells) for each in group.cells]
    assert sorted(found) == [each["casting"] for each in cells]


def test_the_same_change_of_the_same_screen_is_one_cause_whatever_the_pixels() -> None:
    moved = "button “Save” moved {} px down"
    (group,) = grouped(
        cell("failed", on="web", screens=[screen(moved.format(8))]),
        cell(
            "failed",
            on="pixel",
            screens=[screen(moved.format(21) + " (the baseline was drawn by a, this by b)")],
        ),
    )
    assert group.title == "Screen profile: button “Save” moved … px down"
    assert titles(
        cell("failed", on="web", screens=[screen(moved.format(8))]),
        cell("failed", on="pixel", screens=[screen(moved.format(8), name="feed")]),
        cell("failed", on="tablet", screens=[screen("", name="feed", status="new")]),
    ) == [
        "Screen feed has no baseline yet",
        "Screen feed: button “Save” moved 8 px down",
        "Screen profile: button “Save” moved 8 px down",
    ]


def test_errors_that_differ_by_names_places_and_numbers_are_one_cause() -> None:
    line = "Appium at {} opened no session: {} ({}) went away after {} s; log: {}"
    (group,) = grouped(
        cell(
            "error",
            on="pixel",
            error=line.format("http://127.0.0.1:47", "pixel", "0a1b2c3d4e", 3, "/a/b.log"),
        ),
        cell(
            "error",
            on="s25",
            error=line.format("https://farm.example/wd", "s25", "00ff00ff11", 9.5, "x/y/z.log"),
        ),
    )
    assert group.title == "Appium at … opened no session: … (…) went away after … s; log: …"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("socket hang up", "no space left on device"),
        ("the browser ended", "the backend ended"),
        ("app_id is unknown", "apk_id is unknown"),
    ],
)
def test_errors_that_say_something_else_are_other_causes(one: str, other: str) -> None:
    assert len(titles(cell("error", error=one), cell("error", on="pixel", error=other))) == 2


def test_an_error_that_is_the_same_everywhere_is_told_as_it_was() -> None:
    error_text = "the driver's server stopped after 3 s\nsee the log"
    assert titles(cell("error", error=error_text), cell("error", on="pixel", error=error_text)) == [
        "The driver's server stopped after 3 s"
    ]


def test_what_spoiled_a_try_counts_and_not_what_was_measured_before_it() -> None:
    spoiled = cell("error", error="socket hang up", surfaces=[surface("passed", None)])
    assert titles(spoiled) == ["Socket hang up"]
    assert titles(cell("error", error="")) == ["Nothing was said about why"]


def test_findings_come_before_trouble_with_machines_and_larger_ones_first() -> None:
    found = grouped(
        *(cell("error", on=f"t{number}", error="socket hang up") for number in range(5)),
        cell("failed", screens=[screen("moved")]),
        cell("failed", on="pixel", surfaces=[surface(on="header")]),
        *(cell("failed", on=f"u{number}", surfaces=[surface()]) for number in range(2)),
    )
    assert [(group.cause, len(group.cells)) for group in found] == [
        ("verdict", 2),
        ("verdict", 1),
        ("screen", 1),
        ("infrastructure", 5),
    ]


def test_what_matters_most_comes_first_however_few_cells_it_has() -> None:
    found = grouped(
        cell("error", of="nameless", priority="", error="no word"),
        *(cell("error", on=f"t{number}", priority="P2", error="socket hang up") for number in range(5)),
        *(cell("failed", on=f"u{number}", priority="P1", surfaces=[surface()]) for number in range(3)),
        cell("failed", priority="P1", surfaces=[surface(on="header")]),
        cell("error", on="pixel", priority="P2", error="no device"),
        cell("error", error="no device"),
    )
    assert [(group.priority, len(group.cells)) for group in found] == [
        ("P0", 2),
        ("P1", 3),
        ("P1", 1),
        ("P2", 5),
        ("", 1),
    ]


def test_a_cause_has_the_same_address_every_night() -> None:
    first, later = (grouped(cell("failed", on=name, surfaces=[surface()]))[0].id for name in ("a", "b"))
    assert first == later
    assert first != grouped(cell("failed", surfaces=[surface(on="header")]))[0].id


def test_names_of_devices_are_nothing_to_tell_causes_apart_by() -> None:
    cells = [
        cell("error", on=name, error=f"{device} is offline")
        for name, device in (("a", "R5CT"), ("b", "ZY22"))
    ]
    targets = [target("a", devices=["R5CT"]), target("b", devices=["ZY22"])]
    found = groups_of(cells, names=names_in(night(*cells, targets=targets)))
    assert [group.title for group in found] == ["… is offline"]
