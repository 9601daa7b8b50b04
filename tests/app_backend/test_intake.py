"""Senders that never finish: they are heard out for a while, hold little meanwhile, and stop nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import httpx
import pytest
import uvicorn
from limits import parse
from uvicorn.server import ServerState

from app_backend import connections
from app_backend.api import Services, bodies, create_app
from app_backend.connections import BoundedH11Protocol, BoundedProtocol
from app_backend.errors import Problem
from app_backend.rate_limits import RateLimits, Rates
from app_backend.rendering import submission
from app_backend.rendering.submission import SMALL_BYTES, Submission
from tests.backend_fixtures import serving

if TYPE_CHECKING:
    from tests.backend_fixtures import MakePicture, Member

PATIENCE_S = 20.0
SHORT_S = 0.3
PIECE = bytes(64 * 1024)


class Wire:
    """A connection on which bytes are sent as they are."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def drip(self, data: bytes) -> None:
        for byte in data:
            await self.send(bytes([byte]))
            await asyncio.sleep(SHORT_S / 20)

    async def begin_upload(self, token: str, *, length: int = 10**6) -> None:
        await self.send(
            b"PUT /me/avatar HTTP/1.1\r\nhost: a\r\ncontent-type: image/png\r\n"
            b"authorization: Bearer %b\r\ncontent-length: %d\r\n\r\n" % (token.encode(), length)
        )

    async def status(self) -> int:
        """The status of the next answer."""
        async with asyncio.timeout(PATIENCE_S):
            head = await self.reader.readuntil(b"\r\n\r\n")
        return int(head.split(b" ")[1])

    async def all_there_is(self) -> bytes:
        """Return what comes until the other side has closed."""
        found = b""
        async with asyncio.timeout(PATIENCE_S):
            with suppress(ConnectionError):
                while piece := await self.reader.read(2**16):
                    found += piece
        return found

    async def ended(self) -> bool:
        """Wait until the other side has closed."""
        await self.all_there_is()
        return True


@asynccontextmanager
async def wire(address: str) -> AsyncIterator[Wire]:
    host, _, port = address.removeprefix("http://").rpartition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


@pytest.fixture
def few_places(services: Services) -> Iterator[Services]:
    """A backend at which one person may have two uploads under way."""
    own = bodies.Intake(uploads_per_person=2, upload_bytes=400_000, streams=3, streams_per_address=2)
    yield replace(services, intake=own)
    assert own.bytes_left == 400_000
    assert not own._uploads_of
    assert not own._streams_of


async def test_unfinished_uploads_of_one_person_take_a_few_places_and_no_others(
    few_places: Services, ada: Member, grace: Member, picture: MakePicture
) -> None:
    async with serving(few_places) as address, AsyncExitStack() as opened:
        for _ in range(2):
            unfinished = await opened.enter_async_context(wire(address))
            await unfinished.begin_upload(ada.token)
            await unfinished.send(PIECE)
        # Until both have their places: who asks third before that may have one of them.
        while few_places.intake._uploads_of.total() < 2:  # noqa: ASYNC110 - the server's own count
            await asyncio.sleep(0)
        # The answer comes before the body: none is sent.
        third = await opened.enter_async_context(wire(address))
        await third.begin_upload(ada.token)
        assert await third.status() == 429

        async with httpx.AsyncClient(base_url=address) as client:
            signed = {"Authorization": f"Bearer {grace.token}"}
            assert (await client.put("/me/avatar", content=picture(), headers=signed)).status_code == 200
            assert (await client.get("/me", headers=signed)).status_code == 200


async def test_an_upload_that_stops_is_ended_and_its_place_is_free_again(
    few_places: Services, ada: Member, picture: MakePicture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bodies, "SILENCE_S", SHORT_S)
    monkeypatch.setattr(bodies, "LINGER_S", SHORT_S)
    async with serving(few_places) as address:
        async with wire(address) as one, wire(address) as other:
            for each in (one, other):
                await each.begin_upload(ada.token)
                await each.send(PIECE)
            for each in (one, other):
                assert await each.status() == 408
                assert await each.ended()
        async with httpx.AsyncClient(base_url=address) as client:
            signed = {"Authorization": f"Bearer {ada.token}"}
            assert (await client.put("/me/avatar", content=picture(), headers=signed)).status_code == 200


async def test_dripping_is_no_way_to_stay(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "SILENCE_S", SHORT_S)

    async def drip() -> AsyncIterator[bytes]:
        while True:
            await asyncio.sleep(0.01)
            yield b"x"

    async def take_in() -> None:
        async for _ in bodies.read_in_time(drip()):
            pass

    with pytest.raises(Problem) as refused:
        await asyncio.wait_for(take_in(), PATIENCE_S)
    assert refused.value.status == 408


async def test_a_slow_line_is_fast_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    """As long as it brings what it has to on average, however long that takes altogether."""
    clock = 1000.0
    monkeypatch.setattr(bodies, "time", type("Clock", (), {"monotonic": staticmethod(lambda: clock)}))

    async def slow() -> AsyncIterator[bytes]:
        nonlocal clock
        for _ in range(100):
            clock += 1.9
            yield PIECE

    assert len([piece async for piece in bodies.read_in_time(slow())]) == 100


async def test_all_uploads_together_have_a_bound(few_places: Services, ada: Member, grace: Member) -> None:
    async with serving(few_places) as address, wire(address) as one, wire(address) as other:
        for each, member in ((one, ada), (other, grace)):
            await each.begin_upload(member.token)
        await one.send(PIECE * 5)
        await other.send(PIECE * 5)

        done, _ = await asyncio.wait(
            [asyncio.create_task(each.status()) for each in (one, other)],
            return_when=asyncio.FIRST_COMPLETED,
        )
        assert [task.result() for task in done] == [503]
        # Who holds the rest is gone as well, so that no task is left behind.
        for each in (one, other):
            each.writer.transport.abort()
        async with asyncio.timeout(PATIENCE_S):
            while few_places.intake.bytes_left < 400_000:  # noqa: ASYNC110 - until the server has seen it
                await asyncio.sleep(0)


async def test_the_limit_of_rates_counts_before_the_body(services: Services, ada: Member) -> None:
    rates = Rates(None, None, None, None, uploads_per_person=parse("1 per minute"))
    limited = replace(services, rate_limits=RateLimits(services.database, rates))
    async with serving(limited) as address:
        statuses = []
        for body in (b"GIF", b""):
            async with wire(address) as sender:
                await sender.begin_upload(ada.token, length=3)
                await sender.send(body)
                statuses.append(await sender.status())

    assert statuses == [422, 429]


async def test_a_json_body_that_never_ends_is_ended(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bodies, "BODY_S", SHORT_S)
    monkeypatch.setattr(bodies, "LINGER_S", SHORT_S)
    async with wire(address) as sender:
        await sender.send(
            b"POST /accounts HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
            b"content-length: 60000\r\n\r\n{"
        )
        assert await sender.status() == 408
        assert await sender.ended()


@pytest.mark.parametrize("protocol", sorted({BoundedProtocol, BoundedH11Protocol}, key=repr))
@pytest.mark.parametrize("sent", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nhost: a\r\nx: "])
async def test_heads_that_never_end_are_ended(
    services: Services, monkeypatch: pytest.MonkeyPatch, protocol: type[asyncio.Protocol], sent: bytes
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", SHORT_S)
    async with serving(services, protocol) as address:
        async with wire(address) as silent:
            await silent.send(sent)
            assert await silent.ended()
        async with wire(address) as second:
            # The second request of a connection, drop by drop.
            await second.send(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n")
            assert await second.status() == 200
            with pytest.raises(ConnectionError):
                await second.drip(b"GET /healthz HTTP/1.1\r\n" + b"x" * 10_000)


@pytest.mark.parametrize("protocol", sorted({BoundedProtocol, BoundedH11Protocol}, key=repr))
@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"x: ", id="one header"),
        pytest.param(b"", id="many headers"),
    ],
)
async def test_heads_of_megabytes_are_refused(
    services: Services, protocol: type[asyncio.Protocol], head: bytes
) -> None:
    piece = b"x" * 2**16 if head else b"".join(b"x-%d: %d\r\n" % (each, each) for each in range(5000))
    async with serving(services, protocol) as address, wire(address) as sender:
        await sender.send(b"GET /healthz HTTP/1.1\r\nhost: a\r\n" + head)
        sent = 0
        try:
            while sent < 73 * 2**20:
                await sender.send(piece)
                sent += len(piece)
        except ConnectionError:
            pass
        # What the system takes from us before it tells us; the server has long closed.
        assert sent < 20 * 2**20


async def test_answers_are_read_as_slowly_as_anybody_likes_but_not_for_ever(
    services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connections, "HEAD_S", SHORT_S)

    class Transport(asyncio.Transport):
        """Holds what is left of an answer after each look."""

        left: ClassVar[list[int]] = [3, 2, 1, 1]
        ended: ClassVar[list[int]] = []

        def get_write_buffer_size(self) -> int:
            return self.left.pop(0)

        def abort(self) -> None:
            self.ended.append(len(self.left))

    config = uvicorn.Config(create_app(services), http=BoundedProtocol, lifespan="off", log_config=None)
    config.load()
    make: Any = config.http_protocol_class
    connection = make(config, ServerState(), {})
    connection.transport = Transport()
    connection._watch()
    async with asyncio.timeout(PATIENCE_S):
        while not Transport.ended:  # noqa: ASYNC110 - until it has looked often enough
            await asyncio.sleep(SHORT_S / 10)

    assert Transport.ended == [0]


async def test_trailers_of_megabytes_are_refused(address: str) -> None:
    async with wire(address) as sender:
        await sender.send(
            b"POST /accounts HTTP/1.1\r\nhost: a\r\ncontent-type: application/json\r\n"
            b"transfer-encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\nx: "
        )
        sent = 0
        try:
            while sent < 73 * 2**20:
                await sender.send(PIECE.replace(b"\0", b"x"))
                sent += len(PIECE)
        except ConnectionError:
            pass
        assert sent < 20 * 2**20


async def test_requests_that_wait_behind_one_are_few(address: str) -> None:
    async with wire(address) as sender:
        await sender.send(b"GET /readyz HTTP/1.1\r\nhost: a\r\n\r\n" * 5000)
        answers = (await sender.all_there_is()).count(b"HTTP/1.1 ")

    assert 0 < answers <= connections.MAX_PIPELINED + 2


async def test_requests_one_after_the_other_are_as_many_as_anybody_likes(address: str) -> None:
    async with wire(address) as sender:
        for _ in range(100):
            await sender.send(b"GET /healthz HTTP/1.1\r\nhost: a\r\nx: %b\r\n\r\n" % (b"y" * 3000))
            assert await sender.status() == 200
            await sender.reader.readexactly(15)


async def test_event_streams_of_one_address_are_few(few_places: Services) -> None:
    async with serving(few_places) as address, httpx.AsyncClient(base_url=address) as client:
        async with AsyncExitStack() as opened:
            for _ in range(2):
                answer = await opened.enter_async_context(client.stream("GET", "/events"))
                assert answer.status_code == 200
            refused = await client.get("/events")
            assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
            assert (await client.get("/healthz")).status_code == 200
        async with asyncio.timeout(PATIENCE_S):
            while few_places.intake._streams_of:  # noqa: ASYNC110 - until the server has seen that they are gone
                await asyncio.sleep(0)
        async with client.stream("GET", "/events") as answer:
            assert answer.status_code == 200


def test_all_event_streams_together_have_a_bound() -> None:
    own = bodies.Intake(uploads_per_person=1, upload_bytes=1, streams=3, streams_per_address=2)
    with (
        own.stream("a"),
        own.stream("a"),
        own.stream("b"),
        pytest.raises(Problem) as refused,
        own.stream("c"),
    ):
        pass
    assert refused.value.status == 503


@pytest.mark.parametrize("size", [0, 1, SMALL_BYTES, SMALL_BYTES + 1, 3 * SMALL_BYTES])
async def test_what_was_sent_comes_back_from_wherever_it_was_kept(size: int) -> None:
    data = bytes(range(256)) * (size // 256 + 1)
    data = data[:size]
    with Submission("ada") as sent:
        for start in range(0, size, 50_000):
            sent.append(data[start : start + 50_000])
        at_once = submission.Submission.of(data)

        assert await sent.read() == await at_once.read() == data
        assert await sent.read() == data  # for another attempt
        assert (sent.head, sent.size, sent.digest) == (at_once.head, at_once.size, at_once.digest)
        assert (sent._file is None) is (size <= SMALL_BYTES)
