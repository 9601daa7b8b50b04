"""A sweep that meets an upload: it passes over it, or the upload begins again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app_backend.api import Services
from app_backend.avatars import Key, Ledger
from app_backend.database import Database
from app_backend.sweep import PictureSweep
from tests.app_backend.ledger.pictures_shown import PNG, rows, show, shown, stored
from tests.app_backend.watched_storage import WatchedStorage

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member


async def test_a_sweep_passes_over_an_upload_under_way(
    services: Services,
    ada: Member,
    picture: MakePicture,
    storage: WatchedStorage,
    database_url: str,
    folder: Path,
) -> None:
    swept: list[int] = []

    async def sweep_elsewhere() -> None:
        # As another process does: with connections of its own.
        elsewhere = Database(database_url)
        swept.append(await PictureSweep(WatchedStorage(folder), Ledger(elsewhere)).delete_left_over())
        await elsewhere.close()

    storage.before_put = storage.after_put = sweep_elsewhere
    version = await show(ada, picture())

    assert swept == [0, 0]
    assert await rows(services.database) == {version: "shown"}
    assert await shown(ada) == version


async def test_an_upload_begins_again_where_a_sweep_was_quicker(
    ada: Member, picture: MakePicture, sweep: PictureSweep, monkeypatch: pytest.MonkeyPatch, folder: Path
) -> None:
    enter = Ledger.enter
    swept: list[int] = []

    async def enter_and_be_swept(ledger: Ledger, key: Key) -> None:
        await enter(ledger, key)
        if len(swept) < 2:
            swept.append(await sweep.delete_left_over())

    monkeypatch.setattr(Ledger, "enter", enter_and_be_swept)

    version = await show(ada, picture())

    assert swept == [1, 1]
    assert stored(folder) == {version} == {await shown(ada)}


async def test_an_upload_that_is_swept_away_again_and_again_is_refused(
    services: Services,
    ada: Member,
    picture: MakePicture,
    sweep: PictureSweep,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
) -> None:
    old = await show(ada, picture())
    enter = Ledger.enter

    async def enter_and_be_swept(ledger: Ledger, key: Key) -> None:
        await enter(ledger, key)
        await sweep.delete_left_over()

    monkeypatch.setattr(Ledger, "enter", enter_and_be_swept)

    answer = await ada.http.put("/me/avatar", content=picture(), headers=PNG)

    assert answer.status_code == 503
    assert await rows(services.database) == {old: "shown"}
    assert stored(folder) == {old} == {await shown(ada)}
