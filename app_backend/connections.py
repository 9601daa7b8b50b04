"""Connections that nobody can hold open for nothing: uvicorn's protocols, with limits that it lacks.

uvicorn bounds how long a connection may be idle between two requests, and no more. With httptools, a head may
be of any length; with any parser it may take for ever, from the start of the connection on, and so may an
answer that its reader doesn't take.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from uvicorn.protocols.http.h11_impl import H11Protocol

HEAD_S = 10.0
"""How long a connection without a request under way may take for the next one's head."""

STALLED_S = 60.0
"""How long a reader may take none of an answer that waits for it."""

MAX_HEAD_BYTES = 64 * 1024
"""How long a request's line and headers may be; the same holds for trailers."""

MAX_PIPELINED = 16
"""How many requests may wait behind one that is under way, on one connection."""

FRAMING = 16
"""How many bytes of a chunked body's framing may come for each of its own."""

TOO_LONG = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-type: text/plain; charset=utf-8\r\ncontent-length: 26\r\nconnection: close\r\n\r\n"
    b"The request's head is long"
)


if TYPE_CHECKING:
    Base = H11Protocol
else:
    Base = object


class _Timed(Base):
    """Ends a connection that does nothing. All timers are per connection, and none is per request."""

    _idle: asyncio.TimerHandle | None = None
    _stalled: asyncio.TimerHandle | None = None
    _unsent = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn has it
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        if self._stalled is None:
            self._stalled = self.loop.call_later(STALLED_S, self.transport.abort)

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._stalled is not None:
            self._stalled.cancel()
            self._stalled = None

    def connection_lost(self, exc: Exception | None) -> None:
        for timer in (self._idle, self._stalled):
            if timer is not None:
                timer.cancel()
        self._idle = self._stalled = None
        super().connection_lost(exc)

    def _watch(self) -> None:
        """Let time run while no request is under way, and only then."""
        # As uvicorn declares it, there is always one.
        cycle: Any = self.cycle
        if cycle is not None and not cycle.response_complete:
            if self._idle is not None:
                self._idle.cancel()
                self._idle = None
        elif self._idle is None:
            self._unsent = 0
            self._idle = self.loop.call_later(HEAD_S, self._end)

    def _end(self) -> None:
        """End the connection, unless its last answer is still being read, however slowly."""
        unsent = self.transport.get_write_buffer_size()
        if unsent and unsent != self._unsent:
            self._unsent = unsent
            self._idle = self.loop.call_later(HEAD_S, self._end)
        else:
            # Not closed in order: that would wait for whoever doesn't read to read.
            self.transport.abort()


class BoundedH11Protocol(_Timed, H11Protocol):
    """uvicorn's protocol in Python; h11 itself bounds heads."""


BoundedProtocol: type[asyncio.Protocol]
try:
    import httptools
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
except ImportError:
    BoundedProtocol = BoundedH11Protocol
else:

    class _BoundedHttpToolsProtocol(_Timed, HttpToolsProtocol):  # type: ignore[misc]  # the same methods, another state
        """uvicorn's protocol in C, with bounds of what it gathers."""

        _in_body = False
        _parts = 0  # heads and bodies that have ended
        _head_bytes = _field_bytes = _framing_bytes = _body_bytes = 0

        def data_received(self, data: bytes) -> None:
            parts = self._parts
            super().data_received(data)
            if self._parts != parts:
                # Where a part ends, the parser has let go of it.
                self._head_bytes = self._framing_bytes = 0
            elif self._in_body:
                self._framing_bytes += len(data)
            else:
                self._head_bytes += len(data)
            too_much = self._framing_bytes > MAX_HEAD_BYTES + (1 + FRAMING) * self._body_bytes
            if self._head_bytes > MAX_HEAD_BYTES or too_much:
                self._refuse()

        def _refuse(self) -> None:
            if not self.transport.is_closing():
                cycle: Any = self.cycle
                if cycle is None or cycle.response_complete:
                    self.transport.write(TOO_LONG)
                self.transport.close()

        def on_message_begin(self) -> None:
            super().on_message_begin()
            self._field_bytes = 0

        def on_header(self, name: bytes, value: bytes) -> None:
            self._field_bytes += len(name) + len(value)
            if self._field_bytes > MAX_HEAD_BYTES:
                # uvicorn answers with 400, as for anything else that it can't parse.
                raise httptools.HttpParserError("the head is too long")
            super().on_header(name, value)

        def on_headers_complete(self) -> None:
            if len(self.pipeline) >= MAX_PIPELINED:
                raise httptools.HttpParserError("too many requests at once")
            super().on_headers_complete()
            self._in_body = True
            self._parts += 1
            self._body_bytes = 0

        def on_body(self, body: bytes) -> None:
            self._body_bytes += len(body)
            super().on_body(body)

        def on_message_complete(self) -> None:
            super().on_message_complete()
            self._in_body = False
            self._parts += 1

    BoundedProtocol = _BoundedHttpToolsProtocol
