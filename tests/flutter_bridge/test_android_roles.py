"""What a view of Android's page source is: its role, its states, which way it scrolls."""

from __future__ import annotations

import pytest

from flutter_bridge import Role
from tests.flutter_bridge.android_views import only, view


@pytest.mark.parametrize(
    ("name", "role"),
    [("CheckBox", Role.CHECKBOX), ("RadioButton", Role.RADIO), ("Switch", Role.SWITCH)],
)
def test_what_can_be_checked_is_or_is_not(name: str, role: Role) -> None:
    on = only(name, content_desc="Dark", checkable="true", checked="true")
    off = only(name, content_desc="Dark", checkable="true", checked="false")
    assert [(node.role, node.checked) for node in (on, off)] == [(role, True), (role, False)]
    assert only("Button", checkable="false", checked="false").checked is None


def test_a_disabled_button() -> None:
    button = only("Button", content_desc="Save", enabled="false")
    assert (button.role, button.enabled) == (Role.BUTTON, False)
    assert only("Button", content_desc="Save").enabled


@pytest.mark.parametrize(
    ("attributes", "role"),
    [
        ({"content_desc": "Hello"}, Role.TEXT),
        ({"content_desc": "Hello", "heading": "true"}, Role.HEADING),
        ({"content_desc": "Hello", "clickable": "true"}, Role.BUTTON),
        ({"clickable": "true"}, Role.BUTTON),
        ({}, Role.GENERIC),
        ({"scrollable": "true", "focusable": "true"}, Role.SCROLLABLE),
        ({"scrollable": "true", "is_collection": "true"}, Role.SCROLLABLE),
        ({"scrollable": "true", "focusable": "true", "is_collection": "false"}, Role.GENERIC),
        ({"scrollable": "true"}, Role.GENERIC),
        ({"clickable": "true", "enabled": "false", "content_desc": "Save"}, Role.BUTTON),
        ({"clickable": "true", "enabled": "false", "content_desc": "40%, Volume"}, Role.SLIDER),
        ({"scrollable": "true", "content_desc": "Swipe me"}, Role.TEXT),
        ({"scrollable": "true", "clickable": "true"}, Role.BUTTON),
    ],
)
def test_a_plain_view_is_what_it_says_and_does(attributes: dict[str, str], role: Role) -> None:
    assert only("View", **attributes).role is role


def test_a_view_with_a_label_and_parts_is_a_group() -> None:
    post = only("View", view("Button"), view("Button"), content_desc="Post", clickable="true")
    assert (post.role, len(post.children)) == (Role.GROUP, 2)


def test_a_label_around_a_button_of_the_same_size_is_the_buttons() -> None:
    star = only("View", view("Button", clickable="true"), content_desc="Star it")
    assert (star.role, star.label) == (Role.BUTTON, "Star it")


def test_a_picture_that_can_be_tapped_is_a_button_as_on_the_web() -> None:
    assert only("ImageView", content_desc="Avatar").role is Role.IMAGE
    assert only("ImageView", content_desc="Avatar", clickable="true").role is Role.BUTTON
    assert only("ImageView", content_desc="Avatar", enabled="false").role is Role.BUTTON


def test_what_can_be_held_alone_takes_no_taps() -> None:
    assert only("View", content_desc="Hold", clickable="true").is_tappable
    assert not only("View", content_desc="Hold", long_clickable="true").is_tappable


def row(*lefts: int, top: int = 0) -> list[str]:
    return [
        view("View", content_desc="Item", bounds=f"[{left},{top}][{left + 90},{top + 90}]") for left in lefts
    ]


@pytest.mark.parametrize(
    ("name", "bounds", "content", "axis"),
    [
        ("ScrollView", "[0,0][900,100]", row(0, 100), "vertical"),
        ("HorizontalScrollView", "[0,0][100,900]", row(0), "horizontal"),
        ("View", "[0,0][900,100]", row(0, 100, 200), "horizontal"),
        ("View", "[0,0][900,200]", [*row(0, 100), *row(0, 100, top=100)], "vertical"),
        ("View", "[0,0][900,1000]", row(0, 100, 200), "vertical"),
    ],
    ids=["its class", "its other class", "a row", "a grid", "a grid's first row"],
)
def test_which_way_a_pane_scrolls(name: str, bounds: str, content: list[str], axis: str) -> None:
    pane = only(name, *content, bounds=bounds, scrollable="true")
    assert (pane.role, pane.scrolls) == (Role.SCROLLABLE, axis)


def test_what_a_pane_does_not_show_says_nothing_of_its_way() -> None:
    gone = view("View", content_desc="Gone", bounds="[0,400][90,300]")
    pane = only("View", *row(0, 100), gone, bounds="[0,0][900,100]", scrollable="true")
    assert pane.scrolls == "horizontal"
