"""Who may use the page: whoever has the token, from this machine, in a page that we served.

The token comes once in the address, then as a cookie. A page elsewhere can neither send it (SameSite),
nor call us by a name of its own (Host), nor post for somebody who has it (Origin).
"""

from __future__ import annotations

import hmac
import secrets
from http import HTTPStatus
from typing import Final

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from local_server import BODY_S, bound_body, is_loopback_host

MAX_BODY_BYTES: Final = 4 * 2**20
"""Of a request."""
_READING: Final = frozenset({"GET", "HEAD"})
_HEADERS: Final = {
    "content-security-policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


class Access:
    """The token of one review, and the codes that open it once."""

    def __init__(self, port: int) -> None:
        self.token = secrets.token_urlsafe(32)
        # Cookies are shared by all ports of a host: one name for each.
        self.cookie = f"journeys_review_{port}"
        self._session = secrets.token_urlsafe(32)
        self._codes: set[str] = set()

    def code(self) -> str:
        """Return a token that is good once: for a browser that is started with it in its command line."""
        self._codes.add(code := secrets.token_urlsafe(32))
        return code

    def admits(self, request: Request) -> bool:
        """Whether a request comes with the cookie."""
        return hmac.compare_digest(request.cookies.get(self.cookie, "").encode(), self._session.encode())

    def enter(self, token: str) -> Response | None:
        """Return the answer to an address with a token, None where the token is wrong."""
        codes = {code for code in self._codes if hmac.compare_digest(code.encode(), token.encode())}
        if not codes and not hmac.compare_digest(token.encode(), self.token.encode()):
            return None
        self._codes -= codes
        answer = RedirectResponse("/", status_code=HTTPStatus.SEE_OTHER)
        answer.set_cookie(self.cookie, self._session, httponly=True, samesite="strict", path="/")
        return answer


class AccessMiddleware:
    """Lets through what `Access` admits, and gives every answer its headers."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers[name] = value
                headers.setdefault("cache-control", "no-store")
            await send(message)

        refusal = self._refusal(request)
        await (refusal or self._app)(scope, bound_body(receive, MAX_BODY_BYTES, BODY_S), with_headers)

    def _refusal(self, request: Request) -> Response | None:
        host = request.headers.get("host", "")
        if not is_loopback_host(host):
            return _plain_response(HTTPStatus.MISDIRECTED_REQUEST, "This review is only for 127.0.0.1.")
        origin = request.headers.get("origin")
        # Reading pages' own requests come without one, those of others with theirs.
        if (request.method not in _READING or origin is not None) and origin != f"http://{host}":
            return _plain_response(HTTPStatus.FORBIDDEN, "Decisions are only taken from the page itself.")
        token = request.query_params.get("token")
        if token is not None and request.method in _READING and request.url.path == "/":
            entered = self._access.enter(token)
            if entered is not None:
                return entered
        elif self._access.admits(request):
            return None
        return _plain_response(
            HTTPStatus.UNAUTHORIZED,
            "Open the address that `journeys review` printed: it has a token that this one lacks.",
        )


def _plain_response(status: HTTPStatus, text: str) -> Response:
    return PlainTextResponse(f"{text}\n", status_code=status)
