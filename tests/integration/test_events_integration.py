"""The stream of changes: nothing is missed after `ready`, and nobody holds up anybody."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import httpx
import pytest
from httpx_sse import ServerSentEvent
from sqlalchemy import text

from app_backend.api import Services, open_backend
from app_backend.database import Database
from app_backend.database.engine import async_url
from app_backend.events import LISTENER_NAME, CommittedEvent, End, Hub, change, encode, listen
from app_backend.events import stream as event_stream

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member, OpenStream


def data(event: ServerSentEvent) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads(event.data)
    return loaded


async def test_every_change_is_told_in_order(
    stream: OpenStream, http: httpx.AsyncClient, ada: Member, picture: MakePicture
) -> None:
    async with stream() as events:
        responses = [
            await ada.http.patch("/me", json={"display_name": "Ada L.", "bio": "New"}),
            await ada.http.put("/me/avatar", content=picture(), headers={"Content-Type": "image/png"}),
            await ada.http.post("/posts", json={"text": "Hello\nthere 🦆"}),
            await ada.http.delete("/me/avatar"),
        ]
        await http.post(
            "/accounts",
            json={"email": "new@example.test", "password": "long enough", "display_name": "New"},
        )
        told = [await anext(events) for _ in range(6)]

    assert [event.event for event in told] == [
        "profile.changed",
        "profile.changed",
        "profile.changed",
        "post.created",
        "profile.changed",
        "profile.changed",
    ]
    kinds = [data(event).get("kind") for event in told]
    assert kinds == ["name", "bio", "avatar", None, "avatar_removed", "created"]
    assert len({event.id for event in told}) == 6
    committed = [response.json()["committed_at"] for response in responses]
    assert [data(event)["committed_at"] for event in told[1:5]] == committed
    assert committed == sorted(committed)
    assert data(told[3])["post"]["text"] == "Hello\nthere 🦆"
    for event in told:
        assert data(event)["committed_at"] <= data(event)["committed_by"] <= time.time()
        profile = data(event).get("profile") or data(event)["post"]["author"]
        assert set(profile) == {"id", "display_name", "bio", "avatar", "version"}
        assert "@" not in event.data


async def test_an_event_shows_the_profile_as_it_was_committed(
    stream: OpenStream, address: str, ada: Member
) -> None:
    async with stream() as events:
        await ada.http.patch("/me", json={"display_name": "First"})
        await ada.http.patch("/me", json={"display_name": "Second"})
        profiles = [data(await anext(events))["profile"] for _ in range(2)]

    assert [(profile["display_name"], profile["version"]) for profile in profiles] == [
        ("First", 2),
        ("Second", 3),
    ]
    assert profiles[0]["avatar"]["urls"]["48"].startswith(address)


async def test_a_change_that_fails_is_not_told(stream: OpenStream, ada: Member) -> None:
    async with stream() as events:
        await ada.http.put("/me/avatar", content=b"no picture", headers={"Content-Type": "image/png"})
        await ada.http.patch("/me", json={"display_name": "Ada"})
        await ada.http.post("/posts", json={"text": "the first event"})

        assert data(await anext(events))["post"]["text"] == "the first event"


async def test_one_person_can_be_followed(stream: OpenStream, ada: Member, grace: Member) -> None:
    async with stream(person=grace.id) as events:
        await ada.http.post("/posts", json={"text": "not for this stream"})
        await ada.http.patch("/me", json={"bio": "nor this"})
        await grace.http.post("/posts", json={"text": "for this stream"})

        assert data(await anext(events))["post"]["text"] == "for this stream"


async def test_the_largest_profile_and_post_fit_into_a_notification(stream: OpenStream, ada: Member) -> None:
    async with stream() as events:
        largest = await ada.http.patch("/me", json={"display_name": "🦆" * 80, "bio": "🦆" * 500})
        assert largest.status_code == 200
        posted = await ada.http.post("/posts", json={"text": "🦆" * 1000})
        assert posted.status_code == 201
        told = [await anext(events) for _ in range(3)]

    assert data(told[2])["post"]["text"] == "🦆" * 1000


async def test_committed_at_is_before_the_commit(services: Services, ada: Member) -> None:
    """While a lock holds up the commit's transaction, its stamp is not taken yet."""
    async with services.database.engine.connect() as holder:
        await holder.execute(text("SELECT 1 FROM people FOR UPDATE"))
        waiting = asyncio.create_task(ada.http.patch("/me", json={"bio": "held up"}))
        async with asyncio.timeout(10):
            while not await holder.scalar(
                text(
                    "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                    " AND datname = current_database()"
                )
            ):
                # One look at the server's own view per turn; it is a snapshot for a transaction's life.
                await holder.execute(text("SELECT pg_stat_clear_snapshot()"))
        released = time.time()
        await holder.rollback()
    answer = await waiting

    assert released <= answer.json()["committed_at"] <= time.time()


async def test_another_process_on_the_database_is_heard(
    services: Services, stream: OpenStream, ada: Member, database_url: str, tmp_path: Path
) -> None:
    async with (
        stream() as events,
        open_backend(services.settings, database_url=database_url, pictures=tmp_path) as (_, other),
    ):
        with other.hub.subscribe() as heard:
            await other.hub.wait_until_listening()
            await other.posts.write(uuid.UUID(ada.id), "from the other")

            assert data(await anext(events))["post"]["text"] == "from the other"
            event = await heard.next()
            assert isinstance(event, CommittedEvent)
            assert event.data["post"]["text"] == "from the other"


async def test_streams_end_when_events_may_have_been_lost_and_start_anew(
    services: Services, stream: OpenStream, ada: Member
) -> None:
    async with stream() as events:
        async with services.database.engine.begin() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = :name AND datname = current_database()"
                ),
                {"name": LISTENER_NAME},
            )
        last = await anext(events)
        assert (last.event, data(last)["reason"]) == ("closed", "connection lost")
        with pytest.raises(StopAsyncIteration):
            await anext(events)

    async with stream() as events:
        await ada.http.post("/posts", json={"text": "after the loss"})
        assert data(await anext(events))["post"]["text"] == "after the loss"


async def test_a_connection_that_ends_at_its_first_statement_is_replaced(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The server may end a connection at any moment; asyncpg has an error of its own for this one."""
    add_listener, failed = asyncpg.Connection.add_listener, asyncio.Event()

    async def failing_once(connection: Any, *arguments: Any) -> None:
        if not failed.is_set():
            failed.set()
            raise asyncpg.InternalClientError("cannot switch to state 12; another operation is in progress")
        await add_listener(connection, *arguments)

    monkeypatch.setattr(asyncpg.Connection, "add_listener", failing_once)
    hub = Hub(queue_size=3)
    listening = asyncio.create_task(listen(async_url(database_url), hub))
    async with asyncio.timeout(20):
        await hub.wait_until_listening()
    listening.cancel()

    assert failed.is_set()
    assert hub.is_listening


async def test_a_reader_who_leaves_is_forgotten(services: Services, stream: OpenStream) -> None:
    async with stream():
        assert len(services.hub) == 1

    async with asyncio.timeout(10):
        while len(services.hub):  # noqa: ASYNC110 - nobody announces that a reader has left
            await asyncio.sleep(0)


async def test_a_change_that_is_not_committed_has_no_stamp(services: Services) -> None:
    with pytest.raises(RuntimeError, match="not committed"):
        async with change(services.database) as changing:
            _ = changing.committed_at


def event(number: int) -> CommittedEvent:
    return CommittedEvent(id=str(number), name="post.created", committed_at=float(number), data={})


async def test_a_slow_reader_loses_its_place_and_no_other_does() -> None:
    hub = Hub(queue_size=3)
    with hub.subscribe() as slow, hub.subscribe() as quick:
        for number in range(5):
            hub.publish(event(number))
            assert await quick.next() == event(number)

        assert await slow.next() is End.SLOW


async def test_ready_waits_for_the_database_and_the_end_is_told() -> None:
    hub = Hub(queue_size=3)
    lines = stream_of(hub, heartbeat_s=0.01)
    assert (await anext(lines)).startswith(b": waiting")

    hub.note_connected()
    while (line := await anext(lines)).startswith(b": waiting"):
        pass
    assert line == b"event: ready\ndata: {}\n\n"
    assert (await anext(lines)).startswith(b": still here")

    hub.publish(event(7))
    while (line := await anext(lines)).startswith(b": still here"):
        pass
    assert line == b"id: 7\nevent: post.created\ndata: {}\n\n"

    hub.close()
    assert [each async for each in lines] == [b'event: closed\ndata: {"reason": "shutdown"}\n\n']


async def test_after_the_end_nobody_waits() -> None:
    hub = Hub(queue_size=3)
    hub.close()
    hub.note_disconnected()

    assert [each async for each in stream_of(hub, heartbeat_s=60)][-1].startswith(b"event: closed")


async def test_a_database_that_is_not_there_is_not_reachable(tmp_path: Path) -> None:
    database = Database(f"postgresql://postgres@/postgres?host={tmp_path}")

    assert not await database.is_reachable()


def stream_of(hub: Hub, *, heartbeat_s: float) -> AsyncIterator[bytes]:
    return event_stream(
        hub, lambda each: encode(each.name, each.data, event_id=each.id), heartbeat_s=heartbeat_s
    )
