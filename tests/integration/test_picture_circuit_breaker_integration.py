"""Two backends on one database while pictures can't be processed: what works, what is said, what heals."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from sqlalchemy import text

from app_backend.api import Services, create_app, open_backend
from app_backend.faults import InjectedFault
from app_backend.faults.catalogue import PicturesFail, PicturesHang, PicturesWorkerKilled
from app_backend.resilience import SharedBreaker
from app_backend.settings import PasswordHashing, Settings
from tests.backend_fixtures import serving

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture

PNG = {"Content-Type": "image/png"}
THRESHOLD = 2
COOLDOWN_S = 60.0
DEADLINE_S = 3.0


@dataclass
class Backend:
    """One of the backends, and a client that is signed in there."""

    services: Services
    http: httpx.AsyncClient

    async def arm(self, fault: InjectedFault) -> None:
        assert self.services.faults is not None
        await self.services.faults.arm(fault)

    def disarm(self) -> None:
        assert self.services.faults is not None
        self.services.faults.disarm_all()

    def struck(self, fault: str) -> int:
        assert self.services.faults is not None
        return self.services.faults.struck[fault]

    async def upload(self, content: bytes) -> httpx.Response:
        return await self.http.put("/me/avatar", content=content, headers=PNG)

    async def breaker(self) -> str:
        answer = await self.http.get("/readyz")
        assert answer.status_code == 200
        state: str = answer.json()["picture_processing"]["state"]
        return state


@pytest.fixture
async def backends(own_database: str, tmp_path: Path) -> AsyncIterator[list[Backend]]:
    """Two backends as two processes have them: nothing is shared but the database and the pictures."""
    settings = Settings(
        password_hashing=PasswordHashing.CHEAP,
        faults=True,
        picture_deadline_s=DEADLINE_S,
        breaker_threshold=THRESHOLD,
        breaker_cooldown_s=COOLDOWN_S,
    )
    credentials = {"email": "ada@example.test", "password": "long enough"}
    made: list[Backend] = []
    async with AsyncExitStack() as opened:
        for number in range(2):
            _, services = await opened.enter_async_context(
                open_backend(settings, database_url=own_database, pictures=tmp_path)
            )
            transport = httpx.ASGITransport(create_app(services))
            client = httpx.AsyncClient(transport=transport, base_url=f"http://backend-{number}.test")
            http = await opened.enter_async_context(client)
            if number == 0:
                await http.post("/accounts", json=credentials | {"display_name": "Ada"})
            token = (await http.post("/sessions", json=credentials)).json()["token"]
            http.headers["Authorization"] = f"Bearer {token}"
            made.append(Backend(services, http))
        yield made


async def later(backends: list[Backend], seconds: float) -> None:
    """Let seconds go by, as far as the database and the processes can tell."""
    for backend in backends:
        breaker = backend.services.processing._breaker
        assert isinstance(breaker, SharedBreaker)
        breaker._open_until -= seconds
    async with backends[0].services.database.engine.begin() as connection:
        await connection.execute(
            text("UPDATE circuits SET opened_at = opened_at - make_interval(secs => :seconds)"),
            {"seconds": seconds},
        )


async def test_while_pictures_cant_be_processed_all_else_works_and_then_it_heals(
    backends: list[Backend], picture: MakePicture
) -> None:
    one, other = backends
    shown = (await one.upload(picture())).json()["profile"]["avatar"]
    await one.arm(PicturesFail())

    for _ in range(THRESHOLD):
        assert await one.breaker() == await other.breaker() == "closed"
        failed = await one.upload(picture())
        assert (failed.status_code, failed.headers["retry-after"]) == (503, "1")

    assert await one.breaker() == await other.breaker() == "open"
    for backend in backends:
        answer = await backend.upload(picture())
        assert answer.status_code == 503
        assert answer.headers["content-type"] == "application/problem+json"
        assert COOLDOWN_S / 2 < int(answer.headers["retry-after"]) <= COOLDOWN_S
        # Everything else works.
        assert (await backend.http.get("/me")).json()["avatar"]["version"] == shown["version"]
        path = httpx.URL(shown["urls"]["96"]).path
        assert (await backend.http.get(path)).status_code == 200
        assert (await backend.http.patch("/me", json={"bio": "Still here."})).status_code == 200
        assert (await backend.http.post("/posts", json={"text": "Still here."})).status_code == 201
        assert (await backend.http.get("/feed")).json()["items"]
    assert one.struck("pictures_fail") == 3 * THRESHOLD

    # Time is over, the trouble isn't: one picture is tried, and it is left alone again.
    await later(backends, COOLDOWN_S)
    assert (await one.upload(picture())).status_code == 503
    assert await one.breaker() == await other.breaker() == "open"

    one.disarm()
    await later(backends, COOLDOWN_S)

    healed = await other.upload(picture())

    assert healed.status_code == 200
    assert healed.json()["profile"]["avatar"]["version"] != shown["version"]
    assert await one.breaker() == await other.breaker() == "closed"


async def test_a_worker_killed_at_work_is_nothing_people_see(
    backends: list[Backend], picture: MakePicture
) -> None:
    one, _ = backends
    await one.arm(PicturesWorkerKilled(times=2))

    answers = await asyncio.gather(*(one.upload(picture()) for _ in range(4)))

    assert [answer.status_code for answer in answers] == [200] * 4
    assert one.struck("pictures_worker_killed") == 2


async def test_while_workers_hang_the_api_answers(backends: list[Backend], picture: MakePicture) -> None:
    one, _ = backends
    await one.upload(picture())  # the workers are there
    await one.arm(PicturesHang(times=1))
    hanging = asyncio.create_task(one.upload(picture()))
    answered = 0

    while not hanging.done():
        for path in ("/feed", "/me", "/readyz"):
            assert (await one.http.get(path)).status_code == 200
            answered += 1

    assert (await hanging).status_code == 503
    assert answered > 10
    assert (await one.upload(picture())).status_code == 200


async def test_a_real_sender_gets_to_see_the_refusal(backends: list[Backend], picture: MakePicture) -> None:
    one, _ = backends
    await one.arm(PicturesFail())
    for _ in range(THRESHOLD):
        await one.upload(picture())

    async with serving(one.services) as address, httpx.AsyncClient(base_url=address) as client:
        client.headers["Authorization"] = one.http.headers["Authorization"]
        answer = await client.put("/me/avatar", content=bytes(9 * 2**20), headers=PNG)

    assert answer.status_code == 503
    assert "retry-after" in answer.headers
