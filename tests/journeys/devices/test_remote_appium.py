"""An Appium server that runs elsewhere is asked whether it is there, before anything is started."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from journeys.devices import Place, check_appiums
from journeys.errors import InfrastructureError, SetupError
from journeys.targets import Target

READY = b'{"value": {"ready": true, "message": "The server is ready to accept new connections"}}'

Serve = Callable[..., str]


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Return what serves one answer to everything, and gives its address."""
    servers: list[ThreadingHTTPServer] = []

    def serve(answer: bytes, *, code: int = 200, endless: bool = False) -> str:
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.send_response(code if self.path == "/status" else 500)
                self.end_headers()
                self.wfile.write(answer)
                while endless:
                    try:
                        self.wfile.write(answer)
                    except OSError:
                        return

            def log_message(self, *_: object) -> None:
                pass

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        servers.append(server)
        return f"127.0.0.1:{server.server_port}"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def places(*urls: str | None) -> list[Place]:
    return [
        Place(target=Target(name=f"t{number}", platform="android", appium_url=url))
        for number, url in enumerate(urls)
    ]


def test_one_that_answers_will_do(serve: Serve) -> None:
    check_appiums(places(f"http://{serve(READY)}/", None))


def test_a_farm_may_keep_its_status_for_those_who_sign_in(serve: Serve) -> None:
    check_appiums(places(f"http://{serve(b'who are you?', code=401)}"))


def test_nothing_that_listens_is_infrastructure() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        place = f"127.0.0.1:{taken.getsockname()[1]}"
    with pytest.raises(InfrastructureError) as caught:
        check_appiums(places(f"http://me:hush@{place}/wd/hub"))
    assert str(caught.value) == f"Appium at http://{place}/wd/hub can't be reached: is it running there?"


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"<!doctype html><title>Nothing here</title>", 404),
        (b"<!doctype html><title>An app that answers everything</title>", 200),
        (b'["no", "WebDriver"]', 200),
        (b'{"status": "UP"}', 200),
        # Appium's own answer where its base path is another one.
        (b'{"value": {"error": "unknown command", "message": "", "stacktrace": ""}}', 404),
    ],
)
def test_what_is_no_appium_is_said_to_be_none(serve: Serve, answer: bytes, code: int) -> None:
    place = serve(answer, code=code)
    with pytest.raises(SetupError) as caught:
        check_appiums(places(f"http://me:hush@{place}"))
    assert str(caught.value) == (
        f"what answers at http://{place} is no Appium (GET /status: HTTP {code}): "
        "is the address right, with its path?"
    )


def test_an_answer_without_end_is_not_listened_to(serve: Serve) -> None:
    with pytest.raises(SetupError, match="is no Appium"):
        check_appiums(places(f"http://{serve(b'on and on ', endless=True)}"))
