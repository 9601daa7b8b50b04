"""Picks ports for those who must be told one before they listen on it."""

from __future__ import annotations

import secrets
import socket
from collections.abc import Container
from contextlib import suppress

PORTS = range(20_000, 32_000)
"""Below those that systems give to outgoing connections (from 32768 on Linux, from 49152 elsewhere).

One of those may be given away between its choice and its use, and a client that waits for it can meet itself.
"""

_TRIES = 200


def free_port(*, but: Container[int] = ()) -> int:
    """Return a port of this host that is free now, and none of some others; whoever takes it first has it."""
    for _ in range(_TRIES):
        # Not `random`, which tests seed alike in every process.
        port = PORTS[secrets.randbelow(len(PORTS))]
        if port not in but:
            with suppress(OSError), socket.create_server(("127.0.0.1", port)):
                return port
    with socket.create_server(("127.0.0.1", 0)) as any_port:
        return int(any_port.getsockname()[1])
