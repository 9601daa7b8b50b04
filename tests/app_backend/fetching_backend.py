"""A backend that fetches new people's pictures from two hosts, of which a test says what they do."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import respx
from sqlalchemy import text

from app_backend.api import Services, create_app
from app_backend.events import CommittedEvent, Subscription
from app_backend.provider import PictureSources, ProviderPictures, provider_breakers
from app_backend.resilience import BreakerStatus, ResilienceEvent, Retries

if TYPE_CHECKING:
    pass

HOST, OTHER_HOST = "pictures.provider.test", "elsewhere.provider.test"
ADDRESS, OTHER_ADDRESS = "93.184.215.14", "93.184.215.15"
"""What the hosts' names lead to. Nobody is asked there: respx answers."""

URL = f"https://{HOST}/ada.png"
AT_PROVIDER = f"https://{ADDRESS}/ada.png"
MAX_BYTES = 256 * 1024
DEADLINE_S = 20.0
THRESHOLD = 2


@dataclass
class Names:
    """A DNS of the test's."""

    addresses: dict[str, list[str]] = field(
        default_factory=lambda: {HOST: [ADDRESS], OTHER_HOST: [OTHER_ADDRESS]}
    )

    async def __call__(self, host: str, _port: int) -> Sequence[str]:
        return self.addresses[host]


class Deadlines:
    """Bounds of time that are over when the test says so, and never before."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self._begun: list[asyncio.Timeout] = []

    def __call__(self, seconds: float) -> asyncio.Timeout:
        self.asked.append(seconds)
        self._begun.append(asyncio.timeout(None))
        return self._begun[-1]

    def expire(self) -> None:
        self._begun[-1].reschedule(asyncio.get_running_loop().time())


@dataclass
class Backend:
    """A backend that fetches pictures from two hosts."""

    services: Services
    http: httpx.AsyncClient
    outcomes: asyncio.Queue[str]
    events: list[ResilienceEvent]
    names: Names
    deadlines: Deadlines

    async def sign_up(self, url: str | None = URL, **headers: str) -> uuid.UUID:
        """Make an account with a picture at the provider; it shows the default avatar at first."""
        account: dict[str, Any] = {
            "email": f"{uuid.uuid4()}@example.test",
            "password": "correct horse",
            "display_name": "Ada",
            "picture_url": url,
        }
        answer = await self.http.post("/accounts", json=account, headers=headers)
        assert answer.status_code == 201, answer.text
        assert answer.json()["profile"]["avatar"]["is_default"]
        self.http.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return uuid.UUID(answer.json()["profile"]["id"])

    async def outcome(self) -> str:
        """Wait for what becomes of the next picture."""
        return await asyncio.wait_for(self.outcomes.get(), DEADLINE_S)

    async def avatar(self, person_id: uuid.UUID) -> dict[str, Any]:
        avatar: dict[str, Any] = (await self.http.get(f"/people/{person_id}")).json()["avatar"]
        return avatar

    async def breaker(self, host: str = HOST) -> BreakerStatus:
        return await self.services.provider_pictures.breakers[host].status()


OpenBackend = Callable[..., AbstractAsyncContextManager[Backend]]


@pytest.fixture
def open_with(services: Services) -> OpenBackend:
    """Open backends with providers; what they wait for between two attempts is nearly nothing."""

    @asynccontextmanager
    async def open_one(
        sources: PictureSources | None = None, *, retries: Retries | None = None, **options: Any
    ) -> AsyncIterator[Backend]:
        names, deadlines = Names(), Deadlines()
        outcomes: asyncio.Queue[str] = asyncio.Queue()
        events: list[ResilienceEvent] = []
        sources = sources or PictureSources((HOST, OTHER_HOST))
        breakers = provider_breakers(
            services.database,
            sources.hosts,
            threshold=THRESHOLD,
            cooldown_s=60,
            total_s=20,
            listener=events.append,
            # Breakers that no other test has.
            name=f"test-{uuid.uuid4()}",
        )
        pictures = ProviderPictures(
            sources,
            services.people.set_picture,
            max_bytes=MAX_BYTES,
            retries=retries or Retries(first_wait_s=0.001, longest_wait_s=0.002, jitter_s=0.001),
            breakers=breakers,
            total_s=20,
            at_once=options.pop("at_once", 4),
            listener=events.append,
            count=outcomes.put_nowait,
            deadline=deadlines,
            **{"resolve": names, **options},
        )
        with_provider = replace(services, provider_pictures=pictures)
        transport = httpx.ASGITransport(create_app(with_provider))
        async with pictures.open(), httpx.AsyncClient(transport=transport, base_url="http://b.test") as http:
            yield Backend(with_provider, http, outcomes, events, names, deadlines)

    return open_one


@pytest.fixture
async def backend(open_with: OpenBackend) -> AsyncIterator[Backend]:
    async with open_with() as opened:
        yield opened


@pytest.fixture
def provider() -> Iterator[respx.MockRouter]:
    """Answers in the providers' place; whatever the test didn't say it answers is an error."""
    with respx.mock(assert_all_called=False) as router:
        yield router


async def change_of_picture(seen: Subscription) -> CommittedEvent:
    """Wait for the event of a picture."""
    async with asyncio.timeout(DEADLINE_S):
        while True:
            event = await seen.next()
            assert isinstance(event, CommittedEvent)
            if event.data.get("kind") == "avatar":
                return event


async def count_rows(services: Services, table: str) -> int:
    async with services.database.engine.connect() as connection:
        count = await connection.scalar(text(f"SELECT count(*) FROM {table}"))  # noqa: S608 - a word of ours
    return int(count or 0)


async def wait_for_ever(begun: asyncio.Event, request: httpx.Request) -> httpx.Response:
    begun.set()
    await asyncio.Event().wait()
    raise AssertionError
