"""Under which names a server is known, by the address it listens on."""

from __future__ import annotations

import socket

import pytest

from local_server.access import HostNames, is_loopback_host

THIS_MACHINE = socket.gethostname().lower()


@pytest.mark.parametrize("listening_on", ["127.0.0.1", "::1", "0.0.0.0"])  # noqa: S104 - nothing listens
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "127.0.0.1:80", "localhost:8000", "LOCALHOST", "[::1]:8000", "10.0.2.2:8000"]
)
def test_a_loopback_address_is_always_a_name(listening_on: str, host: str) -> None:
    assert host in HostNames(listening_on)


@pytest.mark.parametrize("host", ["192.0.2.7", "[2001:db8::7]:80", THIS_MACHINE])
def test_other_addresses_are_names_only_of_what_listens_on_them(host: str) -> None:
    assert host in HostNames("0.0.0.0")  # noqa: S104 - nothing listens
    assert host not in HostNames("127.0.0.1")
    assert not is_loopback_host(host)


@pytest.mark.parametrize(
    "host",
    [
        *("", "localhost:0", "localhost:port", "localhost/", "localhost?", "localhost#x", "a@localhost"),
        *("evil.test", "localhost.evil.test", "127.0.0.1.evil.test", "[::1", "null"),
    ],
)
def test_what_is_no_name_of_ours_is_refused(host: str) -> None:
    assert host not in HostNames("127.0.0.1")
    assert host not in HostNames("0.0.0.0")  # noqa: S104 - nothing listens
    assert not is_loopback_host(host)


def test_more_names_can_be_given() -> None:
    names = HostNames("127.0.0.1", more=["people.test"])
    assert "people.test:443" in names
    assert names.has_only(["people.test"])
    assert not names.has_only(["people.test", "people.test"])
    assert not names.has_only([])
