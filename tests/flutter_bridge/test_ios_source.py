"""Page sources of iOS as XCUITest writes them, parsed without a device."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge import Box, Node, Role, SemanticsMissing, Tree, by
from flutter_bridge.appium import ios_tree
from flutter_bridge.appium.page_source import MAX_DEPTH

SCREEN = (0, 0, 390, 844)


def element(kind: str, *inside: str, at: Any = (0, 0, 100, 40), **attributes: str) -> str:
    """An element as the driver writes it: its type is its tag."""
    tag = f"XCUIElementType{kind}"
    frame = dict(zip(("x", "y", "width", "height"), map(str, at), strict=True))
    given = {"type": tag, "enabled": "true", "visible": "true"} | frame | attributes
    said = "".join(f" {key}={quoteattr(value, {chr(10): '&#10;'})}" for key, value in given.items())
    return f"<{tag}{said}>{''.join(inside)}</{tag}>"


def named(label: str, identifier: str = "") -> dict[str, str]:
    """Name and label as the driver gives them: named by the identifier, or by the label."""
    return {"label": label, "name": identifier or label}


def screen(*inside: str) -> str:
    window = element("Window", element("Other", *inside, at=SCREEN), at=SCREEN)
    application = element("Application", window, at=SCREEN, **named("Runner"))
    return f'<?xml version="1.0" encoding="UTF-8"?><AppiumAUT>{application}</AppiumAUT>'


def only(kind: str, *inside: str, **attributes: str) -> Node:
    (node,) = ios_tree(screen(element(kind, *inside, **attributes))).root.children
    return node


# -- where things are


def test_points_are_logical_pixels() -> None:
    tree = ios_tree(screen(element("Button", at=(16, 100, 80.5, 44))), pixel_ratio=3)
    assert (tree.screen, tree.pixel_ratio) == (Box(*SCREEN), 3)
    assert [node.box for node in by.role(Role.BUTTON).all_matches_in(tree)] == [Box(16, 100, 80.5, 44)]


def test_the_name_under_the_apps_icon_is_not_on_its_screen() -> None:
    assert by.text("Runner").all_matches_in(ios_tree(screen())) == []


def test_an_application_without_the_drivers_element_around_it_is_a_source_too() -> None:
    application = element("Application", element("Button", **named("Save")), at=SCREEN)
    assert [node.label for node in ios_tree(application).root.children] == ["Save"]


@pytest.mark.parametrize("at", [(0, 900, 100, 40), (400, 0, 10, 10), (5, 5, 0, 40)])
def test_what_lies_off_the_screen_is_not_visible_and_keeps_its_place(at: tuple[float, ...]) -> None:
    (node,) = ios_tree(screen(element("StaticText", at=at, **named("Off")))).root.children
    assert (node.visible, node.box) == (False, Box(*at))


def visible(*elements: str) -> list[bool]:
    tree = ios_tree(screen(*elements))
    return [node.visible for node in tree if node.label]


def test_what_the_driver_calls_invisible_is_where_it_tells_it_from_others() -> None:
    hidden = element("StaticText", visible="false", accessible="false", **named("Under a dialog"))
    assert visible(hidden, element("Button", **named("On top"))) == [False, True]


def test_what_the_driver_calls_invisible_is_seen_where_it_says_so_of_all() -> None:
    hidden = [
        element("Button", visible="false", accessible="false", at=(0, top, 100, 40), **named(f"At {top}"))
        for top in (100, 200, 1300)
    ]
    assert visible(*hidden) == [True, True, False], "the last is below the screen"


def test_what_is_accessible_and_on_the_screen_is_seen_whatever_the_driver_calls_it() -> None:
    flutters = element("Button", visible="false", accessible="true", **named("Edit"))
    below = element("Button", visible="false", accessible="true", at=(0, 900, 10, 10), **named("Below"))
    assert visible(flutters, below, element("Button", **named("Feed"))) == [True, False, True]


def test_a_node_is_cut_by_the_scroll_view_around_it() -> None:
    row = element("StaticText", at=(0, 380, 390, 60), **named("Row"))
    later = element("StaticText", at=(0, 500, 390, 60), **named("Later"))
    (pane,) = ios_tree(screen(element("ScrollView", row, later, at=(0, 0, 390, 400)))).root.children
    assert (pane.role, pane.scrolls) == (Role.SCROLLABLE, "vertical")
    assert [(node.box, node.visible) for node in pane.children] == [
        (Box(0, 380, 390, 20), True),
        (Box(0, 500, 390, 60), False),
    ]


def test_a_reference_is_the_xpath_of_the_element() -> None:
    tree = ios_tree(screen(element("Image"), element("Button", **named("Save"))))
    assert [node.ref for node in by.label("Save").all_matches_in(tree)] == ["/*/*[1]/*[1]/*[1]/*[2]"]


# -- names and texts


def test_a_name_that_is_not_the_label_is_the_identifier() -> None:
    button = only("Button", **named("Save", "profile-save"))
    assert (button.identifier, button.label) == ("profile-save", "Save")


def test_a_name_that_is_the_label_is_no_identifier() -> None:
    assert only("Button", **named("Save")).identifier == ""
    assert only("StaticText", **named("Ada\nFirst post")).identifier == ""


def test_a_name_without_a_label_is_the_identifier() -> None:
    assert only("Image", name="header-avatar").identifier == "header-avatar"


def test_the_value_of_a_text_is_its_label_again_and_none() -> None:
    text = only("StaticText", value="Hello", **named("Hello"))
    assert (text.role, text.label, text.value, text.text) == (Role.TEXT, "Hello", "", "Hello")
    assert only("StaticText", value="3 new", **named("Feed")).value == "3 new"


@pytest.mark.parametrize("kind", ["TextField", "SecureTextField", "TextView", "SearchField"])
def test_a_field_has_its_text_as_value(kind: str) -> None:
    field = only(kind, value="Ada", **named("Display name", "profile-name"))
    assert (field.role, field.label, field.value) == (Role.TEXT_FIELD, "Display name", "Ada")
    assert field.obscured == (kind == "SecureTextField")


def test_an_empty_fields_placeholder_is_no_text() -> None:
    field = only("TextField", value="Your name", placeholderValue="Your name", **named("Name"))
    assert (field.label, field.value, field.hint) == ("Name", "", "Your name")
    assert only("TextField", value="Your name", placeholderValue="Your name").label == "Your name"
    assert only("TextField", value="", placeholderValue="Your name").hint == ""


def test_a_sliders_value_is_its_position() -> None:
    slider = only("Slider", value="38%", **named("Volume"))
    assert (slider.role, slider.label, slider.value) == (Role.SLIDER, "Volume", "38%")


# -- roles and states


@pytest.mark.parametrize("kind", ["Switch", "CheckBox", "RadioButton"])
@pytest.mark.parametrize(("value", "checked"), [("1", True), ("0", False), ("", False)])
def test_a_checked_nodes_value_is_its_state(kind: str, value: str, *, checked: bool) -> None:
    node = only(kind, value=value, **named("Dark"))
    assert (node.checked, node.value, node.label) == (checked, "", "Dark")


def test_a_selected_buttons_value_is_its_state() -> None:
    selected, other = only("Button", value="1", **named("Feed")), only("Button", value="0", **named("Feed"))
    assert [(node.selected, node.value, node.checked) for node in (selected, other)] == [
        (True, "", None),
        (False, "", None),
    ]
    assert only("Button", value="2 new", **named("Feed")).value == "2 new"


def test_a_disabled_button_and_a_focused_field() -> None:
    assert not only("Button", enabled="false", **named("Save")).enabled
    assert only("TextField", focused="true", **named("Name")).focused


@pytest.mark.parametrize(
    ("kind", "role"),
    [
        ("Image", Role.IMAGE),
        ("Link", Role.LINK),
        ("Alert", Role.DIALOG),
        ("Cell", Role.LIST_ITEM),
        ("Tab", Role.TAB),
        ("Other", Role.TEXT),
        ("Whatever", Role.TEXT),
    ],
)
def test_a_type_is_a_role(kind: str, role: Role) -> None:
    assert only(kind, **named("Said")).role is role


@pytest.mark.parametrize(
    ("traits", "role"),
    [("Header", Role.HEADING), ("Adjustable", Role.SLIDER), ("UpdatesFrequently", Role.TEXT)],
)
def test_traits_tell_what_the_type_does_not(traits: str, role: Role) -> None:
    assert only("Other", traits=f"StaticText, {traits}", **named("Said")).role is role
    assert only("Button", traits="Button, Selected", **named("Said")).selected


def test_traits_do_not_overrule_a_type_that_tells() -> None:
    assert only("Button", traits="Button, Header", **named("Said")).role is Role.BUTTON


# -- a node with children is a container with the node first in it


def post(*, kind: str = "Other", at: tuple[float, ...] = (0, 100, 390, 80)) -> str:
    return element(
        "Other",
        element(kind, at=at, **named("Post by Ada", "post-1")),
        element("Image", at=(8, 108, 40, 40), **named("Avatar of Ada")),
        element("StaticText", at=(60, 108, 300, 40), value="Hello", **named("Hello")),
        at=(0, 100, 390, 80),
        accessible="false",
    )


def test_children_are_below_the_node_that_lies_beside_them() -> None:
    (group,) = ios_tree(screen(post())).root.children
    assert (group.role, group.identifier, group.label) == (Role.GROUP, "post-1", "Post by Ada")
    assert [child.label for child in group.children] == ["Avatar of Ada", "Hello"]


def test_a_finder_looks_inside_what_has_children() -> None:
    tree = ios_tree(screen(post(), element("Image", **named("Avatar of Ada"))))
    assert len(by.label("Avatar of Ada").all_matches_in(tree)) == 2
    assert len(by.label("Avatar of Ada").within(by.identifier("post-1")).all_matches_in(tree)) == 1


def test_a_button_may_have_children_too() -> None:
    (button,) = ios_tree(screen(post(kind="Button"))).root.children
    assert (button.role, len(button.children)) == (Role.BUTTON, 2)


def test_a_scroll_view_holds_what_lies_beside_it() -> None:
    pane = element("ScrollView", at=(0, 100, 390, 80))
    row = element("StaticText", at=(0, 150, 390, 80), **named("Row"))
    (found,) = ios_tree(screen(element("Other", pane, row, at=(0, 100, 390, 80)))).root.children
    assert (found.role, [child.box for child in found.children]) == (Role.SCROLLABLE, [Box(0, 150, 390, 30)])


def test_a_scroll_view_keeps_what_lies_in_it() -> None:
    inside, beside = element("StaticText", **named("In")), element("StaticText", **named("Beside"))
    (found,) = ios_tree(screen(element("Other", element("ScrollView", inside), beside))).root.children
    assert (found.role, [child.label for child in found.children]) == (Role.SCROLLABLE, ["In", "Beside"])


def test_a_background_without_a_name_is_not_the_node_itself() -> None:
    parts = element("Image"), element("StaticText", **named("Hello"))
    (row,) = ios_tree(screen(element("Other", *parts))).root.children
    assert [child.role for child in row.children] == [Role.IMAGE, Role.TEXT]


def test_a_first_child_with_children_of_its_own_is_not_the_node_itself() -> None:
    inner = element("Other", element("Button", **named("A")), element("Button", **named("B")), label="Bar")
    (row,) = ios_tree(screen(element("Other", inner, element("Button", **named("C"))))).root.children
    assert [len(child.children) for child in row.children] == [2, 0]


def container(*inside: str) -> str:
    """A container of the engine's since March 2025: as large as the screen, whatever is in it."""
    return element("Other", *inside, at=SCREEN, accessible="false")


def labels(node: Node) -> list[Any]:
    """What is said, as nested as it is."""
    below = [said for child in node.children for said in labels(child)]
    return [node.label, below] if node.label and below else [node.label] if node.label else below


FEED = container(
    element("ScrollView", at=(0, 100, 390, 700)),
    container(
        element("Other", at=(0, 100, 390, 200), accessible="true", **named("Post by Ada", "post-1")),
        element("Image", at=(8, 108, 40, 40), **named("Avatar of Ada")),
        container(
            element("Button", at=(60, 200, 300, 60), **named("Likes")),
            element("StaticText", at=(300, 210, 40, 40), **named("3")),
        ),
    ),
    container(
        element("Other", at=(0, 700, 390, 200), accessible="true", **named("Post by Bob", "post-2")),
        element("Image", at=(8, 708, 40, 40), **named("Avatar of Bob")),
        element("StaticText", at=(8, 850, 40, 40), **named("Below the fold")),
    ),
)


def test_containers_as_large_as_the_screen_nest_as_they_lie_in_each_other() -> None:
    tree = ios_tree(screen(FEED))
    assert labels(tree.root) == [
        "Post by Ada", ["Avatar of Ada", "Likes", ["3"]],
        "Post by Bob", ["Avatar of Bob", "Below the fold"],
    ]  # fmt: skip
    (pane,) = by.role(Role.SCROLLABLE).all_matches_in(tree)
    assert (pane.box, pane.scrolls) == (Box(0, 100, 390, 700), "vertical")
    assert pane.children[0].box == Box(0, 100, 390, 200)
    avatars = by.label(re.compile("^Avatar"))
    assert [node.label for node in avatars.within(by.identifier("post-2")).all_matches_in(tree)] == [
        "Avatar of Bob"
    ]
    assert not next(node for node in tree if node.label == "Below the fold").visible


def test_a_container_that_stands_for_nothing_leaves_its_children_beside_each_other() -> None:
    """Of a column, or of a route: nothing in it is around the others."""
    column = container(
        element("Button", at=(0, 100, 390, 40), **named("Save")),
        element("StaticText", at=(0, 150, 390, 40), **named("Saved")),
    )
    over = container(
        element("StaticText", at=SCREEN, **named("Behind all")),
        element("Button", at=(0, 150, 390, 40), **named("Before it")),
    )
    assert labels(ios_tree(screen(column, over)).root) == ["Save", "Saved", "Behind all", "Before it"]


@pytest.mark.parametrize(
    "source",
    [post(at=(0, 100, 390, 79)), post().replace('accessible="false"', 'label="Row"')],
    ids=["another size", "a label of its own"],
)
def test_what_is_not_the_node_itself_stays_beside_the_others(source: str) -> None:
    (row,) = ios_tree(screen(source)).root.children
    assert len(row.children) == 3


def test_an_identifier_around_a_button_is_the_buttons() -> None:
    button = only("Other", element("Button", **named("Save")), name="save")
    assert (button.role, button.identifier, button.label) == (Role.BUTTON, "save", "Save")


# -- what can't be read


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("", "it is empty"),
        ("<AppiumAUT><XCUIElementTypeApplication", "line 1, column"),
        ("<hierarchy/>", "its root is <hierarchy>"),
        ("<AppiumAUT><html/></AppiumAUT>", "its root is <AppiumAUT> with <html> in it"),
        ("<!DOCTYPE a><AppiumAUT/>", "a document type"),
        (screen("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH), "more than 200 levels"),
    ],
)
def test_a_source_that_cannot_be_read_is_one_clear_line(source: str, why: str) -> None:
    with pytest.raises(SemanticsMissing) as raised:
        ios_tree(source)
    assert why in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize("ratio", [0.0, float("nan")])
def test_a_pixel_ratio_is_a_positive_number(ratio: float) -> None:
    with pytest.raises(ValueError, match="a pixel ratio of"):
        ios_tree(screen(), pixel_ratio=ratio)


NAMES = ["x", "width", "name", "label", "value", "traits", "placeholderValue", "visible", "focused"]
values = st.one_of(st.text(max_size=8), st.sampled_from(["1", "true", "-5", "1e9", "nan", "Save"]))
nested = st.recursive(
    st.just(element("Button", **named("Save"))),
    lambda inner: st.builds(
        lambda kind, inside, given: element(kind, *inside, **{"width": "390"} | given),
        st.sampled_from(["Other", "ScrollView", "Switch", "TextField"]),
        st.lists(inner, max_size=3),
        st.dictionaries(st.sampled_from(NAMES), values, max_size=3),
    ),
    max_leaves=12,
)


@given(st.one_of(st.text(), nested.map(screen), nested))
def test_whatever_the_source_it_is_read_or_refused(source: str) -> None:
    with suppress(SemanticsMissing):
        tree = ios_tree(source)
        assert [node for node in tree if node.visible and node.box.is_empty and node is not tree.root] == []


@given(nested.map(screen), st.data())
def test_a_source_cut_or_garbled_anywhere_is_read_or_refused(source: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(source)))
    noise, lost = data.draw(st.text(max_size=3)), data.draw(st.integers(0, 3))
    for garbled in (source[:at], source[:at] + noise + source[at + lost :]):
        with suppress(SemanticsMissing):
            assert isinstance(ios_tree(garbled), Tree)


@given(st.lists(nested, max_size=3).map(lambda inside: screen(*inside)))
def test_no_label_is_lost(source: str) -> None:
    labels = [node.label for node in ios_tree(source)]
    assert labels.count("Save") >= source.count("XCUIElementTypeButton type=")
