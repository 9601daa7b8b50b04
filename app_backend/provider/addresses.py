"""Connections to network addresses that were checked, and to no others.

A host's name says nothing about where it leads: its owner may have it lead into our own network, and
elsewhere the next moment. So the name is asked for once, every address that it has is looked at, and the
connection is made to one of these, by number.
"""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import httpx

from app_backend.errors import PictureRefused

Address = IPv4Address | IPv6Address

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Returns all addresses of a host, for a port, the best ones first; raises `OSError` where there are none."""

# Written out, as what Python's ipaddress takes for global changes from one release to the next.
SPECIAL = tuple(
    ip_network(each)
    for each in (
        *("0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12"),
        *("192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15"),
        *("198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4"),
        *("2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"),
    )
)
"""What IANA has put aside: for private networks, one machine, one link, many at once, tunnels, documents."""

UNICAST = ip_network("2000::/3")
"""All that has been given out of IPv6; the rest is not in use, not for the public, or means one of IPv4."""

MAX_TRIED = 4
"""How many of a host's addresses are tried."""


def is_public(address: Address) -> bool:
    """Tell whether an address is one of the public internet."""
    if isinstance(address, IPv6Address) and address not in UNICAST:
        return False
    return not any(address in network for network in SPECIAL)


class Resolver:
    """Asks the system for a host's addresses, in threads of its own: a DNS that hangs stops nobody else."""

    def __init__(self, *, threads: int) -> None:
        self._threads = ThreadPoolExecutor(threads, "resolver")

    async def __call__(self, host: str, port: int) -> list[str]:
        """Return a host's addresses, see `Resolve`."""
        ask = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
        found = await asyncio.get_running_loop().run_in_executor(self._threads, ask)
        return list(dict.fromkeys(str(each[4][0]) for each in found))

    def close(self) -> None:
        """Let go of the threads, without waiting for an answer."""
        self._threads.shutdown(wait=False, cancel_futures=True)


class CheckedTransport(httpx.AsyncBaseTransport):
    """Sends requests to addresses that `allows` lets pass; raises `PictureRefused` where a host has another.

    One that isn't allowed is enough: nobody has both for a good reason. The certificate has to be the name's
    all the same.
    """

    def __init__(
        self, resolve: Resolve, allows: Callable[[Address], bool], *, trusted: ssl.SSLContext | None = None
    ) -> None:
        self._resolve = resolve
        self._allows = allows
        # No proxy of the environment, which would ask for names anew. No connection is used again: it is
        # known by its address, which two hosts may share.
        self._inner = httpx.AsyncHTTPTransport(
            verify=trusted or True, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0)
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer a request, as httpx has it."""
        host = request.url.raw_host.decode("ascii")
        try:
            found = await self._resolve(host, request.url.port or 443)
        except OSError as error:
            raise httpx.ConnectError(f"{host} has no address") from error
        addresses = [ip_address(each) for each in found]
        if not all(self._allows(address) for address in addresses):
            raise PictureRefused(f"{host} has an address that is not public")
        failure: httpx.TransportError = httpx.ConnectError(f"{host} has no address")
        for address in addresses[:MAX_TRIED]:
            try:
                return await self._inner.handle_async_request(_to(address, request, server_name=host))
            except (httpx.ConnectError, httpx.ConnectTimeout) as error:
                failure = error
        raise failure

    async def aclose(self) -> None:
        """Close all connections."""
        await self._inner.aclose()


def _to(address: Address, request: httpx.Request, *, server_name: str) -> httpx.Request:
    """Return a request that goes to an address; `Host` and the name in the certificate stay the host's."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        extensions={**request.extensions, "sni_hostname": server_name},
    )
