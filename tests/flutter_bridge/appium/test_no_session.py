"""What a session's opening says where no Appium answers as one does."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from flutter_bridge import AppUnreachable, NoAnswer
from flutter_bridge.appium import open_appium_session
from flutter_bridge.mobile_web import open_mobile_web_app

Serve = Callable[[bytes, int], str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what serves one answer to everything, and gives its address."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answer: bytes, code: int) -> str:
        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                self.send_response(code)
                self.send_header("content-length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def device(server: str, _: Path, **options: Any) -> Any:
    return open_appium_session(server=server, capabilities={}, frames="screenshots", **options)


def browser(server: str, artifacts: Path, **options: Any) -> Any:
    return open_mobile_web_app(
        server=server, capabilities={}, url="http://127.0.0.1:1", artifacts=artifacts, **options
    )


@pytest.mark.parametrize("opening", [device, browser])
@pytest.mark.parametrize(
    ("answer", "code", "said"),
    [
        (b"<!doctype html>Welcome", 200, "what answers at {} is no Appium: is the address right"),
        (b"[]", 200, "what answers at {} is no Appium: is the address right"),
        (b'{"value": null}', 200, "what answers at {} is no Appium: is the address right"),
        (b'{"value": "broken"}', 500, "what answers at {} is no Appium: is the address right"),
        (b"<!doctype html>No\nsuch page", 404, "Appium at {} opened no session: <!doctype html>No"),
        (
            b'{"value": {"error": "unknown error", "message": "Original error: no\\nroom"}}',
            500,
            "Appium at {} opened no session: no",
        ),
    ],
)
async def test_what_is_no_session_is_said_in_a_line(
    serve: Serve, tmp_path: Path, opening: Callable[[str, Path], Any], answer: bytes, code: int, said: str
) -> None:
    server = serve(answer, code)
    with pytest.raises(AppUnreachable) as refused:
        await opening(server, tmp_path).__aenter__()
    assert str(refused.value).startswith(said.format(server))
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize("opening", [device, browser])
async def test_an_appium_that_lets_the_time_go_by_is_told_from_one_that_is_gone(
    tmp_path: Path, opening: Callable[..., Any]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(NoAnswer, match=rf"^Appium at {server} opened no session within"):
            await opening(server, tmp_path, start_timeout=0.2).__aenter__()


# -- a farm that is busy


class BusyFarm:
    """A farm that lets a request for a session wait until a device is free, however long its client waits."""

    def __init__(self) -> None:
        self.free, self.opened, self.ended = Event(), Event(), Event()
        farm = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def answer(self, value: object) -> None:
                content = json.dumps({"value": value}).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["content-length"]))
                farm.free.wait(30)
                farm.opened.set()
                self.answer(
                    {
                        "sessionId": "late",
                        "capabilities": {"appPackage": "a.b", "pixelRatio": 2, "udid": "phone"},
                    }
                )

            def do_DELETE(self) -> None:
                self.answer(None)
                farm.ended.set()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def close(self) -> None:
        self.free.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def farm() -> Iterator[BusyFarm]:
    busy = BusyFarm()
    yield busy
    busy.close()


@pytest.mark.parametrize("opening", [device, browser])
async def test_a_session_that_comes_late_is_ended(
    farm: BusyFarm, tmp_path: Path, opening: Callable[..., Any]
) -> None:
    with pytest.raises(
        NoAnswer, match=r"no session within 0\.2 s: .* start_timeout .* what comes late is ended"
    ):
        async with opening(farm.address, tmp_path, start_timeout=0.2):
            pass
    assert not farm.opened.is_set()
    farm.free.set()
    assert await asyncio.to_thread(farm.ended.wait, 30), "nobody would know of it"


@pytest.mark.parametrize("opening", [device, browser])
async def test_a_session_is_ended_too_where_the_wait_for_it_is_cancelled(
    farm: BusyFarm, tmp_path: Path, opening: Callable[..., Any]
) -> None:
    async def use() -> None:
        async with opening(farm.address, tmp_path, start_timeout=30.0):
            pass

    task = asyncio.create_task(use())
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    farm.free.set()
    assert not farm.opened.is_set() or await asyncio.to_thread(farm.ended.wait, 30)


def test_the_end_of_a_process_waits_for_a_session_that_is_about_to_come(farm: BusyFarm) -> None:
    script = (
        "import asyncio\n"
        "from flutter_bridge.appium import open_appium_session\n"
        "async def use():\n"
        f"    given = dict(server={farm.address!r}, capabilities={{}}, frames='screenshots')\n"
        "    async with open_appium_session(start_timeout=0.2, **given):\n"
        "        pass\n"
        "asyncio.run(use())\n"
    )
    process = subprocess.Popen([sys.executable, "-c", script], stderr=subprocess.PIPE)  # noqa: S603 - ours
    assert process.stderr is not None
    said = iter(process.stderr.readline, b"")
    assert any(b"no session within" in line for line in said)
    farm.free.set()
    assert farm.ended.wait(30)
    process.stderr.close()
    assert process.wait(30) == 1
