"""Page sources of Android as UiAutomator2 and `adb` write them: where things are and what they are called."""

from __future__ import annotations

import pytest

from flutter_bridge import Box, Role, by
from flutter_bridge.appium import android_tree
from tests.flutter_bridge.android_views import WHOLE, hierarchy, only, tree_of, view, window

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
    node = by.label("Above").first_match_in(tree_of(view("ScrollView", above, bounds="[0,100][1080,900]")))
    assert node is not None
    assert node.box.centre[1] < 100


def test_what_is_not_displayed_is_not_visible_and_keeps_its_place() -> None:
    node = only("View", content_desc="Later", bounds="[0,10][50,60]", displayed="false")
    assert (node.visible, node.box) == (False, Box(0, 10, 50, 50))


def test_a_reference_is_the_xpath_of_the_element() -> None:
    tree = tree_of(view("View"), view("View", view("Button"), view("Button", content_desc="Save")))
    assert [node.ref for node in by.label("Save").all_matches_in(tree)] == ["/*/*[2]/*[2]"]


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


@pytest.mark.parametrize(
    ("attributes", "label", "value"),
    [
        ({"hint": "Birthday", "clickable": "true"}, "Birthday", ""),
        ({"hint": "Birthday", "text": "1 May", "clickable": "true"}, "Birthday", "1 May"),
        ({"hint": "Birthday", "text": "1 May", "enabled": "false"}, "Birthday", "1 May"),
        ({"text": "All of it", "clickable": "true"}, "", "All of it"),
    ],
    ids=["empty", "read-only", "disabled", "selectable text"],
)
def test_a_field_that_cannot_be_edited_is_a_view_with_a_text(
    attributes: dict[str, str], label: str, value: str
) -> None:
    field = only("View", **attributes)
    assert (field.role, field.label, field.value, field.hint) == (Role.TEXT_FIELD, label, value, "")


def test_the_text_of_a_web_page_is_no_field() -> None:
    link = view("View", text="Terms", clickable="true", focusable="true")
    page = view("android.webkit.WebView", view("View", link, view("View", text="Shop")), resource_id="page")
    read = [(node.role, node.label) for node in tree_of(page) if node.label]
    assert read == [(Role.BUTTON, "Terms"), (Role.TEXT, "Shop")]


def test_a_password_is_obscured() -> None:
    assert only("EditText", text="•••", hint="Password", password="true").obscured


@pytest.mark.parametrize("described", ["", "Back"], ids=["before 3.35", "since 3.35"])
def test_a_tooltip_alone_is_the_label(described: str) -> None:
    button = only("Button", content_desc=described, tooltip_text="Back")
    assert (button.label, button.tooltip) == ("Back", "")


def test_a_tooltip_around_a_button_of_the_same_size_is_the_buttons_label() -> None:
    button = only("View", view("Button", clickable="true"), content_desc="Back", tooltip_text="Back")
    assert (button.role, button.label) == (Role.BUTTON, "Back")


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


@pytest.mark.parametrize(
    ("said", "text", "value", "label"),
    [
        ("Uploading", "0.5", "0.5", "Uploading"),
        ("42, Uploading", "42.0", "42", "Uploading"),
        ("42", "42.0", "42", ""),
        ("42%, Uploading", "", "42%", "Uploading"),
        ("Uploading, 2 left", "0.5", "0.5", "Uploading, 2 left"),
        ("Uploading, 2 left", "", "", "Uploading, 2 left"),
    ],
)
def test_a_progress_bars_value_comes_before_its_label(said: str, text: str, value: str, label: str) -> None:
    bar = only("ProgressBar", content_desc=said, text=text)
    assert (bar.role, bar.value, bar.label) == (Role.PROGRESS, value, label)


def test_the_line_that_says_which_tab_it_is_makes_a_tab_and_is_no_label() -> None:
    tab = only("View", content_desc="Feed\nTab 1 of 3", clickable="true", selected="true")
    assert (tab.role, tab.label, tab.hint, tab.selected) == (Role.TAB, "Feed", "Tab 1 of 3", True)


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
    assert [node.text for node in found.all_matches_in(tree)] == ["cat.png"]


def test_the_dump_of_adb_has_the_class_in_an_attribute() -> None:
    source = hierarchy(view("Button", content_desc="Save", resource_id="")).replace(
        "<android.widget.Button", "<node"
    )
    tree = android_tree(source.replace("</android.widget.Button", "</node"), pixel_ratio=1)
    assert [(node.role, node.label) for node in tree.root.children] == [(Role.BUTTON, "Save")]
