"""Page sources of Android that can't be read, or are hardly any, are told in one line or made the best of."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge import SemanticsMissing, Tree, by
from flutter_bridge.appium import android_tree
from flutter_bridge.appium.page_source import MAX_DEPTH, MAX_LENGTH
from tests.flutter_bridge.android_views import WHOLE, hierarchy, tree_of, view


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
        (
            hierarchy("<a>" * MAX_DEPTH + "</a>" * MAX_DEPTH),
            "more than 200 levels; limit the driver's setting",
        ),
    ],
)
def test_a_source_that_cannot_be_read_is_one_clear_line(source: str, why: str) -> None:
    with pytest.raises(SemanticsMissing) as raised:
        android_tree(source, pixel_ratio=1)
    assert why in str(raised.value)
    assert len(str(raised.value).splitlines()) == 1


def test_a_source_without_end_is_refused_before_it_is_parsed() -> None:
    with pytest.raises(SemanticsMissing, match="32,000,001 characters"):
        android_tree("<" * (MAX_LENGTH + 1), pixel_ratio=1)


def test_the_deepest_source_is_still_searched() -> None:
    levels = MAX_DEPTH - 1
    tag = '<android.view.View content-desc="x" bounds="[0,0][9,9]">'
    tree = tree_of(tag * levels + "</android.view.View>" * levels)
    assert len(by.label("x").all_matches_in(tree)) == levels


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
        assert [node for node in tree if node.visible and node.box.is_empty and node is not tree.root] == []


@given(nested.map(hierarchy), st.data())
def test_a_source_cut_or_garbled_anywhere_is_read_or_refused(source: str, data: st.DataObject) -> None:
    at = data.draw(st.integers(0, len(source)))
    noise, lost = data.draw(st.text(max_size=3)), data.draw(st.integers(0, 3))
    for garbled in (source[:at], source[:at] + noise + source[at + lost :]):
        with suppress(SemanticsMissing):
            assert isinstance(android_tree(garbled, pixel_ratio=2.0), Tree)
