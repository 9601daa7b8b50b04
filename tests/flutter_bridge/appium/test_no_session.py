"""What a session's opening says where no Appium answers as one does."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
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
        with pytest.raises(NoAnswer, match=rf"^Appium at {server} did not answer in time: does it still run"):
            await opening(server, tmp_path, start_timeout=0.2).__aenter__()
