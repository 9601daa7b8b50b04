"""Every change says when it was committed, in answer and event, and which request made it."""

from __future__ import annotations

import json
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

import httpx
import pytest

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member, OpenStream

ID = {"X-Request-ID": "tap-1"}
Change = Callable[["Member", bytes], Awaitable[httpx.Response]]


async def register(member: Member, _: bytes) -> httpx.Response:
    wish = {"email": "new@example.test", "password": "correct horse", "display_name": "New"}
    return await member.http.post("/accounts", json=wish, headers=ID)


async def name(member: Member, _: bytes) -> httpx.Response:
    return await member.http.patch("/me", json={"display_name": "Countess"}, headers=ID)


async def bio(member: Member, _: bytes) -> httpx.Response:
    return await member.http.patch("/me", json={"bio": "Engines."}, headers=ID)


async def name_by_id(member: Member, _: bytes) -> httpx.Response:
    return await member.http.patch(f"/people/{member.id}", json={"display_name": "Lovelace"}, headers=ID)


async def picture_by_token(member: Member, content: bytes) -> httpx.Response:
    return await member.http.put("/me/avatar", content=content, headers=ID)


async def picture_by_ticket(member: Member, content: bytes) -> httpx.Response:
    address = (await member.http.post("/me/avatar/uploads")).json()["url"]
    return await member.http.put(address, content=content, headers=ID)


async def no_picture(member: Member, content: bytes) -> httpx.Response:
    return await member.http.delete("/me/avatar", headers=ID)


async def post(member: Member, _: bytes) -> httpx.Response:
    return await member.http.post("/posts", json={"text": "Hello"}, headers=ID)


async def post_gone(member: Member, _: bytes) -> httpx.Response:
    posts = (await member.http.get(f"/people/{member.id}/posts")).json()["items"]
    return await member.http.delete(f"/posts/{posts[0]['id']}", headers=ID)


async def person_gone(member: Member, _: bytes) -> httpx.Response:
    return await member.http.delete("/me?cascade=true", headers=ID)


CHANGES: dict[str, tuple[Change, str]] = {
    "POST /accounts": (register, "profile.changed"),
    "PATCH /me": (name, "profile.changed"),
    "PATCH /me, again": (bio, "profile.changed"),
    "PATCH /people/{person_id}": (name_by_id, "profile.changed"),
    "PUT /me/avatar": (picture_by_token, "profile.changed"),
    "PUT /uploads/{ticket}": (picture_by_ticket, "profile.changed"),
    "DELETE /me/avatar": (no_picture, "profile.changed"),
    "POST /posts": (post, "post.created"),
    "DELETE /posts/{post_id}": (post_gone, "post.removed"),
    "DELETE /me": (person_gone, "person.removed"),
}
NOBODY_ELSE_SEES = {
    "POST /sessions",
    "POST /sessions/refresh",
    "DELETE /sessions/current",
    "DELETE /sessions/{session_id}",
    "POST /me/avatar/uploads",
}
"""What is changed here is how one is signed in, or nothing yet."""


@pytest.mark.parametrize("change", CHANGES)
async def test_a_change_is_stamped_in_answer_and_event(
    ada: Member, stream: OpenStream, picture: MakePicture, change: str
) -> None:
    make, kind = CHANGES[change]
    # So that there is something to take away.
    assert (await ada.http.put("/me/avatar", content=picture())).status_code == 200
    assert (await ada.http.post("/posts", json={"text": "Before"})).status_code == 201

    async with stream() as events:
        before = time.time()
        answer = await make(ada, picture())
        after = time.time()
        told = await anext(events)

    assert answer.is_success, answer.text
    stamps = json.loads(told.data)
    assert told.event == kind
    # A stamp has microseconds.
    assert before - 1e-6 <= answer.json()["committed_at"] <= after
    assert stamps["committed_at"] == answer.json()["committed_at"]
    assert stamps["committed_at"] <= stamps["committed_by"] <= time.time()
    assert stamps["request_id"] == answer.headers["x-request-id"] == "tap-1"


async def test_no_change_is_left_out(http: httpx.AsyncClient) -> None:
    paths = (await http.get("/openapi.json")).json()["paths"]
    changing = {
        f"{method.upper()} {path}" for path, methods in paths.items() for method in methods if method != "get"
    }

    assert changing == {each.partition(",")[0] for each in CHANGES} | NOBODY_ELSE_SEES
