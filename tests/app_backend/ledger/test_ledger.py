"""Rows and files of pictures come and go together, and are where they are read from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import httpx

from app_backend.api import Services
from tests.app_backend.ledger.pictures_shown import rows, show, stored
from tests.app_backend.watched_storage import WatchedStorage

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member


async def test_a_row_and_files_come_and_go_together(
    services: Services, ada: Member, picture: MakePicture, folder: Path
) -> None:
    for _ in range(2):
        version = await show(ada, picture())
        assert await rows(services.database) == {version: "shown"}
        assert stored(folder) == {version}

    await ada.http.delete("/me/avatar")

    assert await rows(services.database) == {}
    assert stored(folder) == set()


async def test_a_row_is_there_before_the_first_file(
    services: Services, ada: Member, picture: MakePicture, storage: WatchedStorage, folder: Path
) -> None:
    seen: list[tuple[set[str], set[str]]] = []

    async def look() -> None:
        seen.append((set((await rows(services.database)).values()), stored(folder)))

    storage.before_put = look
    await show(ada, picture())

    assert seen == [({"coming"}, set())]


async def test_pictures_that_are_read_come_from_where_they_are(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture, storage: WatchedStorage
) -> None:
    version = await show(ada, picture())

    read = await http.get(f"/avatars/{ada.id}/{version}/96.webp")

    assert read.content == await storage.get(f"{ada.id}/{version}", "96.webp")
