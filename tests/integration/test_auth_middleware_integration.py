"""Who is there is asked before anything else, by every route that needs to know."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import update

from app_backend.api import Services
from app_backend.database import TokenPair

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member

pytestmark = pytest.mark.rolled_back

NOBODY = "00000000-0000-0000-0000-000000000000"
NEEDS_A_SIGN_IN = {
    ("GET", "/me"),
    ("PATCH", "/me"),
    ("DELETE", "/me"),
    ("PATCH", f"/people/{NOBODY}"),
    ("PUT", "/me/avatar"),
    ("DELETE", "/me/avatar"),
    ("POST", "/me/avatar/uploads"),
    ("POST", "/posts"),
    ("DELETE", f"/posts/{NOBODY}"),
    ("GET", "/sessions"),
    ("DELETE", "/sessions/current"),
    ("DELETE", f"/sessions/{NOBODY}"),
}
BODIES = {
    "PATCH": {"display_name": "Eve"},
    "POST": {"text": "by whom?"},
}


async def ask_all(http: httpx.AsyncClient, authorization: str | None) -> list[httpx.Response]:
    headers = {"Authorization": authorization} if authorization is not None else {}
    return [
        await http.request(method, path, headers=headers, json=BODIES.get(method))
        for method, path in sorted(NEEDS_A_SIGN_IN)
    ]


def assert_not_signed_in(answers: list[httpx.Response]) -> None:
    for answer in answers:
        asked = f"{answer.request.method} {answer.request.url.path}"
        assert answer.status_code == 401, asked
        assert answer.headers["content-type"] == "application/problem+json", asked
        assert answer.headers["www-authenticate"].startswith("Bearer"), asked


async def test_no_route_that_needs_a_sign_in_is_left_out(http: httpx.AsyncClient) -> None:
    paths = (await http.get("/openapi.json")).json()["paths"]
    in_the_document = {
        (method.upper(), path.format(person_id=NOBODY, post_id=NOBODY, session_id=NOBODY))
        for path, methods in paths.items()
        for method, route in methods.items()
        if {"HTTPBearer": []} in route.get("security", [])
    }

    assert in_the_document == NEEDS_A_SIGN_IN


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer forged", "Basic YTpi", "forged"])
async def test_without_a_token_of_ours_nobody_is_signed_in(
    http: httpx.AsyncClient, authorization: str | None
) -> None:
    assert_not_signed_in(await ask_all(http, authorization))


async def test_a_token_works_in_its_own_place_and_spelling_only(http: httpx.AsyncClient, ada: Member) -> None:
    credentials = {"email": ada.email, "password": ada.password}
    refresh_token = (await http.post("/sessions", json=credentials)).json()["refresh_token"]

    for token in (refresh_token, ada.token[:-1], ada.token + "A", ada.token.swapcase(), f"{ada.token} x"):
        assert_not_signed_in(await ask_all(http, f"Bearer {token}"))
    assert (await http.get("/me", params={"token": ada.token})).status_code == 401
    assert (await http.get("/me", headers={"X-Token": ada.token})).status_code == 401
    assert (await http.get("/me", headers={"Authorization": f"bearer {ada.token}"})).status_code == 200


async def test_a_sign_in_that_ended_is_none_at_once(http: httpx.AsyncClient, ada: Member) -> None:
    assert (await ada.http.delete("/sessions/current")).status_code == 204

    assert_not_signed_in(await ask_all(http, f"Bearer {ada.token}"))


async def test_a_token_whose_time_is_over_is_none(
    http: httpx.AsyncClient, ada: Member, services: Services
) -> None:
    async with services.database.sessions.begin() as session:
        await session.execute(update(TokenPair).values(access_expires_at=datetime.now(UTC)))

    assert_not_signed_in(await ask_all(http, f"Bearer {ada.token}"))


async def test_nothing_is_changed_by_whoever_was_refused(http: httpx.AsyncClient, ada: Member) -> None:
    await ada.http.post("/posts", json={"text": "hers"})
    before = [(await ada.http.get(path)).json() for path in ("/me", "/sessions", "/feed")]

    await ask_all(http, "Bearer forged")

    assert [(await ada.http.get(path)).json() for path in ("/me", "/sessions", "/feed")] == before


async def test_not_a_byte_of_a_strangers_picture_is_read(
    http: httpx.AsyncClient, picture: MakePicture
) -> None:
    read = 0

    async def pieces() -> AsyncIterator[bytes]:
        nonlocal read
        read += 1
        yield picture()

    answer = await http.put(
        "/me/avatar",
        content=pieces(),
        headers={"Content-Type": "image/png", "Authorization": "Bearer forged"},
    )

    assert answer.status_code == 401
    assert read == 0


async def test_each_acts_as_oneself(ada: Member, grace: Member) -> None:
    for member, name in ((ada, "Countess"), (grace, "Admiral")):
        await member.http.patch("/me", json={"display_name": name})
        await member.http.post("/posts", json={"text": f"{name} was here"})

    assert (await ada.http.get("/me")).json()["display_name"] == "Countess"
    assert (await grace.http.get("/me")).json()["display_name"] == "Admiral"
    authors = {post["text"]: post["author"]["id"] for post in (await ada.http.get("/feed")).json()["items"]}
    assert authors == {"Countess was here": ada.id, "Admiral was here": grace.id}
