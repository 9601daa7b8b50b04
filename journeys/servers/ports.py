"""Picks ports for servers to listen on."""

from __future__ import annotations

import errno
import socket
from contextlib import ExitStack

LOOPBACK = "127.0.0.1"
"""The only address servers are started on."""


def free_ports(wanted: list[int | None]) -> list[int]:
    """Give each wanted port, or a free one in place of None, all different."""
    with ExitStack() as held:
        ports = []
        for port in wanted:
            if port is None:
                holder = held.enter_context(socket.socket())
                holder.bind((LOOPBACK, 0))
                port = int(holder.getsockname()[1])  # noqa: PLW2901 - the choice replaces the absent wish
            ports.append(port)
        return ports


def is_taken(port: int) -> bool:
    """Whether somebody listens on a port of this host."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False
