"""Whose news the top of a profile screen takes: that person's own, and of those what is newer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from flutter_app.model import PersonProfile
from flutter_app.screens.person import Identity

URLS = {"96": "http://127.0.0.1/96.webp", "512": "http://127.0.0.1/512.webp"}
ALICE = PersonProfile.read(
    {
        "id": "alice",
        "display_name": "Alice",
        "bio": "",
        "avatar": {"version": "a1", "is_default": False, "urls": URLS},
        "version": 2,
    }
)


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names that were drawn: nothing is on a page here."""
    names: list[str] = []
    monkeypatch.setattr(
        "flutter_app.widgets.AvatarView.show", lambda _view, profile: names.append(profile.display_name)
    )
    monkeypatch.setattr("flutter_app.writing.rewrite", lambda _text, _words: False)
    return names


def test_somebody_who_changed_more_often_does_not_take_ones_place(drawn: list[str]) -> None:
    identity = Identity(ALICE, width=400)
    busy = replace(ALICE, id="bob", display_name="Bob", version=90)
    assert not identity.show(busy)
    assert drawn == []


@pytest.mark.parametrize(("version", "is_news"), [(1, False), (2, False), (3, True)])
def test_ones_own_news_is_taken_where_it_is_newer(drawn: list[str], version: int, is_news: bool) -> None:
    identity = Identity(ALICE, width=400)
    assert identity.show(replace(ALICE, display_name="Alice Liddell", version=version)) is is_news
    assert drawn == (["Alice Liddell"] if is_news else [])
