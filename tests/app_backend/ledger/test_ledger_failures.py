"""Nothing half-done: rows and files agree, whatever fails in the middle of an upload."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from app_backend.api import Services
from app_backend.events import Change
from app_backend.rendering import Submission
from app_backend.sweep import PictureSweep
from tests.app_backend.ledger.pictures_shown import PNG, rows, show, shown, stored
from tests.app_backend.watched_storage import WatchedStorage

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member


async def test_where_the_storage_is_down_the_old_picture_stays(
    services: Services, ada: Member, picture: MakePicture, storage: WatchedStorage, folder: Path
) -> None:
    old = await show(ada, picture())
    url = (await ada.http.get("/me")).json()["avatar"]["urls"]["96"]
    storage.is_down = True

    refused = await ada.http.put("/me/avatar", content=picture(), headers=PNG)
    unread = await ada.http.get(url)
    profile = await ada.http.get("/me")

    for answer in (refused, unread):
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert int(answer.headers["retry-after"]) > 0
        assert answer.headers["cache-control"] == "no-store"
    assert profile.status_code == 200
    storage.is_down = False
    assert await shown(ada) == old
    assert stored(folder) == {old}


async def test_what_an_upload_could_not_take_back_is_swept(
    services: Services,
    ada: Member,
    picture: MakePicture,
    storage: WatchedStorage,
    sweep: PictureSweep,
    folder: Path,
) -> None:
    old = await show(ada, picture())

    async def go_down() -> None:
        storage.is_down = True
        raise OSError("the storage is gone")

    storage.after_put = go_down
    assert (await ada.http.put("/me/avatar", content=picture(), headers=PNG)).status_code == 503
    assert sorted((await rows(services.database)).values()) == ["leaving", "shown"]
    assert len(stored(folder)) == 2
    storage.is_down = False

    assert await sweep.delete_left_over() == 1

    assert await rows(services.database) == {old: "shown"}
    assert stored(folder) == {old} == {await shown(ada)}


async def test_a_connection_lost_in_the_middle_leaves_the_old_picture(
    services: Services, ada: Member, picture: MakePicture, storage: WatchedStorage, folder: Path
) -> None:
    old = await show(ada, picture())

    async def drop_the_upload() -> None:
        # The only transaction that waits for its client is the upload's.
        async with services.database.engine.connect() as connection:
            await connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE state = 'idle in transaction' AND pid <> pg_backend_pid()"
                    " AND datname = current_database()"
                )
            )

    storage.after_put = drop_the_upload
    answer = await ada.http.put("/me/avatar", content=picture(), headers=PNG)

    assert answer.status_code >= 500
    assert await rows(services.database) == {old: "shown"}
    assert stored(folder) == {old} == {await shown(ada)}


async def test_a_commit_that_went_through_unheard_is_not_taken_back(
    services: Services,
    ada: Member,
    picture: MakePicture,
    monkeypatch: pytest.MonkeyPatch,
    sweep: PictureSweep,
    folder: Path,
) -> None:
    old = await show(ada, picture())
    commit = Change.commit

    async def commit_unheard(change: Change) -> None:
        await commit(change)
        raise ConnectionError("the connection broke just then")

    with monkeypatch.context() as patched:
        patched.setattr(Change, "commit", commit_unheard)
        answer = await ada.http.put("/me/avatar", content=picture(), headers=PNG)

    assert answer.status_code >= 500
    new = await shown(ada)
    assert new != old
    assert await rows(services.database) == {old: "leaving", new: "shown"}
    assert await sweep.delete_left_over() == 1
    assert stored(folder) == {new} == {await shown(ada)}


async def test_an_old_picture_that_can_not_be_deleted_goes_with_the_next_sweep(
    services: Services,
    ada: Member,
    picture: MakePicture,
    storage: WatchedStorage,
    sweep: PictureSweep,
    folder: Path,
) -> None:
    old = await show(ada, picture())
    storage.refuses_to_delete = lambda _: True

    new = await show(ada, picture())

    assert await rows(services.database) == {old: "leaving", new: "shown"}
    storage.refuses_to_delete = lambda _: False
    assert await sweep.delete_left_over() == 1
    assert stored(folder) == {new}


async def test_an_upload_that_is_cancelled_leaves_nothing(
    services: Services, ada: Member, picture: MakePicture, storage: WatchedStorage, folder: Path
) -> None:
    old = await show(ada, picture())
    written = asyncio.Event()

    async def wait_for_ever() -> None:
        written.set()
        await asyncio.Event().wait()

    storage.after_put = wait_for_ever
    upload = asyncio.create_task(services.people.set_picture(uuid.UUID(ada.id), Submission.of(picture())))
    await written.wait()
    assert len(stored(folder)) == 2

    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload

    assert await rows(services.database) == {old: "shown"}
    assert stored(folder) == {old} == {await shown(ada)}
