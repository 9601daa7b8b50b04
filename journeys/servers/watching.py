"""Asks whether something answers at an address, once or for as long as a run lasts."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import NoReturn
from urllib.parse import urlsplit

import httpx

from journeys.errors import InfrastructureError
from journeys.http_answers import is_refused, status
from journeys.servers.log import last_words

WATCH = 0.2
"""Seconds between two looks at what is running: how late a server's end is noticed at most."""


def why_not(url: str, *, below: int = 400, timeout: float = 2.0) -> str | None:
    """Ask once; return None when the answer's status is below the limit, else what is wrong."""
    try:
        # The body isn't read: a readiness path may well be an endless stream.
        code = status(url, seconds=timeout)
    except httpx.ConnectError as error:
        return "connection refused" if is_refused(error) else f"no connection: {error}"
    except httpx.TimeoutException:
        return "no answer in time"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"no sound HTTP answer: {error}"
    return None if code < below else f"HTTP {code}"


async def watch_addresses(addresses: Mapping[str, str], *, logs: Path | None = None) -> NoReturn:
    """Wait until nothing listens any more at one of the addresses, and raise then.

    For a process that didn't start the servers itself: a worker of pytest-xdist, or one that was given their
    addresses. `logs` is the folder of the servers' logs, where it is known.
    """
    while True:
        for name, address in addresses.items():
            if await _refuses(address):
                words = last_words(logs / f"{name}.log") if logs is not None else ""
                raise InfrastructureError(
                    f"server {name!r} at {address} went away (connection refused){words}"
                )
        await asyncio.sleep(WATCH)


async def _refuses(address: str) -> bool:
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        _, writer = await asyncio.open_connection(parts.hostname, port)
    except ConnectionRefusedError:
        return True
    except OSError:
        return False  # a network's hiccup is no proof that the server is gone
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return False
