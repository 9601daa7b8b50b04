"""Recorded readings of a page, parsed without one."""

from __future__ import annotations

import json
from typing import Any

import pytest

from flutter_bridge import Box, Node, Role, SemanticsMissing, by
from flutter_bridge.web import parse


def reading(*nodes: dict[str, Any], **page: Any) -> str:
    given = {"version": 7, "url": "http://127.0.0.1/", "width": 412, "height": 915, "ratio": 2.625}
    return json.dumps(given | {"flutter": True, "nodes": nodes} | page)


def node(tag: str = "flt-semantics", **rest: Any) -> dict[str, Any]:
    return {"t": tag, "i": "", "b": [0, 0, 10, 10]} | rest


def only(record: dict[str, Any]) -> Node:
    return parse(reading(record)).tree.root.children[0]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (reading(node(b=[0, 0, "1", 1])), r"Expected `float`, got `str` - at `\$\.nodes\[0\]\.b\[2\]`"),
        (reading(node(a={"aria-label": 7})), r"Expected `str`, got `int`"),
        (reading(node(b=[0, 0, float("nan"), 1])), "JSON is malformed"),
        (reading(ratio=0), r"Expected `float` > 0"),
        (reading().replace("7", "7" * 5_000), "Integer value out of range"),
        ("<html>", "JSON is malformed"),
        ("", "Input data was truncated"),
        (reading(node()).replace('"i": ""', '"i": "", "k": [{' * 50_000), "more than 200 levels"),
    ],
)
def test_what_is_no_reading_is_said_in_one_line(text: str, problem: str) -> None:
    with pytest.raises(
        SemanticsMissing, match=f"^the page's semantics can't be read: .*{problem}"
    ) as refused:
        parse(text)
    assert len(str(refused.value).splitlines()) == 1


def test_a_page_may_be_as_deep_as_any_app_is_and_no_deeper() -> None:
    deep = node(x="Hello")
    for _ in range(200):
        deep = node(k=[deep])
    assert [each.text for each in parse(reading(deep)).tree if each.text] == ["Hello"]
    with pytest.raises(SemanticsMissing, match="more than 200 levels"):
        parse(reading(node(k=[deep])))


def test_half_a_character_is_one_odd_letter_and_hides_no_screen() -> None:
    assert only(node(x="a\ud83d")).label == "a\ufffd"
    assert only(node(x="\ude00 b \\ud83d")).label == "\ufffd b \\ud83d"
    assert only(node(x="\U0001f600")).label == "\U0001f600"


def test_a_reading_says_where_and_when_it_was_made() -> None:
    snapshot = parse(reading(node(x="Hello")))
    assert (snapshot.version, snapshot.url, snapshot.is_ready, snapshot.has_flutter) == (
        7,
        "http://127.0.0.1/",
        True,
        True,
    )
    assert (snapshot.tree.screen, snapshot.tree.pixel_ratio) == (Box(0, 0, 412, 915), 2.625)


def test_an_empty_page_is_not_ready() -> None:
    snapshot = parse(reading(flutter=False))
    assert (snapshot.is_ready, snapshot.has_flutter, list(snapshot.tree)) == (
        False,
        False,
        [snapshot.tree.root],
    )


def test_a_post_as_flutter_3_44_writes_it() -> None:
    avatar = node(
        i="flt-semantic-node-40",
        a={"flt-semantics-identifier": "item-0"},
        k=[
            node("flt-semantics-img", a={"role": "img", "aria-label": "Picture 0"}),
            node(i="flt-semantic-node-41", a={"role": "img"}),
        ],
    )
    row = node(i="flt-semantic-node-39", a={"role": "group", "aria-label": "Row 0"}, k=[avatar])
    pane = node(i="flt-semantic-node-66", a={"role": "group"}, o=1, s="y", k=[row, row])
    tree = parse(
        reading(node(i="flt-semantic-node-37", a={"flt-semantics-identifier": "list"}, k=[pane]))
    ).tree
    listed = by.identifier("list").first_match_in(tree)
    assert listed is not None
    assert (listed.role, listed.scrolls, listed.ref) == (Role.SCROLLABLE, "vertical", "flt-semantic-node-66")
    pictures = by.role(Role.IMAGE).within(by.identifier("list")).all_matches_in(tree)
    assert [(found.identifier, found.label) for found in pictures] == [("item-0", "Picture 0")] * 2


def test_a_focused_field_says_its_text_and_others_cannot() -> None:
    field = {"role": "", "aria-label": "Name"}
    focused = only(node(k=[node("input", a=field, v="Ada", f=1)]))
    assert (focused.role, focused.value, focused.focused) == (Role.TEXT_FIELD, "Ada", True)
    assert only(node(k=[node("input", a=field)])).value == ""


def test_a_progress_bars_value_is_no_part_of_its_label() -> None:
    named = only(node(a={"role": "progressbar", "aria-label": "Uploading 42", "aria-valuenow": "42"}))
    assert (named.role, named.label, named.value) == (Role.PROGRESS, "Uploading", "42")
    bare = only(node(a={"role": "progressbar", "aria-label": "42%", "aria-valuetext": "42%"}))
    assert (bare.label, bare.value) == ("", "42%")
    busy = only(node(a={"role": "progressbar", "aria-label": "Busy 42"}))
    assert (busy.label, busy.value) == ("Busy 42", "")


def test_the_line_that_says_which_tab_it_is_makes_a_tab_and_is_no_label() -> None:
    tab = only(node(a={"role": "button", "flt-tappable": ""}, x="Feed\nTab 1 of 3"))
    assert (tab.role, tab.label, tab.hint) == (Role.TAB, "Feed", "Tab 1 of 3")
    assert only(node(a={"role": "button"}, x="Tab 1 of 3")).role is Role.BUTTON


def test_what_cannot_be_seen_keeps_its_place() -> None:
    hidden = only(node(x="Below", h=1, b=[0, 1000, 10, 10]))
    assert (hidden.visible, hidden.box.top) == (False, 1000)


@pytest.mark.parametrize("role", ["table", "row", "presentation", "unheard-of"])
def test_a_role_nobody_asks_for_is_what_its_text_makes_it(role: str) -> None:
    assert only(node(a={"role": role}, x="Cell")).role is Role.TEXT
    assert only(node(a={"role": role})).role is Role.GENERIC
