"""Ports of this machine: picked for those who must be told one beforehand, and listened on."""

from __future__ import annotations

import errno
import secrets
import socket
from collections.abc import Container
from contextlib import suppress

LOOPBACK = "127.0.0.1"

PORTS = range(20_000, 32_000)
"""Below those that systems give to outgoing connections (from 32768 on Linux, from 49152 elsewhere).

One of those may be given away between its choice and its use, and a client that waits for it can meet itself.
"""

BACKLOG = 2048

_TRIES = 200


def free_port(*, but: Container[int] = ()) -> int:
    """Return a port of this host that is free now, and none of some others; whoever takes it first has it."""
    for _ in range(_TRIES):
        # Not `random`, which tests seed alike in every process.
        port = PORTS[secrets.randbelow(len(PORTS))]
        if port not in but:
            with suppress(OSError), socket.create_server((LOOPBACK, port)):
                return port
    with socket.create_server((LOOPBACK, 0)) as any_port:
        return int(any_port.getsockname()[1])


def listen(port: int = 0, host: str = LOOPBACK) -> socket.socket:
    """Listen on a port, 0 for any free one; raises `OSError` where it can't, such as where it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With the protocol named, the loop switches Nagle off for what is accepted: else an answer in two parts
    # waits up to 40 ms for the first one's acknowledgement.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listening.bind((host, port))
        except OverflowError as error:
            raise OSError(errno.EINVAL, str(error)) from error
        listening.listen(BACKLOG)
    except BaseException:
        listening.close()
        raise
    return listening


def url_of(listening: socket.socket) -> str:
    """Return the address at which a socket is listened on."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
