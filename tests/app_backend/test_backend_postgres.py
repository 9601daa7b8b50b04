"""The embedded PostgreSQL: quick to start, alone on its socket, gone without a trace."""

from __future__ import annotations

import asyncio
import os
import stat
from pathlib import Path

import pytest
from sqlalchemy import text

from app_backend.database import Database
from app_backend.errors import BackendError
from app_backend.postgres import EmbeddedPostgres


async def ask(url: str, question: str) -> str:
    database = Database(url)
    async with database.engine.connect() as connection:
        answer = await connection.scalar(text(question))
    await database.close()
    return str(answer)


def inside(folder: Path) -> list[Path]:
    return list(folder.iterdir())


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of our own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "app_backend"


async def test_a_second_start_unpacks_what_the_first_has_kept(cache: Path) -> None:
    identifiers = []
    for _ in range(2):
        with EmbeddedPostgres() as server:
            url = await server.url()
            identifiers.append(await ask(url, "SELECT system_identifier FROM pg_control_system()"))
            assert [path.suffix for path in inside(cache)] == [".tar"]
            folder = server.folder
        assert not folder.exists()

    assert identifiers[0] == identifiers[1]


async def test_a_damaged_template_is_made_anew(cache: Path) -> None:
    with EmbeddedPostgres() as server:
        await server.url()
    (template,) = inside(cache)
    whole = template.stat().st_size
    os.truncate(template, whole // 2)

    with EmbeddedPostgres() as server:
        assert await ask(await server.url(), "SELECT 1") == "1"

    assert template.stat().st_size > whole // 2


async def test_others_can_not_get_at_the_server(postgres: EmbeddedPostgres, database_url: str) -> None:
    assert await ask(database_url, "SHOW listen_addresses") == ""
    assert stat.S_IMODE((postgres.folder / "postgres").stat().st_mode) & 0o077 == 0


async def test_text_sorts_the_same_on_every_machine(database_url: str) -> None:
    assert await ask(database_url, "SELECT 'é' COLLATE \"default\" > 'z'") == "True"


async def test_a_folder_that_is_none_is_said() -> None:
    with EmbeddedPostgres(Path(os.devnull)) as server, pytest.raises(BackendError, match=os.devnull):
        await server.url()


async def test_a_server_whose_owner_gives_up_early_is_gone_too() -> None:
    with EmbeddedPostgres() as server:
        folder = server.folder

    assert not await asyncio.to_thread(folder.exists)
