"""A server that drips, never ends or sends too much holds nobody up, and fills no memory."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import httpx
import pytest

from journeys import InfrastructureError, http_answers
from journeys.http_answers import AnswerTooLong, BoundedEvents, get, send, status
from journeys.profile import HttpBackend, http_backend
from journeys.run.servers.servers import find_fault

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
STREAM = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n"
SOON = 0.2

Say = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(say: Say) -> AsyncIterator[str]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            asked = await reader.readuntil(b"\r\n\r\n")
            if b" /time " in asked:
                writer.write(HEAD + b'\r\n{"now": %f}' % time.time())
            else:
                await say(writer)
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    try:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    finally:
        server.close()


def dripping(start: bytes, piece: bytes) -> Say:
    """Say something at once, and then a piece now and then until the other side has gone."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(SOON / 10)

    return say


def flooding(start: bytes, piece: bytes) -> Say:
    """Say something at once, and then as much as the other side takes."""

    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while not writer.is_closing():
            writer.write(piece)
            await writer.drain()

    return say


@pytest.mark.parametrize(
    "say",
    [
        dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n"),
        dripping(HEAD + b"Content-Length: 999999\r\n\r\n", b" "),
    ],
    ids=["head", "body"],
)
async def test_a_time_limit_is_for_the_whole_answer(say: Say) -> None:
    async with serving(say) as url, httpx.AsyncClient(timeout=30.0) as client:
        with pytest.raises(httpx.ReadTimeout):
            await send(client, "GET", url, seconds=SOON)
        with pytest.raises(httpx.ReadTimeout):
            await asyncio.to_thread(get, url, seconds=SOON)


async def test_no_more_is_read_than_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    async with serving(flooding(HEAD + b"\r\n", b"x" * 10_000)) as url, httpx.AsyncClient() as client:
        with pytest.raises(AnswerTooLong, match=r"more than 0\.125 MiB"):
            await send(client, "GET", url, seconds=30.0, most=2**17)
        assert len((await asyncio.to_thread(get, url, seconds=30.0, most=2**17)).body) == 2**17
        monkeypatch.setattr(http_answers, "MOST_BYTES", 2**20)
        async with HttpBackend(url) as client_of_backend:
            monkeypatch.setattr(
                http_backend, "send", lambda *given, **named: send(*given, most=2**20, **named)
            )
            with pytest.raises(InfrastructureError, match="more than 1 MiB; is a backend there"):
                await client_of_backend.create_person("Alice")


async def test_a_readiness_path_that_drips_is_not_waited_for() -> None:
    async with serving(dripping(b"HTTP/1.1 200 OK\r\n", b"X-More: 1\r\n")) as url:
        assert await asyncio.to_thread(find_fault, url, timeout=SOON) == "no answer in time"
    async with serving(flooding(STREAM, b": nothing\n\n")) as url:
        assert await asyncio.to_thread(status, url, seconds=30.0) == 200


async def test_a_backend_that_drips_is_no_verdict_but_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http_backend, "ANSWER_LIMIT_S", SOON)
    async with serving(dripping(HEAD + b"\r\n", b" ")) as url, HttpBackend(url) as client:
        with pytest.raises(InfrastructureError, match=r"can't be reached .*no whole answer within 0\.2 s"):
            await client.create_person("Alice")


# -- event streams


class Body(httpx.AsyncByteStream):
    def __init__(self, *parts: bytes) -> None:
        self._parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self._parts:
            yield part


@pytest.mark.parametrize("end", [b"\n\n", b"\r\n\r\n", b"\r\r"])
async def test_a_stream_may_be_as_long_as_it_likes_in_events(
    monkeypatch: pytest.MonkeyPatch, end: bytes
) -> None:
    monkeypatch.setattr(http_answers, "LONGEST_EVENT", 100)
    event = b"data: " + b"x" * 60 + end
    for size in (1, 7, len(event), 10_000):
        whole = event * 20
        parts = [whole[at : at + size] for at in range(0, len(whole), size)]
        assert b"".join([piece async for piece in BoundedEvents(Body(*parts))]) == whole


@pytest.mark.parametrize("piece", [b"x" * 30, b"data: x\n" * 4, b"\r\n" + b": ping" * 5])
async def test_an_event_may_not_go_on_for_ever(monkeypatch: pytest.MonkeyPatch, piece: bytes) -> None:
    monkeypatch.setattr(http_answers, "LONGEST_EVENT", 100)
    with pytest.raises(AnswerTooLong, match="one of its events"):
        async for _ in BoundedEvents(Body(*[piece] * 20)):
            pass


@pytest.mark.parametrize(
    ("say", "message"),
    [
        (
            flooding(STREAM + b"event: ready\ndata: {}\n\n", b"data: more\n"),
            "one of its events has more than 1 MiB",
        ),
        (dripping(STREAM, b": not yet\n\n"), "the event stream was not ready within 0.2 s"),
    ],
    ids=["endless event", "never ready"],
)
async def test_a_backends_stream_that_tells_nothing_ends_in_one_line(say: Say, message: str) -> None:
    async def listen(client: HttpBackend) -> None:
        async with client.listen("someone") as commits:
            async for _ in commits:
                pass

    async with serving(say) as url, HttpBackend(url, timeout=SOON) as client:
        with pytest.raises(InfrastructureError, match=message):
            await listen(client)
