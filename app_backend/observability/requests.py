"""Every request gets an id, a line in the log, a place in the metrics, and tells where its time went."""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from urllib.parse import parse_qs

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app_backend.observability.metrics import NO_ROUTE, Metrics
from app_backend.observability.request import RequestFacts, current, sane_or_new

log = logging.getLogger("app_backend.access")

ID_HEADER = "X-Request-ID"
EXPOSED = (ID_HEADER, "Server-Timing")
"""What pages of other origins may read of an answer's headers, beside the ordinary ones."""

QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that machines ask all day long: that all is well is not worth a line in an ordinary log."""

_ID_HEADER = ID_HEADER.lower().encode()
_ID_PARAMETER = b"request_id"


class ObservedRequests:
    """Middleware, the outermost one: plain ASGI, as every request pays for it.

    `timing_allowed_to` are the origins whose pages may read the timing; `*` for all.
    """

    def __init__(self, app: ASGIApp, *, metrics: Metrics, timing_allowed_to: Sequence[str] = ()) -> None:
        self.app = app
        self._metrics = metrics
        allowed = ", ".join(timing_allowed_to).encode()
        self._always = [(b"timing-allow-origin", allowed)] if allowed else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        facts = RequestFacts(sane_or_new(_wanted_id(scope)))
        began = time.perf_counter()
        status = 0

        async def stamping(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                seconds = time.perf_counter() - began
                self._metrics.answered(route_of(scope), scope["method"], status, seconds)
                stamps = [
                    (_ID_HEADER, facts.id.encode()),
                    (b"server-timing", _timing(facts, seconds)),
                    *self._always,
                ]
                message = {**message, "headers": [*message.get("headers", ()), *stamps]}
            await send(message)

        token = current.set(facts)
        try:
            await self.app(scope, receive, stamping)
        finally:
            route = route_of(scope)
            log.log(
                logging.DEBUG if route in QUIET and status < 400 else logging.INFO,
                "request",
                extra={
                    "method": scope["method"],
                    "route": route,
                    # 0 where there was no answer at all.
                    "status": status,
                    "duration_ms": round((time.perf_counter() - began) * 1000, 2),
                },
            )
            current.reset(token)


def _wanted_id(scope: Scope) -> str | None:
    """Return the id that a request came with: in its header or, as browsers send none for us, its address."""
    for name, value in scope["headers"]:
        if name == _ID_HEADER:
            return str(value.decode("latin-1"))
    query = scope["query_string"]
    if _ID_PARAMETER not in query:  # nearly always, and cheap to see
        return None
    found = parse_qs(query.decode("latin-1")).get(_ID_PARAMETER.decode())
    return found[0] if found else None


def route_of(scope: Scope) -> str:
    """Return the template of the route that a request took: unlike its path, it holds nothing secret."""
    return str(getattr(scope.get("route"), "path_format", NO_ROUTE))


def _timing(facts: RequestFacts, total: float) -> bytes:
    parts = [f"total;dur={total * 1000:.1f}"]
    parts += [f"{part};dur={seconds * 1000:.1f}" for part, seconds in facts.seconds.items()]
    return ", ".join(parts).encode()
