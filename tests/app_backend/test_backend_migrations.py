"""The migrations make the tables that the code expects, once, however many processes start."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

import app_backend.migrations
from app_backend.database import Base, Database
from app_backend.errors import BackendError


@pytest.fixture
async def empty_url(database_url: str) -> AsyncIterator[str]:
    """The address of a database without tables."""
    server = Database(database_url)
    async with server.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("CREATE DATABASE empty STRATEGY wal_log"))
        yield database_url.replace("/postgres?", "/empty?")
        await connection.execute(text("DROP DATABASE empty WITH (FORCE)"))
    await server.close()


async def test_several_processes_migrate_at_once(empty_url: str) -> None:
    databases = [Database(empty_url) for _ in range(3)]

    async with asyncio.TaskGroup() as tasks:
        for database in databases:
            tasks.create_task(database.migrate())

    def differences(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection)
        return list(compare_metadata(context, Base.metadata))

    async with databases[0].engine.connect() as connection:
        assert await connection.run_sync(differences) == []
    for database in databases:
        await database.close()


def test_the_newest_revision_is_the_one_named() -> None:
    config = Config()
    config.set_main_option("script_location", str(Path(app_backend.migrations.__file__).parent))

    assert ScriptDirectory.from_config(config).get_current_head() == app_backend.migrations.HEAD


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("postgresql://nobody:secret@127.0.0.1:1/x", "127.0.0.1:1"),
        ("sqlite:///x.db", "must be of the form postgresql://"),
        ("nonsense", "must be of the form postgresql://"),
    ],
)
async def test_a_database_that_can_not_be_used_is_said_in_one_line(url: str, reason: str) -> None:
    with pytest.raises(BackendError) as error:
        await Database(url).migrate()

    assert reason in str(error.value)
    assert "secret" not in str(error.value)
    assert "\n" not in str(error.value)
