"""Posts and people come to an end: what goes with them, what stands in the way, and who hears of it."""

from __future__ import annotations

import asyncio
import json
import os
import uuid
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app_backend.api import Services
from app_backend.database import Base, PictureRow

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from tests.backend_fixtures import MakePicture, Member, OpenStream, Register


NOBODY = "'00000000-0000-4000-8000-000000000000'"
ORPHANS = {
    "posts_author_id_fkey": (
        f"INSERT INTO posts (id, author_id, text, created_at) VALUES ({NOBODY}, {NOBODY}, 'by nobody', now())"  # noqa: S608 - the constant above
    ),
    "idempotency_keys_person_id_fkey": (
        "INSERT INTO idempotency_keys (person_id, key, fingerprint, expires_at)"  # noqa: S608 - as above
        f" VALUES ({NOBODY}, 'a key', '', now())"
    ),
    "token_pairs_sign_in_id_fkey": (
        "INSERT INTO token_pairs"  # noqa: S608 - as above
        " (refresh_digest, access_digest, sign_in_id, access_expires_at, refresh_expires_at)"
        f" VALUES ('', '', {NOBODY}, now(), now())"
    ),
    "sign_ins_person_id_fkey": (
        "INSERT INTO sign_ins (id, person_id, address, user_agent, created_at, refreshed_at, expires_at)"  # noqa: S608 - as above
        f" VALUES ({NOBODY}, {NOBODY}, '', '', now(), now(), now())"
    ),
}
"""Each relation that a promise rests on, and a row that would belong to nobody."""


async def say(member: Member, text: str) -> str:
    answer = await member.http.post("/posts", json={"text": text})
    assert answer.status_code == 201
    return str(answer.json()["post"]["id"])


async def texts(http: httpx.AsyncClient, path: str = "/feed") -> Sequence[str]:
    return [post["text"] for post in (await http.get(path)).json()["items"]]


async def test_a_post_is_taken_back(http: httpx.AsyncClient, ada: Member) -> None:
    first, _ = await say(ada, "first"), await say(ada, "second")

    answer = await ada.http.delete(f"/posts/{first}")

    assert answer.status_code == 200
    assert list(answer.json()) == ["committed_at"]
    assert await texts(http) == await texts(http, f"/people/{ada.id}/posts") == ["second"]
    assert (await ada.http.delete(f"/posts/{first}")).status_code == 404


async def test_nobody_takes_back_what_another_said(
    http: httpx.AsyncClient, ada: Member, grace: Member
) -> None:
    post = await say(ada, "hers")

    refused = await grace.http.delete(f"/posts/{post}")

    assert refused.status_code == 403
    assert "somebody else's" in refused.json()["detail"]
    assert (await http.delete(f"/posts/{post}")).status_code == 401
    assert await texts(http) == ["hers"]


async def test_a_profile_is_changed_at_its_own_address(ada: Member) -> None:
    answer = await ada.http.patch(f"/people/{ada.id}", json={"display_name": "Countess"})

    assert answer.status_code == 200
    assert answer.json()["profile"] == (await ada.http.get("/me")).json()
    assert answer.json()["profile"]["display_name"] == "Countess"


async def test_nobody_changes_anothers_profile(http: httpx.AsyncClient, ada: Member, grace: Member) -> None:
    before = (await ada.http.get("/me")).json()
    change = {"display_name": "Eve"}
    nobody = "00000000-0000-0000-0000-000000000000"

    assert (await grace.http.patch(f"/people/{ada.id}", json=change)).status_code == 403
    assert (await grace.http.patch(f"/people/{nobody}", json=change)).status_code == 404
    assert (await http.patch(f"/people/{ada.id}", json=change)).status_code == 401
    for method, path in (("PUT", "avatar"), ("DELETE", "avatar"), ("POST", "posts")):
        elsewhere = await grace.http.request(method, f"/people/{ada.id}/{path}", json={"text": "x"})
        assert elsewhere.status_code in {404, 405}

    assert (await ada.http.get("/me")).json() == before
    assert (await grace.http.get("/me")).json()["display_name"] == "Grace"


async def test_a_person_with_posts_stays_unless_told_to_cascade(http: httpx.AsyncClient, ada: Member) -> None:
    await say(ada, "one")
    await say(ada, "two")

    refused = await ada.http.delete("/me")

    assert refused.status_code == 409
    assert refused.headers["content-type"] == "application/problem+json"
    assert refused.json()["posts"] == 2
    assert "2 posts" in refused.json()["detail"]
    assert len(await texts(http)) == 2
    assert (await ada.http.get("/me")).status_code == 200


async def test_with_cascade_all_of_it_goes(http: httpx.AsyncClient, ada: Member, grace: Member) -> None:
    await say(ada, "hers")
    await say(grace, "another's")

    answer = await ada.http.delete("/me", params={"cascade": "true"})

    assert answer.status_code == 200
    assert await texts(http) == ["another's"]
    assert (await http.get(f"/people/{ada.id}")).status_code == 404
    assert (await http.get(f"/people/{ada.id}/posts")).status_code == 404
    assert (await ada.http.get("/me")).status_code == 401


@pytest.mark.parametrize("constraint", ORPHANS)
async def test_the_database_itself_keeps_no_orphan(services: Services, constraint: str) -> None:
    async with services.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match=constraint):
            await connection.execute(text(ORPHANS[constraint]))
        await connection.rollback()


async def test_sign_ins_go_with_their_person_and_posts_hold_them(services: Services, ada: Member) -> None:
    """By PostgreSQL alone, whatever deletes the row: an operator, or a future version of ours."""
    async with services.database.engine.begin() as connection:
        await connection.execute(text("DELETE FROM people"))
        for table in ("sign_ins", "token_pairs"):
            assert await connection.scalar(text(f"SELECT count(*) FROM {table}")) == 0  # noqa: S608 - as above
        await connection.rollback()
    await say(ada, "hers")
    async with services.database.engine.connect() as connection:
        with pytest.raises(IntegrityError, match="posts_author_id_fkey"):
            await connection.execute(text("DELETE FROM people"))
        await connection.rollback()


async def test_a_person_without_posts_just_goes(http: httpx.AsyncClient, ada: Member) -> None:
    assert (await ada.http.delete("/me")).status_code == 200
    assert (await http.get(f"/people/{ada.id}")).status_code == 404


async def test_all_tokens_and_addresses_are_worthless_afterwards(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    credentials = {"email": ada.email, "password": ada.password}
    elsewhere = (await http.post("/sessions", json=credentials)).json()
    address = (await ada.http.post("/me/avatar/uploads")).json()["url"]

    await ada.http.delete("/me")

    other_token = {"Authorization": f"Bearer {elsewhere['token']}"}
    assert (await http.get("/me", headers=other_token)).status_code == 401
    wish = {"refresh_token": elsewhere["refresh_token"]}
    assert (await http.post("/sessions/refresh", json=wish)).status_code == 401
    assert (await http.post("/sessions", json=credentials)).status_code == 401
    assert (await http.put(address, content=picture())).status_code == 404


async def test_the_e_mail_address_is_free_again(ada: Member, register: Register) -> None:
    await ada.http.delete("/me")

    again = await register("Ada", email=ada.email)

    assert again.id != ada.id


async def test_the_picture_goes_too(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture, services: Services, pictures_folder: Path
) -> None:
    changed = await ada.http.put("/me/avatar", content=picture())
    url = changed.json()["profile"]["avatar"]["urls"]["96"]
    assert (await http.get(url)).status_code == 200

    await ada.http.delete("/me")

    assert (await http.get(url)).status_code == 404
    assert ada.id in url
    assert not [folder for folder, _, files in os.walk(pictures_folder) if ada.id in folder and files]
    async with services.database.reading() as session:
        hers = select(func.count()).select_from(PictureRow).where(PictureRow.person_id == uuid.UUID(ada.id))
        assert await session.scalar(hers) == 0


async def test_nothing_of_them_is_kept(ada: Member, services: Services, picture: MakePicture) -> None:
    await say(ada, "hers")
    await ada.http.put("/me/avatar", content=picture(), headers={"Idempotency-Key": '"a key of hers"'})

    await ada.http.delete("/me", params={"cascade": "true"})

    async with services.database.reading() as session:
        for table in Base.metadata.tables.values():
            if table.name in {"used_tickets", "rate_limits"}:
                continue  # times and digests
            for row in await session.execute(table.select()):
                assert ada.id not in str(row), table.name
                assert ada.email not in str(row), table.name


async def test_who_listens_hears_of_a_post_that_is_gone(
    stream: OpenStream, ada: Member, grace: Member
) -> None:
    post = await say(ada, "hers")
    async with stream(person=ada.id) as events, stream(person=grace.id) as others:
        answer = await ada.http.delete(f"/posts/{post}")
        await say(grace, "another's")

        told = await anext(events)
        assert told.event == "post.removed"
        data = json.loads(told.data)
        assert data["post"] == {"id": post, "author": {"id": ada.id}}
        assert data["committed_at"] == answer.json()["committed_at"] <= data["committed_by"]
        assert (await anext(others)).event == "post.created", "nothing of another's"


async def test_who_listens_hears_of_a_person_who_is_gone(stream: OpenStream, ada: Member) -> None:
    await say(ada, "one")
    async with stream(person=ada.id) as events:
        answer = await ada.http.delete("/me", params={"cascade": "true"})

        told = await anext(events)
        assert told.event == "person.removed"
        data = json.loads(told.data)
        assert (data["person"], data["posts"]) == ({"id": ada.id}, 1)
        assert data["committed_at"] == answer.json()["committed_at"] <= data["committed_by"]
        assert ada.email not in told.data


@pytest.mark.parametrize("attempt", range(5))
async def test_who_writes_while_being_removed_gets_a_clear_answer(
    attempt: int, http: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    answers = await asyncio.gather(
        ada.http.post("/posts", json={"text": "last words"}),
        ada.http.put("/me/avatar", content=picture((64, 64))),
        ada.http.delete("/me", params={"cascade": "true"}),
        ada.http.patch("/me", json={"bio": "going"}),
        ada.http.post("/posts", json={"text": "more"}),
    )

    statuses = [answer.status_code for answer in answers]
    assert statuses[2] == 200
    assert {*statuses} <= {200, 201, 401, 404}, [answer.text for answer in answers]
    assert await texts(http) == []
    assert (await http.get(f"/people/{ada.id}")).status_code == 404
