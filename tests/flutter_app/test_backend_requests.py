"""Asking the backend: what comes back, and which words a person gets when it doesn't work."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from flutter_app.backend import BackendClient, Garbled, Rejected, Unreachable

if TYPE_CHECKING:
    from tests.flutter_app.conftest import MakePerson


@pytest.fixture
def backend(api: httpx.AsyncClient) -> BackendClient:
    return BackendClient(api)


async def test_what_a_person_does(backend: BackendClient, make_person: MakePerson) -> None:
    ada = await make_person("Ada")
    signed_in = await backend.sign_in(email=ada.email, password=ada.password)
    session = backend.session(signed_in.tokens)
    assert signed_in.account.email == ada.email
    changed = await backend.change(session, display_name="Countess", bio="Engines.")
    assert (changed.profile.display_name, changed.profile.bio) == ("Countess", "Engines.")
    assert changed.profile.version > signed_in.account.profile.version
    await backend.post(session, "Hello")
    posts = await backend.posts_by(ada.id)
    assert [(post.author.display_name, post.text) for post in posts.items] == [("Countess", "Hello")]
    assert (await backend.person(ada.id)).avatar.is_default
    await backend.sign_out(session)
    with pytest.raises(Rejected):
        await backend.account(session)


async def test_the_feed_comes_in_pages(backend: BackendClient, make_person: MakePerson) -> None:
    ada = await make_person("Ada")
    for number in range(3):
        await ada.post(f"Post {number}")
    first = await backend.posts_by(ada.id, limit=2)
    assert [post.text for post in first.items] == ["Post 2", "Post 1"]
    second = await backend.posts_by(ada.id, limit=2, cursor=first.next_cursor)
    assert [post.text for post in second.items] == ["Post 0"]
    assert second.next_cursor is None


async def test_a_small_box_gets_the_small_rendition(backend: BackendClient, make_person: MakePerson) -> None:
    avatar = (await backend.person((await make_person()).id)).avatar
    assert avatar.url_for(40) == avatar.url_for(48) == avatar.urls[96]
    assert avatar.url_for(120) == avatar.urls[512]


async def test_nobody_there() -> None:
    async with httpx.AsyncClient(base_url="http://127.0.0.1:9", trust_env=False) as http:
        with pytest.raises(Unreachable, match="Can't reach the server"):
            await BackendClient(http).feed()


@pytest.mark.parametrize("body", ["<html>", "{}", "[]", '{"items": [{}], "next_cursor": null}'])
async def test_an_answer_that_makes_no_sense(body: str) -> None:
    transport = httpx.MockTransport(lambda _: httpx.Response(200, text=body))
    async with httpx.AsyncClient(base_url="http://127.0.0.1", transport=transport) as http:
        with pytest.raises(Garbled):
            await BackendClient(http).feed()


@pytest.mark.parametrize(
    ("status", "headers", "problem", "words"),
    [
        (503, {}, None, "The server is busy. Try again in a moment."),
        (429, {"Retry-After": "12"}, None, "The server is busy. Try again in 12 seconds."),
        (500, {}, None, "Something went wrong on the server. Try again later."),
        (413, {}, {"detail": "the picture is too large"}, "The picture is too large."),
        (
            422,
            {},
            {"detail": "x", "errors": [{"field": "body.email", "message": "is empty"}]},
            "E-mail: is empty.",
        ),
        (404, {}, {"title": "Not Found"}, "Not Found."),
        (418, {}, None, "The server refused that (status 418)."),
        (400, {}, ["odd"], "The server refused that (status 400)."),
    ],
)
async def test_words_for_a_refusal(status: int, headers: Mapping[str, str], problem: Any, words: str) -> None:
    body = "oops" if problem is None else json.dumps(problem)
    transport = httpx.MockTransport(lambda _: httpx.Response(status, headers=headers, text=body))
    async with httpx.AsyncClient(base_url="http://127.0.0.1", transport=transport) as http:
        with pytest.raises(Rejected) as refused:
            await BackendClient(http).feed()
    assert (str(refused.value), refused.value.status) == (words, status)
