"""One attempt at a provider's picture: what is read, what is refused, and what may work later."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Any

import httpx
import pytest
import respx

from app_backend.errors import PictureRefused, TransientFailure
from app_backend.provider import CheckedTransport, PictureDownload, PictureSources
from app_backend.rendering import Submission

HOSTS = {"pictures.provider.test": "93.184.215.14", "elsewhere.provider.test": "93.184.215.15"}
"""What the hosts' names lead to. Nobody is asked there: respx answers, or fails."""

URL = httpx.URL("https://pictures.provider.test/ada.png")
AT_PROVIDER = "https://93.184.215.14/ada.png"
MAX_BYTES = 10_000

Read = Callable[[], Awaitable[Submission]]


async def resolve(host: str, _port: int) -> Sequence[str]:
    return [HOSTS[host]]


@pytest.fixture
async def read() -> AsyncIterator[Read]:
    sources = PictureSources(tuple(HOSTS))
    async with CheckedTransport(resolve, sources.allows) as transport:
        download = PictureDownload(sources, transport, max_bytes=MAX_BYTES)

        async def one() -> Submission:
            with Submission() as submission:
                await download.read(URL, submission)
                assert await submission.read()
                return submission

        yield one


class Pieces(httpx.AsyncByteStream):
    """A body that comes piece by piece."""

    def __init__(self, pieces: AsyncIterator[bytes]) -> None:
        self._pieces = pieces

    def __aiter__(self) -> AsyncIterator[bytes]:
        return self._pieces


async def test_all_bytes_are_read_as_they_come(read: Read, respx_mock: respx.MockRouter) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(10):
            yield bytes(MAX_BYTES // 10)

    respx_mock.get(AT_PROVIDER).mock(return_value=httpx.Response(200, stream=Pieces(pieces())))

    assert (await read()).size == MAX_BYTES


async def test_nothing_about_anybody_is_sent(read: Read, respx_mock: respx.MockRouter) -> None:
    route = respx_mock.get(AT_PROVIDER).respond(200, content=b"x", headers={"Set-Cookie": "who=ada; Path=/"})

    await read()
    await read()

    for call in route.calls:
        assert set(call.request.headers) == {"host", "user-agent", "accept", "accept-encoding"}


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param({"status_code": 404}, id="not found"),
        pytest.param({"status_code": 401}, id="for others only"),
        pytest.param({"status_code": 206, "content": b"part"}, id="a part"),
        pytest.param({"status_code": 304}, id="not changed"),
        pytest.param({"status_code": 302}, id="a redirect to nowhere"),
        pytest.param({"content": b""}, id="nothing"),
        pytest.param(
            {"content": bytes(MAX_BYTES + 1), "headers": {"Content-Length": "10"}}, id="more than it says"
        ),
    ],
)
async def test_what_stays_as_it_is_is_refused(
    answer: dict[str, Any], read: Read, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(AT_PROVIDER).respond(**answer)

    with pytest.raises(PictureRefused):
        await read()


async def test_an_endless_body_is_read_up_to_the_bound(read: Read, respx_mock: respx.MockRouter) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for number in itertools.count():
            assert number * 1000 <= MAX_BYTES, "read on after the bound"
            yield bytes(1000)

    respx_mock.get(AT_PROVIDER).mock(return_value=httpx.Response(200, stream=Pieces(endless())))

    with pytest.raises(PictureRefused, match="more than"):
        await read()


async def test_what_is_packed_is_not_unpacked(read: Read, respx_mock: respx.MockRouter) -> None:
    packed = gzip.compress(bytes(100 * MAX_BYTES))

    async def pieces() -> AsyncIterator[bytes]:
        yield packed

    answer = httpx.Response(200, headers={"Content-Encoding": "gzip"}, stream=Pieces(pieces()))
    respx_mock.get(AT_PROVIDER).mock(return_value=answer)

    assert (await read()).size == len(packed)


@pytest.mark.parametrize(
    ("answer", "retry_after_s"),
    [
        pytest.param({"status_code": 500}, None, id="500"),
        pytest.param({"status_code": 503, "headers": {"Retry-After": "7"}}, 7, id="503, later"),
        pytest.param({"status_code": 429, "headers": {"Retry-After": "3600"}}, 3600, id="429, much later"),
        pytest.param({"status_code": 429, "headers": {"Retry-After": "soon"}}, None, id="429, but when"),
        pytest.param({"status_code": 503, "headers": {"Retry-After": "-1"}}, None, id="503, before"),
        pytest.param({"status_code": 503, "headers": {"Retry-After": "9" * 5000}}, None, id="503, never"),
        pytest.param({"status_code": 408}, None, id="408"),
    ],
)
async def test_a_provider_that_can_not_now_may_later(
    answer: dict[str, Any], retry_after_s: float | None, read: Read, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(AT_PROVIDER).respond(**answer)

    with pytest.raises(TransientFailure) as failure:
        await read()

    assert failure.value.retry_after_s == retry_after_s


@pytest.mark.parametrize(
    "error",
    [
        *(httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadTimeout, httpx.ReadError),
        httpx.RemoteProtocolError,
    ],
)
async def test_a_connection_that_fails_may_work_later(
    error: type[Exception], read: Read, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(AT_PROVIDER).mock(side_effect=error("?"))

    with pytest.raises(TransientFailure, match=error.__name__):
        await read()


async def test_redirects_are_followed(read: Read, respx_mock: respx.MockRouter) -> None:
    respx_mock.get(AT_PROVIDER).respond(302, headers={"Location": "/by/size?size=512"})
    respx_mock.get("https://93.184.215.14/by/size?size=512").respond(
        307, headers={"Location": "https://elsewhere.provider.test/1.png"}
    )
    last = respx_mock.get("https://93.184.215.15/1.png").respond(200, content=b"picture")

    assert (await read()).head == b"picture"
    assert last.calls.last.request.headers["Host"] == "elsewhere.provider.test"


@pytest.mark.parametrize(
    ("location", "requests"),
    [
        ("https://169.254.169.254/latest/meta-data", 1),
        ("https://127.0.0.1/ada.png", 1),
        ("https://evil.test/ada.png", 1),
        ("http://pictures.provider.test/ada.png", 1),
        ("https://pictures.provider.test:5432/", 1),
        ("https://user:word@pictures.provider.test/ada.png", 1),
        ("file:///etc/passwd", 1),
        ("https://[::1", 1),
        # In a circle: the first request, and three more.
        ("/ada.png", 4),
    ],
)
async def test_a_redirect_is_checked_as_the_first_address_was(
    location: str, requests: int, read: Read, respx_mock: respx.MockRouter
) -> None:
    respx_mock.get(AT_PROVIDER).respond(301, headers={"Location": location})

    with pytest.raises(PictureRefused):
        await read()

    assert len(respx_mock.calls) == requests
