"""Of somebody who leaves, also in the middle of an upload, no picture stays."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
from sqlalchemy import delete, text

from app_backend.api import Services
from app_backend.database import Database, PersonRow
from app_backend.sweep import PictureSweep
from tests.app_backend.ledger.pictures_shown import PNG, rows, show, shown, stored
from tests.app_backend.watched_storage import WatchedStorage

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member


async def test_the_picture_of_somebody_who_is_gone_is_swept(
    services: Services, ada: Member, grace: Member, picture: MakePicture, sweep: PictureSweep, folder: Path
) -> None:
    await show(ada, picture())
    kept = await show(grace, picture())
    async with services.database.sessions.begin() as session:
        await session.execute(delete(PersonRow).where(PersonRow.id == uuid.UUID(ada.id)))

    await sweep.delete_strays(older_than_s=1000)
    assert await sweep.delete_left_over() == 1

    assert await rows(services.database) == {kept: "shown"}
    assert stored(folder) == {kept} == {await shown(grace)}


async def test_who_is_gone_can_show_nothing(
    services: Services, ada: Member, picture: MakePicture, storage: WatchedStorage, folder: Path
) -> None:
    async def delete_ada() -> None:
        async with services.database.sessions.begin() as session:
            await session.execute(delete(PersonRow).where(PersonRow.id == uuid.UUID(ada.id)))

    storage.before_put = delete_ada
    answer = await ada.http.put("/me/avatar", content=picture(), headers=PNG)

    assert answer.status_code == 404
    assert await rows(services.database) == {}
    assert stored(folder) == set()


async def test_who_leaves_waits_for_an_upload_under_way(
    services: Services, ada: Member, picture: MakePicture, storage: WatchedStorage, folder: Path
) -> None:
    removals: list[asyncio.Task[httpx.Response]] = []

    async def remove_meanwhile() -> None:
        removals.append(asyncio.create_task(ada.http.delete("/me")))
        await waiting_for_a_lock(services.database)

    # With a key, the upload refers to the person from its beginning.
    storage.before_put = remove_meanwhile
    headers = {**PNG, "Idempotency-Key": "leaving"}
    async with asyncio.timeout(20):
        uploaded = await ada.http.put("/me/avatar", content=picture(), headers=headers)
        removed = await removals[0]

    assert (uploaded.status_code, removed.status_code) == (200, 200)
    assert await rows(services.database) == {}
    assert stored(folder) == set()


async def waiting_for_a_lock(database: Database) -> None:
    """Wait until somebody waits for a lock in this database."""
    waiting = text(
        "SELECT count(*) FROM pg_stat_activity"
        " WHERE wait_event_type = 'Lock' AND datname = current_database()"
    )
    async with database.engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        while not await connection.scalar(waiting):  # noqa: ASYNC110 - PostgreSQL's doing
            await asyncio.sleep(0.01)
