"""Every request gets an id, a line in the log, a place in the metrics, and tells where its time went."""

from __future__ import annotations

import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from sqlalchemy import event
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SANE_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")
"""What a request id from outside may look like: it goes into logs, headers and events as it is."""


class RequestPart(StrEnum):
    """Where a request's time can go, as it is named in `Server-Timing`."""

    DATABASE = "db"
    RENDITIONS = "renditions"
    STORAGE = "storage"


class RequestFacts:
    """One request: its id, and seconds by part."""

    def __init__(self, request_id: str) -> None:
        self.id = request_id
        self.seconds: dict[RequestPart, float] = {}
        self._open: dict[RequestPart, tuple[int, float]] = {}

    def begin(self, part: RequestPart) -> None:
        """Note that a part has begun; what runs inside or beside the same part is not counted twice."""
        depth, began = self._open.get(part, (0, 0.0))
        self._open[part] = (depth + 1, began if depth else time.perf_counter())

    def end(self, part: RequestPart) -> None:
        """Note that a part which had begun is over."""
        depth, began = self._open[part]
        if depth == 1:
            self.seconds[part] = self.seconds.get(part, 0.0) + time.perf_counter() - began
        self._open[part] = (depth - 1, began)


current: ContextVar[RequestFacts | None] = ContextVar("request", default=None)
"""The request on whose behalf the running code works, if it is one's."""


def request_id() -> str | None:
    """Return the id of the request that is being worked on, or None outside of one."""
    facts = current.get()
    return facts.id if facts is not None else None


def detach_request() -> None:
    """Let a task that a request has begun go on under its id, but not on its time."""
    facts = current.get()
    if facts is not None:
        current.set(RequestFacts(facts.id))


def _choose_id(wanted: str | None) -> str:
    """Return the id that a request came with where it is fit to be used, else a new one."""
    return wanted if wanted is not None and SANE_ID.fullmatch(wanted) else uuid.uuid4().hex


@contextmanager
def time_part(part: RequestPart) -> Iterator[None]:
    """Count the time of a block as a part of the request that is being worked on, if there is one."""
    facts = current.get()
    if facts is None:
        yield
        return
    facts.begin(part)
    try:
        yield
    finally:
        facts.end(part)


log = logging.getLogger("app_backend.access")

ID_HEADER = "X-Request-ID"
EXPOSED = (ID_HEADER, "Server-Timing")
"""What pages of other origins may read of an answer's headers, beside the ordinary ones."""

QUIET = frozenset({"/healthz", "/readyz", "/metrics"})
"""Routes that machines ask all day long: that all is well is not worth a line in an ordinary log."""

NO_ROUTE = "none"
"""The route of a request that fits none."""

_ID_HEADER = ID_HEADER.lower().encode()
_ID_PARAMETER = b"request_id"


class ObservedRequests:
    """Middleware, the outermost one: plain ASGI, as every request pays for it.

    `answered` hears of each answer: its route, method, status and seconds. `timing_allowed_to` are the
    origins whose pages may read the timing; `*` for all.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        answered: Callable[[str, str, int, float], None],
        timing_allowed_to: Sequence[str] = (),
    ) -> None:
        self.app = app
        self._answered = answered
        allowed = ", ".join(timing_allowed_to).encode()
        self._always = [(b"timing-allow-origin", allowed)] if allowed else []

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request, as ASGI has it."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        facts = RequestFacts(_choose_id(_wanted_id(scope)))
        began = time.perf_counter()
        status = 0

        async def send_stamped(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                seconds = time.perf_counter() - began
                self._answered(route_of(scope), scope["method"], status, seconds)
                stamps = [
                    (_ID_HEADER, facts.id.encode()),
                    (b"server-timing", _timing(facts, seconds)),
                    *self._always,
                ]
                message = {**message, "headers": [*message.get("headers", ()), *stamps]}
            await send(message)

        token = current.set(facts)
        try:
            await self.app(scope, receive, send_stamped)
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


def time_statements(engine: AsyncEngine) -> None:
    """Count each statement of an engine as time that its request spends on the database."""
    sync_engine = engine.sync_engine

    @event.listens_for(sync_engine, "before_cursor_execute")
    def _begin(
        _connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        # Kept with the statement: it may end, or fail, after its request has.
        context.of_request = facts = current.get()
        if facts is not None:
            facts.begin(RequestPart.DATABASE)

    @event.listens_for(sync_engine, "after_cursor_execute")
    def _end(
        _connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: bool
    ) -> None:
        _end_statement(context)

    @event.listens_for(sync_engine, "handle_error")
    def _end_failed(error: Any) -> None:
        _end_statement(error.execution_context)


def _end_statement(context: Any) -> None:
    """Note that a statement is over, once: what it returns may fail to be read later."""
    facts = getattr(context, "of_request", None)
    if facts is not None:
        context.of_request = None
        facts.end(RequestPart.DATABASE)
