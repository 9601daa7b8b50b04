from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge import Box, Node, Role, Tree

sizes = st.integers(0, 500)
boxes = st.builds(Box, st.integers(-500, 500), st.integers(-500, 500), sizes, sizes)


@given(boxes, boxes)
def test_an_intersection_is_in_both_and_the_same_either_way(a: Box, b: Box) -> None:
    both = a.intersection(b)
    assert both == b.intersection(a)
    if not both.is_empty:
        for box in (a, b):
            assert box.left <= both.left <= both.right <= box.right
            assert box.top <= both.top <= both.bottom <= box.bottom


@given(boxes, boxes, st.integers(-500, 1000), st.integers(-500, 1000))
def test_a_point_is_in_the_intersection_if_it_is_in_both(a: Box, b: Box, x: int, y: int) -> None:
    def inside(box: Box) -> bool:
        return box.left <= x < box.right and box.top <= y < box.bottom

    assert inside(a.intersection(b)) == (inside(a) and inside(b))


@given(boxes)
def test_a_box_is_its_own_intersection(box: Box) -> None:
    assert box.intersection(box) == box


@pytest.mark.parametrize("box", [Box(0, 0, 0, 10), Box(0, 0, 10, 0), Box(0, 0, -1, 10)])
def test_a_box_without_area_shows_nothing(box: Box) -> None:
    assert box.is_empty


def test_the_tree_is_read_in_reading_order() -> None:
    tree = Tree(
        Node(ref="0", children=(Node(ref="1", children=(Node(ref="2"),)), Node(ref="3"))), Box(0, 0, 1, 1)
    )
    assert [node.ref for node in tree] == ["0", "1", "2", "3"]


BOX = Box(10, 10, 100, 40)
BUTTON = Node(role=Role.BUTTON, label="Save", box=BOX, ref="button")


def test_an_identifier_around_a_button_is_the_buttons() -> None:
    folded = Node(identifier="save", box=Box(0, 0, 200, 60), children=(BUTTON,), ref="wrapper").fold()
    assert (folded.role, folded.identifier, folded.label) == (Role.BUTTON, "save", "Save")
    assert (folded.box, folded.ref, folded.is_folded) == (BOX, "button", True)


def test_a_tooltip_around_an_icon_button_is_its_label() -> None:
    icon = Node(role=Role.BUTTON, box=BOX)
    folded = Node(identifier="star", children=(Node(label="Star it", box=BOX, children=(icon,)),)).fold()
    assert (folded.role, folded.identifier, folded.label) == (Role.BUTTON, "star", "Star it")


def test_a_disabled_wrapper_disables_what_it_wraps() -> None:
    assert not Node(identifier="save", enabled=False, children=(BUTTON,)).fold().enabled


def test_a_wrapper_that_says_nothing_goes() -> None:
    assert Node(children=(Node(children=(BUTTON,)),)).fold().ref == "button"


@pytest.mark.parametrize(
    "wrapper",
    [
        Node(identifier="form", children=(Node(identifier="save"),)),
        Node(label="Row", children=(BUTTON,)),
        Node(role=Role.SCROLLABLE, children=(BUTTON,)),
        Node(identifier="both", children=(BUTTON, Node(label="Other"))),
    ],
    ids=["two identifiers", "two labels", "a role", "two children"],
)
def test_what_says_something_of_its_own_stays(wrapper: Node) -> None:
    folded = wrapper.fold()
    assert len(folded.children) == len(wrapper.children)
    assert not folded.is_folded


def test_the_picture_drawn_in_a_labelled_picture_goes() -> None:
    drawn = Node(role=Role.IMAGE, box=BOX)
    folded = Node(role=Role.IMAGE, identifier="avatar", label="Avatar", box=BOX, children=(drawn,)).fold()
    assert (folded.label, folded.children) == ("Avatar", ())
