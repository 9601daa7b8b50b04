"""In development, who may reach the backend: programs and pages of this machine.

A development backend has accounts with known passwords and takes anybody's registration; a page elsewhere,
open in somebody's browser beside it, has no business there. In production the proxy in front knows the names.
"""

from __future__ import annotations

import socket
from http import HTTPStatus
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from app_backend.settings import Settings

EMULATORS_HOST = "10.0.2.2"
"""How an Android emulator calls the machine it runs on."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", EMULATORS_HOST})


class ThisMachineOnly:
    """ASGI middleware; `listening_on` is the address that is listened on.

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
