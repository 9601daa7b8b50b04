"""What a screen said, as JSON: whole after reading, and refused with a line where it isn't ours."""

from __future__ import annotations

import json
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flutter_bridge import Box, Node, Role, Tree
from journeys.snapshots import UnreadableTree, tree_as_json, tree_from_json
from journeys.snapshots.semantics import MAX_BYTES, MAX_DEPTH, MAX_NODES, MAX_TEXT
from tests.journeys.snapshots.drawn import node, tree

edges = st.integers(-100_000, 100_000).map(lambda hundredths: hundredths / 100)
boxes = st.builds(Box, edges, edges, edges, edges)
texts = st.text(max_size=20)
leaves = st.builds(
    Node,
    role=st.sampled_from(Role),
    identifier=texts,
    label=texts,
    value=texts,
    hint=texts,
    tooltip=texts,
    box=boxes,
    enabled=st.booleans(),
    focused=st.booleans(),
    selected=st.booleans(),
    checked=st.sampled_from([None, True, False]),
    obscured=st.booleans(),
    visible=st.booleans(),
    scrolls=st.sampled_from([None, "horizontal", "vertical"]),
    is_folded=st.booleans(),
)
nodes = st.recursive(
    leaves,
    lambda below: st.builds(
        lambda one, children: replace(one, children=tuple(children)), leaves, st.lists(below, max_size=3)
    ),
    max_leaves=8,
)
trees = st.builds(Tree, nodes, boxes, st.sampled_from([0.75, 1.0, 2.625, 3.0]))


def same(one: Node, other: Node) -> bool:
    """Nodes are equal only to themselves: compare what they say."""
    said = [
        (getattr(one, each.name), getattr(other, each.name))
        for each in fields(Node)
        if each.name != "children"
    ]
    return all(a == b for a, b in said) and [True] * len(one.children) == [
        same(a, b) for a, b in zip(one.children, other.children, strict=True)
    ]


@given(trees)
@settings(deadline=None)
def test_a_tree_is_read_as_it_was_written(written: Tree) -> None:
    read = tree_from_json(tree_as_json(written))
    assert same(read.root, written.root)
    assert (read.screen, read.pixel_ratio) == (written.screen, written.pixel_ratio)


def test_it_is_small_and_says_nothing_of_the_platform() -> None:
    written = tree_as_json(tree(node(Role.BUTTON, "Save", (1, 2, 3, 4), ref="flt-semantic-node-7")))
    assert json.loads(written)["root"]["children"] == [
        {"role": "button", "box": [1.0, 2.0, 3.0, 4.0], "label": "Save"}
    ]


def test_a_text_that_is_too_long_is_cut_and_can_be_read() -> None:
    written = tree_as_json(tree(node(Role.TEXT, "x" * (MAX_TEXT + 1))))
    assert len(tree_from_json(written).root.children[0].label) == MAX_TEXT


def document(**changes: object) -> bytes:
    whole = json.loads(tree_as_json(tree(node(Role.BUTTON, "Save"))))
    return json.dumps({**whole, **changes}).encode()


def deep(levels: int) -> dict[str, object]:
    said: dict[str, object] = {"role": "text", "box": [0, 0, 1, 1]}
    for _ in range(levels):
        said = {"role": "group", "box": [0, 0, 1, 1], "children": [said]}
    return said


def one(**more: object) -> dict[str, object]:
    return {"role": "text", "box": [0, 0, 1, 1], **more}


@pytest.mark.parametrize(
    ("encoded", "why"),
    [
        (b"", "no JSON"),
        (b"\xff\xfe", "no JSON"),
        (b"[" * 100_000, "no JSON"),
        (b"[]", "another version"),
        (document(format=2), "another version"),
        (document(root=None), "root: expected an object, found null"),
        (document(root=one(children={})), r"root.children: expected a list, found an object"),
        (document(root=one(children=["text"])), r"root.children\[0\]: expected an object, found text"),
        (document(root=one(role="wizard")), "root.role: invalid enum value 'wizard'"),
        (document(root=one(role=["text"])), "root.role: "),
        (document(root=one(label=7)), "root.label: expected text, found a whole number"),
        (document(root=one(label="x" * (MAX_TEXT + 1))), "root.label: "),
        (document(root=one(enabled="yes")), "root.enabled: expected true or false, found text"),
        (document(root=one(scrolls="sideways")), "root.scrolls: invalid enum value 'sideways'"),
        (document(root=one(box=[0, 0, 1])), "root.box: expected a list of length 4"),
        (document(root=one(box=[0, 0, "1", 1])), r"root.box\[2\]: expected a number, found text"),
        (document(root=one(box=[0, 0, float("inf"), 1])), "no JSON"),
        (document(root=one(box=[0, 0, float("nan"), 1])), "no JSON"),
        (document(root=one(box=[0, 0, 1e9, 1])), r"root.box\[2\]: expected a number <= 10000000"),
        (document(root=one(box=[0, 0, 10**400, 1])), "a number of more than 64 bits"),
        (document(root=one(scrolls=["vertical"])), "root.scrolls: "),
        (document(pixel_ratio=0), "pixel_ratio: expected a number > 0"),
        (document(pixel_ratio=True), "pixel_ratio: expected a number, found true or false"),
        (document(root=deep(MAX_DEPTH + 1)), "deep"),
        (document(root=one(children=[one()] * MAX_NODES)), "nodes"),
        (b" " * (MAX_BYTES + 1), "MiB"),
    ],
)
def test_what_is_none_of_ours_is_refused_in_a_line(encoded: bytes, why: str) -> None:
    with pytest.raises(UnreadableTree, match=why) as refused:
        tree_from_json(encoded)
    assert "\n" not in str(refused.value)


def test_as_deep_and_as_many_as_allowed_is_read() -> None:
    assert tree_from_json(document(root=deep(MAX_DEPTH)))
    assert len(list(tree_from_json(document(root=one(children=[one()] * (MAX_NODES - 1)))))) == MAX_NODES
