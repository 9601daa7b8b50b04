"""Whose program is at the other end of a connection, where the protocol has no place for a token.

Linux says so of each connection of this machine. Elsewhere nothing does, and everybody here may ask.
"""

from __future__ import annotations

import asyncio
import os
import sys
from ipaddress import IPv6Address, ip_address
from pathlib import Path

_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED = "01"


def is_ours(writer: asyncio.StreamWriter) -> bool:
    """Whether the other end of a connection over loopback is our user's, or root's; true where none knows."""
    here, there = writer.get_extra_info("sockname"), writer.get_extra_info("peername")
    if here is None or there is None:
        return False  # it has hung up
    rows = connections()
    ends = _written(here), _written(there)
    if not any(ours in ends[0] and theirs in ends[1] for ours, theirs, _, _ in rows):
        return True  # this end isn't in it either: it is no table to go by
    # A connection that is closing belongs to nobody any more, which looks like root.
    return any(
        ours in ends[1] and theirs in ends[0] and state == _ESTABLISHED and user in {0, os.geteuid()}
        for ours, theirs, state, user in rows
    )


def connections() -> list[tuple[str, str, str, int]]:
    """Return the own end, the other end, the state and the user of every connection."""
    rows = []
    for table in _TABLES:
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        parts = (line.split() for line in lines)
        rows += [(part[1], part[2], part[3], int(part[7])) for part in parts if len(part) > 7]
    return rows


def _written(end: tuple[str, int]) -> set[str]:
    """Return how the tables write an end: words of four bytes, in this machine's order."""
    address, port = ip_address(end[0]), end[1]
    mapped = address if isinstance(address, IPv6Address) else IPv6Address(f"::ffff:{address}")
    return {f"{_words(each.packed)}:{port:04X}" for each in (address, mapped)}


def _words(packed: bytes) -> str:
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
