"""The client speaks to the real backend, and says in one line what is wrong where there is none."""

# ruff: noqa: PT012 - leaving a whole block is what raises

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from flutter_bridge import Interval, now
from journeys import InfrastructureError, Picture, Recogniser
from journeys.commits import Commit
from journeys.configuration import Configuration, Server
from journeys.profile import HttpBackend
from journeys.profile.http_backend import KEEP_IDLE_S
from journeys.run.servers import Servers, free_ports
from tests.tasks import own_tasks

DEADLINE = 20.0
SERVERS_KEEP_IDLE_S = 5.0  # uvicorn's and Node's own value


def backend_server() -> Server:
    return Server(
        name="backend",
        command=("{python}", "-m", "app_backend", "--port", "{port}", "--until-stdin-closes"),
        env={"APP_BACKEND_PASSWORD_HASHING": "cheap", "DATABASE_URL": ""},
        ready="/readyz",
    )


@contextmanager
def serving(folder: Path) -> Iterator[Servers]:
    with Servers(Configuration(root=folder, servers=(backend_server(),))) as servers:
        yield servers


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("backend")) as servers:
        yield servers.addresses["backend"]


@pytest.fixture
async def backend(address: str) -> AsyncIterator[HttpBackend]:
    async with HttpBackend(address) as client:
        yield client


@contextmanager
def answering(status: int, body: bytes, kind: str = "application/json") -> Iterator[str]:
    """Answer everything with the same, on a real socket; only the clock goes on."""

    class Handler(BaseHTTPRequestHandler):
        def answer(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            said = json.dumps({"now": time.time()}).encode() if self.path == "/time" else body
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(said)))
            self.end_headers()
            self.wfile.write(said)

        do_GET = do_POST = answer  # noqa: N815 - as http.server wants them called

        def log_message(self, *_: Any) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@asynccontextmanager
async def committing(
    *, ahead: float, word_takes: float, stamps_twice: bool = False, lies_by: float = 0.0
) -> AsyncIterator[tuple[str, asyncio.Future[float]]]:
    """Be a backend whose clock is ahead and whose word takes its time; says in the end when it committed.

    It may stamp the commit once it is done, too, and its stamps may lie.
    """
    committed = asyncio.get_running_loop().create_future()

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        path = (await reader.readuntil(b"\r\n\r\n")).split()[1]
        kind = b"application/json" if path == b"/time" else b"text/event-stream"
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Type: " + kind + b"\r\n\r\n")
        if path == b"/time":
            writer.write(json.dumps({"now": time.time() + ahead}).encode())
        else:
            writer.write(b"event: ready\ndata: {}\n\n")
            stamps = {"committed_at": time.time() + ahead + lies_by}
            committed.set_result(now())
            if stamps_twice:
                stamps["committed_by"] = time.time() + ahead + lies_by
            await asyncio.sleep(word_takes)
            data = json.dumps({"kind": "name", **stamps}).encode()
            writer.write(b"event: profile.changed\ndata: " + data + b"\n\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}", committed


class TestPeople:
    async def test_a_new_person_can_sign_in_and_shows_the_default_picture(self, backend: HttpBackend) -> None:
        alice = await backend.create_person("Alice Liddell")
        assert alice.name == "Alice Liddell"
        assert alice.email.startswith("alice-liddell-")
        assert alice.picture is await backend.default_picture()
        again = await backend.find_person(alice.email, alice.password)
        assert (again.id, again.name, again.email) == (alice.id, alice.name, alice.email)
        assert again.token
        assert again.token != alice.token

    async def test_a_person_whose_token_has_expired_is_signed_in_again(self, backend: HttpBackend) -> None:
        alice = await backend.create_person("Alice")
        alice.token = "expired"
        await backend.write_post(alice, "Still here.")
        assert alice.token != "expired"
        alice.token, alice.password = "expired", "forgotten"
        with pytest.raises(InfrastructureError, match="POST /sessions answered 401"):
            await backend.write_post(alice, "Not any more.")

    async def test_two_of_the_same_name_are_two_people(self, backend: HttpBackend) -> None:
        one, other = await backend.create_person("Zoë's twin"), await backend.create_person("Zoë's twin")
        assert one.id != other.id
        assert one.email != other.email

    async def test_a_picture_given_is_what_the_backend_then_shows(
        self, backend: HttpBackend, book: list[Picture]
    ) -> None:
        alice = await backend.create_person("Alice")
        for picture in book[:2]:
            await backend.set_picture(alice, picture)
            assert alice.picture is picture
            shown = (await backend.find_person(alice.email, alice.password)).picture
            assert Recogniser().recognise(shown.image, picture).same
        assert not Recogniser().recognise(shown.image, book[0]).same

    async def test_a_post_is_in_the_feed(self, backend: HttpBackend, address: str) -> None:
        alice = await backend.create_person("Alice")
        await backend.write_post(alice, "Look at me")
        async with httpx.AsyncClient(base_url=address, trust_env=False) as http:
            posts = (await http.get(f"/people/{alice.id}/posts")).json()["items"]
        assert [post["text"] for post in posts] == ["Look at me"]

    async def test_what_the_backend_refuses_is_quoted(self, backend: HttpBackend, address: str) -> None:
        alice = await backend.create_person("Alice")
        with pytest.raises(InfrastructureError) as raised:
            await backend.create_person("Alice", email=alice.email)
        said = str(raised.value)
        assert said.startswith(f"backend at {address}: POST /accounts answered 409: ")
        assert "\n" not in said

    async def test_a_picture_that_is_none_is_refused_and_the_person_keeps_theirs(
        self, backend: HttpBackend, book: list[Picture]
    ) -> None:
        alice = await backend.create_person("Alice")
        broken = Picture(name="broken", image=book[0].image, encoded=b"no image", media_type="image/png")
        with pytest.raises(InfrastructureError, match="PUT /me/avatar answered 422"):
            await backend.set_picture(alice, broken)
        assert alice.picture is await backend.default_picture()


class TestConnections:
    @pytest.mark.parametrize(("kept", "connections"), [(None, 1), (0.0, 2)])
    async def test_one_that_idled_too_long_is_not_used_again(
        self, monkeypatch: pytest.MonkeyPatch, kept: float | None, connections: int
    ) -> None:
        assert KEEP_IDLE_S < SERVERS_KEEP_IDLE_S / 2
        if kept is not None:
            monkeypatch.setattr("journeys.profile.http_backend.KEEP_IDLE_S", kept)
        opened = 0

        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            nonlocal opened
            opened += 1
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while head := await reader.readuntil(b"\r\n\r\n"):
                    length = re.search(rb"content-length: (\d+)", head.lower())
                    await reader.readexactly(int(length[1]) if length else 0)
                    writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")
            writer.close()

        async with await asyncio.start_server(answer, "127.0.0.1", 0) as server:
            address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
            async with HttpBackend(address) as backend:
                for _ in range(2):
                    with pytest.raises(InfrastructureError, match="POST /sessions answered 404"):
                        await backend.find_person("alice@example.com", "secret")
        assert opened == connections


class TestListening:
    async def changed(self, http: httpx.AsyncClient, token: str, change: dict[str, str]) -> Interval:
        """Change a profile, and return from when to when the request was under way."""
        sent = now()
        answer = await http.patch("/me", json=change, headers={"Authorization": f"Bearer {token}"})
        seen = now()
        answer.raise_for_status()
        return Interval(sent, seen)

    async def test_every_change_is_heard_with_bounds_that_hold_its_moment(
        self, backend: HttpBackend, address: str, book: list[Picture]
    ) -> None:
        alice, bob = await backend.create_person("Alice"), await backend.create_person("Bob")
        async with (
            asyncio.timeout(DEADLINE),
            httpx.AsyncClient(base_url=address, trust_env=False) as http,
            backend.listen(alice.id) as commits,
        ):
            await self.changed(http, bob.token, {"display_name": "Robert"})
            for name in ("Alice L.", "Alice Liddell"):
                under_way = await self.changed(http, alice.token, {"display_name": name})
                commit = await anext(commits)
                heard = now()
                assert commit.change == "name"
                # The commit lies between sending and answer, and between the bounds: they must meet. The
                # lower one is the backend's stamp, so it can't be before the request, save for what the
                # clocks are unsure of; the upper one is when word came.
                assert under_way.low - 0.05 <= commit.committed.low <= under_way.high
                assert commit.committed.low <= commit.committed.high <= heard
                assert commit.committed.high >= under_way.low
                assert commit.committed.width < 1.0
            await backend.set_picture(alice, book[0])
            await backend.write_post(alice, "Look at me")
            assert [(await anext(commits)).change for _ in range(2)] == ["avatar", "post.created"]

    async def test_the_bounds_hold_the_moment_at_which_the_backend_let_others_see_it(
        self, backend: HttpBackend, address: str
    ) -> None:
        """Ask again and again: what was not there in one answer was not committed when that was asked for."""
        alice = await backend.create_person("Alice")
        async with (
            asyncio.timeout(DEADLINE),
            httpx.AsyncClient(base_url=address, trust_env=False) as http,
            backend.listen(alice.id) as commits,
            asyncio.TaskGroup() as group,
        ):
            changing = group.create_task(self.changed(http, alice.token, {"display_name": "Alice L."}))
            last_old, first_new = now(), float("inf")
            while first_new == float("inf"):
                asked = now()
                profile = (await http.get(f"/people/{alice.id}")).json()
                if profile["display_name"] == "Alice L.":
                    first_new = now()
                else:
                    last_old = asked
            await changing
            commit = await anext(commits)
        # Committed after the last request that met the old name, before the first answer with the new one.
        assert commit.committed.low <= first_new
        assert commit.committed.high >= last_old

    @pytest.mark.parametrize("ahead", [-3600.0, 0.0, 3600.0])
    async def test_the_bounds_hold_the_moment_whatever_the_backends_clock_says(self, ahead: float) -> None:
        async with (
            asyncio.timeout(DEADLINE),
            committing(ahead=ahead, word_takes=0.2) as (address, committed),
            HttpBackend(address) as backend,
            backend.listen("alice") as commits,
        ):
            commit = await anext(commits)
            moment = await committed
        assert commit.committed.low <= moment
        assert commit.committed.high >= moment + 0.2  # as long as word took it might have been committing
        # How far the lower bound is off is the shortest round trip's affair, not the clock's.
        assert commit.committed.low > moment - 0.15

    async def test_a_second_stamp_bounds_the_commit_however_late_word_of_it_comes(self) -> None:
        async with (
            committing(ahead=3600.0, word_takes=0.2, stamps_twice=True) as (url, moment),
            HttpBackend(url) as backend,
            backend.listen("someone") as commits,
        ):
            commit = await anext(commits)
            told = now()
            committed = await moment
        assert commit.committed.low <= committed <= commit.committed.high
        assert commit.committed.high < told - 0.1
        assert commit.source == "the backend's stamps"

    async def test_stamps_of_another_clock_than_the_one_that_is_read_certify_nothing(self) -> None:
        async with (
            committing(ahead=0.0, word_takes=0.0, lies_by=5.0) as (url, _),
            HttpBackend(url) as backend,
            backend.listen("someone") as commits,
        ):
            with pytest.raises(InfrastructureError, match="later than can be: its clock was set"):
                await anext(commits)

    async def test_an_own_error_in_the_context_stays_what_it_is(self, backend: HttpBackend) -> None:
        alice = await backend.create_person("Alice")
        with pytest.raises(AssertionError, match="the journey's own"):
            async with backend.listen(alice.id):
                raise AssertionError("the journey's own")

    async def test_nothing_runs_on_once_nobody_listens(self, backend: HttpBackend) -> None:
        alice = await backend.create_person("Alice")
        with own_tasks() as tasks:
            async with backend.listen(alice.id):
                assert tasks()
            assert not tasks()

    async def test_a_backend_killed_while_one_listens_is_said_in_one_line(self, tmp_path: Path) -> None:
        with serving(tmp_path) as servers:
            address = servers.addresses["backend"]
            async with HttpBackend(address) as backend, asyncio.timeout(DEADLINE):
                alice = await backend.create_person("Alice")
                with pytest.raises(InfrastructureError) as raised:
                    async with backend.listen(alice.id) as commits:
                        os.killpg(servers._processes[0]._popen.pid, signal.SIGKILL)
                        await anext(commits)
                assert one_line_about(address, raised.value)
                with pytest.raises(InfrastructureError, match="is it running"):
                    await backend.write_post(alice, "Anybody there?")


def one_line_about(address: str, error: InfrastructureError) -> bool:
    said = str(error)
    return said.startswith(f"backend at {address}") and "\n" not in said


class TestNoBackend:
    async def test_nobody_there_is_said_in_one_line(self) -> None:
        address = f"http://127.0.0.1:{free_ports([None])[0]}"
        async with HttpBackend(address) as backend:
            for attempt in (backend.create_person("Alice"), backend.default_picture(), self.listen(backend)):
                with pytest.raises(
                    InfrastructureError, match=r"can't be reached .*; is it running"
                ) as raised:
                    await attempt
                assert one_line_about(address, raised.value)
                assert raised.value.exit_code == 3

    async def listen(self, backend: HttpBackend) -> Commit | None:
        async with backend.listen("anyone") as commits:
            return await anext(commits)

    @pytest.mark.parametrize(
        ("status", "body", "said"),
        [
            (200, b"<html>\n<body>An app</body></html>", "what is no JSON; is a backend there"),
            (200, b"[]", "an answer lacks profile.avatar"),
            (200, b'{"profile": {"avatar": {}}}', "an answer lacks profile.avatar"),
            (200, b"[" * 50_000, "what is no JSON; is a backend there"),
            (200, b'{"profile": {"avatar": {"is_default": NaN}}}', "what is no JSON; is a backend there"),
            (
                200,
                b'{"profile": {"avatar": {"is_default": false, "urls": {"512": 7}}}}',
                "profile.avatar.urls.512 of an answer: expected text, found 7",
            ),
            (
                200,
                b'{"profile": {"avatar": {"is_default": false, "urls": {"512": "http://[::"}}}}',
                "'http://[::' in an answer is no address",
            ),
            (
                200,
                b'{"profile": {"avatar": {"is_default": false, "urls": {"512": "/a.png"}}}}',
                "its picture can't be read: current picture: ",
            ),
            (
                404,
                b"<h1>Not\nfound</h1>",
                "answered 404: a web page “Not found”; does a backend answer there",
            ),
            (501, b"<!DOCTYPE html><title>R&amp;D</title>", "answered 501: a web page “R&D”; does"),
            (502, b" <html><body>Oh</body></html>", "answered 502: a web page; does a backend"),
            (400, b"Bad\nrequest", "answered 400: Bad request"),
            (500, b'"oops"', "answered 500: oops"),
            (503, b'{"title": "Busy", "detail": "Too many people"}', "answered 503: Too many people"),
        ],
    )
    async def test_something_else_there_is_said_in_one_line(
        self, status: int, body: bytes, said: str
    ) -> None:
        with answering(status, body) as address:
            async with HttpBackend(address) as backend:
                with pytest.raises(InfrastructureError) as raised:
                    await backend.create_person("Alice")
        assert said in str(raised.value)
        assert one_line_about(address, raised.value)

    @pytest.mark.parametrize(
        ("data", "said"),
        [
            ("{", "an event is no JSON (it ends too soon)"),
            ("[]", "an answer lacks committed_at"),
            ('{"committed_at": "now"}', "committed_at of an answer: expected Unix seconds, found 'now'"),
            ('{"committed_at": 1e300}', "committed_at of an answer: expected Unix seconds, found 1e+300"),
            (f'{{"committed_at": {"9" * 5_000}}}', "integer value out of range"),
        ],
        ids=["half", "a list", "text", "large", "5,000 digits"],
    )
    async def test_an_event_that_says_no_moment_is_said_in_one_line(self, data: str, said: str) -> None:
        stream = f"event: ready\ndata: {{}}\n\nevent: profile.changed\ndata: {data}\n\n"
        with answering(200, stream.encode(), "text/event-stream") as address:
            async with HttpBackend(address) as backend:
                with pytest.raises(InfrastructureError) as raised:
                    await self.listen(backend)
        assert said in str(raised.value)
        assert one_line_about(address, raised.value)

    @pytest.mark.parametrize(
        ("kind", "said"),
        [("text/event-stream", "ended before it was ready"), ("text/html", "text/event-stream")],
    )
    async def test_a_stream_that_is_none_is_said_in_one_line(self, kind: str, said: str) -> None:
        with answering(200, b"event: hello\ndata: {}\n\n", kind) as address:
            async with HttpBackend(address) as backend:
                with pytest.raises(InfrastructureError) as raised:
                    await self.listen(backend)
        assert said in str(raised.value)
        assert one_line_about(address, raised.value)

    async def test_a_proxy_of_the_environment_is_not_asked_for_a_backend_on_this_host(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{free_ports([None])[0]}")
        with answering(200, b'{"here": true}') as address:
            async with HttpBackend(address) as backend:
                with pytest.raises(InfrastructureError, match="an answer lacks profile"):
                    await backend.create_person("Alice")
