"""What waits for an upload that takes its time, and what doesn't."""

from __future__ import annotations

import asyncio
import uuid
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.api import Services
from app_backend.avatars import Gallery
from app_backend.profiles import people
from tests.app_backend.ledger.pictures_shown import PNG, rows, show, shown, stored
from tests.app_backend.watched_storage import WatchedStorage

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member


async def test_posts_need_not_wait_for_an_upload(
    services: Services, ada: Member, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    replace_picture = Gallery.replace
    posted: list[int] = []

    async def post_meanwhile(
        gallery: Gallery, session: AsyncSession, person_id: uuid.UUID, *, old: str | None, new: str | None
    ) -> None:
        # The person is locked by now.
        async with asyncio.timeout(20):
            posted.append((await ada.http.post("/posts", json={"text": "Meanwhile."})).status_code)
        await replace_picture(gallery, session, person_id, old=old, new=new)

    monkeypatch.setattr(Gallery, "replace", post_meanwhile)
    await show(ada, picture())

    assert posted == [201]


async def test_a_storage_that_hangs_holds_up_uploads_only(
    services: Services,
    ada: Member,
    picture: MakePicture,
    storage: WatchedStorage,
    monkeypatch: pytest.MonkeyPatch,
    folder: Path,
) -> None:
    monkeypatch.setattr(people, "WAIT_S", 0.05)
    # One person is enough here, who by rights has fewer than all places.
    monkeypatch.setattr(services.intake, "_uploads_per_person", people.UPLOADS_AT_ONCE + 1)
    hanging: list[None] = []
    all_hang, go_on = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        hanging.append(None)
        if len(hanging) == people.UPLOADS_AT_ONCE:
            all_hang.set()
        await go_on.wait()

    storage.before_put = hang
    async with asyncio.timeout(60), asyncio.TaskGroup() as tasks:
        uploads = [tasks.create_task(show(ada, picture())) for _ in range(people.UPLOADS_AT_ONCE)]
        await all_hang.wait()

        one_more = await ada.http.put("/me/avatar", content=picture(), headers=PNG)
        others = await asyncio.gather(*(ada.http.get(path) for path in ("/me", "/feed", "/readyz") * 10))
        go_on.set()

    assert one_more.status_code == 503
    assert int(one_more.headers["retry-after"]) > 0
    assert {answer.status_code for answer in others} == {200}
    assert len({upload.result() for upload in uploads}) == people.UPLOADS_AT_ONCE
    version = await shown(ada)
    assert await rows(services.database) == {version: "shown"}
    assert stored(folder) == {version}
