"""The stand-in says of each kind of semantics what a phone says, and so the runner reads the same of it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fake_android.android_facts import (
    KINDS,
    Kind,
    attribute_differences,
    reading_differences,
    stand_in_table,
    web_table,
)

EXPLANATIONS = Path(__file__).parents[2] / "docs" / "explanations"

LOST_ON_THE_WEB = {
    "label and value",
    "hint only",
    "field unfocused with value",
    "field disabled",
    "selectable text",
    "radio in a selected tile",
    "snack bar",
    "dismiss",
}
"""What the web says nothing of, and the runner reads: each stands in the documentation's table."""

UNTIL_THE_FOCUS = {"field unfocused with value": "Ada", "selectable text": "Some text"}
"""What is lost for as long as the field hasn't had the focus."""

OF_USE_TO_THE_RUNNER = ("text", "content-desc", "hint", "enabled", "checked", "selected", "clickable")
"""Attributes in which only what is lost on the web may differ."""


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name not in LOST_ON_THE_WEB], ids=str)
def test_the_runner_reads_the_same_as_on_a_phone(kind: Kind) -> None:
    assert reading_differences(kind) == []


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name in LOST_ON_THE_WEB], ids=str)
def test_what_is_lost_on_the_web_is_still_lost(kind: Kind) -> None:
    assert reading_differences(kind)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.name in UNTIL_THE_FOCUS], ids=str)
def test_a_field_that_had_the_focus_says_all_it_says_on_a_phone(kind: Kind) -> None:
    assert reading_differences(kind, {kind.web["i"]: UNTIL_THE_FOCUS[kind.name]}) == []


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_what_the_runner_goes_by_differs_only_where_it_is_lost(kind: Kind) -> None:
    differing = {name for _place, name, _said, _other in attribute_differences(kind)}
    blank = kind.name == "blank label"  # which the web leaves out, and nobody can read
    if kind.name not in LOST_ON_THE_WEB and not blank:
        assert differing.isdisjoint(OF_USE_TO_THE_RUNNER)


@pytest.mark.parametrize(
    ("page", "table"),
    [("stand-in-device.md", stand_in_table), ("semantics-on-the-web.md", web_table)],
    ids=["what differs on a stand-in", "what differs on the web"],
)
def test_the_documentation_says_all_that_differs(page: str, table: Callable[[], list[str]]) -> None:
    """The failure has the table that belongs there."""
    wanted = "\n".join(table())
    assert wanted in (EXPLANATIONS / page).read_text(encoding="utf-8"), f"{page} needs:\n{wanted}"
