"""The migrations make the tables that the code expects, once, however many processes start."""

from __future__ import annotations

import asyncio
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


async def test_several_processes_migrate_at_once(own_database: str) -> None:
    databases = [Database(own_database) for _ in range(3)]

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


async def test_pictures_that_people_show_already_are_entered_into_the_ledger(own_database: str) -> None:
    database = Database(own_database)
    async with database.engine.begin() as connection:
        await connection.run_sync(lambda sync: app_backend.migrations.upgrade(sync, "0001"))
        for name, version in (("ada", "0123456789abcdef"), ("grace", None)):
            await connection.execute(
                text(
                    "INSERT INTO people"
                    " (id, email, password_hash, display_name, bio, avatar_version, version, created_at)"
                    " VALUES (gen_random_uuid(), :name, '', :name, '', :version, 1, now())"
                ),
                {"name": name, "version": version},
            )

    await database.migrate()

    async with database.engine.connect() as connection:
        entered = await connection.execute(
            text(
                "SELECT people.email, pictures.version, pictures.state FROM pictures"
                " JOIN people ON people.id = pictures.person_id"
            )
        )
        assert [tuple(row) for row in entered] == [("ada", "0123456789abcdef", "shown")]
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
