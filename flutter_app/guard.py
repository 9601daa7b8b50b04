"""Who may reach the app: browsers that know this machine by its own address, and its own pages."""

from __future__ import annotations

import asyncio
import socket
from contextlib import suppress
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MAX_BODY_BYTES = 1024 * 1024
"""The app takes no body by HTTP: pictures go to the backend, all else comes by the tab's own connection."""

LINGER_S = 1.0
LINGER_BYTES = 16 * 1024 * 1024
"""How much of what is refused is read, so that its sender hears of it."""

EMULATORS_HOST = "10.0.2.2"
"""How an Android emulator calls the machine it runs on."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", EMULATORS_HOST})


class Guard:
    """ASGI middleware; `listening_on` is the address that is listened on.

    On a loopback address only that is a name for it: another one that leads there (`Host`) is that of a page
    elsewhere, which has turned its own name to this machine. On others, any address is, and this machine's
    name. A page of another origin opens no connection of a tab, and reads nothing.
    """

    def __init__(self, app: ASGIApp, *, listening_on: str) -> None:
        self._app = app
        self._is_local = ip_address(listening_on).is_loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        refusal = self._refusal(Headers(scope=scope)) if scope["type"] in {"http", "websocket"} else None
        if refusal is None:
            await self._app(scope, _bounded(receive) if scope["type"] == "http" else receive, send)
        elif scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1008})
        else:
            await _throw_away(receive)
            answer = PlainTextResponse(
                f"{refusal.description}\n", status_code=refusal, headers={"connection": "close"}
            )
            await answer(scope, receive, send)

    def _refusal(self, headers: Headers) -> HTTPStatus | None:
        hosts, origins = headers.getlist("host"), headers.getlist("origin")
        if len(hosts) != 1 or not self._is_name(hosts[0]):
            return HTTPStatus.MISDIRECTED_REQUEST
        if any(origin.partition("://")[2] != hosts[0] for origin in origins):
            return HTTPStatus.FORBIDDEN
        length = headers.get("content-length", "0")
        if not length.isdecimal() or int(length[:20]) > MAX_BODY_BYTES:
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        return None

    def _is_name(self, host: str) -> bool:
        try:
            parts = urlsplit(f"//{host}")
            name, port = parts.hostname, parts.port
        except ValueError:
            return False
        if not name or port == 0 or parts.netloc != host:
            return False
        if name in _LOOPBACK:
            return True
        return not self._is_local and (name == socket.gethostname().lower() or _is_address(name))


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True


async def _throw_away(receive: Receive) -> None:
    """Read on for a little while: where bytes are unread as it closes, the sender sees no answer."""
    left = LINGER_BYTES
    with suppress(TimeoutError):
        async with asyncio.timeout(LINGER_S):
            message = await receive()
            while message.get("more_body", False) and left > 0:
                left -= len(message.get("body", b""))
                message = await receive()


def _bounded(receive: Receive) -> Receive:
    left = MAX_BODY_BYTES

    async def receiving() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            left = 0
            if message.get("more_body", False):
                await _throw_away(receive)
            raise HTTPException(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, headers={"connection": "close"})
        return message

    return receiving
