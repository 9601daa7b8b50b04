"""As many small tests as are asked for, each of which would fail on what another has left.

Not collected with the others: `leftovers.py` runs it, and counts what is there afterwards.
"""

from __future__ import annotations

import json
import os
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.api import Services
from app_backend.database import Base, PersonRow
from tests.backend_fixtures import KEPT_FOLDERS, Register
from tests.factories import PersonFactory, PictureFactory, PostFactory
from tests.isolation.leftovers import COUNT, FOLDER

EMAIL = "the-same-in-all-tests@example.test"

PIECES = 20
"""Into so many the tests of this file are divided: else one process would run them all."""

of_each_kind = pytest.mark.parametrize(
    "number",
    [
        pytest.param(number, marks=pytest.mark.xdist_group(f"piece-{number % PIECES}"))
        for number in range(int(os.environ.get(COUNT, "5")) // 5)
    ],
)


@pytest.fixture(scope="session", autouse=True)
async def _rows_at_the_end(session_services: Services) -> AsyncIterator[None]:
    """Write down how many rows this process leaves, table by table, while its database is still there."""
    yield
    async with session_services.database.reading() as session:
        rows = {
            table.name: await session.scalar(select(func.count()).select_from(table))
            for table in Base.metadata.sorted_tables
            # Made by the migrations.
            if table.name != "ledger_identity"
        }
    file = Path(os.environ[FOLDER]) / f"rows-{os.getpid()}.json"
    file.write_text(json.dumps(rows), encoding="utf-8")


def pictures_in(folder: Path) -> list[str]:
    return [each.name for each in folder.iterdir() if each.name not in KEPT_FOLDERS]


async def people(session: AsyncSession) -> int:
    return await session.scalar(select(func.count()).select_from(PersonRow)) or 0


@pytest.mark.rolled_back
@of_each_kind
async def test_an_address_is_free(register: Register, session: AsyncSession, number: int) -> None:
    await register(email=EMAIL)
    assert await people(session) == 1


@of_each_kind
async def test_an_address_is_free_over_real_commits(
    register: Register, session: AsyncSession, number: int
) -> None:
    await register(email=EMAIL)
    assert await people(session) == 1


@pytest.mark.rolled_back
@pytest.mark.usefixtures("factories")
@of_each_kind
async def test_the_feed_has_what_was_written(http: httpx.AsyncClient, number: int) -> None:
    author = await PersonFactory.create_async(email=EMAIL)
    posts = await PostFactory.create_batch_async(3, author_id=author.id)
    items = (await http.get("/feed")).json()["items"]
    assert {item["id"] for item in items} == {str(post.id) for post in posts}


@pytest.mark.rolled_back
@of_each_kind
async def test_there_is_one_picture(register: Register, pictures_folder: Path, number: int) -> None:
    picture = PictureFactory.build(shape=(64, 64))
    member = await register(email=EMAIL)
    answer = await member.http.put(
        "/me/avatar", content=picture.content, headers={"Content-Type": picture.media_type}
    )
    assert answer.status_code == 200
    assert len(pictures_in(pictures_folder)) == 1


@of_each_kind
async def test_nobody_failed_to_sign_in_before(
    http: httpx.AsyncClient, session: AsyncSession, number: int
) -> None:
    wrong = {"email": EMAIL, "password": "wrong"}
    assert (await http.post("/sessions", json=wrong)).status_code == 401
    assert await session.scalar(text("SELECT max(hits) FROM rate_limits")) == 1
