"""Where a request comes from."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Self

from starlette.requests import HTTPConnection

MAX_USER_AGENT = 200
"""Characters that are kept of what a client calls itself."""

IPV6_HOME = 64
"""The prefix of IPv6 that belongs to one household or machine: within it, addresses are free to choose."""


@dataclass(frozen=True)
class Origin:
    """A client's address, shortened to what one client can't change at will, and what it calls itself."""

    address: str
    user_agent: str

    @property
    def is_this_machine(self) -> bool:
        """Whether it is the loopback address: a proxy's here that isn't trusted, and so maybe everybody's."""
        try:
            return ip_address(self.address).is_loopback
        except ValueError:
            return False

    @classmethod
    def of(cls, connection: HTTPConnection) -> Self:
        """Return where a request comes from.

        Headers of proxies are not read here: where one is trusted, its client is put in its place before.
        """
        address = connection.client.host if connection.client else ""
        said = connection.headers.get("user-agent", "")
        user_agent = "".join(each for each in said if each.isprintable())[:MAX_USER_AGENT]
        return cls(_one_client(address), user_agent)


def _one_client(address: str) -> str:
    """Return an IPv4 address as it is, of an IPv6 address the network; anything else as it is."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, IPv6Address):
        if parsed.ipv4_mapped is not None:
            return str(parsed.ipv4_mapped)
        # The loopback address is one machine, and no household's network.
        return str(parsed) if parsed.is_loopback else str(ip_network((parsed, IPV6_HOME), strict=False))
    return str(parsed)
