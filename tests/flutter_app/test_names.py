"""Names that are odd: with nothing to see in them, or read from right to left."""

from __future__ import annotations

import pytest

from flutter_app.model import AvatarUrls, PersonProfile
from flutter_app.writing import is_right_to_left, rewrite, text


def profile(name: str) -> PersonProfile:
    avatar = AvatarUrls(version=None, is_default=True, urls={96: "http://127.0.0.1/96.webp"})
    return PersonProfile(id="a", display_name=name, bio="", avatar=avatar, version=1)


@pytest.mark.parametrize("name", ["\u200b", "\u2060\u00ad", "\u3164", "\u2800 \u2800", "\u202e\u202c"])
def test_a_name_with_nothing_to_see_is_said_to_be_none(name: str) -> None:
    assert profile(name).title == "(no name)"


@pytest.mark.parametrize("name", ["Ada", ".", "\u200bA", "王", "👍", "\ue000", "\u0301"])
def test_a_name_with_anything_to_see_is_shown_as_it_is(name: str) -> None:
    assert profile(name).title == name


@pytest.mark.parametrize(
    ("words", "from_the_right"),
    [
        ("Ada", False),
        ("דוד Cohen", True),
        ("Cohen דוד", False),
        ("42 محمد", True),
        ("👍 (12)", False),
        ("", False),
    ],
)
def test_a_text_is_read_from_where_its_first_letter_is(words: str, from_the_right: bool) -> None:
    assert is_right_to_left(words) is from_the_right
    assert text(words).rtl is from_the_right


def test_a_text_that_is_rewritten_turns_its_direction() -> None:
    widget = text("Ada")
    assert not rewrite(widget, "Ada")
    assert rewrite(widget, "عدا")
    assert (widget.value, widget.rtl) == ("عدا", True)
