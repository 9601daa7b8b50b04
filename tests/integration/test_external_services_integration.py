"""The backend and an identity provider: a new account's picture comes, and nobody suffers where it can't.

What the provider does is said at the level of HTTP, by respx, or by a server on this machine where the bytes'
way matters. All else is real: the app, the database, the workers that read pictures, the storage.
"""

from __future__ import annotations

import asyncio
import gzip
import itertools
import uuid
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import respx
from pydantic import SecretStr

from app_backend.api import open_backend
from app_backend.provider import PictureSources
from app_backend.resilience import AttemptFailed, BreakerState

if TYPE_CHECKING:
    from pathlib import Path

    from app_backend.settings import Settings
    from tests.backend_fixtures import MakePicture

from tests.app_backend.fetching_backend import (
    ADDRESS,
    AT_PROVIDER,
    DEADLINE_S,
    HOST,
    MAX_BYTES,
    OTHER_ADDRESS,
    OTHER_HOST,
    THRESHOLD,
    Backend,
    OpenBackend,
    backend,
    change_of_picture,
    count_rows,
    open_with,
    provider,
    wait_for_ever,
)

# Fixtures.
__all__ = ["backend", "open_with", "provider"]

# --- a picture comes


async def test_a_new_persons_picture_comes_after_the_sign_in(
    backend: Backend, provider: respx.MockRouter, picture: MakePicture
) -> None:
    """The answer is there while the provider is still silent; then the change goes to all, as an upload."""
    asked, answers = asyncio.Event(), asyncio.Event()

    async def answer(request: httpx.Request) -> httpx.Response:
        asked.set()
        await answers.wait()
        return httpx.Response(200, content=picture())

    provider.get(AT_PROVIDER).mock(side_effect=answer)

    with backend.services.hub.subscribe() as seen:
        ada = await backend.sign_up(**{"X-Request-ID": "the-sign-up"})
        await asyncio.wait_for(asked.wait(), DEADLINE_S)
        assert (await backend.avatar(ada))["is_default"]
        answers.set()
        assert await backend.outcome() == "shown"
        event = await change_of_picture(seen)

    avatar = await backend.avatar(ada)
    assert event.data["profile"]["avatar_version"] == avatar["version"]
    assert event.request_id == "the-sign-up"
    rendition = await backend.http.get(avatar["urls"]["96"])
    assert (rendition.status_code, rendition.headers["Content-Type"]) == (200, "image/webp")


async def test_the_providers_word_about_the_type_does_not_count(
    backend: Backend, provider: respx.MockRouter, picture: MakePicture
) -> None:
    provider.get(AT_PROVIDER).respond(200, content=picture(), headers={"Content-Type": "text/html"})

    await backend.sign_up()

    assert await backend.outcome() == "shown"


# --- what is no picture, or leads elsewhere


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"html": "<title>Sign in</title>"}, id="a page"),
        pytest.param(
            {"content": b"%PDF-1.7", "headers": {"Content-Type": "image/png"}}, id="another type than it says"
        ),
        pytest.param({"content": gzip.compress(bytes(2**20))}, id="something packed"),
        pytest.param({"status_code": 404}, id="not found"),
        pytest.param({"content": bytes(MAX_BYTES + 1)}, id="too much"),
        pytest.param({"status_code": 302, "headers": {"Location": "https://127.0.0.1/"}}, id="a way inside"),
    ],
)
async def test_what_is_no_picture_is_asked_for_once_and_not_shown(
    answer: dict[str, Any], backend: Backend, provider: respx.MockRouter
) -> None:
    route = provider.get(AT_PROVIDER).respond(**answer)

    ada = await backend.sign_up()

    assert await backend.outcome() == "refused"
    assert route.call_count == 1
    assert (await backend.avatar(ada))["is_default"]
    assert await count_rows(backend.services, "pictures") == 0
    assert (await backend.breaker()).failures == 0


@pytest.mark.parametrize("inside", ["127.0.0.1", "10.1.2.3", "169.254.169.254", "::1", "fd00::1"])
async def test_a_host_that_leads_inside_is_not_asked(
    inside: str, backend: Backend, provider: respx.MockRouter
) -> None:
    backend.names.addresses[HOST] = [ADDRESS, inside]

    await backend.sign_up()

    assert await backend.outcome() == "refused"
    assert not provider.calls


# --- a provider in trouble

BAD_GATEWAY = httpx.Response(502)


@pytest.mark.parametrize(
    "trouble",
    [
        pytest.param([httpx.Response(500), httpx.Response(503)], id="5xx"),
        pytest.param([httpx.Response(429, headers={"Retry-After": "0"})], id="too many"),
        pytest.param([httpx.Response(503, headers={"Retry-After": "tomorrow"})], id="come again, but when"),
        pytest.param([httpx.ConnectError("refused")], id="no connection"),
        pytest.param([httpx.ConnectTimeout("slow")], id="no connection in time"),
        pytest.param([httpx.ReadTimeout("slow"), httpx.ReadError("reset")], id="no answer"),
        pytest.param([httpx.RemoteProtocolError("what?")], id="no HTTP"),
    ],
)
async def test_what_may_pass_is_tried_again(
    trouble: list[Any], backend: Backend, provider: respx.MockRouter, picture: MakePicture
) -> None:
    route = provider.get(AT_PROVIDER)
    route.side_effect = [*trouble, httpx.Response(200, content=picture())]

    await backend.sign_up()

    assert await backend.outcome() == "shown"
    assert route.call_count == len(trouble) + 1
    assert [each.attempt for each in backend.events if isinstance(each, AttemptFailed)] == [
        *range(1, len(trouble) + 1)
    ]
    assert (await backend.breaker()).failures == 0


class Pieces(httpx.AsyncByteStream):
    """A body that comes piece by piece."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces


async def test_a_body_that_breaks_off_leaves_nothing_of_itself(
    backend: Backend, provider: respx.MockRouter, picture: MakePicture
) -> None:
    whole = picture()

    async def half() -> AsyncIterator[bytes]:
        yield whole[: len(whole) // 2]
        raise httpx.ReadError("reset")

    provider.get(AT_PROVIDER).side_effect = [
        httpx.Response(200, stream=Pieces(half())),
        httpx.Response(200, content=whole),
    ]

    await backend.sign_up()

    assert await backend.outcome() == "shown"


async def test_the_breaker_of_one_host_opens_and_the_others_works(
    backend: Backend, provider: respx.MockRouter, picture: MakePicture
) -> None:
    broken = provider.get(AT_PROVIDER).mock(return_value=BAD_GATEWAY)
    provider.get(f"https://{OTHER_ADDRESS}/ada.png").respond(200, content=picture())
    for _ in range(THRESHOLD):
        await backend.sign_up()
        assert await backend.outcome() == "failed"
    assert broken.call_count == 3 * THRESHOLD
    assert (await backend.breaker()).state is BreakerState.OPEN

    await backend.sign_up()

    assert await backend.outcome() == "failed"
    assert broken.call_count == 3 * THRESHOLD
    await backend.sign_up(f"https://{OTHER_HOST}/ada.png")
    assert await backend.outcome() == "shown"


async def test_a_hang_is_over_in_time_and_counts_for_the_breaker(
    backend: Backend, provider: respx.MockRouter
) -> None:
    asked = asyncio.Event()
    provider.get(AT_PROVIDER).mock(side_effect=partial(wait_for_ever, asked))
    for _ in range(THRESHOLD):
        asked.clear()
        await backend.sign_up()
        await asyncio.wait_for(asked.wait(), DEADLINE_S)
        backend.deadlines.expire()
        assert await backend.outcome() == "failed"

    assert backend.deadlines.asked == [20] * THRESHOLD
    assert (await backend.breaker()).state is BreakerState.OPEN


# --- a provider whose bytes are real


@dataclass
class RealProvider:
    """A provider on this machine that hangs, drips, or answers."""

    port: int
    content: bytes
    sent: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
        try:
            if path == b"/drip":
                writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
                for number in itertools.count():
                    writer.write(b"1\r\nx\r\n")
                    await writer.drain()
                    await asyncio.sleep(0)
                    if number == 100:
                        self.sent.set()
            if path == b"/ada.png":
                writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(self.content))
                writer.write(self.content)
            self.sent.set()
            # Until the other side has had enough.
            await reader.read()
        except ConnectionError:
            pass  # it had, while we wrote
        finally:
            self.left.set()
            writer.close()


@pytest.fixture
async def real_provider(picture: MakePicture) -> AsyncIterator[RealProvider]:
    made = RealProvider(0, picture())
    server = await asyncio.start_server(made.answer, "127.0.0.1", 0)
    async with server:
        made.port = server.sockets[0].getsockname()[1]
        yield made


@pytest.mark.parametrize("path", ["hang", "drip"])
async def test_a_server_that_does_not_end_is_left(
    path: str, open_with: OpenBackend, real_provider: RealProvider
) -> None:
    """Silent, or with a byte now and then: the bound of the whole ends it, and the connection with it."""
    async with open_with(PictureSources(("127.0.0.1",), loopback=True), resolve=None) as backend:
        await backend.sign_up(f"http://127.0.0.1:{real_provider.port}/{path}")
        await asyncio.wait_for(real_provider.sent.wait(), DEADLINE_S)

        backend.deadlines.expire()

        assert await backend.outcome() == "failed"
        await asyncio.wait_for(real_provider.left.wait(), DEADLINE_S)


async def test_a_whole_backend_puts_the_picture_into_its_bucket(
    database_url: str, settings: Settings, s3: None, tmp_path: Path, real_provider: RealProvider
) -> None:
    wanted = settings.model_copy(
        update={
            "storage_url": SecretStr(f"s3://pictures/{tmp_path.name}"),
            "picture_providers": ("127.0.0.1",),
            "picture_providers_on_loopback": True,
            "operator_token": SecretStr("an operator's own token"),
        }
    )
    async with open_backend(wanted, database_url=database_url, pictures=None) as (app, services):
        transport = httpx.ASGITransport(app)
        async with httpx.AsyncClient(transport=transport, base_url="http://b.test") as http:
            account = {
                "email": f"{uuid.uuid4()}@example.test",
                "password": "correct horse",
                "display_name": "Ada",
                "picture_url": f"http://127.0.0.1:{real_provider.port}/ada.png",
            }
            with services.hub.subscribe() as seen:
                assert (await http.post("/accounts", json=account)).status_code == 201
                profile = (await change_of_picture(seen)).data["profile"]
            rendition = await http.get(f"/avatars/{profile['id']}/{profile['avatar_version']}/96.webp")
            assert rendition.status_code == 200
            metrics = (
                await http.get("/metrics", headers={"Authorization": "Bearer an operator's own token"})
            ).text
    assert 'app_backend_provider_pictures_total{outcome="shown"} 1.0' in metrics
    assert 'app_backend_breaker_state{state="closed",subject="provider 127.0.0.1"} 1.0' in metrics
