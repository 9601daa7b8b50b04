"""A database out of reach is a clear error that says to come again; an error of ours is not called that."""

from __future__ import annotations

import socket
import uuid
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import make_url, text

from app_backend.api import Services, create_app
from app_backend.database import Database
from app_backend.feed import Posts
from app_backend.profiles import People

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

PERSON = "00000000-0000-0000-0000-000000000000"


def closed_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@asynccontextmanager
async def with_database(services: Services, url: str) -> AsyncIterator[httpx.AsyncClient]:
    """Reach a backend whose feed is in another database."""
    database = Database(url)
    transport = httpx.ASGITransport(create_app(replace(services, posts=Posts(database))))
    async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
        yield client
    await database.close()


@pytest.mark.parametrize("away", ["no socket", "closed port", "no such host"])
async def test_a_database_that_is_away_is_told(services: Services, tmp_path: Path, away: str) -> None:
    url = {
        "no socket": f"postgresql://postgres@/postgres?host={tmp_path}",
        "closed port": f"postgresql://postgres@127.0.0.1:{closed_port()}/postgres",
        "no such host": "postgresql://postgres@no.such.host.invalid/postgres",
    }[away]
    async with with_database(services, url) as client:
        answer = await client.get("/feed")

    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert int(answer.headers["retry-after"]) >= 1
    assert "incident" not in answer.json()
    assert "postgres" not in answer.text


async def test_a_database_that_takes_no_more_connections_is_told(
    services: Services, database_url: str
) -> None:
    # Roles belong to the whole server, which other test processes may be on, too.
    role = f"crowded_{uuid.uuid4().hex}"
    crowded = make_url(database_url).set(username=role, password=role).render_as_string(hide_password=False)
    async with services.database.engine.begin() as connection:
        await connection.execute(text(f"CREATE ROLE {role} LOGIN PASSWORD '{role}' CONNECTION LIMIT 0"))
    try:
        async with with_database(services, crowded) as client:
            answer = await client.get("/feed")
    finally:
        async with services.database.engine.begin() as connection:
            await connection.execute(text(f"DROP ROLE {role}"))

    assert answer.status_code == 503


@pytest.mark.parametrize("wrong", ["SELECT nonsense", "a file"])
async def test_an_error_of_ours_is_still_one(services: Services, wrong: str) -> None:
    class Broken(People):
        async def find(self, _person_id: object) -> Any:
            if wrong == "a file":
                raise FileNotFoundError("of ours")
            async with services.database.reading() as session:
                await session.execute(text(wrong))

    people = Broken.__new__(Broken)  # it needs nothing in order to fail
    transport = httpx.ASGITransport(create_app(replace(services, people=people)))
    async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
        answer = await client.get(f"/people/{PERSON}")

    assert answer.status_code == 500
    assert answer.json()["incident"] == answer.headers["x-request-id"]
