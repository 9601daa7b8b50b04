"""Tests whose whole work is one transaction: app and test see the same, nobody else does, nothing stays."""

from __future__ import annotations

import uuid

import asyncpg  # type: ignore[import-untyped]  # it ships no types
import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.api import Services
from app_backend.database import PersonRow, Post
from tests.backend_fixtures import MakePicture, Member, Register
from tests.one_transaction import one_transaction


async def people_elsewhere(database_url: str) -> int:
    """How many people a connection of its own sees."""
    connection = await asyncpg.connect(database_url)
    try:
        return int(await connection.fetchval("SELECT count(*) FROM people"))
    finally:
        await connection.close()


@pytest.mark.rolled_back
async def test_what_the_app_commits_the_test_sees_and_nobody_else(
    ada: Member, session: AsyncSession, database_url: str
) -> None:
    assert (await session.get_one(PersonRow, uuid.UUID(ada.id))).display_name == "Ada"
    assert await people_elsewhere(database_url) == 0


@pytest.mark.rolled_back
async def test_what_the_test_commits_the_app_sees(
    ada: Member, http: httpx.AsyncClient, session: AsyncSession
) -> None:
    person = await session.get_one(PersonRow, uuid.UUID(ada.id))
    person.display_name = "Ada Lovelace"
    await session.commit()

    assert (await http.get(f"/people/{ada.id}")).json()["display_name"] == "Ada Lovelace"


@pytest.mark.rolled_back
async def test_a_request_that_fails_takes_its_own_work_back_and_no_more(
    register: Register, http: httpx.AsyncClient, session: AsyncSession
) -> None:
    ada = await register("Ada", email="ada@example.test")
    taken = {"email": "ada@example.test", "password": "correct horse", "display_name": "Another"}

    assert (await http.post("/accounts", json=taken)).status_code == 409
    assert (await ada.http.post("/posts", json={"text": "still here"})).status_code == 201

    assert await session.scalar(select(func.count()).select_from(PersonRow)) == 1
    assert await session.scalar(select(Post.text)) == "still here"


@pytest.mark.rolled_back
async def test_pictures_are_uploaded_and_counted_in_it(ada: Member, picture: MakePicture) -> None:
    for _ in range(2):
        answer = await ada.http.put("/me/avatar", content=picture(), headers={"Content-Type": "image/png"})
        assert answer.status_code == 200
    avatar = (await ada.http.get("/me")).json()["avatar"]
    assert (await ada.http.get(next(iter(avatar["urls"].values())))).status_code == 200


async def test_nothing_of_it_stays(services: Services, session: AsyncSession, database_url: str) -> None:
    async with one_transaction(services.database):
        await services.accounts.register(email="x@y.test", password="correct horse", display_name="Ada")
        async with services.database.reading() as within:
            assert await within.scalar(select(func.count()).select_from(PersonRow)) == 1

    assert await session.scalar(select(func.count()).select_from(PersonRow)) == 0
    await services.accounts.register(email="x@y.test", password="correct horse", display_name="Ada")
    assert await people_elsewhere(database_url) == 1
