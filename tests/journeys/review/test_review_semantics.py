"""What two semantics trees say differently."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from journeys.review.errors import Refused
from journeys.review.semantics_changes import NodeChange, semantics_changes


def node(role: str, label: str = "", **more: Any) -> dict[str, Any]:
    left, top, width, height = more.pop("box", (0, 0, 10, 10))
    box = {"left": left, "top": top, "width": width, "height": height}
    return {"role": role, "label": label, "box": box, **more}


def changes(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> list[NodeChange]:
    trees = (json.dumps({"root": node("generic", children=nodes)}).encode() for nodes in (before, after))
    return list(semantics_changes(*trees).changes)


def test_a_node_that_moved_is_said_to_have_moved() -> None:
    before, after = [node("button", "Save")], [node("button", "Save", box=(2, 8, 10, 10))]
    assert changes(before, after) == [
        NodeChange("changed", "button “Save”", ("moved 2 px right and 8 px down",))
    ]


def test_a_node_whose_text_changed_is_still_the_same_node() -> None:
    assert changes([node("text", "Alice")], [node("text", "Bob")]) == [
        NodeChange("changed", "text “Alice”", ("text was “Alice”, is “Bob”",))
    ]


def test_nodes_that_came_and_went_stand_where_they_are_read() -> None:
    before = [node("heading", "Feed"), node("image", "Old"), node("button", "Post")]
    after = [node("heading", "Feed"), node("button", "Post"), node("link", "More")]
    assert changes(before, after) == [
        NodeChange("removed", "image “Old”"),
        NodeChange("added", "link “More”"),
    ]


def test_an_identifier_tells_a_node_wherever_it_is() -> None:
    before = [node("text", "1", identifier="count"), node("text", "2")]
    after = [node("text", "2"), node("text", "3", identifier="count")]
    assert changes(before, after) == [
        NodeChange("changed", "text “1”", ("text was “1”, is “3”",)),
    ]


@pytest.mark.parametrize(
    ("more", "note"),
    [
        ({"enabled": False}, "enabled: was yes, is no"),
        ({"checked": None}, "checked: was yes, is neither"),
        ({"value": "7"}, "value was “”, is “7”"),
        ({"box": (0, 0, 10, 12)}, "was 10×10 px, is 10×12 px"),
    ],
)
def test_how_a_node_differs_is_said(more: dict[str, Any], note: str) -> None:
    before = [node("checkbox", "Tell me", enabled=True, checked=True)]
    after = [
        {**node("checkbox", "Tell me", enabled=True, checked=True), **node("checkbox", "Tell me", **more)}
    ]
    assert changes(before, [{**after[0], **more, "box": after[0]["box"]}]) == [
        NodeChange("changed", "checkbox “Tell me”", (note,))
    ]


@pytest.mark.parametrize(
    "tree",
    [
        b"{",
        b"[]",
        b'"tree"',
        b'{"root": 1}',
        b'{"root": {"children": {}}}',
        b'{"root": {"children": [1]}}',
        b"[" * 99999,
    ],
)
def test_what_is_no_tree_is_refused(tree: bytes) -> None:
    with pytest.raises(Refused):
        semantics_changes(tree, b"{}")


def test_a_tree_with_too_many_nodes_is_refused() -> None:
    many = json.dumps({"children": [node("text", str(number)) for number in range(5001)]}).encode()
    with pytest.raises(Refused, match="more than 5000 nodes"):
        semantics_changes(b"{}", many)


roles = st.sampled_from(["button", "text", "image"])
nodes = st.lists(st.builds(node, roles, st.sampled_from(["", "a", "b", "c"])), max_size=8)


@given(nodes, nodes)
def test_every_node_is_told_of_once(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    trees = (json.dumps({"root": node("generic", children=each)}).encode() for each in (before, after))
    found = semantics_changes(*trees)
    kinds = [change.kind for change in found.changes]
    assert kinds.count("removed") + kinds.count("changed") + found.same == len(before)
    assert kinds.count("added") + kinds.count("changed") + found.same == len(after)


@given(nodes)
def test_a_tree_is_the_same_as_itself(each: list[dict[str, Any]]) -> None:
    assert changes(each, each) == []
