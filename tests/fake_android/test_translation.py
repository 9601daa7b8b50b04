"""A reading of the web build, translated to Android's words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from fake_android.device import AndroidNode, PixelBounds
from fake_android.translation import android_window

PACKAGE = "com.example.app"


def record(
    tag: str = "flt-semantics", /, ref: str = "", box: tuple[float, ...] = (0, 0, 10, 10), **rest: Any
) -> dict[str, Any]:
    return {"t": tag, "i": ref or "flt-semantic-node-1", "b": box} | rest


def part(tag: str, /, **rest: Any) -> dict[str, Any]:
    """An element with which the engine draws its parent."""
    return {"t": tag, "i": "", "b": (0, 0, 10, 10)} | rest


def reading(*nodes: dict[str, Any]) -> dict[str, Any]:
    return {"width": 400, "height": 800, "ratio": 1, "nodes": nodes}


def window(
    *nodes: dict[str, Any],
    pixel_ratio: float = 1,
    field_texts: Mapping[str, str] | None = None,
    strict: bool = True,
) -> AndroidNode:
    return android_window(
        reading(*nodes),
        package=PACKAGE,
        pixel_ratio=pixel_ratio,
        field_texts=field_texts or {},
        strict=strict,
    )


def flutter_view(root: AndroidNode) -> AndroidNode:
    (column,) = root.children
    (content,) = column.children
    (view,) = content.children
    return view


def only(translated: dict[str, Any], **options: Any) -> AndroidNode:
    (node,) = flutter_view(window(translated, **options)).children
    return node


# -- the window


def test_flutter_lies_in_the_views_of_an_android_window() -> None:
    root = window(record())
    assert [node.class_name.rpartition(".")[2] for node in root.walk()] == [
        *("FrameLayout", "LinearLayout", "FrameLayout", "FrameLayout", "View"),
    ]
    assert root.children[0].children[0].resource_id == "android:id/content"
    assert {node.package for node in root.walk()} == {PACKAGE}
    assert flutter_view(root).focusable
    assert flutter_view(root).pane_title == " "


def test_a_dialogs_name_is_the_title_of_the_pane_and_no_text() -> None:
    dialog = record(a={"role": "alertdialog", "aria-label": "Delete it?"}, k=[record(x="Yes")])
    root = window(record(k=[dialog]))
    assert flutter_view(root).pane_title == "Delete it?"
    scope = flutter_view(root).children[0].children[0]
    assert (scope.content_desc, scope.focusable, scope.important) == (None, False, False)
    assert scope.children[0].content_desc == "Yes"


SCOPES = {
    "a pop-up menu": {"role": "menu", "aria-label": "Popup menu"},
    "a drawer": {"aria-label": "Navigation menu"},
    "a page": {"aria-describedby": "flt-semantic-node-9"},
}


@pytest.mark.parametrize("kind", SCOPES)
def test_a_routes_name_is_the_title_of_the_pane_alone(kind: str) -> None:
    title = record("h2", "flt-semantic-node-9", x="Profile")
    route = record(a=SCOPES[kind], k=[title, record(x="Ada")])
    root = window(route)
    scope = flutter_view(root).children[0]
    assert (scope.content_desc, scope.focusable, scope.important) == (None, False, False)
    assert flutter_view(root).pane_title == SCOPES[kind].get("aria-label", "Profile")


def test_a_tooltip_around_a_button_is_the_nodes_own() -> None:
    wrapper = only(record(a={"aria-label": "Star it"}, k=[record(a={"role": "button"})]))
    assert (wrapper.content_desc, wrapper.tooltip) == ("Star it", "Star it")
    assert only(record(a={"aria-label": "Post", "role": "group"}, k=[record()])).tooltip is None


@pytest.mark.parametrize(
    ("box", "ratio", "bounds"),
    [
        ((0, 0, 400, 800), 2.625, (0, 0, 1050, 2100)),
        ((10, 15.5, 68.44, 29), 1, (10, 16, 78, 45)),
        ((0.5, 2.5, 1, 1), 1, (1, 3, 2, 4)),
        ((-0.5, -1.5, 1, 1), 1, (0, -1, 1, 0)),
    ],
    ids=["physical", "each edge for itself", "halves up", "halves below zero up"],
)
def test_bounds_are_physical_pixels_rounded_as_java_does(
    box: tuple[float, ...], ratio: float, bounds: tuple[int, ...]
) -> None:
    assert only(record(box=box), pixel_ratio=ratio).bounds == PixelBounds(*bounds)


def test_what_nobody_can_see_has_no_node_and_nothing_in_it_has() -> None:
    hidden = record(h=1, x="Far below", k=[record(x="In it")])
    pane = only(record(s="y", o=1, k=[record(x="Here"), hidden]))
    assert [node.content_desc for node in pane.children] == ["Here"]


def test_a_node_is_known_by_the_id_of_its_element() -> None:
    assert only(record(ref="flt-semantic-node-7")).ref == "flt-semantic-node-7"


# -- classes


@pytest.mark.parametrize(
    ("seen", "name", "clickable"),
    [
        (record(x="Hello"), "view.View", False),
        (record(a={"role": "button", "flt-tappable": "", "tabindex": "0"}, x="Save"), "widget.Button", True),
        (record(a={"role": "button", "flt-tappable": ""}, k=[record()]), "widget.Button", True),
        (record(a={"role": "button", "flt-tappable": ""}, x="Save"), "view.View", True),
        (record(a={"role": "menuitem", "aria-label": "Save", "flt-tappable": ""}), "widget.Button", True),
        (record(a={"role": "menuitemcheckbox", "aria-label": "Muted"}), "widget.CheckBox", True),
        (record(a={"role": "button", "aria-disabled": "true"}, x="Save"), "widget.Button", False),
        (record("a", a={"href": "/", "flt-tappable": ""}, x="Terms"), "view.View", True),
        (record("a", a={"href": "/"}, x="Terms"), "view.View", False),
        (record("a", a={"flt-tappable": ""}, x="Terms"), "widget.Button", True),
        (record(a={"role": "img", "aria-label": "Cat"}), "widget.ImageView", False),
        (record(k=[part("flt-semantics-img", a={"aria-label": "Cat"})]), "widget.ImageView", False),
        (record(a={"role": "progressbar", "aria-label": "Busy"}), "widget.ProgressBar", False),
        (record(a={"role": "group"}, o=1, s="y"), "widget.ScrollView", False),
        (record(a={"role": "group"}, o=1, s="x"), "widget.HorizontalScrollView", False),
        (record(a={"role": "group", "aria-label": "Post"}, k=[record()]), "view.View", False),
        (record(k=[part("input", a={"type": "range"})]), "widget.SeekBar", True),
        (record(k=[part("input", a={"type": "text"})]), "widget.EditText", True),
        (record(k=[part("textarea")]), "widget.EditText", True),
        (record(k=[part("input", a={"type": "text", "readonly": "readonly"})]), "view.View", True),
        (record(k=[part("input", a={"type": "text"}, d=1)]), "view.View", False),
        (record(a={"role": "group"}, o=1, k=[record(), record()]), "view.View", False),
        (record(a={"role": "tab", "aria-label": "Feed", "flt-tappable": ""}), "view.View", True),
    ],
)
def test_each_kind_of_node_has_its_class(seen: dict[str, Any], name: str, clickable: bool) -> None:
    node = only(seen)
    assert (node.class_name, node.clickable) == (f"android.{name}", clickable)
    assert node.scrollable is name.endswith("ScrollView")


@pytest.mark.parametrize(
    ("role", "name"),
    [
        ("checkbox", "CheckBox"),
        ("radio", "RadioButton"),
        ("switch", "Switch"),
        ("menuitemcheckbox", "CheckBox"),
        ("menuitemradio", "RadioButton"),
    ],
)
def test_what_can_be_checked_says_so(role: str, name: str) -> None:
    on, off = (
        only(record(a={"role": role, "aria-label": "Dark", "aria-checked": said}))
        for said in ("true", "false")
    )
    assert [(each.class_name, each.checkable) for each in (on, off)] == [(f"android.widget.{name}", True)] * 2
    assert (on.checked, off.checked) == (True, False)


def test_a_heading_is_a_view_that_says_it_is_one() -> None:
    heading = only(record("h1", x="Profile"))
    assert (heading.class_name, heading.heading, heading.content_desc) == (
        "android.view.View",
        True,
        "Profile",
    )
    assert not only(record("header")).heading


def test_what_may_be_less_on_a_phone_is_less_unless_the_webs_word_is_taken() -> None:
    title = record("h2", x="Profile")
    tile = record(a={"aria-current": "false"}, x="Ada")
    tap = record(a={"role": "button", "flt-tappable": ""}, x="Open")
    assert [only(title, strict=strict).heading for strict in (True, False)] == [False, True]
    assert [only(tile, strict=strict).enabled for strict in (True, False)] == [False, True]
    assert [only(tap, strict=strict).class_name.rpartition(".")[2] for strict in (True, False)] == [
        *("View", "Button")
    ]
    assert only(record(a={"aria-current": "true"}, x="Ada")).enabled


# -- texts


@pytest.mark.parametrize(
    ("seen", "described"),
    [
        (record(), None),
        (record(x=" Hello "), " Hello "),
        (record(x="\n  "), None),
        (record(a={"aria-label": "Ada\nFirst post"}, k=[record()]), "Ada\nFirst post"),
        (record(x="Save", a={"aria-description": "Keeps it"}), "Save, Keeps it"),
        (
            record(
                a={"aria-label": "Volume"}, k=[part("input", a={"type": "range", "aria-valuetext": "38%"})]
            ),
            "38%, Volume",
        ),
        (record(k=[part("input", a={"type": "range", "aria-valuetext": "38%"})]), "38%"),
    ],
    ids=["nothing", "a text", "no text", "a group", "with a hint", "a slider", "an unnamed slider"],
)
def test_what_a_node_says_is_its_description(seen: dict[str, Any], described: str | None) -> None:
    node = only(seen)
    assert (node.content_desc, node.text, node.hint) == (described, "", None)
    assert node.important is (described is not None)


def test_an_identifier_is_the_resource_id_as_it_is() -> None:
    assert only(record(a={"flt-semantics-identifier": "save"})).resource_id == "save"
    assert only(record()).resource_id is None


def test_a_field_has_its_text_as_text_and_its_label_as_hint() -> None:
    field = only(
        record(k=[part("input", a={"aria-label": "Name", "aria-description": "In full"}, f=1, v="Ada")])
    )
    assert (field.text, field.content_desc, field.hint) == ("Ada", None, "Name, In full")
    assert (field.focused, field.focusable, field.password) == (True, True, False)


def test_a_field_without_the_focus_says_what_it_last_said() -> None:
    field = record(ref="flt-semantic-node-5", k=[part("input", v="the browser's")])
    assert only(field, field_texts={"flt-semantic-node-5": "Ada"}).text == "Ada"
    assert only(field).text == ""


def test_a_password_is_as_many_bullets_as_dart_counts_characters() -> None:
    secret = record(k=[part("input", a={"type": "password"}, f=1, v="a\N{GRINNING FACE}")])
    assert (only(secret).text, only(secret).password) == ("•••", True)


def test_tabs_say_which_they_are_as_they_do_everywhere_but_on_the_web() -> None:
    def tab(label: str) -> dict[str, Any]:
        return record(a={"role": "tab", "aria-label": label})

    bar = only(record(a={"role": "tablist"}, k=[tab("Feed"), record(x="Between"), tab("Profile")]))
    assert [node.content_desc for node in bar.children] == [
        *("Feed\nTab 1 of 2", "Between", "Profile\nTab 2 of 2")
    ]
    bottom = only(record(k=[tab("Home\nTab 1 of 1")]))
    assert [node.content_desc for node in bottom.children] == ["Home\nTab 1 of 1"]


# -- states


def test_a_node_is_enabled_unless_it_says_otherwise() -> None:
    assert only(record(x="Text")).enabled
    assert not only(record(a={"role": "button", "aria-disabled": "true"})).enabled
    assert only(record(k=[part("input", a={"type": "range"}, d=1)])).enabled


def test_the_focus_is_the_apps_and_not_what_the_web_engine_gives_a_route_that_opens() -> None:
    def button(**rest: Any) -> dict[str, Any]:
        return record(ref=f"flt-semantic-node-{len(rest)}", a={"role": "button", "tabindex": "0"}, **rest)

    def has_focus(*nodes: dict[str, Any]) -> bool:
        dialog = record(a={"role": "dialog", "aria-label": "Alert"}, k=list(nodes))
        return any(node.focused for node in only(dialog).walk())

    assert not has_focus(button(f=1), button())
    assert has_focus(button(), button(f=1))
    assert not has_focus(record("h2", x="Sure?", f=1, a={"tabindex": "-1"}), button())
    assert has_focus(record(k=[part("input", f=1)]), button())
    assert only(button(f=1)).focused
    # A route without a name isn't known for one: what can't have the app's focus hasn't.
    assert not only(record("h2", x="Profile", f=1, a={"tabindex": "-1"})).focused
    assert not only(record(a={"role": "group"}, o=1, s="y", f=1)).focused


def test_what_is_selected_or_current_is_selected() -> None:
    assert only(record(a={"role": "tab", "aria-selected": "true"})).selected
    assert only(record(a={"aria-current": "true"})).selected
    assert not only(record(a={"aria-current": "false"})).selected


@pytest.mark.parametrize(
    ("seen", "focusable"),
    [
        (record(), False),
        (record(a={"flt-semantics-identifier": "wrapper"}), False),
        (record(x="Text"), True),
        (record(a={"role": "button", "aria-disabled": "true"}), True),
        (record(a={"role": "group"}, o=1, s="y"), True),
        (record(a={"role": "group"}, o=1), False),
        (record(a={"tabindex": "0"}), True),
        (record(a={"tabindex": "-1"}), False),
    ],
)
def test_what_says_or_does_something_can_have_the_focus(seen: dict[str, Any], focusable: bool) -> None:
    assert only(seen).focusable is focusable
