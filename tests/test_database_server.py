"""The databases that tests are on: which addresses are refused, untouched; what a run makes, and removes."""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest
from sqlalchemy import make_url

from app_backend.database import Database
from tests import database_server
from tests.database_server import DatabaseServer, UnfitDatabase, check, open_server

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


async def refusal(url: str) -> str:
    """Why an address is refused: one line, with no password in it."""
    with pytest.raises(UnfitDatabase) as raised:
        await check(url)
    message = str(raised.value)
    assert "\n" not in message
    assert "hidden" not in message
    assert "TEST_DATABASE_URL" in message
    return message


@pytest.mark.parametrize(
    ("url", "seen"),
    [
        ("nonsense", "is no address of a database: give postgresql://"),
        ("mysql://me:hidden@127.0.0.1/app_test", "begins with mysql://, and the tests need PostgreSQL"),
        ("sqlite:///app_test.db", "begins with sqlite://, and the tests need PostgreSQL"),
        ("postgresql://me:hidden@127.0.0.1", "names no database"),
        ("postgresql://me:hidden@127.0.0.1:1/app_test", "127.0.0.1:1 can't be reached"),
        (
            "postgresql://me:hidden@no.such.host.invalid/app_test",
            "no.such.host.invalid:5432 can't be reached",
        ),
    ],
)
async def test_an_address_that_leads_to_no_postgresql_is_refused(url: str, seen: str) -> None:
    assert seen in await refusal(url)


@asynccontextmanager
async def listening(answer: Answer) -> AsyncIterator[int]:
    """Serve something on a port."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await answer(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield server.sockets[0].getsockname()[1]


async def a_web_server(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(8)
    writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
    await writer.drain()


async def a_closed_door(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.read(8)


async def silence(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while await reader.read(100):
        pass


async def an_old_postgresql(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Refuse TLS, let anybody in, and say which version this is."""
    await reader.readexactly(8)
    writer.write(b"N")
    await reader.readexactly(int.from_bytes(await reader.readexactly(4)) - 4)

    def message(kind: bytes, body: bytes) -> bytes:
        return kind + (len(body) + 4).to_bytes(4) + body

    writer.write(message(b"R", bytes(4)))
    writer.write(message(b"S", b"server_version\x009.6.24\x00"))
    writer.write(message(b"K", bytes(8)) + message(b"Z", b"I"))
    await reader.read()


@pytest.mark.parametrize(
    ("answer", "seen"),
    [
        (a_web_server, "answers b'HTTP/1.1 400 Bad Request', as no PostgreSQL does"),
        (a_closed_door, "closes the connection, as no PostgreSQL does"),
        (silence, "says nothing, so it is no PostgreSQL"),
        (an_old_postgresql, "is PostgreSQL 9.6: PostgreSQL 15 or newer is needed"),
    ],
)
async def test_a_server_that_is_something_else_is_refused(
    answer: Answer, seen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database_server, "CONNECT_S", 1.0)
    monkeypatch.setattr(database_server, "PROBE_S", 1.0)
    async with listening(answer) as port:
        assert seen in await refusal(f"postgresql://me:hidden@127.0.0.1:{port}/app_test")


@pytest.mark.parametrize(
    "name",
    ["app", "app_backend", "postgres", "latest", "attestation", "app_production", "prod_test", "Test-Live"],
)
async def test_a_database_whose_name_is_not_one_for_tests_is_not_even_connected_to(name: str) -> None:
    connected = asyncio.Event()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connected.set()

    async with listening(answer) as port:
        message = await refusal(f"postgresql://me:hidden@127.0.0.1:{port}/{name}")

    assert f'"{name}"' in message
    assert not connected.is_set()


@pytest.fixture
async def named_test(database_url: str) -> AsyncIterator[str]:
    """The address of an empty database whose name is one for tests."""
    name = f"app_test_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(database_url)
    try:
        await connection.execute(f"CREATE DATABASE {name}")
        yield make_url(database_url).set(database=name).render_as_string(hide_password=False)
        await connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await connection.close()


async def contents(url: str) -> list[tuple[str, int]]:
    """Every table of a database, with how many rows it has."""
    connection = await asyncpg.connect(url)
    try:
        tables = await connection.fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
        return sorted(
            [
                (table, await connection.fetchval(f'SELECT count(*) FROM "{table}"'))  # noqa: S608 - from the catalogue
                for (table,) in tables
            ]
        )
    finally:
        await connection.close()


async def test_a_database_of_production_is_refused_by_what_is_in_it_and_stays_as_it_is(
    named_test: str,
) -> None:
    await check(named_test)
    production = Database(named_test)
    await production.migrate()
    await asyncio.gather(*(production.mark_production() for _ in range(3)))
    await production.close()
    before = await contents(named_test)

    message = await refusal(named_test)

    assert "has the table production_mark: it was not touched" in message
    assert ("production_mark", 1) in before
    assert await contents(named_test) == before


async def test_who_may_make_no_database_is_told_so(named_test: str) -> None:
    role = f"guest_{uuid.uuid4().hex}"
    connection = await asyncpg.connect(named_test)
    try:
        await connection.execute(f"CREATE ROLE {role} LOGIN PASSWORD 'hidden'")
        guest = make_url(named_test).set(username=role, password="hidden")
        message = await refusal(guest.render_as_string(hide_password=False))
    finally:
        await connection.execute(f"DROP ROLE {role}")
        await connection.close()

    assert f"ALTER ROLE {role} CREATEDB" in message


async def names(url: str) -> set[str]:
    """The databases that runs have made on a server for this address."""
    connection = await asyncpg.connect(url)
    try:
        stem = f"{make_url(url).database}"[:40] + "_run_"
        found = {name for (name,) in await connection.fetch("SELECT datname FROM pg_database")}
        return {name.removeprefix(stem) for name in found if name.startswith(stem)}
    finally:
        await connection.close()


async def test_processes_of_a_run_share_a_template_and_leave_nothing(named_test: str) -> None:
    async with open_server(named_test, run="abc", worker="gw0", own=False) as one:
        async with open_server(named_test, run="abc", worker="gw1", own=False) as other:
            urls = [*await asyncio.gather(one.clone(), other.clone()), await one.create()]
            assert await names(named_test) == {"abc_template", "abc_gw0_1", "abc_gw0_2", "abc_gw1_1"}
            cloned, also, empty = [{table for table, _ in await contents(url)} for url in urls]
            assert {"people", "posts", "pictures"} < cloned == also
            assert empty == set()
        assert await names(named_test) == {"abc_template", "abc_gw0_1", "abc_gw0_2"}
    assert await names(named_test) == set()
    assert await contents(named_test) == []


async def test_what_a_killed_run_left_is_removed_and_what_another_uses_is_not(named_test: str) -> None:
    lost = open_server(named_test, run="lost", worker="gw0", own=False)
    server: DatabaseServer = await lost.__aenter__()
    await server.clone()
    # As the server sees it where the process is killed.
    server._connection.terminate()
    with pytest.raises(asyncpg.InterfaceError):
        await lost.__aexit__(None, None, None)
    async with open_server(named_test, run="busy", worker="gw0", own=False) as busy:
        await busy.create()
        async with asyncio.timeout(20):
            while "lost_template" in await names(named_test):
                async with open_server(named_test, run="next", worker="gw0", own=False):
                    pass
        assert await names(named_test) == {"busy_gw0_1"}


def test_no_test_begins_where_the_database_is_unfit() -> None:
    words = (sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests/docs", "-n", "0")
    environment = os.environ | {"TEST_DATABASE_URL": "postgresql://me:hidden@127.0.0.1:1/app_production"}

    done = subprocess.run(words, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own

    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert re.search(
        r'^ERROR: TEST_DATABASE_URL names the database "app_production"', done.stderr, re.MULTILINE
    )
    assert "Traceback" not in done.stderr + done.stdout
