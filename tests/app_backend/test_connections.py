"""Connections to PostgreSQL: none that is dead is handed out, and the server isn't asked each time."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from sqlalchemy import text

from app_backend.database import Database, engine
from tests.backend_fixtures import DEADLINE_S

ONE = text("SELECT 1")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    database = Database(database_url, pool_size=2)
    yield database
    await database.close()


async def used(database: Database) -> Any:
    """Use a connection, give it back to the pool, and return asyncpg's own object of it."""
    async with database.engine.connect() as connection:
        return (await connection.get_raw_connection()).driver_connection


def heard(driver: Any) -> list[str]:
    """Write down what is sent to the server over a connection."""
    sent: list[str] = []
    driver.add_query_logger(lambda record: sent.append(record.query))
    return sent


async def test_a_read_is_one_way_to_the_server_and_back(database: Database) -> None:
    """Prepared statements are not told to asyncpg's loggers; all that others add to them is."""
    sent = heard(await used(database))

    async with database.sessions() as session:
        await session.execute(ONE)
    assert sent == ["BEGIN;", "ROLLBACK;"]
    sent.clear()

    async with database.reading() as session:
        assert await session.scalar(ONE) == 1
    assert sent == []


async def test_connections_that_the_server_ended_are_replaced_unnoticed(
    database: Database, database_url: str
) -> None:
    async with database.engine.connect(), database.engine.connect():
        pass
    ended = await used(database)
    other = Database(database_url)
    async with other.engine.connect() as operator, asyncio.timeout(DEADLINE_S):
        await operator.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": ended.get_server_pid()})
        while not ended.is_closed():  # noqa: ASYNC110 - the socket's end announces itself to asyncpg alone
            await asyncio.sleep(0)
    await other.close()

    for _ in range(3):
        async with database.reading() as session:
            assert await session.scalar(ONE) == 1


async def test_who_was_idle_for_long_is_asked(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    driver = await used(database)
    sent = heard(driver)
    monkeypatch.setattr(engine, "ASK_AFTER_S", -1)

    assert await used(database) is driver
    assert ";" in sent


async def test_who_was_idle_for_long_and_does_not_answer_is_replaced(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    driver = await used(database)
    monkeypatch.setattr(engine, "ASK_AFTER_S", -1)
    dialect = database.engine.sync_engine.dialect

    def ping(connection: Any) -> bool:
        if connection.driver_connection is driver:
            raise OSError("no route to the server")
        return True

    monkeypatch.setattr(dialect, "do_ping", ping)

    assert await used(database) is not driver
