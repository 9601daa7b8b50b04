"""Nobody sees of others what only they may see, whatever route is asked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import httpx
import pytest

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member, OpenStream

PRIVATE_FIELDS = {"email", "password", "password_hash", "token", "refresh_token", "address", "user_agent"}
PUBLIC_PROFILE = {"id", "display_name", "bio", "avatar", "version"}


@pytest.fixture
async def ada_who_did_much(ada: Member, picture: MakePicture) -> Member:
    await ada.http.patch("/me", json={"bio": "Engines."})
    await ada.http.put("/me/avatar", content=picture())
    await ada.http.post("/posts", json={"text": "Hello"})
    return ada


@pytest.fixture
def secrets_of(ada_who_did_much: Member) -> list[str]:
    ada = ada_who_did_much
    return [ada.email, ada.password, ada.token, "$argon2"]


def fields_in(value: Any) -> Iterator[str]:
    """Yield the names of all fields, however deep."""
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from fields_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from fields_in(inner)


def profiles_in(value: Any) -> Iterator[dict[str, Any]]:
    """Yield everything that has a name, however deep."""
    if isinstance(value, dict):
        if "display_name" in value:
            yield value
        for inner in value.values():
            yield from profiles_in(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from profiles_in(inner)


@pytest.fixture
async def answers(http: httpx.AsyncClient, ada_who_did_much: Member) -> list[tuple[str, httpx.Response]]:
    """What an anonymous visitor gets from every route of the document, asked about Ada."""
    ada = ada_who_did_much
    document = (await http.get("/openapi.json")).json()
    profile = (await http.get(f"/people/{ada.id}")).json()
    named = {
        "person_id": ada.id,
        "owner": ada.id,
        "version": profile["avatar"]["version"],
        "file": "96.webp",
        "post_id": (await http.get("/feed")).json()["items"][0]["id"],
        "session_id": (await ada.http.get("/sessions")).json()["items"][0]["id"],
        "ticket": "forged",
    }
    found = []
    for path, methods in document["paths"].items():
        if path == "/events":
            continue  # it has no end; see below
        filled = re.sub(r"{(\w+)}", lambda part: str(named[part[1]]), path)
        for method in methods:
            answer = await http.request(method.upper(), filled, json={"email": ada.email, "text": "x"})
            found.append((f"{method.upper()} {path}", answer))
    return found


async def test_anonymous_sees_public_fields_only(
    answers: list[tuple[str, httpx.Response]], secrets_of: list[str]
) -> None:
    assert len(answers) > 15
    profiles = 0
    for route, answer in answers:
        assert answer.status_code < 500, route
        for secret in secrets_of:
            assert secret not in answer.text, route
        if answer.headers.get("content-type") != "application/json" or route == "GET /openapi.json":
            continue
        assert not PRIVATE_FIELDS & set(fields_in(answer.json())), route
        for profile in profiles_in(answer.json()):
            profiles += 1
            assert set(profile) == PUBLIC_PROFILE, route
    assert profiles >= 3, "the profile itself, and the authors of both feeds"


async def test_anonymous_changes_nothing(
    answers: list[tuple[str, httpx.Response]], http: httpx.AsyncClient, ada_who_did_much: Member
) -> None:
    for route, answer in answers:
        if not route.startswith("GET"):
            assert answer.status_code in {401, 403, 404, 415, 422}, route
    assert len((await http.get("/feed")).json()["items"]) == 1
    assert (await ada_who_did_much.http.get("/me")).json()["bio"] == "Engines."


async def test_who_is_signed_in_sees_no_more_of_others(
    grace: Member, ada_who_did_much: Member, http: httpx.AsyncClient
) -> None:
    for path in ("/feed", f"/people/{ada_who_did_much.id}", f"/people/{ada_who_did_much.id}/posts"):
        assert (await grace.http.get(path)).json() == (await http.get(path)).json()


async def test_events_have_public_fields_only(
    stream: OpenStream, ada_who_did_much: Member, picture: MakePicture
) -> None:
    ada = ada_who_did_much
    async with stream() as events:
        await ada.http.patch("/me", json={"display_name": "Countess", "bio": "New."})
        await ada.http.put("/me/avatar", content=picture())
        post = (await ada.http.post("/posts", json={"text": "Hi"})).json()["post"]["id"]
        await ada.http.delete(f"/posts/{post}")
        await ada.http.delete("/me/avatar")
        await ada.http.delete("/me", params={"cascade": "true"})
        told = [await anext(events) for _ in range(7)]

    assert [each.event for each in told] == [
        *["profile.changed"] * 3, "post.created", "post.removed", "profile.changed", "person.removed",
    ]  # fmt: skip
    for each in told:
        data = each.json()
        assert not PRIVATE_FIELDS & set(fields_in(data)), each.event
        for profile in profiles_in(data):
            assert set(profile) == PUBLIC_PROFILE
        for secret in (ada.email, ada.password, ada.token):
            assert secret not in each.data
