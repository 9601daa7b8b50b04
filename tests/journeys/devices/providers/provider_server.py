"""A server that answers like a provider: well, badly, or never."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread


class ProviderServer:
    """Answers everything alike; `asked` are the paths, `logins` what was sent to sign in."""

    def __init__(
        self,
        answer: object = None,
        *,
        code: int = 200,
        html: bool = False,
        headers: Mapping[str, str] | None = None,
        never: bool = False,
    ) -> None:
        body = b"<!doctype html><title>Sign in</title>" if html else json.dumps(answer).encode()
        self.asked: list[str] = []
        self.logins: list[str] = []
        self._over = Event()
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                outer.asked.append(self.path)
                sent = self.headers.get("Authorization", "").removeprefix("Basic ")
                outer.logins.append(base64.b64decode(sent).decode())
                if never:
                    outer._over.wait()
                    return
                self.send_response_only(code)
                self.send_header("Content-Type", "text/html" if html else "application/json")
                for name, value in (headers or {}).items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    @contextmanager
    def running(self) -> Iterator[ProviderServer]:
        thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        thread.start()
        try:
            yield self
        finally:
            self._over.set()
            self._server.shutdown()
            self._server.server_close()
            thread.join()
