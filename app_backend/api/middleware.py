"""What stands around every route: headers that tell browsers to be careful, and who may ask at all."""

from __future__ import annotations

from http import HTTPStatus

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app_backend.api.problems import problem_response
from app_backend.settings import Settings
from local_server import AccessGuard, HostNames, Refusal

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
        """Answer a request, as ASGI has it."""
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


def guard_this_machine(app: ASGIApp, settings: Settings, *, listening_on: str) -> ASGIApp:
    """Let only programs and pages of this machine reach the backend, which has development's known passwords.

    `listening_on` is the address that is listened on. On a loopback address only that is a name for it, and
    `PUBLIC_URL`; on others any address is, and this machine's name. Pages are this machine's, on whatever
    port, unless the settings name their origins.
    """
    public, origins = settings.public_url, settings.allowed_origins
    names = HostNames(listening_on, more={public.host} if public is not None and public.host else ())

    def check(_scope: Scope, headers: Headers) -> Refusal | None:
        if not names.has_only(headers.getlist("host")):
            return (
                HTTPStatus.MISDIRECTED_REQUEST,
                "this backend is for its own machine: reach it by its address, or name it in PUBLIC_URL",
            )
        for origin in headers.getlist("origin"):
            allowed = (
                origin.partition("://")[2] in names
                if origins is None
                else "*" in origins or origin in origins
            )
            if not allowed:
                return HTTPStatus.FORBIDDEN, "no page of this origin: name it in APP_BACKEND_ALLOWED_ORIGINS"
        return None

    return AccessGuard(app, check, answer=_answer)


def _answer(status: HTTPStatus, detail: str) -> Response:
    return problem_response(status, detail, headers={"connection": "close"})
