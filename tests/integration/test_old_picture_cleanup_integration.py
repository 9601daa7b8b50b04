"""Old pictures go, with a new one at once, else by the sweep; what is in use, or somebody else's, stays."""

from __future__ import annotations

import asyncio
import os
import time
import uuid
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import func, select, text

from app_backend.api import Services, open_backend
from app_backend.avatars import Key, Ledger, folder_of
from app_backend.database import (
    Base,
    Database,
    IdempotencyKey,
    PersonRow,
    PictureRow,
    RateLimit,
    SignIn,
    TokenPair,
    UsedTicket,
)
from app_backend.settings import Settings
from app_backend.storage import S3Storage, Storage
from app_backend.sweep import PictureSweep, Sweeper, delete_expired
from tests.app_backend.watched_storage import WatchedStorage
from tests.factories import PersonFactory

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member

FILES = {"48.webp": b"small", "96.webp": b"large"}
DEADLINE_S = 20.0


async def test_a_replaced_picture_is_gone(
    http: httpx.AsyncClient, ada: Member, picture: MakePicture, pictures_folder: Path
) -> None:
    urls = []
    for _ in range(2):
        # The same picture twice: still another version, as an address never comes back.
        answer = await ada.http.put("/me/avatar", content=picture(), headers={"Content-Type": "image/png"})
        urls.append(answer.json()["profile"]["avatar"]["urls"])
    removed = await ada.http.delete("/me/avatar")
    again = await ada.http.delete("/me/avatar")

    assert urls[0] != urls[1]
    for url in [*urls[0].values(), *urls[1].values()]:
        assert (await http.get(url)).status_code == 404
    assert removed.json()["profile"]["avatar"]["is_default"] is True
    assert again.status_code == 200
    assert again.json()["profile"]["version"] == removed.json()["profile"]["version"]
    assert list((pictures_folder / ada.id).rglob("*.webp")) == []


@pytest.fixture
def database(services: Services) -> Database:
    return services.database


@pytest.fixture
def ledger(database: Database) -> Ledger:
    return Ledger(database)


@pytest.fixture(params=["local", "s3"])
def storage(request: pytest.FixtureRequest, tmp_path: Path) -> Storage:
    if request.param == "s3":
        request.getfixturevalue("s3")
        return S3Storage("pictures", tmp_path.name)
    return WatchedStorage(tmp_path / "pictures")


@pytest.fixture
def watched(tmp_path: Path) -> WatchedStorage:
    return WatchedStorage(tmp_path / "pictures")


async def enter(database: Database, *rows: Base) -> None:
    async with database.sessions.begin() as session:
        session.add_all(rows)


async def picture(database: Database, storage: Storage, state: str, number: int = 0) -> Key:
    """A picture with a row in a state and files, as a process would have left them that was killed."""
    version = f"{number:016x}"
    owner = PersonFactory.build(avatar_version=version if state == "shown" else None)
    await enter(
        database, owner, PictureRow(person_id=owner.id, version=version, state=state, since=datetime.now(UTC))
    )
    await storage.put(folder_of((owner.id, version)), FILES)
    return owner.id, version


async def states(database: Database) -> dict[Key, str]:
    async with database.reading() as session:
        return {
            (each.person_id, each.version): each.state for each in await session.scalars(select(PictureRow))
        }


async def folders(storage: Storage) -> set[str]:
    return {each.name async for each in storage.folders()} - {"ledger"}


async def test_what_a_killed_process_left_goes_and_what_is_shown_stays(
    database: Database, ledger: Ledger, storage: Storage
) -> None:
    shown = await picture(database, storage, "shown")
    await picture(database, storage, "coming")
    await picture(database, storage, "leaving")
    # Killed between row and files, and between files and row.
    for state in ("coming", "leaving"):
        key = await picture(database, storage, state)
        await storage.delete(folder_of(key))

    assert await PictureSweep(storage, ledger).delete_left_over() == 4

    assert await states(database) == {shown: "shown"}
    assert await folders(storage) == {folder_of(shown)}


async def test_several_sweep_side_by_side(database_url: str, database: Database, storage: Storage) -> None:
    for number in range(250):
        await enter(
            database,
            PictureRow(
                person_id=uuid.UUID(int=number),
                version=f"{number:016x}",
                state="coming" if number % 2 else "leaving",
                since=datetime.now(UTC),
            ),
        )
    keys = list(await states(database))
    for key in keys[:20]:
        await storage.put(folder_of(key), FILES)
    shown = await picture(database, storage, "shown")
    others = [Database(database_url) for _ in range(3)]

    await asyncio.gather(*(PictureSweep(storage, Ledger(each)).delete_left_over() for each in others))

    assert await states(database) == {shown: "shown"}
    assert await folders(storage) == {folder_of(shown)}
    for each in others:
        await each.close()


async def test_one_that_can_not_be_deleted_holds_up_no_other(
    database: Database, ledger: Ledger, watched: WatchedStorage
) -> None:
    keys = [await picture(database, watched, "leaving", number) for number in range(5)]
    stuck = min(keys)
    watched.refuses_to_delete = lambda folder: folder == folder_of(stuck)

    assert await PictureSweep(watched, ledger).delete_left_over() == 4

    assert await states(database) == {stuck: "leaving"}
    assert await folders(watched) == {folder_of(stuck)}


async def test_a_storage_out_of_reach_ends_a_sweep_soon(
    database: Database, ledger: Ledger, watched: WatchedStorage
) -> None:
    for number in range(5):
        await picture(database, watched, "leaving", number)
    asked = []

    def refuse(folder: str) -> bool:
        asked.append(folder)
        return True

    watched.refuses_to_delete = refuse

    with pytest.raises(OSError, match="refused"):
        await PictureSweep(watched, ledger).delete_left_over()

    assert len(asked) == 3
    assert list((await states(database)).values()) == ["leaving"] * 5


async def test_files_that_no_row_tells_of_go_when_they_are_old(
    database: Database, ledger: Ledger, watched: WatchedStorage, tmp_path: Path
) -> None:
    known = {folder_of(await picture(database, watched, state)) for state in ("shown", "coming", "leaving")}
    # Shown by a backend that is older than the ledger.
    without_row = PersonFactory.build(avatar_version="0123456789abcdef")
    await enter(database, without_row)
    known.add(f"{without_row.id}/{without_row.avatar_version}")
    not_ours = {"music/0123456789abcdef", "album/cover", f"{uuid.uuid4()}/cover"}
    stray, young = (f"{uuid.uuid4()}/0123456789abcdef" for _ in range(2))
    for name in {*known, *not_ours, stray, young} - await folders(watched):
        await watched.put(name, FILES)
    long_ago = time.time() - 1000
    for name in {*known, *not_ours, stray}:
        os.utime(tmp_path / "pictures" / name, (long_ago, long_ago))

    assert await PictureSweep(watched, ledger).delete_strays(older_than_s=500) == 1

    assert await folders(watched) == {*known, *not_ours, young}


async def test_many_strays_go(database: Database, ledger: Ledger, storage: Storage) -> None:
    shown = await picture(database, storage, "shown")
    for number in range(120 if isinstance(storage, WatchedStorage) else 20):
        await storage.put(f"{uuid.UUID(int=number)}/{number:016x}", FILES)

    # All are younger than the sweep ends.
    await PictureSweep(storage, ledger).delete_strays(older_than_s=-10)

    assert await folders(storage) == {folder_of(shown)}


async def test_a_storage_of_another_database_is_left_alone(
    database: Database, ledger: Ledger, storage: Storage
) -> None:
    sweep = PictureSweep(storage, ledger)
    assert await sweep.delete_strays(older_than_s=0) == 0
    await storage.put(f"{uuid.uuid4()}/0123456789abcdef", FILES)
    before = await folders(storage)
    async with database.sessions.begin() as session:
        previous = await session.scalar(text("SELECT id FROM ledger_identity"))
        await session.execute(text("UPDATE ledger_identity SET id = gen_random_uuid()"))
    try:
        assert await sweep.delete_strays(older_than_s=-10) == 0
        assert await folders(storage) == before
    finally:
        async with database.sessions.begin() as session:
            await session.execute(text("UPDATE ledger_identity SET id = :id"), {"id": previous})

    assert await sweep.delete_strays(older_than_s=-10) == 1


async def test_what_has_expired_goes(database: Database) -> None:
    def each_table(when: datetime) -> list[Base]:
        owner = PersonFactory.build()
        sign_in, other = (
            SignIn(
                id=uuid.uuid4(),
                person_id=owner.id,
                address="",
                user_agent="",
                created_at=when,
                refreshed_at=when,
                expires_at=expires_at,
            )
            for expires_at in (when, datetime.now(UTC) + timedelta(days=1))
        )
        pair = TokenPair(
            refresh_digest=uuid.uuid4().bytes,
            access_digest=uuid.uuid4().bytes,
            sign_in_id=other.id,
            access_expires_at=when,
            refresh_expires_at=when,
        )
        key = IdempotencyKey(person_id=owner.id, key="k", fingerprint=b"", answer={}, expires_at=when)
        ticket = UsedTicket(id=uuid.uuid4(), expires_at=when)
        limit = RateLimit(key=str(owner.id), hits=1, expires_at=when)
        return [owner, sign_in, other, pair, key, ticket, limit]

    now = datetime.now(UTC)
    async with database.sessions.begin() as session:
        for when in (now - timedelta(days=1), now + timedelta(days=1), now - timedelta(minutes=1)):
            rows = each_table(when)
            session.add_all(rows[:3])
            await session.flush()
            session.add_all(rows[3:])

    assert await delete_expired(database) == 5

    async with database.reading() as session:
        left = {
            table.__tablename__: await session.scalar(select(func.count()).select_from(table))
            for table in (SignIn, TokenPair, IdempotencyKey, UsedTicket, RateLimit, PersonRow)
        }
    # The clocks of two machines may differ: what has expired a moment ago is spared.
    assert left == {
        "sign_ins": 5,
        "token_pairs": 2,
        "idempotency_keys": 2,
        "used_tickets": 2,
        "rate_limits": 2,
        "people": 3,
    }


async def test_more_than_a_batch_expires_at_once(database: Database) -> None:
    async with database.sessions.begin() as session:
        await session.execute(
            text(
                "INSERT INTO used_tickets (id, expires_at)"
                " SELECT gen_random_uuid(), now() - interval '1 day' FROM generate_series(1, 2500)"
            )
        )

    assert sum(await asyncio.gather(delete_expired(database), delete_expired(database))) == 2500


async def test_a_sweep_that_fails_is_logged_and_tried_again(
    database: Database, ledger: Ledger, watched: WatchedStorage, caplog: pytest.LogCaptureFixture
) -> None:
    key = await picture(database, watched, "coming")
    failures: list[Key] = []
    healed = asyncio.Event()

    class FailingSweep(PictureSweep):
        async def delete_left_over(self) -> int:
            if len(failures) < 3:
                failures.append(key)
                raise [OSError("no storage"), RuntimeError("no idea"), TimeoutError()][len(failures) - 1]
            try:
                return await super().delete_left_over()
            finally:
                healed.set()

    sweeper = Sweeper(database, FailingSweep(watched, ledger), every_s=0.001, stray_age_s=1000)
    async with asyncio.timeout(DEADLINE_S), asyncio.TaskGroup() as tasks:
        sweeping = tasks.create_task(sweeper.run())
        await healed.wait()
        sweeping.cancel()

    assert await states(database) == {}
    assert sum("could not be swept" in record.message for record in caplog.records) == 3


@pytest.fixture
async def hasty_backend(
    settings: Settings, database_url: str, services: Services, tmp_path: Path
) -> AsyncIterator[Services]:
    hasty = settings.model_copy(update={"sweep_every_s": 0.01, "stray_age_s": 0.01})
    async with open_backend(hasty, database_url=database_url, pictures=tmp_path / "pictures") as (_, opened):
        yield opened


async def test_a_backend_sweeps_as_long_as_it_runs(
    hasty_backend: Services, database: Database, watched: WatchedStorage
) -> None:
    shown = await picture(database, watched, "shown")
    for _ in range(2):
        await picture(database, watched, "leaving")
        await watched.put(f"{uuid.uuid4()}/0123456789abcdef", FILES)
        async with asyncio.timeout(DEADLINE_S):
            while await folders(watched) != {folder_of(shown)}:  # noqa: ASYNC110 - the backend's doing
                await asyncio.sleep(0.01)
