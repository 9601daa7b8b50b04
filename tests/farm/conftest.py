"""One PostgreSQL per test process, and a store in a database of its own for every test that wants one."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import pytest

from app_backend.postgres import EmbeddedPostgres
from journeys.farm.store import Store, open_store

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def farm_postgres() -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres() as server:
        yield server


@pytest.fixture(scope="session")
async def farm_server(farm_postgres: EmbeddedPostgres) -> str:
    return await farm_postgres.url()


@pytest.fixture
async def store_address(farm_server: str) -> AsyncIterator[str]:
    """An empty database of the test's own."""
    name = f"store_{next(_numbers)}"
    server = await asyncpg.connect(farm_server)
    try:
        await server.execute(f"CREATE DATABASE {name}")
        yield urlsplit(farm_server)._replace(path=f"/{name}").geturl()
        await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await server.close()


@pytest.fixture
async def store(store_address: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(store_address, tmp_path) as opened:
        yield opened
