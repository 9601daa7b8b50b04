"""Many readers of the event stream in one process: raw sockets and one poll, so that reading costs little.

Started by `_backend_fanout.py`. Says `open` once every stream has got its `ready`, then reads until every
stream has got every event that a line on standard input asks for, and answers with one line of JSON.
"""

from __future__ import annotations

import gc
import json
import re
import selectors
import socket
import sys
import time
from dataclasses import dataclass, field

EVENT = re.compile(rb"id: (\w+)\nevent: [^\n]+\ndata: ([^\n]*)\n\n")
READY = b"event: ready\ndata: {}\n\n"
AT_ONCE = 200
"""How many streams are being opened at a time."""

OPEN_WITHIN_S = 120.0
READ_WITHIN_S = 60.0


@dataclass(slots=True)
class Reader:
    """One open stream, and what came of it."""

    connection: socket.socket
    waiting: bytes = b""
    heard: dict[bytes, float] = field(default_factory=dict)
    """When each event was received, Unix seconds, by its id."""

    twice: int = 0


class Readers:
    """All streams of this process."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._poll = selectors.DefaultSelector()
        self._readers: dict[int, Reader] = {}
        self._committed: dict[bytes, float] = {}

    def open(self, count: int) -> None:
        """Open so many streams and wait for each one's `ready`."""
        deadline, opening = time.monotonic() + OPEN_WITHIN_S, set[int]()
        while len(self._readers) < count or opening:
            while len(self._readers) < count and len(opening) < AT_ONCE:
                opening.add(self._connect())
            for key, _ in self._poll.select(1):
                reader = self._readers[key.fd]
                reader.waiting += self._receive(reader)
                head, ready, rest = reader.waiting.partition(READY)
                if ready:
                    if not head.startswith(b"HTTP/1.1 200"):
                        raise SystemExit(f"a stream was answered with {head[:100]!r}")
                    reader.waiting = rest
                    opening.discard(key.fd)
            if time.monotonic() > deadline:
                raise SystemExit(f"{len(opening)} streams got no `ready` within {OPEN_WITHIN_S:g} s")

    def read(self, events: int) -> dict[str, object]:
        """Read until every stream got so many events; return how long each took, in ms."""
        deadline, complete = time.monotonic() + READ_WITHIN_S, 0
        while complete < len(self._readers) and time.monotonic() < deadline:
            for key, _ in self._poll.select(1):
                reader = self._readers[key.fd]
                data = self._receive(reader)
                received = time.time()
                before = len(reader.heard)
                self._note(reader, data, received)
                complete += before < events <= len(reader.heard)
        readers = self._readers.values()
        result = {
            "missing": sum(max(0, events - len(reader.heard)) for reader in readers),
            "twice": sum(reader.twice for reader in readers),
            "latencies_ms": [
                round((received - self._committed[event]) * 1000, 3)
                for reader in readers
                for event, received in reader.heard.items()
            ],
        }
        for reader in readers:
            reader.heard.clear()
            reader.twice = 0
        return result

    def close(self) -> None:
        """Close all streams."""
        for reader in self._readers.values():
            reader.connection.close()
        self._poll.close()

    def _connect(self) -> int:
        connection = socket.create_connection(("127.0.0.1", self._port), timeout=10)
        connection.sendall(f"GET /events HTTP/1.1\r\nHost: 127.0.0.1:{self._port}\r\n\r\n".encode())
        connection.setblocking(False)
        self._readers[connection.fileno()] = Reader(connection)
        self._poll.register(connection, selectors.EVENT_READ)
        return connection.fileno()

    def _receive(self, reader: Reader) -> bytes:
        data = reader.connection.recv(65536)
        if not data:
            raise SystemExit(f"a stream was closed: {reader.waiting[-200:]!r}")
        return data

    def _note(self, reader: Reader, data: bytes, received: float) -> None:
        reader.waiting += data
        end = 0
        for found in EVENT.finditer(reader.waiting):
            end = found.end()
            event = found[1]
            if event not in self._committed:
                self._committed[event] = json.loads(found[2])["committed_at"]
            reader.twice += event in reader.heard
            reader.heard.setdefault(event, received)
        if end:
            reader.waiting = reader.waiting[end:]


def main(port: int, streams: int) -> None:
    """Open the streams, then read as often as a line with a number of events comes in."""
    readers = Readers(port)
    try:
        readers.open(streams)
        # A collection over all the readers would look like a late event.
        gc.freeze()
        gc.disable()
        print("open", flush=True)
        for line in sys.stdin:
            print(json.dumps(readers.read(int(line))), flush=True)
    finally:
        readers.close()


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
