"""Every server of ours is started for real, and held to one standard: who may ask, how much, for what."""

from __future__ import annotations

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil  # type: ignore[import-untyped]  # it ships no types
import pytest

from fake_android import connected_phone
from fake_android.connected_phone import MJPEG_PORT, SERVER_PORT
from fake_android.daemon import Daemon, token_file, write_token
from fake_android.files import PhoneFiles
from journeys.review import serve_review
from tests.fake_android.scripted_phone import adb, running_daemon
from tests.journeys.review.conftest import Place
from tests.journeys.review.results_folder import moved_button, write_results

DEADLINE_S = 60.0
LOCAL = "127.0.0.1"
RUNNER = "io.appium.uiautomator2.server.test/androidx.test.runner.AndroidJUnitRunner"


@dataclass(frozen=True)
class Server:
    """A server that runs, and how one that may asks it.

    `path` is answered 200 with `headers`, and 401 without `secret` where it has one. `pages` are those of its
    own origin that may ask. `takes` is where a body can be sent, and `largest` how long it may be at most.
    `escapes` are paths that would lead out of what it serves.
    """

    url: str
    path: str
    headers: Mapping[str, str] = field(default_factory=dict)
    secret: str | None = None
    pages: bool = False
    method: str = "GET"
    takes: tuple[str, str] = ("POST", "/")
    largest: int = 64 * 2**20
    escapes: tuple[str, ...] = ()

    async def ask(self, method: str | None = None, path: str | None = None, **more: object) -> int:
        """Return an answer's status; `headers` are added, and None takes one away."""
        headers = {**self.headers, **more.pop("headers", {})}  # type: ignore[dict-item]  # a mapping
        sent = {name: value for name, value in headers.items() if value is not None}
        # Certificates are not asked for: to load those there are takes longer than all else.
        async with httpx.AsyncClient(trust_env=False, verify=False, timeout=DEADLINE_S) as client:  # noqa: S501 - loopback
            answer = await client.request(
                method or self.method,
                f"{self.url}{self.path if path is None else path}",
                headers=sent,
                **more,  # type: ignore[arg-type]  # httpx's own
            )
        return answer.status_code


@asynccontextmanager
async def process(*words: str, **environment: str) -> AsyncIterator[str]:
    """Run a server of ours in a process of its own, and yield its address."""
    running = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", *words),
        env={**os.environ, **environment},
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    assert running.stdin is not None
    assert running.stdout is not None
    try:
        async with asyncio.timeout(DEADLINE_S):
            line = (await running.stdout.readline()).decode()
        assert " serving on " in line
        yield line.split()[-1]
    finally:
        running.stdin.close()
        await running.wait()


@asynccontextmanager
async def control(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    async with running_daemon(request.getfixturevalue("tmp_path")) as daemon:
        yield Server(
            daemon.url,
            "/status",
            {"Authorization": f"Bearer {daemon.token}"},
            secret="Authorization",
            takes=("POST", "/adb"),
            largest=2**20,
            escapes=("/devices/../../etc/passwd/faults", "/devices/%2e%2e%2fetc/faults"),
        )


@asynccontextmanager
async def on_device(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    """The phone's UiAutomator2 server, as the driver reaches it: through adb's forward."""
    async with (
        running_daemon(request.getfixturevalue("tmp_path")) as daemon,
        forwarded(daemon, SERVER_PORT) as port,
    ):
        yield Server(f"http://{LOCAL}:{port}", "/status", takes=("POST", "/session"))


@asynccontextmanager
async def forwarded(daemon: Daemon, port: int) -> AsyncIterator[int]:
    """Start the phone's server, and lead a port of this machine to one of its ports."""
    phone = daemon.phones["stand-in-1"]
    running = asyncio.create_task(adb(daemon, "shell", "am", "instrument", "-w", RUNNER))
    phone.expect_server()
    assert await phone.service_on(port)
    yield int((await adb(daemon, "forward", "tcp:0", f"tcp:{port}"))[1])
    if phone.server is not None:
        phone.server.end()
    await running


@asynccontextmanager
async def review(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    folder = request.getfixturevalue("tmp_path")
    place = Place(folder, write_results(folder, [moved_button()]))
    async with serve_review(place.review()) as served, httpx.AsyncClient(trust_env=False) as client:
        entered = await client.get(served.address_with_token)
        cookie = entered.headers["set-cookie"].partition(";")[0]
        yield Server(
            served.address,
            "/changes?after=0",
            {"Cookie": cookie},
            secret="Cookie",
            pages=True,
            takes=("POST", "/decisions"),
            largest=4 * 2**20,
            escapes=("/page/../server.py", "/page/%2e%2e%2fserver.py", "/pictures/..%2f..%2fetc/actual"),
        )


@asynccontextmanager
async def app(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    async with process("flutter_app", "--backend-url", "http://127.0.0.1:9", "--until-stdin-closes") as url:
        yield Server(
            url,
            "/healthz",
            pages=True,
            largest=2**20,
            escapes=(
                "/assets/../../../../etc/passwd",
                "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
                "//etc/passwd",
            ),
        )


@asynccontextmanager
async def example(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    folder = str(request.config.rootpath / "examples" / "chat")
    async with process("chat_app", "--until-stdin-closes", PYTHONPATH=folder) as url:
        yield Server(url, "/healthz", pages=True, largest=64 * 2**10, escapes=("/../../../../etc/passwd",))


@asynccontextmanager
async def backend(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    words = ("app_backend", "--until-stdin-closes", "--data", str(request.getfixturevalue("tmp_path")))
    database = await request.getfixturevalue("postgres").url()
    async with process(*words, "--database-url", database, APP_BACKEND_OPERATOR_TOKEN="o" * 20) as url:
        yield Server(
            url,
            "/metrics",
            {"Authorization": f"Bearer {'o' * 20}"},
            secret="Authorization",
            pages=True,
            takes=("POST", "/sessions"),
            largest=64 * 2**10,
            escapes=(
                "/avatars/../../../etc/passwd",
                "/avatars/%2e%2e/%2e%2e/passwd",
                "/avatars/..%2f..%2f/x/96.webp",
            ),
        )


SERVERS = {each.__name__: each for each in (control, on_device, review, app, example, backend)}


@pytest.fixture(params=SERVERS)
async def server(request: pytest.FixtureRequest) -> AsyncIterator[Server]:
    async with AsyncExitStack() as opened:
        yield await opened.enter_async_context(SERVERS[request.param](request))


async def test_a_server_keeps_to_the_standard(server: Server) -> None:
    """All of it at once: to start one takes far longer than to ask it."""
    own = server.url
    port = own.rpartition(":")[2]
    assert await server.ask() == 200, "who may ask is answered"

    connections = psutil.net_connections(kind="tcp")
    listening = {
        each.laddr.ip for each in connections if each.status == "LISTEN" and each.laddr.port == int(port)
    }
    assert listening == {LOCAL}

    for host in (
        "evil.test",
        f"evil.test:{port}",
        f"{LOCAL}.evil.test",
        f"{LOCAL}@evil.test",
        "192.0.2.7",
        "",
    ):
        assert await server.ask(headers={"Host": host}) == 421, host
    for host in (f"localhost:{port}", f"[::1]:{port}"):
        assert await server.ask(headers={"Host": host}) == 200, host

    for origin in ("https://evil.test", "http://127.0.0.1.evil.test", "null"):
        assert await server.ask(headers={"Origin": origin}) == 403, origin
        assert await server.ask(*server.takes, headers={"Origin": origin}, content=b"{}") == 403, origin
    assert await server.ask(headers={"Origin": own}) == (200 if server.pages else 403)
    if not server.pages:
        assert await server.ask(headers={"Sec-Fetch-Site": "cross-site"}) == 403, "a picture's address"

    if server.secret is not None:
        for wrong in (None, "Bearer wrong", "Bearer", "Basic d3Jvbmc6d3Jvbmc="):
            assert await server.ask(headers={server.secret: wrong}) == 401, wrong

    as_page = {"Origin": own} if server.pages else {}
    too_much = b" " * (server.largest + 1)
    if server.largest <= 4 * 2**20:
        sent = {"Content-Type": "application/json", **as_page}
        assert await server.ask(*server.takes, content=too_much, headers=sent) == 413
        # Where nothing takes a body there, it is not read at all.
        assert await server.ask(*server.takes, content=in_pieces(too_much), headers=sent) in {413, 405}
    for path in server.escapes:
        answer = await raw(server, path)
        # An app answers every path with its page.
        assert re.match(rb"HTTP/1.1 (200|4\d\d) ", answer), (path, answer)
        assert b"root:" not in answer, path


async def raw(
    server: Server, path: str, *, host: str = LOCAL, headers: Mapping[str, str] | None = None, size: int = -1
) -> bytes:
    """Ask for a path as it is: clients put those in order that lead upwards."""
    reader, writer = await asyncio.open_connection(LOCAL, int(server.url.rpartition(":")[2]))
    headers = {"Connection": "close", **server.headers} if headers is None else headers
    sent = "".join(f"{name}: {value}\r\n" for name, value in {"Host": host, **headers}.items())
    writer.write(f"GET {path} HTTP/1.1\r\n{sent}\r\n".encode())
    async with asyncio.timeout(DEADLINE_S):
        answer = await reader.read(size)
    writer.close()
    await writer.wait_closed()
    return answer


async def in_pieces(body: bytes) -> AsyncIterator[bytes]:
    """Send a body without saying beforehand how long it is."""
    for at in range(0, len(body), 2**16):
        yield body[at : at + 2**16]


async def test_no_page_elsewhere_opens_a_tabs_connection(request: pytest.FixtureRequest) -> None:
    async with app(request) as server:
        upgrade = {
            "Connection": "Upgrade",
            "Upgrade": "websocket",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==",
        }
        for host, origin, status in (
            (LOCAL, f"http://{LOCAL}", 101),
            (LOCAL, "http://evil.test", 403),
            ("evil.test", "http://evil.test", 403),
        ):
            answer = await raw(server, "/ws", host=host, headers={**upgrade, "Origin": origin}, size=12)
            assert answer == f"HTTP/1.1 {status}".encode(), (host, origin)


async def said_by_stream(port: int, request: bytes) -> bytes:
    reader, writer = await asyncio.open_connection(LOCAL, port)
    writer.write(request)
    said = b""
    # What was not read when the other side closed is a reset.
    with suppress(ConnectionResetError):
        async with asyncio.timeout(DEADLINE_S):
            said = await reader.read(12)
        writer.close()
        await writer.wait_closed()
    return said


@pytest.mark.parametrize(
    ("head", "is_answered"),
    [
        (b"anything", True),
        (b"GET / HTTP/1.0\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: 127.0.0.1:7810\r\n\r\n", True),
        (b"GET / HTTP/1.1\r\nHost: evil.test\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: localhost:7810\r\nOrigin: http://evil.test\r\n\r\n", False),
        (b"GET / HTTP/1.1\r\nHost: localhost:7810\r\nSec-Fetch-Site: cross-site\r\n\r\n", False),
        (b"GET /" + b"x" * 2**17, False),
    ],
)
async def test_no_page_sees_a_phones_pictures(tmp_path: Path, head: bytes, is_answered: bool) -> None:
    async with running_daemon(tmp_path) as daemon, forwarded(daemon, MJPEG_PORT) as port:
        assert await said_by_stream(port, head) == (b"HTTP/1.0 200" if is_answered else b"")


async def test_nobody_gets_around_the_forward_to_the_server_behind_it(tmp_path: Path) -> None:
    before = listening_here()
    async with running_daemon(tmp_path) as daemon, forwarded(daemon, SERVER_PORT) as port:
        (behind,) = listening_here() - before - {port, int(daemon.url.rpartition(":")[2])}
        assert await Server(f"http://{LOCAL}:{port}", "/status").ask() == 200
        assert await Server(f"http://{LOCAL}:{behind}", "/status").ask() == 403


def listening_here() -> set[int]:
    ours = psutil.Process().net_connections(kind="tcp")
    return {each.laddr.port for each in ours if each.status == "LISTEN"}


@pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="only Linux says whose a connection is")
async def test_other_users_of_the_machine_do_not_get_to_a_phone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    really = connected_phone.connections
    async with running_daemon(tmp_path) as daemon, forwarded(daemon, SERVER_PORT) as port:
        address = Server(f"http://{LOCAL}:{port}", "/status")
        assert await address.ask() == 200
        monkeypatch.setattr(connected_phone, "connections", lambda: [(*row[:3], 4321) for row in really()])
        with pytest.raises(httpx.TransportError):
            await address.ask()
        # What is closing is nobody's any more, and the system says root.
        monkeypatch.setattr(connected_phone, "connections", lambda: [(*row[:2], "06", 0) for row in really()])
        with pytest.raises(httpx.TransportError):
            await address.ask()


def test_the_token_is_its_owners_alone(tmp_path: Path) -> None:
    file = token_file(tmp_path, 4711)
    with write_token(tmp_path, 4711) as token:
        assert file.read_text() == token
        assert file.stat().st_mode & 0o777 == 0o600
        assert len(token) >= 32
    assert not file.exists()
    (tmp_path / "elsewhere").write_text("as it was")
    file.symlink_to(tmp_path / "elsewhere")
    with write_token(tmp_path, 4711):
        assert not file.is_symlink()
    assert (tmp_path / "elsewhere").read_text() == "as it was"


def test_no_link_leads_out_of_a_phone(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("theirs")
    files = PhoneFiles(tmp_path / "phone")
    (tmp_path / "phone" / "sdcard" / "out").symlink_to(tmp_path)
    for path in ("/sdcard/out/secret", "/sdcard/../sdcard/out/secret", "/storage/emulated/0/out/secret"):
        with pytest.raises(ValueError, match="leads out of the phone"):
            files.read(path)
        with pytest.raises(ValueError, match="leads out of the phone"):
            files.write(path, b"ours")
    assert (tmp_path / "secret").read_text() == "theirs"


async def test_half_a_head_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("local_server.serving.HEAD_S", 0.05)
    async with running_daemon(tmp_path) as daemon:
        for half in (b"", b"GET / HTTP/1.1\r\nHost: 127"):
            reader, writer = await asyncio.open_connection(LOCAL, int(daemon.url.rpartition(":")[2]))
            writer.write(half)
            async with asyncio.timeout(DEADLINE_S):
                with suppress(ConnectionResetError):
                    assert await reader.read() == b""
            writer.close()


async def test_a_body_that_never_ends_is_not_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fake_android.daemon.BODY_S", 0.05)
    async with running_daemon(tmp_path) as daemon:
        reader, writer = await asyncio.open_connection(LOCAL, int(daemon.url.rpartition(":")[2]))
        head = f"POST /adb HTTP/1.1\r\nHost: {LOCAL}\r\nAuthorization: Bearer {daemon.token}\r\n"
        writer.write(f"{head}Content-Length: 100\r\n\r\nhalf".encode())
        async with asyncio.timeout(DEADLINE_S):
            assert (await reader.readline()).startswith(b"HTTP/1.1 408 ")
        writer.close()
