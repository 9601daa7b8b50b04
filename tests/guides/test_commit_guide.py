"""The guide's helpers report commits as it says: each is taken from its page and run against a backend."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from websockets.asyncio.server import ServerConnection, serve

from journeys import Commit, Commits, Interval, now
from tests.docs.test_docs import block

GUIDE = "docs/guides/commits.md"
DEADLINE_S = 20

Committing = Callable[[str], Awaitable[float]]
"""Commits a change about a key, and tells when that was in truth."""


def names_of(having: str) -> SimpleNamespace:
    """What a block of the guide defines."""
    names: dict[str, Any] = {}
    exec(block(GUIDE, having), names)  # noqa: S102 - our own page's code
    return SimpleNamespace(**names)


async def first_report(commits: Commits, commit: Committing) -> tuple[Commit, float]:
    """What is reported of one key while others change as well, and when that was in truth."""
    async with asyncio.timeout(DEADLINE_S), commits.listen("42") as reports:
        reading = asyncio.ensure_future(anext(reports))  # as the runner does meanwhile
        await commit("7")
        truth = await commit("42")
        return await reading, truth


# Backends, of which it is known when they have committed.


def event(key: str, *, ahead: float = 0.0) -> tuple[str, float]:
    """What a backend says whose clock is ahead: stamped before its commit, said after."""
    at = time.time() + ahead
    return json.dumps({"change": "message", "key": key, "at": at}), now()


@asynccontextmanager
async def event_stream(*, ahead: float = 0.0) -> AsyncIterator[tuple[str, Committing]]:
    """Serve events to who is connected."""
    connected: list[asyncio.StreamWriter] = []
    over = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
        kind = b"application/json" if path == b"/time" else b"text/event-stream"
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: " + kind + b"\r\n\r\n")
        if path == b"/time":
            writer.write(json.dumps({"now": time.time() + ahead}).encode())
        else:
            connected.append(writer)
            await over.wait()
        writer.close()

    async def commit(key: str) -> float:
        data, truth = event(key, ahead=ahead)
        for writer in connected:
            writer.write(f"data: {data}\n\n".encode())
        return truth

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", commit
        over.set()


@asynccontextmanager
async def socket_server() -> AsyncIterator[tuple[str, Committing]]:
    """Serve a socket on which one is told of everything, once one has said what one wants to hear of."""
    subscribed: list[ServerConnection] = []

    async def talk(socket: ServerConnection) -> None:
        assert json.loads(await socket.recv()) == {"subscribe": "42"}
        subscribed.append(socket)
        await socket.send('{"subscribed": "42"}')
        await socket.wait_closed()

    async def commit(key: str) -> float:
        data, truth = event(key)
        for socket in subscribed:
            await socket.send(data)
        return truth

    async with serve(talk, "127.0.0.1", 0) as server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}", commit


@asynccontextmanager
async def rest_server() -> AsyncIterator[tuple[str, Committing]]:
    """Answer what is so; a commit comes while an answer without it is on its way."""
    state = {"7": 0, "42": 0}
    was_read, may_answer = asyncio.Event(), asyncio.Event()
    may_answer.set()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        key = (await reader.readuntil(b"\r\n\r\n")).split()[1].decode().removeprefix("/")
        body = str(state[key]).encode()
        was_read.set()
        await may_answer.wait()
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n" + body)
        writer.close()

    async def commit(key: str) -> float:
        was_read.clear()
        may_answer.clear()
        await was_read.wait()
        state[key] += 1
        truth = now()
        may_answer.set()
        return truth

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", commit


def assert_holds(committed: Interval, truth: float) -> None:
    assert committed.low <= truth <= committed.high


async def test_server_sent_events_report_commits() -> None:
    async with event_stream() as (url, commit):
        report, truth = await first_report(names_of("class EventStream").EventStream(url), commit)
    assert (report.change, report.key) == ("message", "42")
    assert_holds(report.committed, truth)


async def test_a_socket_reports_commits() -> None:
    async with socket_server() as (url, commit):
        report, truth = await first_report(names_of("class Socket").Socket(url), commit)
    assert (report.change, report.key) == ("message", "42")
    assert_holds(report.committed, truth)


async def test_polling_reports_commits() -> None:
    async with rest_server() as (url, commit):
        report, truth = await first_report(names_of("PolledCommits(ask)").conversations(url), commit)
    assert report.key == "42"
    assert_holds(report.committed, truth)


async def test_postgresql_reports_commits(own_database: str) -> None:
    database = await asyncpg.connect(own_database)
    try:
        await database.execute("CREATE TABLE messages (conversation bigint, words text)")
        await database.execute(block(GUIDE, "pg_notify", "sql"))

        async def commit(key: str) -> float:
            async with database.transaction():
                await database.execute("INSERT INTO messages VALUES ($1, 'Hello')", int(key))
                return now()  # written, and committed from now on

        notifications = names_of("class Notifications").Notifications
        report, truth = await first_report(notifications(own_database), commit)
    finally:
        await database.close()
    assert (report.change, report.key) == ("message", "42")
    assert_holds(report.committed, truth)


async def test_stamps_of_another_machine_are_put_on_this_ones_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "kit", names_of("class EventStream"))
    remote = names_of("class RemoteEventStream").RemoteEventStream
    async with event_stream(ahead=3600) as (url, commit):
        report, truth = await first_report(remote(f"{url}/events"), commit)
    assert_holds(report.committed, truth)
    assert report.committed.width < 1.0
