"""Who may ask a server on this machine, how much, and how long that may take.

Who asks has to name it by an address of this machine (`Host`: a page of another name that leads here is
somebody else's). Bodies are bounded, in bytes and in time.
"""

from __future__ import annotations

import asyncio
import hmac
import socket
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from http import HTTPStatus
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK_NAMES: Final = frozenset({"127.0.0.1", "localhost", "::1"})

EMULATORS_HOST: Final = "10.0.2.2"
"""How an Android emulator calls the machine it runs on."""

OF_PAGES: Final = ("origin", "sec-fetch-site")
"""Headers that browsers add by themselves, and no page can leave out."""

BODY_S: Final = 30.0
"""Seconds in which a request's body has to be there."""

LINGER_S: Final = 1.0
LINGER_BYTES: Final = 16 * 2**20
"""How much of what is refused is read, so that its sender hears of it."""

Refusal = tuple[HTTPStatus, str]
"""A status, and one line that says why."""

Check = Callable[[Scope, Headers], Refusal | None]
"""Says why a request is refused; None where it isn't."""


def host_name(host: str) -> str | None:
    """Return the name in a `Host` header, in small letters; None where it is none, or one with more in it."""
    try:
        parts = urlsplit(f"//{host}")
        is_sound = parts.netloc == host and "@" not in host and parts.port != 0
    except ValueError:
        return None
    return parts.hostname if is_sound else None


def is_loopback_host(host: str) -> bool:
    """Whether a `Host` header names this machine by its loopback address."""
    return host_name(host) in LOOPBACK_NAMES


class HostNames:
    """The `Host` headers under which a server is known that listens on an address.

    On a loopback address only that is a name for it, also as Android emulators call it, and `more`. On
    others, any address is, and this machine's name.
    """

    def __init__(self, listening_on: str, *, more: Collection[str] = ()) -> None:
        self._names = LOOPBACK_NAMES | {EMULATORS_HOST} | set(more)
        self._is_local = ip_address(listening_on).is_loopback

    def __contains__(self, host: str) -> bool:
        name = host_name(host)
        if name is None:
            return False
        if name in self._names:
            return True
        return not self._is_local and (name == socket.gethostname().lower() or _is_address(name))

    def has_only(self, hosts: Sequence[str]) -> bool:
        """Whether there is exactly one `Host` header, and it is known."""
        return len(hosts) == 1 and hosts[0] in self


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


def answer_plainly(status: HTTPStatus, text: str) -> Response:
    """Return a refusal as plain text."""
    return PlainTextResponse(f"{text}\n", status_code=status, headers={"connection": "close"})


class AccessGuard:
    """ASGI middleware: answers what `check` refuses by `answer`, and bounds bodies by `largest_body`."""

    def __init__(
        self,
        app: ASGIApp,
        check: Check,
        *,
        largest_body: int | None = None,
        body_s: float = BODY_S,
        answer: Callable[[HTTPStatus, str], Response] = answer_plainly,
    ) -> None:
        self._app = app
        self._check = check
        self._largest_body = largest_body
        self._body_s = body_s
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope["type"] not in {"http", "websocket"}:
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refusal = self._check(scope, headers) or self._check_length(headers)
        if refusal is None:
            if scope["type"] == "http" and self._largest_body is not None:
                receive = bound_body(receive, self._largest_body, self._body_s)
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _throw_away(receive)
            await self._answer(*refusal)(scope, receive, send)

    def _check_length(self, headers: Headers) -> Refusal | None:
        length = headers.get("content-length", "0")
        if self._largest_body is None or (length.isdecimal() and int(length[:20]) <= self._largest_body):
            return None
        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"A body has at most {self._largest_body} bytes."


def allow_programs(
    token: str | None,
    *,
    open_paths: Collection[str] = (),
    admits: Callable[[tuple[str, int]], bool] = lambda _: True,
) -> Check:
    """Return a check that lets programs of ours ask, on the loopback address, and no page.

    - `token`: what they send as a bearer; None where their protocol has no place for one.
    - `open_paths`: what is answered without it.
    - `admits`: says of a connection's other end, its address and port, whether it may ask at all.
    """

    def check(scope: Scope, headers: Headers) -> Refusal | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not is_loopback_host(hosts[0]):
            return HTTPStatus.MISDIRECTED_REQUEST, "This server is only for 127.0.0.1."
        if any(name in headers for name in OF_PAGES):
            return HTTPStatus.FORBIDDEN, "This server is for programs, and no page."
        if not admits(scope.get("client") or ("", 0)):
            return HTTPStatus.FORBIDDEN, "This server is for those who started it."
        if token is not None and scope["path"] not in open_paths and not has_bearer(headers, token):
            return HTTPStatus.UNAUTHORIZED, "This server is for those who have its token."
        return None

    return check


def allow_own_pages(listening_on: str) -> Check:
    """Return a check that lets this machine's browsers ask, and of pages those alone that come from here.

    A page of another origin so opens no connection, and reads nothing.
    """
    names = HostNames(listening_on)

    def check(_scope: Scope, headers: Headers) -> Refusal | None:
        hosts = headers.getlist("host")
        if not names.has_only(hosts):
            return HTTPStatus.MISDIRECTED_REQUEST, "This server is only for its own machine."
        if any(origin.partition("://")[2] != hosts[0] for origin in headers.getlist("origin")):
            return HTTPStatus.FORBIDDEN, "This server is for its own pages."
        return None

    return check


def has_bearer(headers: Headers, token: str) -> bool:
    """Whether a request comes with a token as its bearer."""
    scheme, _, given = headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and hmac.compare_digest(given.encode(), token.encode())


def bound_body(receive: Receive, largest: int, seconds: float) -> Receive:
    """Return a `receive` that raises `HTTPException` (413, 408) for a body that is too long, or too slow."""
    left, until = largest, asyncio.get_running_loop().time() + seconds
    whole = False

    async def receive_some() -> Message:
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

    return receive_some


async def _throw_away(receive: Receive) -> None:
    """Read on for a little while: where bytes are unread as it closes, the sender sees no answer."""
    left = LINGER_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            message = await receive()
            while message.get("more_body", False) and left > 0:
                left -= len(message.get("body", b""))
                message = await receive()
