"""Where a node is touched that something lies over: on a device's tree, where boxes are all there is."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from flutter_bridge import Box, Node, Role, Tree
from flutter_bridge.occlusion import Cover, Point, aim, largest_free_part

SCREEN = Box(0, 0, 400, 800)
BUTTON = Node(role=Role.BUTTON, label="Save", box=Box(20, 480, 360, 60))

numbers = st.integers(0, 500)
boxes = st.builds(Box, numbers, numbers, st.integers(6, 500), st.integers(6, 500))


def on_screen(*nodes: Node) -> Tree:
    return Tree(Node(box=SCREEN, children=nodes), SCREEN)


def control(box: Box, **more: object) -> Node:
    return Node(**({"role": Role.BUTTON, "label": "Undo", "box": box} | more))  # type: ignore[arg-type]  # of any field


def is_in(point: Point, box: Box) -> bool:
    return box.left <= point[0] < box.right and box.top <= point[1] < box.bottom


def spot(found: Point | Cover) -> Point:
    assert not isinstance(found, Cover)
    return found


# -- whatever lies over a node


@given(boxes, st.lists(boxes, max_size=6))
def test_what_is_touched_is_the_nodes_and_not_covered(box: Box, covers: list[Box]) -> None:
    node = control(box)
    found = aim(on_screen(node, *map(control, covers)), node)
    if not isinstance(found, Cover):
        assert is_in(found, box)
        assert not any(is_in(found, cover) for cover in covers)


@given(boxes, st.lists(boxes, max_size=6), st.data())
def test_a_free_spot_for_a_finger_is_found(box: Box, covers: list[Box], data: st.DataObject) -> None:
    # Six pixels, or the twenty-first part of what is larger.
    width, height = max(6.0, box.width / 21) + 0.01, max(6.0, box.height / 21) + 0.01
    assume(width <= box.width and height <= box.height)
    left = box.left + data.draw(st.floats(0, box.width - width))
    top = box.top + data.draw(st.floats(0, box.height - height))
    free = Box(left, top, width, height)
    node = control(box)
    others = [control(cover) for cover in covers if cover.intersection(free).is_empty]
    spot(aim(on_screen(node, *others), node))


@given(boxes, st.lists(boxes, max_size=6))
def test_the_middle_is_touched_where_it_is_free(box: Box, covers: list[Box]) -> None:
    node = control(box)
    others = [control(cover) for cover in covers if not is_in(box.centre, cover)]
    assert aim(on_screen(node, *others), node) == box.centre


@given(boxes, st.lists(boxes, max_size=4))
def test_a_pane_is_cut_to_what_nothing_lies_over(pane: Box, covers: list[Box]) -> None:
    part = largest_free_part(pane, covers)
    assert part.intersection(pane) == part
    assert part == pane or all(part.intersection(cover).is_empty for cover in covers)


# -- what lies over it


HALF = Box(20, 505, 360, 300)
WHOLE = Box(0, 470, 400, 330)
DIFFERENT_COVERS = {
    "a button": (control(WHOLE), 'button "Undo"'),
    "what can be tapped, and says nothing": (
        control(WHOLE, role=Role.GENERIC, label="", is_tappable=True),
        "a text",
    ),
    "a snack bar": (
        Node(label="Deleted", box=WHOLE, is_dismissible=True),
        'text "Deleted" (snack bar)',
    ),
    "a button of a snack bar": (
        Node(
            label="Deleted",
            box=Box(0, 470, 400, 5),
            is_dismissible=True,
            children=(control(WHOLE),),
        ),
        'button "Undo" (snack bar)',
    ),
    "the barrier behind a dialog": (
        Node(role=Role.BUTTON, label="Dismiss", box=SCREEN, is_dismissible=True),
        'button "Dismiss"',
    ),
    "the keyboard": (
        Node(role=Role.KEYBOARD, box=WHOLE, children=(control(WHOLE, label="return"),)),
        "the keyboard",
    ),
    "a tab of a bottom bar": (control(WHOLE, role=Role.TAB, label="Home"), 'tab "Home"'),
}


@pytest.mark.parametrize("name", DIFFERENT_COVERS)
def test_what_lies_over_all_of_it_is_named(name: str) -> None:
    cover, label = DIFFERENT_COVERS[name]
    found = aim(on_screen(BUTTON, cover), BUTTON)
    assert isinstance(found, Cover)
    assert found.label == label


def test_beside_what_lies_over_half_of_it_is_room() -> None:
    x, y = spot(aim(on_screen(BUTTON, control(HALF)), BUTTON))
    assert x == 200
    assert 480 < y < 500


def test_the_keyboard_is_on_top_wherever_it_comes_in_the_tree() -> None:
    keyboard = Node(role=Role.KEYBOARD, box=WHOLE)
    assert isinstance(aim(on_screen(keyboard, BUTTON), BUTTON), Cover)


def test_a_key_of_the_keyboard_can_be_tapped() -> None:
    key = Node(label="a", box=Box(10, 600, 30, 40))
    assert aim(on_screen(Node(role=Role.KEYBOARD, box=WHOLE, children=(key,))), key) == key.box.centre


def test_what_comes_before_a_node_is_below_it() -> None:
    assert aim(on_screen(control(WHOLE), BUTTON), BUTTON) == BUTTON.box.centre


def test_what_cannot_be_seen_covers_nothing() -> None:
    assert aim(on_screen(BUTTON, control(WHOLE, visible=False)), BUTTON) == BUTTON.box.centre


LETS_THROUGH = {
    "a text": Node(role=Role.TEXT, label="Beta", box=WHOLE),
    "what holds controls": Node(box=WHOLE, is_tappable=True, children=(Node(), Node())),
}


@pytest.mark.parametrize("name", LETS_THROUGH)
def test_what_may_let_touches_through_is_touched_only_where_there_is_no_room_beside(name: str) -> None:
    over = LETS_THROUGH[name]
    assert aim(on_screen(BUTTON, over), BUTTON) == BUTTON.box.centre
    half = Node(
        role=over.role, label=over.label, box=HALF, is_tappable=over.is_tappable, children=over.children
    )
    assert spot(aim(on_screen(BUTTON, half), BUTTON))[1] < HALF.top


# -- controls in controls


def aimed(node: Node) -> Point | Cover:
    return aim(on_screen(node), node)


def tile(*inside: Node, **more: object) -> Node:
    return control(Box(0, 100, 400, 80), label="Wi-Fi", children=inside, **more)


SWITCH = control(Box(150, 110, 100, 60), role=Role.SWITCH, label="On")


def test_a_switch_in_the_middle_of_a_tile_is_left_alone() -> None:
    found = spot(aimed(tile(SWITCH)))
    assert is_in(found, Box(0, 100, 400, 80))
    assert not is_in(found, SWITCH.box)


def test_a_tile_that_can_be_tapped_without_being_a_button_is_one() -> None:
    assert not is_in(spot(aimed(tile(SWITCH, role=Role.GROUP, is_tappable=True))), SWITCH.box)


def test_a_picture_or_a_text_in_a_tile_belongs_to_it() -> None:
    picture = Node(role=Role.IMAGE, label="Ada", box=SWITCH.box)
    assert aimed(tile(picture)) == (200, 140)


def test_a_control_that_fills_another_is_the_same() -> None:
    assert aimed(tile(control(Box(0, 100, 400, 80), role=Role.LINK))) == (200, 140)


def test_a_tile_without_a_spot_of_its_own_is_not_tapped() -> None:
    halves = control(Box(0, 100, 200, 80)), control(Box(200, 100, 200, 80))
    assert isinstance(aimed(tile(*halves)), Cover)


def test_a_name_for_several_controls_is_tapped_beside_them_if_it_can_be() -> None:
    named = tile(SWITCH, Node(role=Role.TEXT), role=Role.GROUP)
    assert not is_in(spot(aimed(named)), SWITCH.box)
    halves = control(Box(0, 100, 200, 80)), control(Box(200, 100, 200, 80))
    assert aimed(tile(*halves, role=Role.GROUP)) == (200, 140)


def test_a_mere_wrapper_stands_for_what_is_in_it() -> None:
    wrapper = Node(identifier="row", box=Box(0, 100, 400, 80), children=(SWITCH, Node(label="x")))
    assert aimed(wrapper) == (200, 140)


# -- elsewhere than in the middle


def test_it_is_touched_where_it_is_to_be_if_that_is_free() -> None:
    assert aim(on_screen(BUTTON), BUTTON, (0.25, 0.5)) == BUTTON.box.at(0.25, 0.5)


def test_near_where_it_is_to_be_is_better_than_in_the_middle() -> None:
    wanted = BUTTON.box.at(0.9, 0.5)
    over = control(Box(wanted[0] - 10, wanted[1] - 10, 20, 20))
    x, y = spot(aim(on_screen(BUTTON, over), BUTTON, (0.9, 0.5)))
    assert not is_in((x, y), over.box)
    assert abs(x - wanted[0]) < 60
    assert is_in((x, y), BUTTON.box)


def test_where_it_is_to_be_tells_nothing_of_what_is_all_covered() -> None:
    assert isinstance(aim(on_screen(BUTTON, control(WHOLE)), BUTTON, (0.1, 0.1)), Cover)
