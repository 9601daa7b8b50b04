"""Profiles: what others see, what one sees oneself, and what changes."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.backend_fixtures import Member

pytestmark = pytest.mark.rolled_back

PUBLIC_FIELDS = {"id", "display_name", "bio", "avatar", "version"}


async def test_strangers_see_public_fields_only(http: httpx.AsyncClient, ada: Member, grace: Member) -> None:
    await ada.http.post("/posts", json={"text": "Hello"})
    (post,) = (await http.get("/feed")).json()["items"]

    for client in (http, grace.http, ada.http):
        profile = (await client.get(f"/people/{ada.id}")).json()
        assert set(profile) == PUBLIC_FIELDS
        assert ada.email not in str(profile)
    assert set(post["author"]) == PUBLIC_FIELDS


async def test_oneself_sees_more(ada: Member) -> None:
    profile = (await ada.http.get("/me")).json()

    assert set(profile) == PUBLIC_FIELDS | {"email", "created_at"}
    assert profile["email"] == ada.email


@pytest.mark.parametrize("person", ["8a2e2b0c-0000-4000-8000-000000000000", "nobody"])
async def test_nobody_is_there(http: httpx.AsyncClient, person: str) -> None:
    for path in (f"/people/{person}", f"/people/{person}/posts"):
        answer = await http.get(path)
        assert answer.status_code == (422 if person == "nobody" else 404)
        assert answer.headers["content-type"] == "application/problem+json"


async def test_name_and_bio_change_each_by_itself(http: httpx.AsyncClient, ada: Member) -> None:
    before = time.time()
    first = await ada.http.patch("/me", json={"display_name": "Ada L."})
    second = await ada.http.patch("/me", json={"bio": "Two\nlines: 🦆 \"'\\"})

    assert before <= first.json()["committed_at"] < second.json()["committed_at"] <= time.time()
    assert first.json()["profile"]["bio"] == ""
    profile = (await http.get(f"/people/{ada.id}")).json()
    assert (profile["display_name"], profile["bio"]) == ("Ada L.", "Two\nlines: 🦆 \"'\\")
    assert profile["version"] == 3


async def test_the_same_again_is_no_change(ada: Member) -> None:
    again = await ada.http.patch("/me", json={"display_name": "Ada", "bio": ""})

    assert again.status_code == 200
    assert again.json()["profile"]["version"] == 1


@pytest.mark.parametrize(
    "changes",
    [{"display_name": ""}, {"bio": "x" * 501}, {"email": "new@example.test"}, {"bio": "\ud800"}, []],
)
async def test_what_is_not_valid_changes_nothing(ada: Member, changes: Any) -> None:
    before = (await ada.http.get("/me")).json()

    answer = await ada.http.patch(
        "/me", content=json.dumps(changes), headers={"Content-Type": "application/json"}
    )

    assert answer.status_code == 422
    assert (await ada.http.get("/me")).json() == before
