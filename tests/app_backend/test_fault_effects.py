"""Every fault by its effect through the API: a clear error or the right answer, and all well afterwards."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any

import httpx
import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest
from httpx_sse import ServerSentEvent, aconnect_sse
from sqlalchemy import text

from app_backend.api import Services
from app_backend.faults import CATALOGUE
from tests.backend_fixtures import DEADLINE_S, serving

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member

Arm = Callable[..., Awaitable[None]]
Stream = Callable[[], AbstractAsyncContextManager[AsyncIterator[ServerSentEvent]]]
MS = 1000


@pytest.fixture
def arm(faulty: httpx.AsyncClient) -> Arm:
    async def arm(name: str, **parameters: Any) -> None:
        answer = await faulty.put(f"/faults/{name}", json=parameters)
        assert answer.status_code == 200, answer.text

    return arm


@pytest.fixture
async def me(faulty: httpx.AsyncClient, ada: Member) -> AsyncIterator[httpx.AsyncClient]:
    """Ada, at the backend where faults are armed."""
    async with httpx.AsyncClient(
        transport=faulty._transport,
        base_url=faulty.base_url,
        headers={"Authorization": f"Bearer {ada.token}"},
        timeout=DEADLINE_S,
    ) as client:
        yield client


@pytest.fixture
def stream(faulty: httpx.AsyncClient, faulty_services: Services) -> Stream:
    """Open event streams at the backend where faults are armed."""

    @asynccontextmanager
    async def open_stream() -> AsyncIterator[AsyncIterator[ServerSentEvent]]:
        async with (
            asyncio.timeout(DEADLINE_S),
            serving(faulty_services) as address,
            httpx.AsyncClient(base_url=address, timeout=DEADLINE_S) as client,
            aconnect_sse(client, "GET", "/events") as source,
        ):
            events = source.aiter_sse()
            assert (await anext(events)).event == "ready"
            yield events

    return open_stream


async def struck(admin: httpx.AsyncClient, name: str) -> int:
    faults = (await admin.get("/faults")).json()["faults"]
    return next(int(fault["struck"]) for fault in faults if fault["name"] == name)


def is_clear(answer: httpx.Response, status: int = 503) -> bool:
    """Whether an answer says that we failed, in the form of all errors, and when to come again."""
    problem = answer.headers["content-type"] == "application/problem+json"
    return problem and answer.status_code == status and int(answer.headers["retry-after"]) >= 1


async def avatar(me: httpx.AsyncClient) -> dict[str, Any]:
    found: dict[str, Any] = (await me.get("/me")).json()["avatar"]
    return found


async def shown(me: httpx.AsyncClient, described: dict[str, Any]) -> list[bytes]:
    """All four renditions; each has to be there."""
    answers = [await me.get(url) for url in described["urls"].values()]
    assert [answer.status_code for answer in answers] == [200] * 4
    return [answer.content for answer in answers]


def lives(process: psutil.Process) -> bool:
    with suppress(psutil.NoSuchProcess):
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    return False


def processes() -> set[int]:
    """The worker processes that live, among others."""
    return {child.pid for child in psutil.Process().children() if lives(child)}


# --- pictures


@pytest.mark.parametrize("name", ["pictures_fail", "pictures_worker_killed", "pictures_hang"])
async def test_a_picture_that_can_not_be_made_leaves_the_old_one_whole(
    faulty: httpx.AsyncClient, arm: Arm, me: httpx.AsyncClient, picture: MakePicture, name: str
) -> None:
    assert (await me.put("/me/avatar", content=picture())).status_code == 200
    before = await avatar(me)
    whole = await shown(me, before)
    already = await struck(faulty, name)
    await arm(name)

    answer = await me.put("/me/avatar", content=picture(mode="L"))

    assert is_clear(answer), answer.text
    assert await struck(faulty, name) > already
    assert await avatar(me) == before
    assert await shown(me, before) == whole

    await faulty.delete(f"/faults/{name}")
    answer = await me.put("/me/avatar", content=picture(mode="L"))
    assert answer.status_code == 200
    assert await shown(me, answer.json()["profile"]["avatar"]) != whole


@pytest.mark.parametrize("name", ["pictures_fail", "pictures_worker_killed"])
async def test_a_picture_that_fails_once_is_made_all_the_same(
    faulty: httpx.AsyncClient, arm: Arm, me: httpx.AsyncClient, picture: MakePicture, name: str
) -> None:
    assert (await me.put("/me/avatar", content=picture())).status_code == 200
    already, workers = await struck(faulty, name), processes()
    await arm(name, times=1)

    answer = await me.put("/me/avatar", content=picture())

    assert answer.status_code == 200, answer.text
    assert (workers <= processes()) is (name == "pictures_fail")
    assert await struck(faulty, name) == already + 1
    await shown(me, answer.json()["profile"]["avatar"])


# --- storage


@pytest.mark.parametrize(
    ("name", "parameters"), [("storage_full", {}), ("storage_refuses", {"operations": ["put"]})]
)
async def test_a_picture_that_can_not_be_kept_leaves_the_old_one_whole(
    faulty: httpx.AsyncClient,
    arm: Arm,
    me: httpx.AsyncClient,
    picture: MakePicture,
    name: str,
    parameters: dict[str, Any],
) -> None:
    assert (await me.put("/me/avatar", content=picture())).status_code == 200
    before = await avatar(me)
    whole = await shown(me, before)
    await arm(name, **parameters)

    assert is_clear(await me.put("/me/avatar", content=picture(mode="L")))

    assert await avatar(me) == before
    assert await shown(me, before) == whole
    assert (await me.patch("/me", json={"bio": "other changes go on"})).status_code == 200
    await faulty.delete("/faults")
    assert (await me.put("/me/avatar", content=picture(mode="L"))).status_code == 200


async def test_a_picture_that_can_not_be_read_is_an_error_that_nobody_keeps(
    faulty: httpx.AsyncClient, arm: Arm, me: httpx.AsyncClient, picture: MakePicture
) -> None:
    await me.put("/me/avatar", content=picture())
    url = (await avatar(me))["urls"]["96"]
    await arm("storage_refuses", operations=["get"])

    answer = await me.get(url)

    assert is_clear(answer)
    assert "immutable" not in answer.headers.get("cache-control", "")
    assert (await me.get("/feed")).status_code == 200
    await faulty.delete("/faults")
    assert (await me.get(url)).status_code == 200


async def test_a_picture_that_can_not_be_removed_does_not_fail_the_change(
    arm: Arm, me: httpx.AsyncClient, picture: MakePicture
) -> None:
    await me.put("/me/avatar", content=picture())
    await arm("storage_refuses", operations=["delete"])

    assert (await me.delete("/me/avatar")).json()["profile"]["avatar"]["is_default"] is True
    assert (await me.put("/me/avatar", content=picture())).status_code == 200


async def test_a_slow_storage_makes_slow_answers_and_right_ones(
    arm: Arm, me: httpx.AsyncClient, picture: MakePicture
) -> None:
    await me.put("/me/avatar", content=picture())
    url = (await avatar(me))["urls"]["96"]
    content = (await me.get(url)).content
    await arm("storage_slow", delay_ms=150, operations=["get"])

    began = time.monotonic()
    answer = await me.get(url)

    assert time.monotonic() - began >= 0.15
    assert (answer.status_code, answer.content) == (200, content)


# --- the database


async def test_a_connection_lost_at_a_statement_is_a_clear_error_and_the_next_request_works(
    faulty: httpx.AsyncClient, arm: Arm
) -> None:
    already = await struck(faulty, "database_dropped")
    await arm("database_dropped", times=1)

    assert is_clear(await faulty.get("/feed"))
    assert (await faulty.get("/feed")).status_code == 200
    assert await struck(faulty, "database_dropped") == already + 1


async def test_a_connection_lost_before_the_commit_changes_and_announces_nothing(
    faulty: httpx.AsyncClient, arm: Arm, me: httpx.AsyncClient, stream: Stream
) -> None:
    async with stream() as events:
        await arm("database_dropped", at="commit", times=1)
        assert is_clear(await me.patch("/me", json={"bio": "lost"}))
        assert (await me.get("/me")).json()["bio"] == ""
        assert (await me.patch("/me", json={"bio": "kept"})).status_code == 200
        told = json.loads((await anext(events)).data)

    assert told["profile"]["bio"] == "kept"
    assert (await me.get("/me")).json()["bio"] == "kept"


async def test_while_every_connection_is_lost_every_answer_says_so(
    faulty: httpx.AsyncClient, arm: Arm, me: httpx.AsyncClient
) -> None:
    await arm("database_dropped")

    answers = [await me.get("/me"), await me.post("/posts", json={"text": "?"}), await faulty.get("/readyz")]
    assert all(is_clear(answer) for answer in answers)
    assert (await faulty.get("/healthz")).status_code == 200

    await faulty.delete("/faults/database_dropped")
    assert (await faulty.get("/readyz")).status_code == 200
    assert (await me.post("/posts", json={"text": "!"})).status_code == 201


async def test_idle_connections_that_were_lost_are_replaced_and_nobody_notices(
    faulty: httpx.AsyncClient, arm: Arm, faulty_services: Services
) -> None:
    async def connection() -> int:
        async with faulty_services.database.reading() as session:
            return int(await session.scalar(text("SELECT pg_backend_pid()")) or 0)

    before = await connection()
    await arm("connections_dropped", of="pool")

    assert (await faulty.get("/feed")).status_code == 200
    assert await connection() != before


async def test_a_change_whose_connection_is_lost_in_the_middle_is_a_clear_error(
    arm: Arm, me: httpx.AsyncClient, ada: Member, services: Services
) -> None:
    waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with services.database.engine.connect() as holder, asyncio.TaskGroup() as tasks:
        # Under another name, it is not one of the pool's connections that are ended.
        await holder.execute(text("SET application_name = 'somebody else'"))
        await holder.execute(text("SELECT 1 FROM people WHERE id = :id FOR UPDATE"), {"id": ada.id})
        change = tasks.create_task(me.patch("/me", json={"bio": "in the middle"}))
        async with asyncio.timeout(DEADLINE_S):
            while not await holder.scalar(waiting):  # noqa: ASYNC110 - another process's
                await asyncio.sleep(0.01)
        await arm("connections_dropped", of="pool")
        answer = await change
        await holder.rollback()

    assert is_clear(answer)
    assert (await me.get("/me")).json()["bio"] == ""


async def test_streams_whose_listener_was_lost_end_and_start_anew(
    arm: Arm, me: httpx.AsyncClient, stream: Stream
) -> None:
    async with stream() as events:
        await arm("connections_dropped", of="listener")
        last = await anext(events)
    assert (last.event, json.loads(last.data)) == ("closed", {"reason": "connection lost"})

    async with stream() as events:
        await me.patch("/me", json={"bio": "again"})
        assert json.loads((await anext(events)).data)["profile"]["bio"] == "again"


# --- events


async def test_a_delayed_event_comes_late_and_says_when_it_was_committed(
    arm: Arm, me: httpx.AsyncClient, stream: Stream
) -> None:
    delay = 0.2
    async with stream() as events:
        await arm("events_delayed", delay_ms=delay * MS)
        answer = await me.patch("/me", json={"bio": "late"})
        responded = time.time()
        told = json.loads((await anext(events)).data)
        arrived = time.time()

    assert told["committed_at"] == answer.json()["committed_at"]
    assert told["committed_at"] <= told["committed_by"]
    # The commit was over when the request was answered; the event was held back since the stamp, not less.
    assert arrived - told["committed_by"] >= delay
    assert told["committed_by"] <= max(responded, arrived - delay)


async def test_delayed_events_keep_their_order(arm: Arm, me: httpx.AsyncClient, stream: Stream) -> None:
    async with stream() as events:
        await arm("events_delayed", delay_ms=20)
        for number in range(5):
            await me.patch("/me", json={"bio": str(number)})
        told = [json.loads((await anext(events)).data)["profile"]["bio"] for _ in range(5)]

    assert told == ["0", "1", "2", "3", "4"]


async def test_a_lost_event_never_comes_though_its_change_was_made(
    arm: Arm, me: httpx.AsyncClient, stream: Stream
) -> None:
    async with stream() as events:
        await arm("events_lost", times=2)
        for bio in ("lost", "lost, too", "heard"):
            assert (await me.patch("/me", json={"bio": bio})).status_code == 200
        told = json.loads((await anext(events)).data)

    assert told["profile"]["bio"] == "heard"
    assert told["profile"]["version"] == 4


async def test_a_doubled_event_comes_twice_the_same(arm: Arm, me: httpx.AsyncClient, stream: Stream) -> None:
    async with stream() as events:
        await arm("events_doubled", times=1)
        await me.patch("/me", json={"bio": "twice"})
        await me.patch("/me", json={"bio": "once"})
        told = [await anext(events) for _ in range(3)]

    assert (told[0].id, told[0].data) == (told[1].id, told[1].data)
    assert [json.loads(event.data)["profile"]["bio"] for event in told] == ["twice", "twice", "once"]


# --- responses


async def test_only_answers_of_the_paths_named_are_held_back(
    faulty: httpx.AsyncClient, arm: Arm, me: httpx.AsyncClient
) -> None:
    await arm("responses_delayed", delay_ms=200, path="/m?")
    already = await struck(faulty, "responses_delayed")

    assert (await faulty.get("/feed")).status_code == 200
    assert await struck(faulty, "responses_delayed") == already
    began = time.monotonic()
    changed = await me.patch("/me", json={"bio": "held back"})
    assert time.monotonic() - began >= 0.2

    # The work was done in time; it is the answer that came late.
    assert time.time() - changed.json()["committed_at"] >= 0.2


async def test_however_slow_all_is_faults_can_be_disarmed(faulty: httpx.AsyncClient, arm: Arm) -> None:
    async with asyncio.timeout(DEADLINE_S):
        await arm("responses_delayed", delay_ms=60_000)
        assert (await faulty.delete("/faults")).status_code == 204
        assert (await faulty.get("/feed")).status_code == 200


# --- stale renditions


async def test_a_new_address_serves_the_previous_picture_for_a_while(
    faulty: httpx.AsyncClient, arm: Arm, me: httpx.AsyncClient, picture: MakePicture
) -> None:
    await me.put("/me/avatar", content=picture())
    old = await shown(me, await avatar(me))
    await arm("renditions_stale", stale_s=3600)

    await me.put("/me/avatar", content=picture(mode="L"))

    new = await avatar(me)
    assert await shown(me, new) == old
    await faulty.delete("/faults")
    assert await shown(me, new) != old


async def test_the_first_picture_is_preceded_by_the_default_one(
    arm: Arm, me: httpx.AsyncClient, picture: MakePicture
) -> None:
    default = await shown(me, await avatar(me))
    await arm("renditions_stale", stale_s=3600)
    await me.put("/me/avatar", content=picture())

    assert await shown(me, await avatar(me)) == default


async def test_after_the_while_the_new_picture_is_served(
    arm: Arm, me: httpx.AsyncClient, picture: MakePicture
) -> None:
    default = await shown(me, await avatar(me))
    await arm("renditions_stale", stale_s=0.001)
    await me.put("/me/avatar", content=picture())

    assert await shown(me, await avatar(me)) != default


def test_every_fault_is_shown_here() -> None:
    with open(__file__) as source:  # noqa: PTH123 - one line
        text = source.read()
    assert [name for name in CATALOGUE if f'"{name}"' not in text] == []
