"""Event streams that cost little: a protocol for each, so that one process holds thousands of them open."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Mapping
from typing import cast
from urllib.parse import urlsplit

_HEAD_BYTES = 64 * 1024
_DATA = re.compile(rb"\ndata:")
_OVERLAP = len(b"\ndata:") - 1


class _StreamProtocol(asyncio.Protocol):
    """Counts lines of data, and keeps no more of a stream than a few bytes."""

    def __init__(self, request: bytes) -> None:
        self.events = 0
        self.is_open = False
        self.failure = ""
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._head = b""
        self._tail = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if not self.is_open:
            self._head += data
            head, end, data = self._head.partition(b"\r\n\r\n")
            if not end and len(self._head) < _HEAD_BYTES:
                return
            status = head.split(b" ", 2)[1:2]
            if status != [b"200"]:
                self.failure = status[0].decode("ascii", "replace") if status else "no HTTP"
                self.close()
                return
            self.is_open, self._head = True, b""
        text = self._tail + data
        self.events += len(_DATA.findall(text))
        self._tail = text[-_OVERLAP:]

    def connection_lost(self, exc: Exception | None) -> None:
        self.failure = self.failure or (type(exc).__name__ if exc else "ended")
        self.is_open = False
        if not self.ended.done():
            self.ended.set_result(None)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.abort()


class EventStream:
    """One event stream, kept open: one that ends is opened again after a moment, as browsers do."""

    RETRY_S = 1.0

    def __init__(self, url: str, path: str, headers: Mapping[str, str], tls: ssl.SSLContext) -> None:
        parts = urlsplit(url)
        self._host, self._tls = parts.hostname or "", tls if parts.scheme == "https" else None
        self._port = parts.port or (443 if self._tls else 80)
        fields = {"Host": parts.netloc, "Accept": "text/event-stream", **headers}
        lines = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self._request = f"GET {parts.path.rstrip('/')}{path} HTTP/1.1\r\n{lines}\r\n".encode()
        self._protocol: _StreamProtocol | None = None
        self._events = 0
        self.failures: list[str] = []
        """Why it ended, each time it did."""

    @property
    def is_open(self) -> bool:
        """Whether the server has answered, and the stream goes on."""
        return self._protocol is not None and self._protocol.is_open

    @property
    def events(self) -> int:
        """How many lines of data came."""
        return self._events + (self._protocol.events if self._protocol else 0)

    async def keep_open(self) -> None:
        """Hold it open until this is cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            try:
                _, protocol = await loop.create_connection(
                    lambda: _StreamProtocol(self._request), self._host, self._port, ssl=self._tls
                )
            except OSError as error:
                self.failures.append(type(error).__name__)
            else:
                self._protocol = protocol
                try:
                    await protocol.ended
                finally:
                    protocol.close()
                    self._events, self._protocol = self._events + protocol.events, None
                self.failures.append(protocol.failure)
            await asyncio.sleep(self.RETRY_S)
