"""The third opinion: what became of which node, in a line that a reviewer reads instead of red pixels."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flutter_bridge import Box, Node, Role, Tree
from journeys.snapshots.comparison import compare_trees
from tests.journeys.snapshots.drawn import node, tree

SAVE = node(Role.BUTTON, "Save", (120, 100, 60, 24))
NAME = node(Role.TEXT, "Ada Lovelace", (20, 40, 80, 10))
AVATAR = node(Role.IMAGE, "Avatar of Ada", (140, 30, 40, 40))


def told(after: Tree, before: Tree) -> list[str]:
    return [reason.sentence for reason in compare_trees(after, before).reasons]


def moved(one: Node, right: float = 0, down: float = 0) -> Node:
    box = replace(one.box, left=one.box.left + right, top=one.box.top + down)
    return replace(one, box=box, children=tuple(moved(child, right, down) for child in one.children))


def test_nothing_is_told_where_nothing_happened() -> None:
    assert told(tree(NAME, AVATAR, SAVE), tree(NAME, AVATAR, SAVE)) == []


@pytest.mark.parametrize(
    ("right", "down", "way"),
    [(0, 8, "8 px down"), (0, -1, "1 px up"), (1, 0, "1 px right"), (-2.5, 4, "2.5 px left and 4 px down")],
)
def test_what_moved_is_told_with_its_name_and_how_far(right: float, down: float, way: str) -> None:
    assert told(tree(NAME, moved(SAVE, right, down)), tree(NAME, SAVE)) == [f"button “Save” moved {way}"]


def test_a_physical_pixel_of_a_fine_screen_is_a_move_and_less_is_not() -> None:
    assert told(tree(moved(SAVE, 1 / 3)), tree(SAVE)) == ["button “Save” moved 0.3 px right"]
    assert told(tree(moved(SAVE, 0.25)), tree(SAVE)) == []


def test_words_that_changed_are_quoted() -> None:
    after = tree(replace(NAME, label="Grace Hopper"), SAVE)
    assert told(after, tree(NAME, SAVE)) == ["text changed from “Ada Lovelace” to “Grace Hopper”"]
    assert told(tree(NAME, replace(SAVE, label="Send")), tree(NAME, SAVE)) == [
        "button: text changed from “Save” to “Send”"
    ]


def test_a_field_is_named_by_what_did_not_change() -> None:
    field = node(Role.TEXT_FIELD, "Name", (20, 60, 100, 20), value="Ada")
    assert told(tree(replace(field, value="Grace")), tree(field)) == [
        "field “Name”: text changed from “Ada” to “Grace”"
    ]


def test_long_words_are_cut_and_put_on_one_line() -> None:
    long = replace(NAME, label="A very long sentence\nthat nobody wants to read twice in a report")
    (line,) = told(tree(long), tree(NAME))
    assert line == "text changed from “Ada Lovelace” to “A very long sentence that nobody wants…”"


def test_growing_with_its_words_is_not_told_again() -> None:
    longer = replace(NAME, label="Ada King", box=replace(NAME.box, width=60))
    card = node(Role.GROUP, "", (10, 30, 100, 30), identifier="card", children=(NAME,))
    grown = replace(card, box=replace(card.box, width=80), children=(longer,))
    assert told(tree(grown), tree(card)) == ["text changed from “Ada Lovelace” to “Ada King”"]


def test_a_size_of_its_own_is_told() -> None:
    wider = replace(SAVE, box=replace(SAVE.box, width=68, height=20))
    assert told(tree(wider), tree(SAVE)) == ["button “Save” is 8 px wider and 4 px lower"]


def test_what_reaches_over_the_edge_of_the_screen_did_not_shrink() -> None:
    across = node(Role.TEXT, "Terms", (20, 140, 100, 20))
    pushed = replace(across, box=Box(20, 148, 100, 12))
    assert told(tree(pushed), tree(across)) == ["text “Terms” moved 8 px down"]


def test_what_is_new_and_what_is_missing_is_told_once_with_all_in_it() -> None:
    card = node(Role.BUTTON, "Post of Ada", (10, 30, 120, 60), children=(NAME, AVATAR))
    assert told(tree(SAVE), tree(card, SAVE)) == ["missing: button “Post of Ada”"]
    assert told(tree(card, SAVE), tree(SAVE)) == ["new: button “Post of Ada”"]


def test_of_a_container_without_a_name_its_parts_are_told() -> None:
    card = node(Role.GROUP, "", (10, 30, 120, 60), children=(NAME, AVATAR))
    assert told(tree(SAVE), tree(card, SAVE)) == [
        "missing: text “Ada Lovelace”",
        "missing: image “Avatar of Ada”",
    ]


@pytest.mark.parametrize(
    ("before", "after", "line"),
    [
        (SAVE, replace(SAVE, enabled=False), "button “Save” is disabled now"),
        (SAVE, replace(SAVE, focused=True), "button “Save” has the focus now"),
        (replace(SAVE, selected=True), SAVE, "button “Save” is no longer selected"),
        (
            node(Role.SWITCH, "Sounds", (0, 0, 9, 9), checked=True),
            node(Role.SWITCH, "Sounds", (0, 0, 9, 9), checked=False),
            "switch “Sounds” is off now",
        ),
    ],
)
def test_a_state_is_told(before: Node, after: Node, line: str) -> None:
    assert told(tree(after), tree(before)) == [line]


def test_what_moved_along_with_its_holder_is_not_told() -> None:
    card = node(Role.BUTTON, "Post of Ada", (10, 30, 120, 60), children=(NAME, AVATAR))
    assert told(tree(moved(card, 0, 6)), tree(card)) == ["button “Post of Ada” moved 6 px down"]
    inner = replace(card, children=(NAME, moved(AVATAR, 0, 6)))
    assert told(tree(inner), tree(card)) == ["image “Avatar of Ada” moved 6 px down"]


def rows(count: int, start: float = 40) -> list[Node]:
    return [node(Role.TEXT, f"Row {number}", (20, start + 12 * number, 80, 10)) for number in range(count)]


TITLE = node(Role.HEADING, "Feed", (0, 0, 200, 20))
BAR = node(Role.BUTTON, "Home", (0, 140, 200, 20))


def test_all_that_moved_together_is_told_in_one_line() -> None:
    shifted = [moved(row, 0, 12) for row in rows(5)]
    assert told(tree(TITLE, *shifted), tree(TITLE, *rows(5))) == ["everything below 40 px moved 12 px down"]


def test_a_bar_that_stayed_at_the_bottom_bounds_it() -> None:
    shifted = [moved(row, 0, 12) for row in rows(5)]
    assert told(tree(TITLE, *shifted, BAR), tree(TITLE, *rows(5), BAR)) == [
        "everything between 40 px and 98 px moved 12 px down"
    ]


def test_it_is_not_everything_where_something_in_between_stayed() -> None:
    shifted = [moved(row, 0, 12) for row in rows(5)]
    shifted[2] = rows(5)[2]
    assert told(tree(TITLE, *shifted), tree(TITLE, *rows(5))) == [
        "4 parts moved 12 px down: text “Row 0”, text “Row 1”, …"
    ]


def test_a_new_row_explains_what_it_pushed_down_and_off_the_screen() -> None:
    last = node(Role.TEXT, "Last", (20, 150, 80, 10))
    banner = node(Role.TEXT, "We are hiring", (20, 40, 80, 12))
    after = tree(TITLE, banner, *[moved(row, 0, 14) for row in rows(5)])
    assert told(after, tree(TITLE, *rows(5), last)) == [
        "new: text “We are hiring”",
        "everything below 40 px moved 14 px down",
    ]


def test_of_many_alike_each_is_known_by_what_is_around_it() -> None:
    def post(author: str, top: float) -> Node:
        like = node(Role.BUTTON, "Like", (150, top, 20, 10))
        return node(
            Role.GROUP, "", (10, top, 180, 20), children=(node(Role.TEXT, author, (20, top, 80, 10)), like)
        )

    before = tree(TITLE, post("Ada", 40), post("Grace", 64), post("Alan", 88))
    after = tree(TITLE, post("Mary", 40), post("Ada", 64), post("Grace", 88), post("Alan", 112))
    assert told(after, before) == [
        "new: text “Mary”",
        "new: button “Like”",
        "everything below 40 px moved 24 px down",
    ]


def test_a_node_that_went_into_another_holder_is_the_same_node() -> None:
    box = (10.0, 90.0, 180.0, 50.0)
    before = tree(node(Role.GROUP, "", box, identifier="form"), SAVE)
    after = tree(node(Role.GROUP, "", box, identifier="form", children=(moved(SAVE, 0, 4),)))
    assert told(after, before) == ["button “Save” moved 4 px down"]


def test_an_identifier_tells_a_node_though_its_words_and_place_are_others() -> None:
    before = tree(
        node(Role.TEXT, "12", (10, 10, 20, 10), identifier="likes"), node(Role.TEXT, "x", (90, 90, 9, 9))
    )
    after = tree(
        node(Role.TEXT, "x", (90, 90, 9, 9)), node(Role.TEXT, "13", (10, 60, 20, 10), identifier="likes")
    )
    assert told(after, before) == [
        "text changed from “12” to “13”",
        "text “13” moved 50 px down",
    ]


def test_what_cannot_be_seen_is_not_spoken_of() -> None:
    hidden = replace(NAME, visible=False)
    assert told(tree(SAVE, replace(hidden, label="Grace")), tree(SAVE, hidden)) == []
    assert told(tree(SAVE), tree(SAVE, hidden)) == []


def test_thousands_of_nodes_are_no_trouble() -> None:
    many = [node(Role.TEXT, f"Row {number % 7}", (0, number, 10, 1)) for number in range(3000)]
    after = tree(*many[:-1], size=(200, 4000))
    lines = told(after, tree(*many, size=(200, 4000)))
    assert any(line.startswith("missing: text “Row") for line in lines)
