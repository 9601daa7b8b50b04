"""What answers tell browsers, whose pages may read them, and who is believed about where they come from."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import httpx
import pytest

from app_backend.api import Services, create_app
from app_backend.settings import Settings

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member

With = Callable[..., httpx.AsyncClient]
FROM_ANYWHERE = {"Origin": "https://elsewhere.test"}


@pytest.fixture
async def backend_with(services: Services) -> AsyncIterator[With]:
    """Reach a backend that has these settings, from an address."""
    clients = []

    def client(at: str = "127.0.0.1", **settings: Any) -> httpx.AsyncClient:
        app = create_app(replace(services, settings=Settings(**settings)))
        made = httpx.AsyncClient(
            transport=httpx.ASGITransport(app, client=(at, 1)), base_url="http://backend.test"
        )
        clients.append(made)
        return made

    yield client
    for each in clients:
        await each.aclose()


def assert_careful(answer: httpx.Response) -> None:
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/feed", 200),
        ("GET", "/openapi.json", 200),
        ("GET", "/me", 401),
        ("GET", "/nowhere", 404),
        ("POST", "/feed", 405),
        ("GET", "/people/x", 422),
    ],
)
async def test_every_answer_is_careful(http: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    answer = await http.request(method, path)

    assert answer.status_code == status
    assert_careful(answer)
    assert answer.headers["cache-control"] == "no-store"


async def test_so_is_what_no_route_answers(http: httpx.AsyncClient) -> None:
    preflight = FROM_ANYWHERE | {"Access-Control-Request-Method": "PUT"}

    assert_careful(await http.options("/me/avatar", headers=preflight))
    assert_careful(await http.post("/sessions", content=b" " * 100_000))


async def test_a_picture_may_be_kept_and_shown_elsewhere(ada: Member, picture: MakePicture) -> None:
    changed = await ada.http.put("/me/avatar", content=picture())

    answer = await ada.http.get(changed.json()["profile"]["avatar"]["urls"]["96"])

    assert_careful(answer)
    assert "immutable" in answer.headers["cache-control"]
    assert answer.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_an_event_stream_is_careful_too(address: str) -> None:
    async with httpx.AsyncClient(base_url=address) as client, client.stream("GET", "/events") as answer:
        assert_careful(answer)


async def test_there_are_no_pages_that_load_scripts(http: httpx.AsyncClient) -> None:
    for path in ("/docs", "/redoc"):
        assert (await http.get(path)).status_code == 404


async def test_in_development_everybodys_pages_may_read_but_nobodys_cookies_count(
    backend_with: With,
) -> None:
    answer = await backend_with().get("/feed", headers=FROM_ANYWHERE)

    assert answer.headers["access-control-allow-origin"] == "*"
    assert "access-control-allow-credentials" not in answer.headers
    assert "Retry-After" in answer.headers["access-control-expose-headers"]
    assert "strict-transport-security" not in answer.headers


async def test_origins_can_be_named(backend_with: With) -> None:
    backend = backend_with(allowed_origins="https://app.example.test, http://localhost:9")

    for origin in ("https://app.example.test", "http://localhost:9"):
        answer = await backend.get("/feed", headers={"Origin": origin})
        assert answer.headers["access-control-allow-origin"] == origin
    refused = await backend.get("/feed", headers=FROM_ANYWHERE)
    assert "access-control-allow-origin" not in refused.headers


@pytest.mark.parametrize(
    ("given", "origin_allowed"),
    [({}, False), ({"allowed_origins": "https://elsewhere.test"}, True)],
)
async def test_in_production_only_named_origins_may_read(
    backend_with: With, given: dict[str, str], origin_allowed: bool
) -> None:
    answer = await backend_with(mode="production", **given).get("/feed", headers=FROM_ANYWHERE)

    assert ("access-control-allow-origin" in answer.headers) is origin_allowed


@pytest.mark.parametrize(
    ("given", "strict"),
    [
        ({"mode": "production", "public_url": "https://api.example.test"}, True),
        ({"mode": "production", "public_url": "http://127.0.0.1:8000"}, False),
        ({"public_url": "https://api.example.test"}, False),
    ],
)
async def test_browsers_are_to_insist_on_https_where_it_is_there(
    backend_with: With, given: dict[str, str], strict: bool
) -> None:
    answer = await backend_with(**given).get("/nowhere")

    assert ("strict-transport-security" in answer.headers) is strict


PROXY, CLIENT = "10.0.0.7", "203.0.113.9"


@pytest.mark.parametrize(
    ("trusted", "at", "forwarded", "seen"),
    [
        ("", CLIENT, "192.0.2.1", CLIENT),
        ("", "127.0.0.1", "192.0.2.1", "127.0.0.1"),
        ("10.0.0.0/8", PROXY, CLIENT, CLIENT),
        ("10.0.0.0/8, 192.0.2.0/24", PROXY, f"1.2.3.4, {CLIENT}, 192.0.2.8", CLIENT),
        ("10.0.0.0/8", CLIENT, "192.0.2.1", CLIENT),
        ("10.0.0.7", PROXY, f"192.0.2.1, {CLIENT}", CLIENT),
    ],
)
async def test_only_a_trusted_proxy_says_where_a_request_comes_from(
    backend_with: With, ada: Member, trusted: str, at: str, forwarded: str, seen: str
) -> None:
    backend = backend_with(at, trusted_proxies=trusted)
    signed_in = await backend.post(
        "/sessions",
        json={"email": ada.email, "password": ada.password},
        headers={"X-Forwarded-For": forwarded},
    )

    listed = await backend.get("/sessions", headers={"Authorization": f"Bearer {signed_in.json()['token']}"})

    assert listed.json()["items"][0]["address"] == seen
