"""XPath over the very XML that a page source shows."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fake_android.device import AndroidNode
from fake_android.errors import InvalidSelector, NotSupported, UiAutomatorError
from fake_android.locators import MAX_XPATH_CHARS, find_by_xpath
from fake_android.page_source import LookupSettings

SAVE = AndroidNode(class_name="android.widget.Button", content_desc="Save", resource_id="save")
NAME = AndroidNode(class_name="android.widget.EditText", text="Ada", hint="Name")
HIDDEN = AndroidNode(content_desc="Hidden", displayed=False)
ROW = AndroidNode(content_desc="Row\nof two", children=(HIDDEN, NAME, SAVE))
OTHER = AndroidNode(class_name="android.widget.Button", content_desc="Other")
WINDOW = AndroidNode(class_name="android.widget.FrameLayout", children=(ROW, OTHER))
ALL = LookupSettings(allow_invisible_elements=True)
WIDE = LookupSettings(limit_xpath_context_scope=False)
FIRST = LookupSettings(enforce_xpath1=True)


@pytest.mark.parametrize(
    ("expression", "nodes"),
    [
        ("//android.widget.Button", [SAVE, OTHER]),
        ("//*[@resource-id='save']", [SAVE]),
        ('//*[@content-desc="Other" or @text="Ada"]', [NAME, OTHER]),
        ("//*[@content-desc='Row\nof two']", [ROW]),
        ("(//android.widget.Button)[2]", [OTHER]),
        ("//android.widget.Button[last()]", [SAVE, OTHER]),
        ("/hierarchy/android.widget.FrameLayout", [WINDOW]),
        ("/hierarchy", []),
        ("//android.view.View/*", [NAME, SAVE]),
        ("//*[@index='2']", [SAVE]),
        ("//*[contains(@hint, 'am')]", [NAME]),
        ("//android.widget.EditText/following-sibling::*", [SAVE]),
        ("//*[@content-desc='Hidden']", []),
        ("//*[matches(@content-desc, '^Sa')]", [SAVE]),
        ("//*[matches(@content-desc, 'ROW.of', 'is')]", [ROW]),
        ("//*[lower-case(@content-desc) = 'save']", [SAVE]),
        ("//*[upper-case(@text) = 'ADA']", [NAME]),
        ("//*[ends-with(@content-desc, 'two')]", [ROW]),
        ("//@text", []),
        ("count(//*)", []),
        ("string(//*/@text)", []),
    ],
)
def test_an_expression_finds_nodes_in_document_order(expression: str, nodes: list[AndroidNode]) -> None:
    assert find_by_xpath(WINDOW, expression, multiple=True) == nodes
    assert find_by_xpath(WINDOW, expression, multiple=False) == nodes[:1]


def test_what_a_setting_shows_in_the_source_is_found() -> None:
    assert find_by_xpath(WINDOW, "//*[@content-desc='Hidden']", multiple=True, settings=ALL) == [HIDDEN]
    shallow = LookupSettings(snapshot_max_depth=2)
    assert find_by_xpath(WINDOW, "//android.widget.Button", multiple=True, settings=shallow) == [OTHER]


@pytest.mark.parametrize(
    ("expression", "limited", "wide"),
    [
        (".//android.widget.Button", [SAVE], [SAVE]),
        ("//android.widget.Button", [SAVE], [SAVE, OTHER]),
        (".", [ROW], [ROW]),
        ("/*", [ROW], []),
        ("..", [], [WINDOW]),
        ("./following-sibling::*", [], [OTHER]),
        ("//*[@index='0']", [ROW], [WINDOW, ROW]),
    ],
)
def test_from_a_node_the_server_knows_only_what_is_in_it_unless_it_is_told_otherwise(
    expression: str, limited: list[AndroidNode], wide: list[AndroidNode]
) -> None:
    assert find_by_xpath(WINDOW, expression, multiple=True, context=ROW) == limited
    assert find_by_xpath(WINDOW, expression, multiple=True, context=ROW, settings=WIDE) == wide


def test_a_node_keeps_its_number_where_it_is_the_root() -> None:
    assert find_by_xpath(WINDOW, "self::*[@index='2']", multiple=True, context=SAVE) == [SAVE]


def test_a_node_that_the_source_leaves_out_is_no_place_to_start_from() -> None:
    with pytest.raises(UiAutomatorError, match="Cannot match the root element"):
        find_by_xpath(WINDOW, ".", multiple=True, context=HIDDEN, settings=WIDE)


@pytest.mark.parametrize(
    "expression", ["//*[", "", "//*[@text=]", "//", "a b", "//*[@text='Ada]", "x:y", "\x00"]
)
def test_what_is_no_xpath_is_an_invalid_selector(expression: str) -> None:
    with pytest.raises(InvalidSelector) as raised:
        find_by_xpath(WINDOW, expression, multiple=True)
    assert raised.value.error == "invalid selector"


@pytest.mark.parametrize(
    "expression",
    ["//*[tokenize(@text, ',')]", "//*[matches(@text, 'a', 'x')]", r"//*[matches(@text, '\p{L}')]"],
)
def test_what_only_a_device_knows_is_refused(expression: str) -> None:
    with pytest.raises(NotSupported):
        find_by_xpath(WINDOW, expression, multiple=True)


def test_xpath_1_knows_no_functions_of_2_and_wants_nodes() -> None:
    with pytest.raises(NotSupported):
        find_by_xpath(WINDOW, "//*[matches(@text, 'A')]", multiple=True, settings=FIRST)
    with pytest.raises(UiAutomatorError, match=r"Can not convert 6\.0"):
        find_by_xpath(WINDOW, "count(//*)", multiple=True, settings=FIRST)


def test_an_expression_without_end_is_refused() -> None:
    with pytest.raises(InvalidSelector, match="of 4001 characters"):
        find_by_xpath(WINDOW, "/" * (MAX_XPATH_CHARS + 1), multiple=True)


@given(st.text(st.sampled_from("/*[]@()'\".=|:-+<>$ abtext1\x00\ud800é"), max_size=30))
def test_whatever_the_expression_it_finds_nodes_or_is_refused(expression: str) -> None:
    try:
        found = find_by_xpath(WINDOW, expression, multiple=True)
    except UiAutomatorError:
        return
    assert all(node in {WINDOW, ROW, NAME, SAVE, OTHER} for node in found)
