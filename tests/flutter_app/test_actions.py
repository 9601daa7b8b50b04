"""All that one action asks of the backend has one id; another action has another."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from flutter_app.backend import BackendClient, action_id
from flutter_app.model import SessionTokens

FEED: dict[str, object] = {"items": [], "next_cursor": None}


@pytest.fixture
def asked() -> list[httpx.Request]:
    return []


@pytest.fixture
def backend(asked: list[httpx.Request]) -> BackendClient:
    def answer(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        uploads = request.url.path == "/me/avatar/uploads"
        return httpx.Response(200, json={"url": "http://127.0.0.1/uploads/x"} if uploads else FEED)

    return BackendClient(
        httpx.AsyncClient(base_url="http://127.0.0.1", transport=httpx.MockTransport(answer))
    )


async def test_an_action_has_one_id_and_the_next_another(
    backend: BackendClient, asked: list[httpx.Request]
) -> None:
    async def act() -> None:
        await backend.feed()
        await backend.feed()

    await asyncio.create_task(act())
    await asyncio.create_task(act())

    first, again, second, again_second = [request.headers["X-Request-ID"] for request in asked]
    assert first == again
    assert second == again_second
    assert first != second


async def test_an_action_begun_in_anothers_context_is_its_own() -> None:
    outer = action_id()

    async def inner() -> str:
        return action_id()

    assert await asyncio.create_task(inner()) != outer
    assert action_id() == outer


async def test_an_upload_by_the_browser_belongs_to_the_action_too(
    backend: BackendClient, asked: list[httpx.Request]
) -> None:
    async def act() -> httpx.URL:
        return httpx.URL(await backend.upload_address(backend.session(SessionTokens("token", ""))))

    address = await asyncio.create_task(act())

    assert address.path == "/uploads/x"
    assert address.params["request_id"] == asked[0].headers["X-Request-ID"]
