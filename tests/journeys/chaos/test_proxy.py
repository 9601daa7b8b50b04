"""A proxy that drops, holds, delays, halves and corrupts what passes through it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest

from journeys import Damage, FaultyProxy, now

ANSWER = bytes(range(256)) * 4
LONGEST_S = 10.0


@pytest.fixture
async def proxy() -> AsyncIterator[FaultyProxy]:
    """A proxy before a server that answers each line with the same thousand bytes."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while await reader.readline():
                writer.write(ANSWER)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server, FaultyProxy(server.sockets[0].getsockname()[1]) as proxy:
        yield proxy


class Client:
    """A connection through the proxy."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer

    async def ask(self) -> bytes:
        """Return what comes back for a line, as far as it comes."""
        self.writer.write(b"well?\n")
        try:
            async with asyncio.timeout(LONGEST_S):
                return await self.reader.readexactly(len(ANSWER))
        except asyncio.IncompleteReadError as error:
            return error.partial
        except ConnectionError:
            return b""


Connect = Callable[[], Awaitable[Client]]


@pytest.fixture
async def connect(proxy: FaultyProxy) -> AsyncIterator[Connect]:
    """Open connections through the proxy; they are closed at the end."""
    clients: list[Client] = []

    async def open_one() -> Client:
        clients.append(Client(*await asyncio.open_connection("127.0.0.1", proxy.port)))
        return clients[-1]

    yield open_one
    for client in clients:
        client.writer.transport.abort()


async def test_what_is_whole_passes_unchanged(connect: Connect) -> None:
    assert await (await connect()).ask() == ANSWER


async def test_it_refuses_and_then_lets_through_again(proxy: FaultyProxy, connect: Connect) -> None:
    async with proxy.damage(Damage(refuses=True)):
        assert await (await connect()).ask() == b""

    assert await (await connect()).ask() == ANSWER


async def test_it_cuts_what_is_open(proxy: FaultyProxy, connect: Connect) -> None:
    client = await connect()
    assert await client.ask() == ANSWER

    async with proxy.damage(Damage(cuts=True)):
        assert await client.ask() == b""
        assert await (await connect()).ask() == ANSWER


async def test_what_it_holds_goes_on_at_the_end(proxy: FaultyProxy, connect: Connect) -> None:
    client = await connect()
    async with proxy.damage(Damage(holds=True)):
        asking = asyncio.create_task(client.ask())
        done, _ = await asyncio.wait([asking], timeout=0.2)
        assert not done

    assert await asking == ANSWER


async def test_it_delays_each_way(proxy: FaultyProxy, connect: Connect) -> None:
    client = await connect()
    async with proxy.damage(Damage(delay_s=0.1)):
        begun = now()
        assert await client.ask() == ANSWER
        assert now() - begun >= 0.2


async def test_it_ends_an_answer_in_the_middle(proxy: FaultyProxy, connect: Connect) -> None:
    async with proxy.damage(Damage(halves_after=500)):
        assert await (await connect()).ask() == ANSWER[:500]


async def test_it_corrupts_some_bytes_and_no_others(proxy: FaultyProxy, connect: Connect) -> None:
    async with proxy.damage(Damage(corrupts_every=100)):
        damaged = await (await connect()).ask()

    assert len(damaged) == len(ANSWER)
    wrong = [place for place, byte in enumerate(damaged) if byte != ANSWER[place]]
    assert wrong == [99, 199, 299, 399, 499, 599, 699, 799, 899, 999]


async def test_nothing_stays_open_behind_it(proxy: FaultyProxy, connect: Connect) -> None:
    client = await connect()
    await client.ask()
    assert proxy.open_count == 1

    async with proxy.damage(Damage(cuts=True)):
        assert proxy.open_count == 0
