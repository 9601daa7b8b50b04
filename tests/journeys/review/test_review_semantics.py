"""What two screens say differently, as the page lists it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge import Box, Node, Role, Tree
from journeys.review.details import NodeChange, SemanticsChanges, compare_semantics
from journeys.review.files import ReviewError
from journeys.snapshots import tree_as_json

SCREEN = Box(0, 0, 400, 800)
SAVE = Node(Role.BUTTON, label="Save", box=Box(10, 100, 80, 40))
TICK = Node(Role.CHECKBOX, label="Tell me", box=Box(10, 200, 80, 40), checked=True)


def compared(before: list[Node], after: list[Node]) -> SemanticsChanges:
    one, other = (
        tree_as_json(Tree(Node(box=SCREEN, children=tuple(nodes)), SCREEN)) for nodes in (before, after)
    )
    return compare_semantics(one, other)


def node(role: Role, label: str, top: int = 0) -> Node:
    return Node(role, label=label, box=Box(0, top, 50, 20))


@pytest.mark.parametrize(
    ("was", "change", "note"),
    [
        (SAVE, {"box": Box(12, 108, 80, 40)}, "moved 2 px right and 8 px down"),
        (SAVE, {"box": Box(10, 100, 80, 44)}, "was 80×40 px, is 80×44 px"),
        (SAVE, {"label": "Save now"}, "text was “Save”, is “Save now”"),
        (SAVE, {"tooltip": "Keeps it"}, "tooltip was “”, is “Keeps it”"),
        (SAVE, {"enabled": False}, "is disabled now"),
        (TICK, {"checked": False}, "is off now"),
        (TICK, {"value": "7"}, "value was “”, is “7”"),
    ],
)
def test_how_a_node_differs_is_said(was: Node, change: dict[str, Any], note: str) -> None:
    found = compared([was], [replace(was, **change)])
    assert [(each.kind, each.notes) for each in found.changes] == [("changed", (note,))]
    assert found.same == 0


def test_nodes_that_came_and_went_stand_where_they_are_read() -> None:
    feed, old, post, more = (
        node(Role.HEADING, "Feed"),
        node(Role.IMAGE, "Old", 50),
        node(Role.BUTTON, "Post", 100),
        node(Role.LINK, "More", 150),
    )
    found = compared([feed, old, post], [feed, post, more])
    assert found == SemanticsChanges(
        (NodeChange("removed", "image “Old”"), NodeChange("added", "link “More”")), same=2
    )


@pytest.mark.parametrize("tree", [b"{", b"[]", b'{"format": 1, "root": {"children": {}}}', b"[" * 99_999])
def test_what_is_no_tree_is_refused(tree: bytes) -> None:
    fine = tree_as_json(Tree(Node(), SCREEN))
    for pair in ((tree, fine), (fine, tree)):
        with pytest.raises(ReviewError, match="run the journeys again"):
            compare_semantics(*pair)


nodes = st.lists(
    st.builds(
        node,
        st.sampled_from([Role.BUTTON, Role.TEXT]),
        st.sampled_from("abcd"),
        st.integers(0, 700),
    ),
    max_size=8,
)


@given(nodes, nodes)
def test_every_node_is_told_of_once(before: list[Node], after: list[Node]) -> None:
    found = compared(before, after)
    kinds = [change.kind for change in found.changes]
    assert kinds.count("removed") + kinds.count("changed") + found.same == len(before)
    assert kinds.count("added") + kinds.count("changed") + found.same == len(after)


@given(nodes)
def test_a_screen_says_the_same_as_itself(each: list[Node]) -> None:
    assert compared(each, each) == SemanticsChanges((), len(each))
