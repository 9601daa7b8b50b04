"""What each of our servers on this machine keeps to: who may ask it, how much, and how long that may take.

It listens on the loopback address only. Who asks has to name it by that (`Host`: a page of another name that
leads here is somebody else's), must be no page of another origin (`Origin`, `Sec-Fetch-Site`), and needs the
server's token where it has one. Heads and bodies are bounded, in bytes and in time.

Needs starlette and uvicorn, which only what serves something has.
"""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from http import HTTPStatus
from socket import socket
from typing import Any, Final
from urllib.parse import urlsplit

import h11
import uvicorn
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

LOOPBACK: Final = frozenset({"127.0.0.1", "localhost", "::1"})
HEAD_S: Final = 10.0
"""Seconds in which a request's head has to be there; it has at most the 64 KiB that h11 takes."""

BODY_S: Final = 30.0
"""Seconds in which its body has to be there."""

LINGER_S: Final = 1.0
LINGER_BYTES: Final = 16 * 2**20
"""How much of what is refused is read, so that its sender hears of it."""

CONNECTIONS: Final = 512
"""Connections at a time; who comes next is answered 503."""

OF_PAGES: Final = ("origin", "sec-fetch-site")
"""Headers that browsers add by themselves, and no page can leave out."""


def is_loopback_host(host: str) -> bool:
    """Whether a `Host` header names this machine by its loopback address."""
    try:
        parts = urlsplit(f"//{host}")
        is_sound = parts.netloc == host and parts.port != 0
    except ValueError:
        return False
    return is_sound and parts.hostname in LOOPBACK


class LoopbackGuard:
    """ASGI middleware for a server that programs of ours ask, and no page.

    - `token`: what they send as a bearer; None where their protocol has no place for one.
    - `open_paths`: what is answered without it.
    - `largest_body`: in bytes.
    - `admits`: says of a connection's other end, its address and port, whether it may ask at all.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        token: str | None,
        largest_body: int,
        open_paths: Sequence[str] = (),
        admits: Callable[[tuple[str, int]], bool] = lambda _: True,
        body_s: float = BODY_S,
    ) -> None:
        self._app = app
        self._token = token
        self._largest_body = largest_body
        self._open_paths = frozenset(open_paths)
        self._admits = admits
        self._body_s = body_s

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope["type"] != "http":
            return  # there are no others with these servers
        refusal = self._refusal(Headers(scope=scope), scope)
        if refusal is None:
            await self._app(scope, bounded(receive, self._largest_body, self._body_s), send)
            return
        status, text = refusal
        await _throw_away(receive)
        answer = PlainTextResponse(f"{text}\n", status_code=status, headers={"connection": "close"})
        await answer(scope, receive, send)

    def _refusal(self, headers: Headers, scope: Scope) -> tuple[HTTPStatus, str] | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not is_loopback_host(hosts[0]):
            return HTTPStatus.MISDIRECTED_REQUEST, "This server is only for 127.0.0.1."
        if any(name in headers for name in OF_PAGES):
            return HTTPStatus.FORBIDDEN, "This server is for programs, and no page."
        if not self._admits(scope.get("client") or ("", 0)):
            return HTTPStatus.FORBIDDEN, "This server is for those who started it."
        if scope["path"] not in self._open_paths and not self._has_token(headers):
            return HTTPStatus.UNAUTHORIZED, "This server is for those who have its token."
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > self._largest_body:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body has at most {self._largest_body} bytes."
        return None

    def _has_token(self, headers: Headers) -> bool:
        if self._token is None:
            return True
        scheme, _, given = headers.get("authorization", "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), self._token.encode())


def bounded(receive: Receive, largest: int, seconds: float) -> Receive:
    """Return a `receive` that raises `HTTPException` (413, 408) for a body that is too long, or too slow."""
    left, until = largest, asyncio.get_running_loop().time() + seconds
    whole = False

    async def receiving() -> Message:
        nonlocal left, whole
        if whole:
            return await receive()  # that the client hangs up, whenever it does
        try:
            async with asyncio.timeout_at(until):
                message = await receive()
        except TimeoutError:
            whole = True
            raise HTTPException(HTTPStatus.REQUEST_TIMEOUT, headers={"connection": "close"}) from None
        left -= len(message.get("body", b""))
        whole = not message.get("more_body", False)
        if left < 0:
            if not whole:
                await _throw_away(receive)
            whole = True
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers={"connection": "close"})
        return message

    return receiving


async def _throw_away(receive: Receive) -> None:
    """Read on for a little while: where bytes are unread as it closes, the sender sees no answer."""
    left = LINGER_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            message = await receive()
            while message.get("more_body", False) and left > 0:
                left -= len(message.get("body", b""))
                message = await receive()


class BoundedHttp(H11Protocol):
    """HTTP that waits for a request's head for some time only; h11 takes 64 KiB of it at most."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn
        """Wait for the first head."""
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        """Wait on for a head that is there in part."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE and self.conn.trailing_data[0]:
            self._wait()
        else:
            self._wait_no_more()

    def connection_lost(self, exc: Exception | None) -> None:
        """Wait for nothing."""
        self._wait_no_more()
        super().connection_lost(exc)

    def _wait(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEAD_S, self.transport.abort)

    def _wait_no_more(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None


def server_config(app: ASGIApp, **more: Any) -> uvicorn.Config:
    """Return how uvicorn serves one of our servers."""
    options: dict[str, Any] = {
        "http": BoundedHttp,
        "ws": "none",
        "lifespan": "off",
        "access_log": False,
        "server_header": False,
        # Nobody stands between us and who asks.
        "proxy_headers": False,
        "limit_concurrency": CONNECTIONS,
        **more,
    }
    return uvicorn.Config(app, **options)


class LocalServer(uvicorn.Server):
    """Uvicorn that leaves signals to whoever runs the loop, and says when it serves."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.up = asyncio.Event()

    async def startup(self, sockets: list[socket] | None = None) -> None:
        """Start, and tell whoever waits for it."""
        await super().startup(sockets)
        self.up.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Capture none: a Ctrl-C ends the block that serves, and the block ends the server."""
        yield
