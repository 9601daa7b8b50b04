"""Backends killed (-9) in the middle of uploads, again and again: is all still there, whole, and done once.

Several work side by side on one database and one storage. Each is killed at a random moment of its uploads,
and started anew. Then each picture that is shown has to be whole, and the newest that was answered or one
that was cut off; the sweep has to bring rows and files together; and what was cut off, sent again under its
key, has to be done exactly once.
"""

from __future__ import annotations

import asyncio
import itertools
import random
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
from PIL import Image
from sqlalchemy import select

from app_backend.database import Database, PictureRow
from app_backend.storage import Storage, open_storage
from benches._backend_process import Backend, backend_on

SETTINGS = {
    "APP_BACKEND_SECRET_KEY": "the same for all backends",
    "APP_BACKEND_SWEEP_EVERY_S": "0.2",
    "APP_BACKEND_STRAY_AGE_S": "2",
    "APP_BACKEND_UPLOADS_PER_PERSON": "1000 per second",
}
PEOPLE = 2
SWEPT_WITHIN_S = 30.0
SIDE = 400
SIZES = (48, 96, 192, 512)
Start = Callable[[], AbstractAsyncContextManager[Backend]]

LEVELS = 8
"""Steps of each colour: so far apart that no encoder confuses them."""


@dataclass
class Survival:
    """What was done to the backends, and every thing that was wrong afterwards."""

    kills: int = 0
    sent: int = 0
    answered: int = 0
    cut_off: int = 0
    cut_off_but_done: int = 0
    """Uploads that were done though their answer never came: told by their key."""
    wrong: list[str] = field(default_factory=list)


@dataclass
class _Upload:
    number: int
    picture: bytes
    answer: dict[str, Any] | None = None

    @property
    def version(self) -> int:
        """The profile's version that it made."""
        assert self.answer is not None
        return int(self.answer["profile"]["version"])


@dataclass
class _Person:
    """Somebody who uploads, and what has to be so by now."""

    id: str
    headers: dict[str, str]
    shown: _Upload | None = None
    done: int = 0


async def kill_backends(
    database_url: str,
    folder: Path,
    *,
    kills: int,
    uploads_per_kill: int,
    lanes: int = 2,
    seed: int = 0,
    storage_url: str | None = None,
) -> Survival:
    """Kill backends `kills` times in all, `lanes` of them at work side by side, and tell how it went.

    Pictures are kept below `folder`, or at `storage_url`.
    """
    survival = Survival()
    numbers = itertools.count(1)
    database = Database(database_url)
    pictures = folder / "data" / "pictures"
    storage = await open_storage(storage_url, default=pictures)
    settings = SETTINGS | ({"APP_BACKEND_STORAGE_URL": storage_url} if storage_url is not None else {})
    backend = partial(backend_on, database_url, folder, settings)
    try:
        async with asyncio.TaskGroup() as tasks:
            for lane in range(lanes):
                rounds = kills // lanes + (lane < kills % lanes)
                chance = random.Random(f"{seed}/{lane}")  # noqa: S311 - to be repeated, not to be secret
                work = _Lane(lane, backend, database, storage, survival, numbers, chance)
                tasks.create_task(work.run(rounds, uploads_per_kill))
        async with backend():
            await _all_swept(database, storage, pictures / ".incoming", survival)
    finally:
        await database.close()
    log = (folder / "backend.log").read_text(errors="replace")
    survival.wrong += [line for line in log.splitlines() if "could not be swept" in line]
    return survival


class _Lane:
    """One backend at a time, with people of its own."""

    def __init__(
        self,
        lane: int,
        backend: Start,
        database: Database,
        storage: Storage,
        survival: Survival,
        numbers: Iterator[int],
        chance: random.Random,
    ) -> None:
        self._lane = lane
        self._backend = backend
        self._database = database
        self._storage = storage
        self._survival = survival
        self._numbers = numbers
        self._chance = chance
        self._people: list[_Person] = []
        self._gap_s = 0.05

    async def run(self, rounds: int, uploads: int) -> None:
        """Kill `rounds` backends, each in the middle of so many uploads."""
        cut_off: list[tuple[_Person, _Upload]] = []
        for _ in range(rounds):
            async with self._backend() as backend, backend.client() as http:
                await self._make_people(backend, http)
                await self._examine(http, cut_off)
                cut_off = await self._upload_and_kill(backend, http, uploads)
        async with self._backend() as backend, backend.client() as http:
            await self._examine(http, cut_off)

    async def _make_people(self, backend: Backend, http: httpx.AsyncClient) -> None:
        while len(self._people) < PEOPLE:
            headers = await backend.member(http, f"lane{self._lane}-{len(self._people)}")
            profile = (await http.get("/me", headers=headers)).json()
            self._people.append(_Person(profile["id"], headers))

    async def _upload_and_kill(
        self, backend: Backend, http: httpx.AsyncClient, count: int
    ) -> list[tuple[_Person, _Upload]]:
        """Upload, kill the backend meanwhile, and return what was under way."""
        uploads = []
        for number in itertools.islice(self._numbers, count):
            person = self._people[number % PEOPLE]
            uploads.append((person, _Upload(number, _draw(number))))
        enough, answers = asyncio.Event(), 0
        wanted = self._chance.randrange(count)

        started = time.monotonic()

        async def send(person: _Person, upload: _Upload) -> None:
            nonlocal answers
            await self._put(http, person, upload)
            answers += 1
            self._gap_s = (time.monotonic() - started) / answers
            if answers == wanted:
                enough.set()

        if wanted == 0:
            enough.set()
        async with asyncio.TaskGroup() as tasks:
            for person, upload in uploads:
                tasks.create_task(send(person, upload))
            await enough.wait()
            # Some moment up to about the next answer, whatever the speed of this machine.
            await asyncio.sleep(self._chance.uniform(0, 1.2 * self._gap_s))
            backend.process.send_signal(signal.SIGKILL)
            await backend.process.wait()
        self._survival.kills += 1
        self._survival.sent += count
        for person, upload in uploads:
            if upload.answer is not None:
                self._survival.answered += 1
                self._note(person, upload)
        return [(person, upload) for person, upload in uploads if upload.answer is None]

    async def _put(self, http: httpx.AsyncClient, person: _Person, upload: _Upload) -> None:
        headers = {
            **person.headers,
            "Content-Type": "image/png",
            "Idempotency-Key": f"upload-{upload.number}",
        }
        try:
            answer = await http.put("/me/avatar", content=upload.picture, headers=headers)
        except httpx.TransportError:
            return
        if answer.status_code == 200:
            upload.answer = answer.json()
        else:
            self._survival.wrong.append(f"upload {upload.number}: {answer.status_code} {answer.text}")

    def _note(self, person: _Person, upload: _Upload) -> None:
        """Note that an upload was done; the newest of a person is what is to be shown."""
        person.done += 1
        if person.shown is None or upload.version > person.shown.version:
            person.shown = upload

    async def _examine(self, http: httpx.AsyncClient, cut_off: list[tuple[_Person, _Upload]]) -> None:
        """Look at all pictures after a kill, then send again what was cut off."""
        for person in self._people:
            mine = [upload for owner, upload in cut_off if owner is person]
            self._survival.cut_off += len(mine)
            profile = await self._look(http, person, mine)
            before = int(profile["version"])
            for upload in mine:
                await self._put(http, person, upload)
                if upload.answer is None:
                    self._survival.wrong.append(f"upload {upload.number} got no answer on its second try")
                    continue
                self._survival.cut_off_but_done += upload.version <= before
                self._note(person, upload)
            profile = await self._look(http, person, [])
            if profile["version"] != 1 + person.done:
                self._survival.wrong.append(
                    f"{person.done} uploads were done, but the profile has version {profile['version']}"
                )
            await self._swept(person, profile["avatar"]["version"])

    async def _look(self, http: httpx.AsyncClient, person: _Person, perhaps: list[_Upload]) -> dict[str, Any]:
        """Read a profile and all of its picture: the newest that was answered, or one of those `perhaps`."""
        profile: dict[str, Any] = (await http.get(f"/people/{person.id}")).json()
        expected = {upload.number % LEVELS**3 for upload in [*perhaps, *filter(None, [person.shown])]}
        if profile["avatar"]["is_default"]:
            if person.shown is not None:
                self._survival.wrong.append(f"picture {person.shown.number} is lost")
            return profile
        seen = set()
        for size in SIZES:
            answer = await http.get(profile["avatar"]["urls"][str(size)])
            if answer.status_code != 200:
                self._survival.wrong.append(f"rendition {size}: {answer.status_code} {answer.text}")
                continue
            seen.add(_number_in(answer.content, size))
        if len(seen) != 1 or not seen <= expected:
            self._survival.wrong.append(f"shown are {seen}, of {expected}")
        return profile

    async def _swept(self, person: _Person, version: str | None) -> None:
        """Wait until rows and files of a person are those of the picture shown, and no others."""
        wanted = {version} - {None}
        rows: dict[str, str] = {}
        files: set[str] = set()
        deadline = time.monotonic() + SWEPT_WITHIN_S
        while time.monotonic() < deadline:
            names = [name.partition("/") for name in await _names(self._storage)]
            files = {version for owner, _, version in names if owner == person.id}
            async with self._database.reading() as session:
                found = await session.scalars(select(PictureRow).where(PictureRow.person_id == person.id))
                rows = {row.version: row.state for row in found}
            if files == set(rows) == wanted and set(rows.values()) <= {"shown"}:
                return
            await asyncio.sleep(0.05)
        self._survival.wrong.append(f"left over: rows {rows}, files {files}, shown {version}")


async def _all_swept(database: Database, storage: Storage, unfinished: Path, survival: Survival) -> None:
    """Wait until nothing is left over by anybody, unfinished files included."""
    left = True
    rows: set[str] = set()
    files: set[str] = set()
    deadline = time.monotonic() + SWEPT_WITHIN_S
    while time.monotonic() < deadline:
        files = await _names(storage) - {"ledger"}
        left = _has_anything(unfinished)
        async with database.reading() as session:
            rows = {f"{row.person_id}/{row.version}" for row in await session.scalars(select(PictureRow))}
        if files == rows and not left:
            return
        await asyncio.sleep(0.05)
    survival.wrong.append(f"left over: rows without files {rows - files}, files without rows {files - rows}")
    if left:
        survival.wrong.append("left over: unfinished files")


async def _names(storage: Storage) -> set[str]:
    """Return every folder that has files in it."""
    return {each.name async for each in storage.folders()}


def _has_anything(folder: Path) -> bool:
    return folder.exists() and any(folder.iterdir())


def _draw(number: int) -> bytes:
    """Draw a picture in a colour that tells its number."""
    output = BytesIO()
    Image.new("RGB", (SIDE, SIDE), _colour(number)).save(output, "PNG")
    return output.getvalue()


def _colour(number: int) -> tuple[int, int, int]:
    step = 255 // (LEVELS - 1)
    return (
        number // LEVELS**2 % LEVELS * step,
        number // LEVELS % LEVELS * step,
        number % LEVELS * step,
    )


def _number_in(rendition: bytes, size: int) -> int | str:
    """Return the number that a rendition tells, or what is wrong with it."""
    try:
        with Image.open(BytesIO(rendition)) as image:
            image.load()
            whole = image.convert("RGB")
    except OSError as error:
        return f"rendition {size}: {error}"
    if whole.size != (size, size):
        return f"rendition {size}: has {whole.size}"
    step = 255 / (LEVELS - 1)
    corners = {
        tuple(round(value / step) for value in whole.getpixel(place))  # type: ignore[union-attr]  # of RGB
        for place in ((1, 1), (size - 2, size - 2), (size // 2, size // 2))
    }
    if len(corners) != 1:
        return f"rendition {size}: is not whole"
    red, green, blue = corners.pop()
    return (red * LEVELS + green) * LEVELS + blue
