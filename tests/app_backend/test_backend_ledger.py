"""Nothing half-done: rows and files of pictures agree, whatever fails in the middle of an upload."""

from __future__ import annotations

import asyncio
import uuid
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.api import Services
from app_backend.avatars import Gallery, Key, Ledger
from app_backend.database import Database, Person, Picture
from app_backend.events import Change
from app_backend.profiles import IdempotencyKeys, People, Removal, people
from app_backend.sweep import PictureSweep
from tests.app_backend.watched_storage import WatchedStorage

if TYPE_CHECKING:
    from tests.app_backend.conftest import MakePicture, Member

PNG = {"Content-Type": "image/png"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "pictures"


@pytest.fixture
def storage(folder: Path) -> WatchedStorage:
    return WatchedStorage(folder)


@pytest.fixture
def ledger(session_services: Services) -> Ledger:
    return Ledger(session_services.database)


@pytest.fixture
def sweep(storage: WatchedStorage, ledger: Ledger) -> PictureSweep:
    return PictureSweep(storage, ledger)


@pytest.fixture
async def services(services: Services, storage: WatchedStorage, ledger: Ledger) -> Services:
    """The same services, with pictures in the watched storage."""
    gallery = Gallery(storage, services.gallery.limits, services.gallery._renderer, ledger)
    await gallery.prepare()
    keys = IdempotencyKeys(services.database, lifetime_s=60)
    return replace(
        services,
        gallery=gallery,
        people=People(services.database, gallery, keys),
        removal=Removal(services.database, gallery),
    )


async def rows(database: Database) -> dict[str, str]:
    """The ledger: state by version."""
    async with database.reading() as session:
        return {each.version: each.state for each in await session.scalars(select(Picture))}


def stored(folder: Path) -> set[str]:
    """The versions that have files."""
    return {path.parent.name for path in folder.rglob("*.webp")}


async def show(member: Member, content: bytes) -> str:
    """Upload a picture and return its version."""
    answer = await member.http.put("/me/avatar", content=content, headers=PNG)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["profile"]["avatar"]["version"])


async def shown(member: Member) -> str | None:
    """The version that everybody is sent to, after a look at all of it."""
    avatar = (await member.http.get(f"/people/{member.id}")).json()["avatar"]
    for url in avatar["urls"].values():
        assert (await member.http.get(url)).status_code == 200
    version: str | None = avatar["version"]
    return version


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


async def test_an_upload_that_is_cancelled_leaves_nothing(
    services: Services, ada: Member, picture: MakePicture, storage: WatchedStorage, folder: Path
) -> None:
    old = await show(ada, picture())
    written = asyncio.Event()

    async def wait_for_ever() -> None:
        written.set()
        await asyncio.Event().wait()

    storage.after_put = wait_for_ever
    upload = asyncio.create_task(services.people.set_picture(uuid.UUID(ada.id), picture()))
    await written.wait()
    assert len(stored(folder)) == 2

    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload

    assert await rows(services.database) == {old: "shown"}
    assert stored(folder) == {old} == {await shown(ada)}


async def test_the_picture_of_somebody_who_is_gone_is_swept(
    services: Services, ada: Member, grace: Member, picture: MakePicture, sweep: PictureSweep, folder: Path
) -> None:
    await show(ada, picture())
    kept = await show(grace, picture())
    async with services.database.sessions.begin() as session:
        await session.execute(delete(Person).where(Person.id == uuid.UUID(ada.id)))

    await sweep.delete_strays(older_than_s=1000)
    assert await sweep.delete_left_over() == 1

    assert await rows(services.database) == {kept: "shown"}
    assert stored(folder) == {kept} == {await shown(grace)}


async def test_who_is_gone_can_show_nothing(
    services: Services, ada: Member, picture: MakePicture, storage: WatchedStorage, folder: Path
) -> None:
    async def delete_ada() -> None:
        async with services.database.sessions.begin() as session:
            await session.execute(delete(Person).where(Person.id == uuid.UUID(ada.id)))

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


async def test_pictures_that_are_read_come_from_where_they_are(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture, storage: WatchedStorage
) -> None:
    version = await show(ada, picture())

    read = await http.get(f"/avatars/{ada.id}/{version}/96.webp")

    assert read.content == await storage.get(f"{ada.id}/{version}", "96.webp")
