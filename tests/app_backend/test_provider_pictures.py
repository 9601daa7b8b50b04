"""New people's pictures, in the background: what may be asked for, how much, and what wins meanwhile."""

from __future__ import annotations

import asyncio
import logging
import uuid
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING

import httpx
import pytest
import respx

from app_backend.api import Services
from app_backend.resilience import Retries

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture

from tests.app_backend.fetching_backend import (
    AT_PROVIDER,
    DEADLINE_S,
    HOST,
    URL,
    Backend,
    OpenBackend,
    backend,
    count_rows,
    open_with,
    provider,
    wait_for_ever,
)

# Fixtures.
__all__ = ["backend", "open_with", "provider"]


@pytest.mark.parametrize("url", ["https://evil.test/ada.png", f"http://{HOST}/ada.png", "ada.png", ""])
async def test_an_address_that_can_be_no_providers_is_a_mistake_in_the_request(
    url: str, backend: Backend
) -> None:
    account = {"email": "ada@example.test", "password": "correct horse", "display_name": "Ada"}
    answer = await backend.http.post("/accounts", json={**account, "picture_url": url})

    assert answer.status_code == 422
    assert [each["field"] for each in answer.json()["errors"]] == ["body.picture_url"]
    assert await count_rows(backend.services, "people") == 0


async def test_without_providers_no_picture_is_taken(http: httpx.AsyncClient) -> None:
    account = {"email": "ada@example.test", "password": "correct horse", "display_name": "Ada"}
    answer = await http.post("/accounts", json={**account, "picture_url": URL})

    assert answer.status_code == 422
    assert "not fetched here" in answer.json()["detail"]


async def test_who_wants_to_be_asked_much_later_is_not_asked_again(
    backend: Backend, provider: respx.MockRouter
) -> None:
    route = provider.get(AT_PROVIDER).respond(429, headers={"Retry-After": "3600"})

    await backend.sign_up()

    assert await backend.outcome() == "failed"
    assert route.call_count == 1


async def test_a_wait_that_a_provider_asks_for_is_kept(
    open_with: OpenBackend, provider: respx.MockRouter
) -> None:
    provider.get(AT_PROVIDER).respond(503, headers={"Retry-After": "7"})
    retries = Retries(first_wait_s=0.001, longest_wait_s=10, jitter_s=0)
    waits: asyncio.Queue[float] = asyncio.Queue()

    class Waits(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            waits.put_nowait(record.__dict__["stamina.wait_for"])

    logger, handler = logging.getLogger("stamina"), Waits()
    logger.addHandler(handler)
    try:
        async with open_with(retries=retries) as backend:
            await backend.sign_up()
            assert await asyncio.wait_for(waits.get(), DEADLINE_S) == 7
            backend.deadlines.expire()
            assert await backend.outcome() == "failed"
    finally:
        logger.removeHandler(handler)


async def test_no_more_wait_than_may(open_with: OpenBackend, provider: respx.MockRouter) -> None:
    provider.get(AT_PROVIDER).mock(side_effect=partial(wait_for_ever, asyncio.Event()))
    async with open_with() as backend:
        pictures = backend.services.provider_pictures
        for _ in range(101):
            pictures.fetch(uuid.uuid4(), pictures.check(URL))

        assert await backend.outcome() == "dropped"
        assert backend.outcomes.empty()


async def test_no_more_are_asked_for_at_once_than_may(
    open_with: OpenBackend, provider: respx.MockRouter
) -> None:
    """Where two may, the next one is asked for when one of two has been answered."""
    asked: asyncio.Queue[asyncio.Event] = asyncio.Queue()

    async def answer(request: httpx.Request) -> httpx.Response:
        await asked.put(answers := asyncio.Event())
        await answers.wait()
        return httpx.Response(404)

    provider.get(AT_PROVIDER).mock(side_effect=answer)
    async with open_with(at_once=2) as backend:
        pictures = backend.services.provider_pictures
        for _ in range(6):
            pictures.fetch(uuid.uuid4(), pictures.check(URL))
        waiting = [await asyncio.wait_for(asked.get(), DEADLINE_S) for _ in range(2)]
        for _ in range(4):
            waiting.pop(0).set()
            assert await backend.outcome() == "refused"
            waiting.append(await asyncio.wait_for(asked.get(), DEADLINE_S))
            assert asked.empty()


# --- what happens meanwhile

Meanwhile = Callable[[Backend], Awaitable[None]]


@pytest.fixture
def while_it_is_fetched(
    backend: Backend, provider: respx.MockRouter, picture: MakePicture
) -> Callable[[Meanwhile], Awaitable[uuid.UUID]]:
    async def run(meanwhile: Meanwhile) -> uuid.UUID:
        asked, answers = asyncio.Event(), asyncio.Event()

        async def answer(request: httpx.Request) -> httpx.Response:
            asked.set()
            await answers.wait()
            return httpx.Response(200, content=picture())

        provider.get(AT_PROVIDER).mock(side_effect=answer)
        ada = await backend.sign_up()
        await asyncio.wait_for(asked.wait(), DEADLINE_S)
        await meanwhile(backend)
        answers.set()
        assert await backend.outcome() == "refused"
        return ada

    return run


async def test_a_picture_of_ones_own_stays(
    while_it_is_fetched: Callable[[Meanwhile], Awaitable[uuid.UUID]], backend: Backend, picture: MakePicture
) -> None:
    own: list[str] = []

    async def upload(backend: Backend) -> None:
        answer = await backend.http.put("/me/avatar", content=picture((100, 100)))
        own.append(answer.json()["profile"]["avatar"]["version"])

    ada = await while_it_is_fetched(upload)

    assert [(await backend.avatar(ada))["version"]] == own
    assert await count_rows(backend.services, "pictures") == 1


async def test_of_somebody_who_has_gone_nothing_comes_back(
    while_it_is_fetched: Callable[[Meanwhile], Awaitable[uuid.UUID]], backend: Backend
) -> None:
    async def leave(backend: Backend) -> None:
        assert (await backend.http.delete("/me")).status_code == 200

    await while_it_is_fetched(leave)

    assert await count_rows(backend.services, "people") == 0
    assert await count_rows(backend.services, "pictures") == 0


async def test_the_end_of_the_process_waits_for_no_provider(
    open_with: OpenBackend, provider: respx.MockRouter, services: Services
) -> None:
    hangs = asyncio.Event()
    provider.get(AT_PROVIDER).mock(side_effect=partial(wait_for_ever, hangs))

    async with asyncio.timeout(DEADLINE_S):
        async with open_with() as backend:
            await backend.sign_up()
            await hangs.wait()

    assert await count_rows(services, "pictures") == 0
    assert await count_rows(services, "people") == 1


async def test_no_line_of_the_log_has_the_address(
    backend: Backend, provider: respx.MockRouter, picture: MakePicture, caplog: pytest.LogCaptureFixture
) -> None:
    """Who knows such an address may see the picture: it may be signed."""
    secret = "sig-4f9c21"
    route = provider.get(url__startswith=AT_PROVIDER)
    route.side_effect = [
        httpx.Response(503),
        httpx.Response(200, content=picture()),
        httpx.Response(302, headers={"Location": f"https://evil.test/{secret}"}),
        httpx.Response(200, html=secret),
    ]
    with caplog.at_level(logging.INFO):
        for expected in ("shown", "refused", "refused"):
            await backend.sign_up(f"{URL}?sig={secret}")
            assert await backend.outcome() == expected

    assert HOST in caplog.text
    assert secret not in caplog.text
