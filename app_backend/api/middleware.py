"""What stands around every route: headers that tell browsers to be careful, and who may ask at all."""

from __future__ import annotations

import socket
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app_backend.settings import Settings

FIXED_HEADERS = {
    # Nothing here is a page: what comes is taken for what it says it is, without scripts, in nobody's frame.
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": (
        "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    # Upload addresses are secrets; no other site is told where somebody came from.
    "Referrer-Policy": "no-referrer",
    # Apps elsewhere show our pictures: which may, is for CORS to say.
    "Cross-Origin-Resource-Policy": "cross-origin",
}
DEFAULT_HEADERS = {"Cache-Control": "no-store"}
"""What routes may say otherwise: pictures may be kept, answers about people may not."""

HSTS = "max-age=31536000"
"""A year; not for subdomains, which may be somebody else's."""


class SecurityHeaders:
    """Middleware that adds the headers; `strict_transport` where people reach us by https."""

    def __init__(self, app: ASGIApp, *, strict_transport: bool) -> None:
        self.app = app
        self._always = FIXED_HEADERS | ({"Strict-Transport-Security": HSTS} if strict_transport else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._always)
                for name, value in DEFAULT_HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)


EMULATORS_HOST = "10.0.2.2"
"""How an Android emulator calls the machine it runs on."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", EMULATORS_HOST})


class ThisMachineOnly:
    """ASGI middleware for development: only programs and pages of this machine reach the backend.

    It has accounts with known passwords there, and takes anybody's registration. `listening_on` is the
    address that is listened on.

    On a loopback address only that is a name for it, and `PUBLIC_URL`; on others any address is, and this
    machine's name. Pages are this machine's, on whatever port, unless the settings name their origins.
    """

    def __init__(self, app: ASGIApp, settings: Settings, *, listening_on: str) -> None:
        self._app = app
        self._origins = settings.allowed_origins
        self._public = settings.public_url.host if settings.public_url is not None else None
        self._is_local = ip_address(listening_on).is_loopback

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        refusal = self._refusal(Headers(scope=scope)) if scope["type"] == "http" else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        status, detail = refusal
        answer = JSONResponse(
            {"type": "about:blank", "title": status.phrase, "status": status, "detail": detail},
            status_code=status,
            headers={"connection": "close"},
            media_type="application/problem+json",
        )
        await answer(scope, receive, send)

    def _refusal(self, headers: Headers) -> tuple[HTTPStatus, str] | None:
        hosts = headers.getlist("host")
        if len(hosts) != 1 or not self._is_name(_host(f"//{hosts[0]}")):
            return (
                HTTPStatus.MISDIRECTED_REQUEST,
                "this backend is for its own machine: reach it by its address, or name it in PUBLIC_URL",
            )
        for origin in headers.getlist("origin"):
            allowed = (
                self._is_name(_host(origin))
                if self._origins is None
                else "*" in self._origins or origin in self._origins
            )
            if not allowed:
                return HTTPStatus.FORBIDDEN, "no page of this origin: name it in APP_BACKEND_ALLOWED_ORIGINS"
        return None

    def _is_name(self, name: str | None) -> bool:
        if name is None:
            return False
        if name in _LOOPBACK or name == self._public:
            return True
        return not self._is_local and (name == socket.gethostname().lower() or _is_address(name))


def _host(address: str) -> str | None:
    try:
        parts = urlsplit(address)
        is_sound = parts.port != 0 and "@" not in parts.netloc and not (parts.path or parts.query)
    except ValueError:
        return None
    return parts.hostname if is_sound else None


def _is_address(name: str) -> bool:
    try:
        ip_address(name)
    except ValueError:
        return False
    return True
