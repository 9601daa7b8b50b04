"""An upload with an `Idempotency-Key` is done once, however often it is sent."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import text

from app_backend.api import Services
from app_backend.avatars import Gallery
from app_backend.events import Change

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member, OpenStream

KEY = "8e03978e-40d5-43dd-bc93-6894a57f9324"


def headers(key: str = KEY) -> dict[str, str]:
    return {"Content-Type": "image/png", "Idempotency-Key": key}


async def put(member: Member, content: bytes, key: str = KEY) -> httpx.Response:
    return await member.http.put("/me/avatar", content=content, headers=headers(key))


async def version(member: Member) -> int:
    return int((await member.http.get("/me")).json()["version"])


async def test_the_same_again_gets_the_first_answer_again(ada: Member, picture: MakePicture) -> None:
    first = await put(ada, picture())
    await ada.http.patch("/me", json={"bio": "Changed meanwhile."})
    again = await put(ada, picture())
    quoted = await put(ada, picture(), f'"{KEY}"')

    assert first.status_code == again.status_code == quoted.status_code == 200
    assert first.json() == again.json() == quoted.json()
    assert await version(ada) == first.json()["profile"]["version"] + 1


async def test_another_picture_under_the_same_key_is_refused(ada: Member, picture: MakePicture) -> None:
    first = await put(ada, picture())
    other = await put(ada, picture((200, 200)))

    assert other.status_code == 422
    assert "another picture" in other.json()["detail"]
    assert await version(ada) == first.json()["profile"]["version"]


async def test_another_key_is_another_upload(ada: Member, picture: MakePicture) -> None:
    first, second = await put(ada, picture()), await put(ada, picture(), "another")

    assert second.json()["profile"]["version"] == first.json()["profile"]["version"] + 1
    assert second.json()["profile"]["avatar"] != first.json()["profile"]["avatar"]


async def test_the_same_key_of_another_person_is_another_upload(
    ada: Member, grace: Member, picture: MakePicture
) -> None:
    first, second = await put(ada, picture()), await put(grace, picture((200, 200)))

    assert second.status_code == 200
    assert second.json()["profile"]["id"] == grace.id
    assert first.json()["profile"]["id"] == ada.id


async def test_what_was_refused_may_be_put_right_under_the_same_key(
    ada: Member, picture: MakePicture
) -> None:
    assert (await put(ada, b"hello")).status_code == 422

    assert (await put(ada, picture())).status_code == 200


async def test_twins_sent_at_once_are_done_once(
    ada: Member, picture: MakePicture, stream: OpenStream
) -> None:
    async with stream(person=ada.id) as events:
        answers = await asyncio.gather(*(put(ada, picture()) for _ in range(6)))
        last = await put(ada, picture(), "the-last-one")

        assert last.status_code == 200
        told = [(await anext(events)).json()["profile"]["version"] for _ in range(2)]

    assert [answer.status_code for answer in answers] == [200] * 6
    assert len({answer.text for answer in answers}) == 1
    assert told == [answers[0].json()["profile"]["version"], last.json()["profile"]["version"]]


async def test_of_twins_with_different_pictures_one_is_refused(ada: Member, picture: MakePicture) -> None:
    answers = await asyncio.gather(*(put(ada, picture((200 + step, 200))) for step in range(4)))

    assert sorted(answer.status_code for answer in answers) == [200, 422, 422, 422]
    assert await version(ada) == 2


async def test_a_twin_does_the_work_where_the_first_fails(
    ada: Member, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, kept = Gallery.keep, []
    second_waits = asyncio.Event()

    async def keep_but_for_the_first(gallery: Gallery, *arguments: Any) -> None:
        kept.append(arguments)
        if len(kept) == 1:
            await second_waits.wait()
            raise RuntimeError("the first one fails")
        await keep(gallery, *arguments)

    monkeypatch.setattr(Gallery, "keep", keep_but_for_the_first)
    incoming, entered = Gallery.new_version, []

    def notice(gallery: Gallery, *arguments: Any) -> Any:
        entered.append(arguments)
        if len(entered) == 2:
            second_waits.set()
        return incoming(gallery, *arguments)

    monkeypatch.setattr(Gallery, "new_version", notice)

    async with asyncio.timeout(20):
        answers = await asyncio.gather(put(ada, picture()), put(ada, picture()))

    assert sorted(answer.status_code for answer in answers) == [200, 500]
    assert await version(ada) == 2


async def test_an_answer_that_was_lost_is_given_again(
    ada: Member, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit = Change.commit

    async def commit_unheard(change: Change) -> None:
        await commit(change)
        raise ConnectionError("the connection broke just then")

    with monkeypatch.context() as patched:
        patched.setattr(Change, "commit", commit_unheard)
        assert (await put(ada, picture())).status_code >= 500
    avatar = (await ada.http.get("/me")).json()["avatar"]

    again = await put(ada, picture())

    assert again.status_code == 200
    assert again.json()["profile"]["avatar"] == avatar
    assert await version(ada) == again.json()["profile"]["version"] == 2


async def test_a_key_that_is_not_committed_is_not_kept(
    ada: Member, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("nothing is written")

    with monkeypatch.context() as patched:
        patched.setattr(Gallery, "replace", fail)
        assert (await put(ada, picture())).status_code == 500
    assert await version(ada) == 1

    assert (await put(ada, picture())).json()["profile"]["version"] == 2


async def test_a_ticket_that_was_used_answers_its_key_again(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    url = (await ada.http.post("/me/avatar/uploads")).json()["url"]

    first = await http.put(url, content=picture(), headers=headers())
    again = await http.put(url, content=picture(), headers=headers())
    other_picture = await http.put(url, content=picture((200, 200)), headers=headers())
    other_key = await http.put(url, content=picture(), headers=headers("other"))
    no_key = await http.put(url, content=picture(), headers={"Content-Type": "image/png"})

    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    assert (other_picture.status_code, other_key.status_code, no_key.status_code) == (422, 410, 410)
    # The same wish by the other route is the same wish.
    assert (await put(ada, picture())).json() == first.json()


async def test_an_expired_key_is_a_fresh_one(ada: Member, picture: MakePicture, services: Services) -> None:
    first = await put(ada, picture())
    async with services.database.sessions.begin() as session:
        await session.execute(text("UPDATE idempotency_keys SET expires_at = now() - interval '1 second'"))

    second = await put(ada, picture((200, 200)))
    again = await put(ada, picture((200, 200)))

    assert second.status_code == 200
    assert second.json()["profile"]["version"] == first.json()["profile"]["version"] + 1
    assert again.json() == second.json()


@pytest.mark.parametrize("key", ["", "a b", '"', '""', '"a', 'a"', "é", "x" * 129, '"a", "b"', "a;b"])
async def test_a_key_has_to_look_like_one(ada: Member, picture: MakePicture, key: str) -> None:
    answer = await ada.http.put(
        "/me/avatar", content=picture(), headers={b"Idempotency-Key": key.encode("latin-1")}
    )

    assert answer.status_code == 422
    assert "idempotency-key" in answer.json()["detail"].lower()
    assert await version(ada) == 1


async def test_the_longest_key_is_taken(ada: Member, picture: MakePicture) -> None:
    assert (await put(ada, picture(), "x" * 128)).status_code == 200


async def test_keys_go_with_their_person(ada: Member, picture: MakePicture, services: Services) -> None:
    await put(ada, picture())

    async with services.database.sessions.begin() as session:
        await session.execute(text("DELETE FROM people"))
        assert await session.scalar(text("SELECT count(*) FROM idempotency_keys")) == 0
