"""Thousands of readers: events are put into bytes once, nobody waits for a slow one, silences end in time."""

from __future__ import annotations

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator
from contextlib import ExitStack
from typing import TYPE_CHECKING

import pytest

from app_backend.api import Services
from app_backend.events import CommittedEvent, End, Hub, Silence, Subscription, encode
from app_backend.events import stream as event_stream
from app_backend.events.changes import MAX_FORMS
from app_backend.events.hub import SPREAD, WOKEN_AT_ONCE, Heartbeat
from tests.backend_fixtures import DEADLINE_S

if TYPE_CHECKING:
    from tests.backend_fixtures import OpenStream


def event(number: int, *, text: str = "") -> CommittedEvent:
    author = {
        "id": "00000000-0000-0000-0000-000000000001",
        "display_name": "Ada",
        "bio": "",
        "avatar_version": None,
        "version": 1,
    }
    post = {
        "id": "00000000-0000-0000-0000-000000000002",
        "author": author,
        "text": text,
        "created_at": "2026-01-01T00:00:00+00:00",
    }
    return CommittedEvent(
        id=str(number), name="post.created", committed_at=float(number), data={"post": post}
    )


def test_what_an_event_looks_like_is_asked_once_for_all_who_see_it_the_same_way() -> None:
    asked: list[str] = []
    one = event(1)

    def form(key: str) -> bytes:
        def make() -> bytes:
            asked.append(key)
            return key.encode()

        return one.form(key, make)

    assert [form(key) for key in ("here", "there", "here", "there")] == [b"here", b"there", b"here", b"there"]
    assert asked == ["here", "there"]


def test_forms_for_any_number_of_host_names_fill_no_memory() -> None:
    one = event(1)
    keys = [str(number) for number in range(MAX_FORMS * 3)]

    assert [one.form(key, key.encode) for key in keys] == [key.encode() for key in keys]
    assert len(one._forms) == MAX_FORMS


@pytest.fixture
def hub() -> Hub:
    hub = Hub(queue_size=8)
    hub.note_connected()
    return hub


@pytest.fixture
async def readers(hub: Hub) -> AsyncIterator[list[Subscription]]:
    with ExitStack() as stack:
        yield [stack.enter_context(hub.subscribe()) for _ in range(WOKEN_AT_ONCE * 3)]


async def test_other_work_gets_in_between_while_many_readers_are_told(
    hub: Hub, readers: list[Subscription]
) -> None:
    heard: list[CommittedEvent | End | Silence] = []

    async def hear(reader: Subscription) -> None:
        heard.append(await reader.next())

    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
        for reader in readers:
            tasks.create_task(hear(reader))
        await asyncio.sleep(0)
        hub.publish(event(1))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert 0 < len(heard) < len(readers)

    assert heard == [event(1)] * len(readers)


async def test_events_that_come_while_readers_are_told_stay_in_order(
    hub: Hub, readers: list[Subscription]
) -> None:
    async def hear(reader: Subscription) -> list[CommittedEvent | End | Silence]:
        return [await reader.next() for _ in range(3)]

    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
        hearing = [tasks.create_task(hear(reader)) for reader in readers]
        await asyncio.sleep(0)
        for number in range(3):
            hub.publish(event(number))
            await asyncio.sleep(0)

    assert all(each.result() == [event(0), event(1), event(2)] for each in hearing)


async def test_a_reader_who_left_while_others_are_told_is_no_trouble(hub: Hub) -> None:
    with ExitStack() as stack:
        first = [stack.enter_context(hub.subscribe()) for _ in range(WOKEN_AT_ONCE)]
        with hub.subscribe():
            hub.publish(event(1))
        hub.publish(event(2))
        async with asyncio.timeout(DEADLINE_S):
            assert [await first[0].next(), await first[0].next()] == [event(1), event(2)]


async def test_a_reader_for_whom_nothing_was_meant_is_not_left_in_silence(hub: Hub) -> None:
    """Events that its filter holds back are no sign of life to a reader."""
    lines = event_stream(hub, lambda _: None, heartbeat_s=0.02)
    assert await anext(lines) == encode("ready", {})

    async def go_on() -> None:
        while True:
            hub.publish(event(1))
            await asyncio.sleep(0.001)

    busy = asyncio.create_task(go_on())
    async with asyncio.timeout(DEADLINE_S):
        assert await anext(lines) == b": still here\n\n"
    busy.cancel()
    await lines.aclose()


class Watched:
    """Somebody who writes down when the silence ended."""

    def __init__(self) -> None:
        self.quiet_since = asyncio.get_running_loop().time()
        self.gone = False
        self.nudged: list[float] = []

    def nudge(self) -> None:
        self.nudged.append(asyncio.get_running_loop().time())


async def until_nudged(*watched: Watched, times: int = 1) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while any(len(each.nudged) < times for each in watched):  # noqa: ASYNC110 - nobody announces it
            await asyncio.sleep(0.001)


async def test_silences_end_at_different_moments_though_they_began_in_one() -> None:
    heartbeat, longest = Heartbeat(), 0.2
    watched = [Watched() for _ in range(40)]
    began = watched[0].quiet_since
    for each in watched:
        each.quiet_since = began
        heartbeat.watch(each, longest)

    await until_nudged(*watched)
    heartbeat.stop()

    moments = {each.nudged[0] for each in watched}
    assert len(moments) > len(watched) / 4
    assert min(moments) >= began + longest * SPREAD - 0.01


async def test_who_just_heard_something_is_not_nudged_and_who_has_gone_never() -> None:
    heartbeat = Heartbeat()
    quiet, spoken_to, gone = Watched(), Watched(), Watched()
    for each in (quiet, spoken_to, gone):
        heartbeat.watch(each, 0.02)
    gone.gone = True
    # Told something that far ahead, its silence hasn't begun yet.
    spoken_to.quiet_since += 1000

    await until_nudged(quiet, times=3)
    heartbeat.stop()

    assert not spoken_to.nudged
    assert not gone.nudged


async def test_no_impatience_keeps_the_event_loop_from_its_work() -> None:
    heartbeat, impatient = Heartbeat(), Watched()
    heartbeat.watch(impatient, 1e-9)

    await until_nudged(impatient, times=3)
    heartbeat.stop()

    moments = impatient.nudged
    assert all(later > earlier for earlier, later in itertools.pairwise(moments))


async def test_somebody_more_impatient_than_all_before_is_not_kept_waiting() -> None:
    heartbeat, patient, impatient = Heartbeat(), Watched(), Watched()
    heartbeat.watch(patient, 1000)
    heartbeat.watch(impatient, 0.01)

    await until_nudged(impatient, times=2)
    heartbeat.stop()

    assert not patient.nudged


async def test_a_reader_who_does_not_read_holds_up_nobody_and_is_told_why_it_ended(
    services: Services, address: str, stream: OpenStream
) -> None:
    """Over a real connection whose buffers are full: the others go on, its own queue is given up."""
    port = int(address.rpartition(":")[2])
    loop = asyncio.get_running_loop()
    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        slow.setblocking(False)
        await loop.sock_connect(slow, ("127.0.0.1", port))
        await loop.sock_sendall(slow, f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        async with stream() as events:
            while len(services.hub) < 2:  # noqa: ASYNC110 - nobody announces a reader
                await asyncio.sleep(0)
            batch, number = 50, 0
            while not any(each.end_reason is End.SLOW for each in services.hub.subscriptions):
                for _ in range(batch):
                    services.hub.publish(event(number, text="x" * 8000))
                    number += 1
                for _ in range(batch):
                    quick = await anext(events)
            assert quick.id == str(number - 1)

        told = b""
        async with asyncio.timeout(DEADLINE_S):
            while not told.endswith(b"0\r\n\r\n"):
                told += await loop.sock_recv(slow, 1 << 20)
    assert told.count(b"event: post.created") < number
    assert b'event: closed\ndata: {"reason": "slow"}' in told
