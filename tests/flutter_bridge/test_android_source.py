"""Page sources of Android as UiAutomator2 and `adb` write them, parsed without a device."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from html import unescape
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge import Box, Finder, Node, Role, SemanticsMissing, Tree, by
from flutter_bridge.appium import android_tree
from flutter_bridge.appium.page_source import DEEPEST, LONGEST
from flutter_bridge.web import parse

WHOLE = "[0,0][1080,2400]"
RECORDED = os.environ.get("PAGE_SOURCES", "")


def view(name: str, *inside: str, bounds: str = "[0,0][100,50]", **attributes: str) -> str:
    """An element as UiAutomator2 writes it: its class is its tag; a name's `_` is a hyphen."""
    tag = name if "." in name else f"android.{'view' if name == 'View' else 'widget'}.{name}"
    given = {"class": tag, "bounds": bounds} | attributes
    # A line break comes as a reference: as itself it would be a space.
    said = "".join(
        f" {key.replace('_', '-')}={quoteattr(value, {chr(10): '&#10;'})}" for key, value in given.items()
    )
    return f"<{tag}{said}>{''.join(inside)}</{tag}>"


def hierarchy(*inside: str) -> str:
    display = 'rotation="0" width="1080" height="2400"'
    return f'<?xml version="1.0"?><hierarchy {display}>{"".join(inside)}</hierarchy>'


def window(*inside: str) -> str:
    """The views an Android window has around Flutter's first node."""
    host = view("FrameLayout", *inside, bounds=WHOLE, focusable="true", focused="true", pane_title=" ")
    content = view("FrameLayout", host, bounds=WHOLE, resource_id="android:id/content")
    return hierarchy(view("FrameLayout", view("LinearLayout", content, bounds=WHOLE), bounds=WHOLE))


def tree_of(*inside: str, pixel_ratio: float = 1.0) -> Tree:
    return android_tree(hierarchy(*inside), pixel_ratio=pixel_ratio)


def only(name: str, *inside: str, **attributes: str) -> Node:
    (node,) = tree_of(view(name, *inside, **attributes)).root.children
    return node


# -- where things are


def test_physical_pixels_become_logical_ones() -> None:
    tree = tree_of(view("Button", bounds="[105,210][315,420]"), pixel_ratio=2.625)
    assert (tree.screen, tree.pixel_ratio) == (Box(0, 0, 1080 / 2.625, 2400 / 2.625), 2.625)
    assert tree.root.children[0].box == Box(40, 80, 80, 80)


def test_the_screen_is_as_large_as_its_largest_window_where_the_source_does_not_say() -> None:
    source = f'<hierarchy rotation="0">{view("View", bounds=WHOLE)}</hierarchy>'
    assert android_tree(source, pixel_ratio=2).screen == Box(0, 0, 540, 1200)


def test_a_node_is_cut_by_the_screen_and_by_the_scrollable_around_it() -> None:
    row = view("View", content_desc="Row", bounds="[0,900][2000,1300]")
    pane = view("ScrollView", row, row, bounds="[0,100][1080,1000]")
    assert [node.box for node in tree_of(pane) if node.label] == [Box(0, 900, 1080, 100)] * 2


@pytest.mark.parametrize(
    "bounds", ["[0,2500][100,2600]", "[0,2500][100,2400]", "[5,5][5,9]", "", "here", "[1e9,0][2,2]"]
)
def test_a_node_without_area_on_the_screen_is_not_visible(bounds: str) -> None:
    below = view("View", content_desc="Below", bounds=bounds)
    (node,) = tree_of(view("FrameLayout", below, bounds=WHOLE)).root.children
    assert not node.visible


def test_bounds_cut_away_entirely_tell_on_which_side_the_node_is() -> None:
    above = view("View", content_desc="Above", bounds="[0,100][100,40]")
    node = by.label("Above").first_in(tree_of(view("ScrollView", above, bounds="[0,100][1080,900]")))
    assert node is not None
    assert node.box.centre[1] < 100


def test_what_is_not_displayed_is_not_visible_and_keeps_its_place() -> None:
    node = only("View", content_desc="Later", bounds="[0,10][50,60]", displayed="false")
    assert (node.visible, node.box) == (False, Box(0, 10, 50, 50))


def test_a_reference_is_the_xpath_of_the_element() -> None:
    tree = tree_of(view("View"), view("View", view("Button"), view("Button", content_desc="Save")))
    assert [node.ref for node in by.label("Save").all_in(tree)] == ["/*/*[2]/*[2]"]


# -- names and texts


def test_flutters_identifier_has_no_package_and_a_native_one_keeps_its_own() -> None:
    assert only("View", resource_id="header-avatar").identifier == "header-avatar"
    native = only("TextView", resource_id="com.android.documentsui:id/title", text="cat.png")
    assert (native.identifier, native.role, native.label) == (
        "com.android.documentsui:id/title",
        Role.TEXT,
        "cat.png",
    )


def test_the_lines_of_a_merged_label_stay_lines() -> None:
    assert only("View", content_desc="Ada\nFirst post").label == "Ada\nFirst post"


def test_a_field_has_its_text_as_value_and_its_label_in_the_hint() -> None:
    field = only("EditText", text="Ada", hint="Display name", focused="true", clickable="true")
    assert (field.role, field.label, field.value, field.hint) == (Role.TEXT_FIELD, "Display name", "Ada", "")
    assert field.focused


def test_a_native_fields_description_is_its_label_and_a_shown_hint_no_text() -> None:
    field = only("EditText", text="Search", hint="Search", content_desc="Files", showing_hint="true")
    assert (field.label, field.value, field.hint) == ("Files", "", "Search")


def test_a_password_is_obscured() -> None:
    assert only("EditText", text="•••", hint="Password", password="true").obscured


@pytest.mark.parametrize("described", ["", "Back"], ids=["before 3.35", "since 3.35"])
def test_a_tooltip_alone_is_the_label(described: str) -> None:
    button = only("Button", content_desc=described, tooltip_text="Back")
    assert (button.label, button.tooltip) == ("Back", "Back")


def test_a_tooltip_beside_a_label_is_only_that() -> None:
    button = only("Button", content_desc="Share", tooltip_text="Send to others")
    assert (button.label, button.tooltip) == ("Share", "Send to others")


@pytest.mark.parametrize(
    ("said", "value", "label"),
    [
        ("38%, Volume", "38%", "Volume"),
        ("38%", "38%", ""),
        ("1,5 km, Radius, in all", "1,5 km", "Radius, in all"),
        ("Radius", "", "Radius"),
        ("Quiet, Volume", "Quiet", "Volume"),
    ],
)
def test_a_sliders_position_comes_before_its_label(said: str, value: str, label: str) -> None:
    slider = only("SeekBar", content_desc=said)
    assert (slider.role, slider.value, slider.label) == (Role.SLIDER, value, label)


def test_a_progress_bars_text_is_its_value() -> None:
    bar = only("ProgressBar", content_desc="Uploading", text="0.5")
    assert (bar.role, bar.label, bar.value) == (Role.PROGRESS, "Uploading", "0.5")


def test_the_line_that_says_which_tab_it_is_makes_a_tab_and_is_no_label() -> None:
    tab = only("View", content_desc="Feed\nTab 1 of 3", clickable="true", selected="true")
    assert (tab.role, tab.label, tab.hint, tab.selected) == (Role.TAB, "Feed", "Tab 1 of 3", True)


# -- roles and states


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
        ({"scrollable": "true"}, Role.SCROLLABLE),
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


# -- what is around Flutter


def test_the_windows_own_views_say_nothing_of_the_app() -> None:
    scopes = view(
        "View", view("View", view("View", content_desc="Alone", bounds=WHOLE), bounds=WHOLE), bounds=WHOLE
    )
    (content,) = android_tree(window(scopes), pixel_ratio=1).root.children
    (alone,) = content.children
    assert (content.identifier, alone.identifier, alone.label) == ("android:id/content", "", "Alone")
    assert not any(node.focused for node in content.walk())


def test_the_view_that_hosts_flutter_does_not_pass_for_the_focused_node() -> None:
    field = view("EditText", hint="Name", focused="true")
    host = view("FrameLayout", field, resource_id="com.example.app:id/flutter", focused="true")
    assert [node.label for node in tree_of(host) if node.focused] == ["Name"]


def test_an_identifier_around_a_button_is_the_buttons() -> None:
    button = only("View", view("Button", content_desc="Save"), resource_id="save")
    assert (button.role, button.identifier, button.label, button.is_folded) == (
        Role.BUTTON,
        "save",
        "Save",
        True,
    )


def test_a_pickers_row_keeps_its_parts_names() -> None:
    title = view("TextView", resource_id="android:id/title", text="cat.png")
    icon = view("ImageView", resource_id="com.android.documentsui:id/icon")
    item = view(
        "LinearLayout", icon, title, resource_id="com.android.documentsui:id/item_root", clickable="true"
    )
    tree = tree_of(view("androidx.recyclerview.widget.RecyclerView", item, scrollable="true"))
    (pane,) = tree.root.children
    assert pane.role is Role.SCROLLABLE
    found = by.identifier("android:id/title").within(by.identifier("com.android.documentsui:id/item_root"))
    assert [node.text for node in found.all_in(tree)] == ["cat.png"]


def test_the_dump_of_adb_has_the_class_in_an_attribute() -> None:
    source = hierarchy(view("Button", content_desc="Save", resource_id="")).replace(
        "<android.widget.Button", "<node"
    )
    tree = android_tree(source.replace("</android.widget.Button", "</node"), pixel_ratio=1)
    assert [(node.role, node.label) for node in tree.root.children] == [(Role.BUTTON, "Save")]


# -- the same screen on the web


def element(
    tag: str = "flt-semantics", /, box: tuple[int, ...] = (0, 0, 10, 10), **rest: Any
) -> dict[str, Any]:
    return {"t": tag, "i": "", "b": box} | rest


def web_screen() -> Tree:
    """A small screen as `page.js` reads it from the web build."""
    name = element("input", a={"aria-label": "Display name"}, v="Ada", f=1)
    volume = element("input", a={"type": "range", "role": "slider", "aria-valuetext": "38%"})
    avatar = element(box=(8, 208, 40, 40), a={"role": "img", "aria-label": "Avatar of Ada"})
    avatar["a"]["flt-semantics-identifier"] = "post-avatar"
    post = element(
        box=(0, 200, 400, 80),
        a={"role": "group", "aria-label": "Post by Ada"},
        k=[avatar, element(box=(60, 208, 300, 40), x="Hello")],
    )
    save = element(box=(0, 100, 80, 40), a={"role": "button"}, x="Save")
    nodes = [
        element("h1", box=(0, 0, 400, 40), x="Profile"),
        element(box=(0, 50, 400, 40), k=[name]),
        element(box=(0, 100, 80, 40), a={"flt-semantics-identifier": "save"}, k=[save]),
        element(box=(100, 100, 80, 40), a={"role": "switch", "aria-label": "Dark", "aria-checked": "true"}),
        element(box=(200, 100, 80, 40), a={"aria-label": "Volume"}, k=[volume]),
        element(box=(0, 150, 80, 40), a={"role": "tab", "aria-label": "Feed", "aria-selected": "true"}),
        element(box=(0, 200, 400, 600), a={"role": "group"}, o=1, s="y", k=[post]),
    ]
    page = {"version": 1, "url": "/", "width": 400, "height": 800, "ratio": 2, "flutter": True}
    return parse(json.dumps(page | {"nodes": nodes})).tree


def android_screen() -> Tree:
    """The same screen as UiAutomator2 gives it on a device of two pixels to the point."""
    avatar = view(
        "ImageView", content_desc="Avatar of Ada", resource_id="post-avatar", bounds="[16,416][96,496]"
    )
    text = view("View", content_desc="Hello", bounds="[120,416][720,496]")
    post = view("View", avatar, text, content_desc="Post by Ada", bounds="[0,400][800,560]")
    save = view("Button", content_desc="Save", clickable="true", bounds="[0,200][160,280]")
    checked = {"checkable": "true", "checked": "true"}
    tab = {"content_desc": "Feed\nTab 1 of 2", "selected": "true", "clickable": "true"}
    screen = view(
        "View",
        view("View", content_desc="Profile", heading="true", bounds="[0,0][800,80]"),
        view("EditText", text="Ada", hint="Display name", focused="true", bounds="[0,100][800,180]"),
        view("View", save, resource_id="save", bounds="[0,200][160,280]"),
        view("Switch", content_desc="Dark", bounds="[200,200][360,280]", **checked),
        view("SeekBar", content_desc="38%, Volume", clickable="true", bounds="[400,200][560,280]"),
        view("View", bounds="[0,300][160,380]", **tab),
        view("View", post, scrollable="true", bounds="[0,400][800,1600]"),
        bounds="[0,0][800,1600]",
    )
    source = window(view("View", view("View", screen, bounds="[0,0][800,1600]"), bounds="[0,0][800,1600]"))
    return android_tree(source.replace("1080", "800").replace("2400", "1600"), pixel_ratio=2)


@pytest.mark.parametrize(
    "finder",
    [
        by.identifier("save"),
        by.label("Save"),
        by.role(Role.BUTTON),
        by.role(Role.HEADING, name="Profile"),
        by.role(Role.TEXT_FIELD),
        by.label("Display name"),
        by.text("Ada"),
        by.role(Role.SWITCH, name="Dark"),
        by.role(Role.SLIDER, name="Volume"),
        by.text("38%"),
        by.role(Role.TAB, name="Feed"),
        by.role(Role.SCROLLABLE),
        by.role(Role.GROUP, name="Post by Ada"),
        by.identifier("post-avatar").within(by.label("Post by Ada")),
        by.role(Role.IMAGE, name="Avatar of Ada"),
        by.role(Role.TEXT, name="Hello").within(by.role(Role.SCROLLABLE)),
    ],
    ids=str,
)
def test_a_finder_means_the_same_node_as_on_the_web(finder: Finder) -> None:
    def answers(tree: Tree) -> list[tuple[Any, ...]]:
        return [
            (
                *(node.role, node.identifier, node.label, node.value, node.box, node.visible, node.scrolls),
                *(node.enabled, node.focused, node.selected, node.checked, node.obscured),
            )
            for node in finder.all_in(tree)
        ]

    web, android = web_screen(), android_screen()
    assert answers(android) == answers(web)
    assert len(answers(web)) == 1
    assert (android.screen, android.pixel_ratio) == (web.screen, web.pixel_ratio)


# -- sources of real apps: not ours to keep, so whoever runs this names a folder that has some


@pytest.mark.skipif(not RECORDED, reason="PAGE_SOURCES names no folder of recorded *.xml to parse")
def test_everything_a_recorded_source_says_is_found() -> None:
    sources = [file.read_text() for file in Path(RECORDED).glob("*.xml")]
    windows = [source for source in sources if "<hierarchy" in source]
    assert windows, f"{RECORDED} has no *.xml of Android in it"
    for source in windows:
        tree = android_tree(source, pixel_ratio=2.625)
        said = {node.label for node in tree} | {f"{node.value}, {node.label}" for node in tree}
        described = {unescape(text) for text in re.findall(r'content-desc="([^"]+)"', source)}
        assert described
        assert described - said == set()
        assert tree.screen.width > 300
        assert all(node.visible for node in tree if node.label)


# -- what can't be read


@pytest.mark.parametrize(
    ("source", "why"),
    [
        ("", "it is empty"),
        (" \n", "it is empty"),
        ("<hierarchy><android.view.View", "line 1, column"),
        ("<hierarchy></android.view.View>", "mismatched tag at line 1, column"),
        ("no XML at all", "syntax error at line 1, column 1"),
        ("<html/>", "its root is <html>"),
        ("<XCUIElementTypeApplication/>", "its root is <XCUIElementTypeApplication>"),
        (
            '<!DOCTYPE h [<!ENTITY a SYSTEM "file:///etc/passwd">]><hierarchy>&a;</hierarchy>',
            "a document type",
        ),
        ("<hierarchy>&a;</hierarchy>", "undefined entity"),
        (hierarchy("<a>" * DEEPEST + "</a>" * DEEPEST), "more than 200 levels; limit the driver's setting"),
    ],
)
def test_a_source_that_cannot_be_read_is_one_clear_line(source: str, why: str) -> None:
    with pytest.raises(SemanticsMissing) as raised:
        android_tree(source, pixel_ratio=1)
    assert why in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_a_source_without_end_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(SemanticsMissing, match="32,000,001 characters"):
        android_tree("<" * (LONGEST + 1), pixel_ratio=1)


def test_the_deepest_source_is_still_searched() -> None:
    levels = DEEPEST - 1
    tag = '<android.view.View content-desc="x" bounds="[0,0][9,9]">'
    tree = tree_of(tag * levels + "</android.view.View>" * levels)
    assert len(by.label("x").all_in(tree)) == levels


@pytest.mark.parametrize(
    "odd", ["\x00", "\x1b", "\ud800", "\uffff", "&#0;", "&#x1B;", "&#xD800;", f"&#{'9' * 5000};"]
)
def test_a_character_xml_forbids_is_replaced(odd: str) -> None:
    tree = tree_of(f'<android.view.View content-desc="Save{odd}" bounds="[0,0][9,9]"/>')
    assert tree.root.children[0].label == "Save\ufffd"


@pytest.mark.parametrize("ratio", [0.0, -1.0, float("nan"), float("inf")])
def test_a_pixel_ratio_is_a_positive_number(ratio: float) -> None:
    with pytest.raises(ValueError, match="a pixel ratio of"):
        android_tree(hierarchy(), pixel_ratio=ratio)


CLASSES = ["View", "EditText", "SeekBar", "FrameLayout", "ImageView", "ScrollView", "TextView"]
NAMES = ["text", "content-desc", "hint", "bounds", "resource-id", "clickable", "scrollable", "checkable"]
values = st.one_of(st.text(max_size=8), st.sampled_from(["true", "false", WHOLE, "[9,9][1,1]", "3, x"]))
attributes = st.dictionaries(st.sampled_from(NAMES), values, max_size=5)
nested = st.recursive(
    st.builds(view, st.sampled_from(CLASSES)),
    lambda inner: st.builds(
        lambda name, inside, given: view(name, *inside, **{"bounds": WHOLE} | given),
        st.sampled_from(CLASSES),
        st.lists(inner, max_size=3),
        attributes,
    ),
    max_leaves=12,
)


@given(st.one_of(st.text(), nested.map(hierarchy), nested), st.floats(0.5, 8))
def test_whatever_the_source_it_is_read_or_refused(source: str, pixel_ratio: float) -> None:
    with suppress(SemanticsMissing):
        tree = android_tree(source, pixel_ratio=pixel_ratio)
        assert [node for node in tree if node.visible and node.box.empty and node is not tree.root] == []


@given(nested.map(hierarchy), st.data())
def test_a_source_cut_or_garbled_anywhere_is_read_or_refused(source: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(source)))
    noise, lost = data.draw(st.text(max_size=3)), data.draw(st.integers(0, 3))
    for garbled in (source[:at], source[:at] + noise + source[at + lost :]):
        with suppress(SemanticsMissing):
            assert isinstance(android_tree(garbled, pixel_ratio=2.0), Tree)
