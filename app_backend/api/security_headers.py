"""Headers that tell browsers to be careful, on every answer."""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

ALWAYS = {
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
UNLESS_SAID = {"Cache-Control": "no-store"}
"""What routes may say otherwise: pictures may be kept, answers about people may not."""

HSTS = "max-age=31536000"
"""A year; not for subdomains, which may be somebody else's."""


class SecurityHeaders:
    """Middleware that adds the headers; `strict_transport` where people reach us by https."""

    def __init__(self, app: ASGIApp, *, strict_transport: bool) -> None:
        self.app = app
        self._always = ALWAYS | ({"Strict-Transport-Security": HSTS} if strict_transport else {})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(self._always)
                for name, value in UNLESS_SAID.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, send_with_headers)
