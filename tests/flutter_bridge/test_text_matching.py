"""Texts are compared as people read them; where two only look alike, a message shows by what they differ."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from flutter_bridge.finders import by, not_found_error
from flutter_bridge.semantics import Box, Node, Role, Tree
from flutter_bridge.text import as_read, hidden_difference, quote, reads_as

SAME = {
    "narrow no-break space": ("10:30\u202fAM", "10:30 AM"),
    "no-break space": ("12,50\u00a0€", "12,50 €"),
    "thin, ideographic and other spaces": ("1\u2009000\u3000km\u2003h", "1 000 km h"),
    "two spaces, a tab, spaces at the ends": ("  Ada \t Lovelace ", "Ada Lovelace"),
    "line break": ("Ada\nLovelace", "Ada Lovelace"),
    "separators of lines and paragraphs": ("Ada\u2028Lovelace\u2029Byron", "Ada Lovelace Byron"),
    "carriage return": ("Ada\r\nLovelace", "Ada\nLovelace"),
    "embedding marks": (
        "Avatar of \u202b\u0623\u0645\u064a\u0646\u202c",
        "Avatar of \u0623\u0645\u064a\u0646",
    ),
    "isolates and direction marks": ("\u2068Ada\u2069\u200e likes\u200f it\u061c", "Ada likes it"),
    "decomposed letter": ("Zoe\u0308", "Zo\u00eb"),
    "decomposed Hangul": (unicodedata.normalize("NFD", "\ud55c\uae00"), "\ud55c\uae00"),
    "singleton": ("5 \u212b", "5 \u00c5"),
    "soft hyphen": ("Profil\u00adbild", "Profilbild"),
    "zero-width space": ("example\u200b.test", "example.test"),
    "word joiner and byte order mark": ("\ufeffAda\u2060 B", "Ada B"),
    "variation selectors": ("Saved \u2714\ufe0f", "Saved \u2714\ufe0e"),
    "embedded widget": ("\ufffcAda \ufffc likes", "Ada likes"),
    "non-breaking hyphen": ("e\u2011mail", "e-mail"),
}
OTHER = {
    "another letter": ("Ada", "Adb"),
    "case": ("Ada", "ada"),
    "accent": ("Zoe", "Zo\u00eb"),
    "Cyrillic": ("\u0410da", "Ada"),
    "words run together": ("Ada Lovelace", "AdaLovelace"),
    "ligature": ("o\ufb03ce", "office"),
    "dash": ("a \u2013 b", "a - b"),
    "apostrophe": ("Ada\u2019s", "Ada's"),
}


@pytest.mark.parametrize(("actual", "wanted"), SAME.values(), ids=SAME)
def test_what_looks_the_same_is_found(actual: str, wanted: str) -> None:
    tree = Tree(Node(children=(Node(role=Role.BUTTON, label=actual),)), Box(0, 0, 400, 300))
    for finder in (by.text(wanted), by.label(wanted), by.role(Role.BUTTON, name=wanted)):
        assert finder.first_match_in(tree) is not None
        assert finder.first_match_in(Tree(Node(label=wanted, role=Role.BUTTON), tree.screen)) is not None
    assert reads_as(wanted, actual)


@pytest.mark.parametrize(("actual", "wanted"), OTHER.values(), ids=OTHER)
def test_what_looks_different_is_not(actual: str, wanted: str) -> None:
    assert not reads_as(actual, wanted)


def test_an_identifier_is_no_text_and_compared_by_code_points() -> None:
    node = Node(identifier="zoe\u0308")
    assert by.identifier("zoe\u0308").matches(node)
    assert not by.identifier("zo\u00eb").matches(node)


def test_a_pattern_is_searched_in_the_text_as_it_is_and_as_it_is_read() -> None:
    assert reads_as("10:30\u202fAM", re.compile(r"10:\d\d AM$"))
    assert reads_as("10:30\u202fAM", re.compile("\u202f"))
    assert reads_as("Zoe\u0308", re.compile("Zo\u00eb")), "composed"
    assert reads_as("Zo\u00eb", re.compile("Zoe\u0308")), "a pattern that is written decomposed"
    assert not reads_as("Ada\nLovelace", re.compile("Ada.*Lovelace")), "lines stay lines"


@given(st.text(), st.sampled_from("\u00ad\u200b\u200e\u2066\u2069\ufe0f\ufeff\u2060\u202c"), st.integers(0))
def test_an_invisible_mark_changes_no_reading(text: str, mark: str, place: int) -> None:
    at = place % (len(text) + 1)
    assert reads_as(text[:at] + mark + text[at:], as_read(text)) or not reads_as(text, as_read(text))


@given(st.text())
def test_reading_a_text_twice_changes_nothing_more(text: str) -> None:
    assert as_read(as_read(text)) == as_read(text)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Ada", '"Ada"'),
        ("\u0623\u0645\u064a\u0646 \u79c0", '"\u0623\u0645\u064a\u0646 \u79c0"'),
        ("10:30\u202fAM", r'"10:30\u202fAM"'),
        ('say "hi"\n', r'"say \"hi\"\n"'),
        ("a\u00adb\ufe0f", r'"a\xadb\ufe0f"'),
    ],
)
def test_messages_write_letters_as_they_are_and_codes_for_what_nobody_sees(text: str, shown: str) -> None:
    assert quote(text) == shown
    assert str(by.label(text)) == f"by.label({shown})"


def test_a_message_shows_by_what_two_texts_differ_that_look_alike() -> None:
    tree = Tree(Node(role=Role.BUTTON, label="Sign in \u0410da"), Box(0, 0, 400, 300))
    message = str(not_found_error(by.text("Sign in Ada"), tree, waited=1.0))
    assert (
        'behind "Sign in " it has "\u0410" (U+0410 CYRILLIC CAPITAL LETTER A), '
        'not "A" (U+0041 LATIN CAPITAL LETTER A)'
    ) in message


@pytest.mark.parametrize(("wanted", "actual"), [("Ada", "Bob"), ("Ada", "Ada L"), ("Ada", "Ada"), ("", "")])
def test_a_difference_that_can_be_seen_needs_no_code_points(wanted: str, actual: str) -> None:
    assert hidden_difference(wanted, actual) == ""
