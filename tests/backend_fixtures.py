"""One backend per test process, on its PostgreSQL; every test starts with empty tables.

A plugin for the folders of tests that need it (`tests/conftest.py`): what it imports takes a second.
"""

from __future__ import annotations

import asyncio
import itertools
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from httpx_sse import ServerSentEvent, aconnect_sse
from PIL import Image, ImageDraw
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from app_backend.api import Services, create_app, open_backend
from app_backend.connections import BoundedProtocol
from app_backend.events import CommittedEvent, End, Subscription
from app_backend.settings import PasswordHashing, Settings
from tests.app_backend.s3_server import make_bucket, s3_environment, s3_server
from tests.factories import RowFactory
from tests.one_transaction import one_transaction

PASSWORD = "correct horse"
DEADLINE_S = 20.0

EMPTY = text(
    "DO $$ BEGIN DELETE FROM posts; DELETE FROM sign_ins; DELETE FROM used_tickets; DELETE FROM rate_limits;"
    " DELETE FROM pictures; DELETE FROM circuits; DELETE FROM people; END $$"
)
"""One statement, so one way to the server and back; quicker than TRUNCATE for a handful of rows."""

KEPT_FOLDERS = {".incoming", "ledger"}
"""What the backend makes in the folder of pictures when it starts."""

LAST_SWEPT = ("app_backend_swept_total", {"what": "stray files"})

NEED_COMMITS = {"faulty", "stream"}
"""Fixtures that only see what was committed."""


@dataclass(frozen=True)
class Member:
    """Somebody with an account, and a client that is signed in as them."""

    id: str
    email: str
    password: str
    token: str
    http: httpx.AsyncClient


Register = Callable[..., Awaitable[Member]]
MakePicture = Callable[..., bytes]
OpenStream = Callable[..., AbstractAsyncContextManager[AsyncIterator[ServerSentEvent]]]


@pytest.fixture(scope="session")
def settings() -> Settings:
    return Settings(
        password_hashing=PasswordHashing.CHEAP,
        max_picture_bytes=1024 * 1024,
        max_picture_pixels=4_000_000,
        # Tests sweep themselves.
        sweep_every_s=24 * 3600,
    )


@pytest.fixture(scope="session")
def pictures_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("pictures")


@pytest.fixture(scope="session")
async def session_services(
    database_url: str, settings: Settings, pictures_folder: Path
) -> AsyncIterator[Services]:
    async with open_backend(settings, database_url=database_url, pictures=pictures_folder) as (_, services):
        # Its first sweep is over: none is in the way of a test that has the only connection.
        async with asyncio.timeout(DEADLINE_S):
            while services.metrics.registry.get_sample_value(*LAST_SWEPT) is None:  # noqa: ASYNC110 - nobody tells
                await asyncio.sleep(0.01)
        yield services


@pytest.fixture
def is_rolled_back(request: pytest.FixtureRequest) -> bool:
    """Whether the test is marked `rolled_back`: all of it is one transaction (`tests/one_transaction.py`)."""
    marked = request.node.get_closest_marker("rolled_back") is not None
    if marked and (unfit := NEED_COMMITS.intersection(request.fixturenames)):
        pytest.fail(f"{', '.join(sorted(unfit))} needs commits: take the mark rolled_back away")
    return marked


@pytest.fixture
async def services(
    session_services: Services, is_rolled_back: bool, pictures_folder: Path
) -> AsyncIterator[Services]:
    """The backend's parts, with empty tables, which are empty again after the test, and so is the folder."""
    database = session_services.database
    if is_rolled_back:
        async with one_transaction(database) as connection:
            await connection.execute(EMPTY)
            yield session_services
    else:
        async with database.autocommit() as connection:
            await connection.execute(EMPTY)
        yield session_services
        async with database.autocommit() as connection:
            await connection.execute(EMPTY)
    await asyncio.to_thread(_remove_pictures, pictures_folder)


def _remove_pictures(folder: Path) -> None:
    for each in folder.iterdir():
        if each.name not in KEPT_FOLDERS:
            shutil.rmtree(each)


@pytest.fixture
async def session(services: Services) -> AsyncIterator[AsyncSession]:
    """A session on the backend's database; in a test that is rolled back, in the same transaction."""
    async with services.database.sessions() as session:
        yield session


@pytest.fixture
def factories(session: AsyncSession, monkeypatch: pytest.MonkeyPatch) -> None:
    """Have what `create_async` of `tests/factories.py` makes in the backend's database."""
    monkeypatch.setattr(RowFactory, "__async_session__", session)


@pytest.fixture
async def http(services: Services) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(create_app(services))
    async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
        yield client


@pytest.fixture
async def register(
    http: httpx.AsyncClient, services: Services, is_rolled_back: bool
) -> AsyncIterator[Register]:
    """Make accounts; each gets a client of its own on the same app.

    Word of each has come out of the database by then: a stream that is opened next begins behind it.
    """
    numbers = itertools.count(1)
    clients: list[httpx.AsyncClient] = []

    async def make(name: str = "Ada", *, email: str | None = None, password: str = PASSWORD) -> Member:
        email = email or f"{name.lower()}-{next(numbers)}@example.test"
        with services.hub.subscribe() as seen:
            answer = await http.post(
                "/accounts", json={"email": email, "password": password, "display_name": name}
            )
            assert answer.status_code == 201, answer.text
            if not is_rolled_back:
                await wait_for_account(seen, answer.json()["profile"]["id"])
        token = answer.json()["token"]
        client = httpx.AsyncClient(
            transport=http._transport, base_url=http.base_url, headers={"Authorization": f"Bearer {token}"}
        )
        clients.append(client)
        return Member(answer.json()["profile"]["id"], email, password, token, client)

    yield make
    for client in clients:
        await client.aclose()


async def wait_for_account(seen: Subscription, person_id: str) -> None:
    """Wait for the event of somebody's account, or for the end of all events."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            event = await seen.next()
            if isinstance(event, End):
                return
            if isinstance(event, CommittedEvent) and event.data.get("profile", {}).get("id") == person_id:
                return


@pytest.fixture
async def ada(register: Register) -> Member:
    return await register("Ada")


@pytest.fixture
async def grace(register: Register) -> Member:
    return await register("Grace")


@pytest.fixture(scope="session")
def picture() -> MakePicture:
    """Draw pictures whose four corners tell which way up they are."""

    def draw(
        size: tuple[int, int] = (400, 300), *, kind: str = "PNG", mode: str = "RGB", **save: Any
    ) -> bytes:
        width, height = size
        image = Image.new("RGB", size, "white")
        brush = ImageDraw.Draw(image)
        corners = {(0, 0): "red", (1, 0): "lime", (0, 1): "blue", (1, 1): "black"}
        for (column, row), colour in corners.items():
            left, top = column * width // 2, row * height // 2
            brush.rectangle((left, top, left + width // 2, top + height // 2), fill=colour)
        output = BytesIO()
        image.convert(mode).save(output, kind, **save)
        return output.getvalue()

    return draw


@pytest.fixture(scope="session")
def s3_address() -> Iterator[str]:
    """A process that speaks S3, with one bucket, `pictures`, which tests share: each takes its own prefix."""
    with s3_server() as address:
        make_bucket(address, "pictures")
        yield address


@pytest.fixture
def s3(s3_address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Point this process at the S3 server."""
    for name, value in s3_environment(s3_address).items():
        monkeypatch.setenv(name, value)


@asynccontextmanager
async def serving(
    services: Services, protocol: type[asyncio.Protocol] = BoundedProtocol
) -> AsyncIterator[str]:
    """Serve on a real socket, as streams need it, and yield the address."""
    config = uvicorn.Config(create_app(services), http=protocol, port=0, lifespan="off", log_level="warning")
    config.load()
    started = asyncio.Event()

    class Server(uvicorn.Server):
        async def startup(self, sockets: Any = None) -> None:
            await super().startup(sockets)
            started.set()

    server = Server(config)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(server._serve())
        try:
            async with asyncio.timeout(DEADLINE_S):
                await started.wait()
            yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
        finally:
            server.force_exit = server.should_exit = True


@pytest.fixture
async def address(services: Services) -> AsyncIterator[str]:
    async with serving(services) as address:
        yield address


@pytest.fixture
def stream(address: str) -> OpenStream:
    """Open event streams; the first event, `ready`, is checked and consumed."""

    @asynccontextmanager
    async def open_stream(**params: str) -> AsyncIterator[AsyncIterator[ServerSentEvent]]:
        async with (
            asyncio.timeout(DEADLINE_S),
            httpx.AsyncClient(base_url=address, timeout=DEADLINE_S) as client,
            aconnect_sse(client, "GET", "/events", params=params) as source,
        ):
            events = source.aiter_sse()
            ready = await anext(events)
            assert (ready.event, ready.data) == ("ready", "{}")
            yield events

    return open_stream


@pytest.fixture(scope="session")
async def faulty_services(
    database_url: str, settings: Settings, pictures_folder: Path
) -> AsyncIterator[Services]:
    """A second backend on the same database and pictures, that lets faults be armed."""
    asked_for = settings.model_copy(update={"faults": True, "picture_deadline_s": 3.0})
    async with open_backend(asked_for, database_url=database_url, pictures=pictures_folder) as (_, services):
        yield services


@pytest.fixture
async def faulty(services: Services, faulty_services: Services) -> AsyncIterator[httpx.AsyncClient]:
    """Reach the backend that lets faults be armed; all are disarmed at the end."""
    transport = httpx.ASGITransport(create_app(faulty_services))
    async with httpx.AsyncClient(transport=transport, base_url="http://backend.test") as client:
        yield client
    assert faulty_services.faults is not None
    faulty_services.faults.disarm_all()
