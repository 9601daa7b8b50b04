"""A change is made whole and announced, or not at all: whichever commit is lost, and whoever looks on."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from sqlalchemy import Connection, event, text

from app_backend.api import Services
from app_backend.database import Base
from app_backend.events import CommittedEvent
from tests.backend_fixtures import DEADLINE_S

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member

KEY = {"Idempotency-Key": '"one-picture"'}

Change = Callable[["Scene"], Coroutine[Any, Any, httpx.Response]]


class Scene:
    """Ada with a picture and a post, and what she needs for whatever comes next."""

    def __init__(self, ada: Member, http: httpx.AsyncClient, picture: bytes) -> None:
        self.ada, self.http, self.picture = ada, http, picture
        self.post = self.ticket = ""

    async def prepare(self) -> None:
        assert (await self.ada.http.put("/me/avatar", content=self.picture)).status_code == 200
        self.post = (await self.ada.http.post("/posts", json={"text": "Before"})).json()["post"]["id"]
        self.ticket = (await self.ada.http.post("/me/avatar/uploads")).json()["url"]


GRACE = {"email": "grace@example.test", "password": "correct horse", "display_name": "Grace"}
CHANGES: dict[str, Change] = {
    "registration": lambda scene: scene.http.post("/accounts", json=GRACE),
    "name": lambda scene: scene.ada.http.patch("/me", json={"display_name": "Countess"}),
    "picture": lambda scene: scene.ada.http.put("/me/avatar", content=scene.picture),
    "picture with a key": lambda scene: scene.ada.http.put("/me/avatar", content=scene.picture, headers=KEY),
    "picture by ticket": lambda scene: scene.http.put(scene.ticket, content=scene.picture),
    "no picture": lambda scene: scene.ada.http.delete("/me/avatar"),
    "post": lambda scene: scene.ada.http.post("/posts", json={"text": "Hello"}),
    "no post": lambda scene: scene.ada.http.delete(f"/posts/{scene.post}"),
    "no person": lambda scene: scene.ada.http.delete("/me?cascade=true"),
}


@pytest.fixture
async def scene(ada: Member, http: httpx.AsyncClient, picture: MakePicture) -> Scene:
    scene = Scene(ada, http, picture((128, 128)))
    await scene.prepare()
    return scene


@contextmanager
def losing_commit(services: Services, number: int) -> Iterator[list[int]]:
    """Lose the connection at the commit of this number; yields how many there were."""
    commits: list[int] = []

    def lose(connection: Connection) -> None:
        commits.append(len(commits) + 1)
        if len(commits) == number:
            driver: Any = connection.connection.driver_connection
            driver.terminate()

    engine = services.database.engine.sync_engine
    event.listen(engine, "commit", lose)
    try:
        yield commits
    finally:
        event.remove(engine, "commit", lose)


async def rows(services: Services) -> dict[str, list[Any]]:
    """All that is kept and that somebody can see the effect of."""
    found = {}
    async with services.database.reading() as session:
        for name, table in Base.metadata.tables.items():
            # Limits count tries, too; pictures on their way in or out are the sweep's.
            if name not in {"rate_limits", "circuits", "pictures"}:
                found[name] = sorted(map(repr, await session.execute(table.select())))
        shown = await session.execute(text("SELECT person_id, version FROM pictures WHERE state = 'shown'"))
        found["pictures"] = sorted(map(repr, shown))
    return found


@pytest.mark.parametrize("change", CHANGES)
async def test_whichever_commit_is_lost_all_of_a_change_is_there_or_nothing(
    scene: Scene, services: Services, change: str
) -> None:
    before = await rows(services)

    with services.hub.subscribe() as heard:
        for number in range(1, 10):
            with losing_commit(services, number) as commits:
                answer = await CHANGES[change](scene)
            if len(commits) < number:
                break
            assert answer.status_code == 503
            assert answer.headers["content-type"] == "application/problem+json"
            assert await rows(services) == before
        assert len(commits) >= 1, answer.text
        assert answer.is_success, answer.text
        assert await rows(services) != before
        async with asyncio.timeout(DEADLINE_S):
            first = await heard.next()

    # Events come in the order of commits: none was sent by a change that was lost.
    assert isinstance(first, CommittedEvent)
    if change != "no person":
        assert first.committed_at == answer.json()["committed_at"]


@asynccontextmanager
async def lock_person(services: Services, person_id: str) -> AsyncIterator[Callable[[], Awaitable[None]]]:
    """Lock a person's row; yields what waits until somebody else waits for it."""
    async with services.database.engine.connect() as connection:
        await connection.execute(text("SELECT 1 FROM people WHERE id = :id FOR UPDATE"), {"id": person_id})

        async def wait_for_another() -> None:
            waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted")
            async with asyncio.timeout(DEADLINE_S):
                while not await connection.scalar(waiting):  # noqa: ASYNC110 - another connection's
                    await asyncio.sleep(0.01)

        yield wait_for_another
        await connection.rollback()


@pytest.mark.parametrize("change", ["name", "picture", "no picture"])
async def test_until_the_commit_others_see_what_was_before(
    scene: Scene, services: Services, change: str
) -> None:
    ada, http = scene.ada, scene.http
    places = ("/feed", f"/people/{ada.id}", f"/people/{ada.id}/posts")
    before = [(await http.get(place)).json() for place in places]

    async with asyncio.TaskGroup() as tasks, lock_person(services, ada.id) as wait_for_another:
        making = tasks.create_task(CHANGES[change](scene))
        await wait_for_another()
        # Readers don't wait for writers.
        assert [(await http.get(place)).json() for place in places] == before
        old = before[1]["avatar"]["urls"]["96"]
        assert (await http.get(old)).status_code == 200
        assert not making.done()

    assert making.result().status_code == 200
    after = [(await http.get(place)).json() for place in places]
    assert all(was != now for was, now in zip(before, after, strict=True))


async def test_of_changes_at_once_none_is_lost(scene: Scene, services: Services) -> None:
    ada = scene.ada
    version = (await ada.http.get("/me")).json()["version"]
    wishes = [
        *(ada.http.patch("/me", json={"display_name": f"Ada {number}"}) for number in range(4)),
        *(ada.http.patch("/me", json={"bio": f"Bio {number}"}) for number in range(4)),
        *(ada.http.put("/me/avatar", content=scene.picture) for _ in range(2)),
    ]

    answers = await asyncio.gather(*wishes)

    made = sorted((answer.json()["profile"] for answer in answers), key=lambda each: float(each["version"]))
    assert [each["version"] for each in made] == list(range(version + 1, version + 11))
    # Each was made upon what the one before had left.
    for earlier, later in itertools.pairwise(made):
        changed = [name for name in ("display_name", "bio", "avatar") if earlier[name] != later[name]]
        assert len(changed) == 1
    assert (await ada.http.get("/me")).json() == made[-1]
