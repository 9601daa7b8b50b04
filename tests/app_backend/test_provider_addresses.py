"""Where the backend may be led to by somebody's word: public addresses of hosts that the operator names."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address, IPv6Address, ip_address
from pathlib import Path

import httpx
import pytest
import respx
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from hypothesis import given
from hypothesis import strategies as st

from app_backend.errors import PictureRefused
from app_backend.provider import CheckedTransport, PictureSources, Resolve, is_public

HOST = "pictures.provider.test"
SOURCES = PictureSources((HOST,))
PUBLIC, PUBLIC_6 = "93.184.215.14", "2606:2800:21f:cb07::1"
"""Nobody is asked there: whatever would connect is replaced, or refused."""


def resolve_to(*addresses: str) -> Resolve:
    async def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


# --- addresses


@pytest.mark.parametrize("address", [PUBLIC, PUBLIC_6, "1.1.1.1", "172.32.0.1"])
def test_the_public_internet_is_public(address: str) -> None:
    assert is_public(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254"),  # noqa: S104 - refused
        *("172.16.0.1", "172.31.255.255", "192.0.0.170", "192.168.1.1", "198.18.0.1", "203.0.113.7"),
        *("224.0.0.251", "239.255.255.250", "240.0.0.1", "255.255.255.255", "192.88.99.1"),
        *("::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd00:ec2::254", "ff02::1", "fec0::1"),
        *("2001:db8::1", "2001::1", "3fff::1", "100::1", "5f00::1", "4000::1"),
        # Of an IPv4 address, written otherwise: mapped, compatible, by 6to4, by NAT64.
        *(
            "::ffff:127.0.0.1",
            f"::ffff:{PUBLIC}",
            "::ffff:169.254.169.254",
            "::127.0.0.1",
            "2002:7f00:1::",
            "64:ff9b::7f00:1",
        ),
    ],
)
def test_whatever_is_put_aside_is_not_public(address: str) -> None:
    assert not is_public(ip_address(address))


@given(st.ip_addresses())
def test_nothing_that_python_knows_to_be_special_is_public(address: IPv4Address | IPv6Address) -> None:
    special = (
        *(address.is_private, address.is_loopback, address.is_link_local, address.is_multicast),
        *(address.is_reserved, address.is_unspecified),
    )
    assert not (any(special) and is_public(address))


# --- addresses of pictures


@pytest.mark.parametrize(
    "url", [f"https://{HOST}/ada.png", f"https://{HOST}:443/ada", f"https://{HOST.upper()}/?size=512&sig=abc"]
)
def test_a_picture_at_a_host_that_is_named_may_be_fetched(url: str) -> None:
    assert SOURCES.check(url).host == HOST


@pytest.mark.parametrize(
    ("url", "why"),
    [
        (f"http://{HOST}/ada.png", "not https"),
        (f"ftp://{HOST}/ada.png", "not https"),
        ("file:///etc/passwd", "not https"),
        (f"//{HOST}/ada.png", "not https"),
        ("ada.png", "not https"),
        ("", "not https"),
        (f"https://user:word@{HOST}/ada.png", "credentials"),
        (f"https://user@{HOST}/ada.png", "credentials"),
        (f"https://{HOST}@evil.test/", "credentials"),
        (f"https://{HOST}\\@evil.test/", "credentials"),
        ("https://evil.test/ada.png", "none of those"),
        (f"https://evil.test/#@{HOST}/", "none of those"),
        (f"https://www.{HOST}/ada.png", "none of those"),
        (f"https://{HOST}.evil.test/", "none of those"),
        (f"https://{HOST}./", "none of those"),
        ("https://127.0.0.1/", "none of those"),
        ("https://2130706433/", "none of those"),
        ("https://[::1]/", "none of those"),
        ("https:///ada.png", "none of those"),
        (f"https://{HOST}:80/", "another port"),
        (f"https://{HOST}:5432/", "another port"),
        ("https://[::1/", "no URL"),
        (f"https://{HOST}/\x00", "no URL"),
        (f"https://{HOST}:port/", "no URL"),
        (f"https://{HOST}/{'a' * 2048}", "more than 2048"),
    ],
)
def test_no_other_address_may(url: str, why: str) -> None:
    with pytest.raises(PictureRefused, match=why):
        SOURCES.check(url)


@given(st.text())
def test_whatever_is_sent_is_taken_or_refused(text: str) -> None:
    for url in (text, f"https://{HOST}{text}", f"https://{text}"):
        try:
            host = SOURCES.check(url).host
        except PictureRefused as error:
            assert "\n" not in str(error)  # noqa: PT017 - both ends are right
        else:
            assert host == HOST


def test_without_a_host_that_is_named_nothing_is_fetched() -> None:
    with pytest.raises(PictureRefused, match="not fetched here"):
        PictureSources(()).check(f"https://{HOST}/ada.png")


def test_on_loopback_only_this_machine_is_let_in_besides() -> None:
    sources = PictureSources(("localhost",), loopback=True)

    assert sources.check("http://localhost:8000/ada.png").port == 8000
    assert sources.allows(ip_address("127.0.0.1"))
    assert sources.allows(ip_address("::1"))
    for inside in ("10.0.0.1", "169.254.169.254", "fd00::1"):
        assert not sources.allows(ip_address(inside))
    assert not SOURCES.allows(ip_address("127.0.0.1"))


# --- connections


async def ask(transport: CheckedTransport, url: str = f"https://{HOST}/ada.png") -> httpx.Response:
    async with transport:
        answer = await transport.handle_async_request(httpx.Request("GET", url))
        await answer.aread()
        return answer


async def test_the_connection_is_made_to_the_address_that_was_checked(respx_mock: respx.MockRouter) -> None:
    """A second look-up, as a DNS that changes its mind would have it, doesn't happen."""
    answers = iter([[PUBLIC], ["127.0.0.1"]])

    async def changing(host: str, port: int) -> list[str]:
        assert (host, port) == (HOST, 443)
        return next(answers)

    route = respx_mock.get(f"https://{PUBLIC}/ada.png").respond(200)

    assert (await ask(CheckedTransport(changing, SOURCES.allows))).status_code == 200
    assert route.calls.last.request.headers["Host"] == HOST
    assert route.calls.last.request.extensions["sni_hostname"] == HOST
    assert next(answers) == ["127.0.0.1"]


@pytest.mark.parametrize(
    "addresses", [["127.0.0.1"], ["169.254.169.254"], [PUBLIC, "10.0.0.1"], ["::ffff:10.0.0.1", PUBLIC]]
)
async def test_a_host_with_an_address_inside_is_not_asked(
    addresses: list[str], respx_mock: respx.MockRouter
) -> None:
    with pytest.raises(PictureRefused, match="not public"):
        await ask(CheckedTransport(resolve_to(*addresses), SOURCES.allows))

    assert not respx_mock.calls


async def test_the_next_address_is_tried_where_one_does_not_answer(respx_mock: respx.MockRouter) -> None:
    respx_mock.get(f"https://[{PUBLIC_6}]/ada.png").mock(side_effect=httpx.ConnectError)
    respx_mock.get(f"https://{PUBLIC}/ada.png").respond(200)

    answer = await ask(CheckedTransport(resolve_to(PUBLIC_6, PUBLIC), SOURCES.allows))

    assert answer.status_code == 200


async def test_a_host_without_an_address_can_not_be_connected_to() -> None:
    async def fail(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    for resolve in (fail, resolve_to()):
        with pytest.raises(httpx.ConnectError):
            await ask(CheckedTransport(resolve, SOURCES.allows))


@asynccontextmanager
async def tls_server(certificate_for: str, folder: Path) -> AsyncIterator[tuple[int, ssl.SSLContext]]:
    """Answer by TLS on this machine; yield the port, and what trusts the certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, certificate_for)])
    now, day = datetime.now(UTC), timedelta(days=1)
    made = (
        x509.CertificateBuilder(name, name, key.public_key(), 1, now - day, now + day)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(certificate_for)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "server.pem"
    file.write_bytes(secret + made.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1], ssl.create_default_context(cafile=str(file))


async def test_the_certificate_is_the_names_and_not_the_addresss(tmp_path: Path) -> None:
    async with tls_server(HOST, tmp_path) as (port, trusted):
        transport = CheckedTransport(resolve_to("127.0.0.1"), lambda _: True, trusted=trusted)

        assert (await ask(transport, f"https://{HOST}:{port}/")).status_code == 200


@pytest.mark.parametrize("certificate_for", ["evil.test", "127.0.0.1"])
async def test_another_names_certificate_is_refused(certificate_for: str, tmp_path: Path) -> None:
    async with tls_server(certificate_for, tmp_path) as (port, trusted):
        transport = CheckedTransport(resolve_to("127.0.0.1"), lambda _: True, trusted=trusted)

        with pytest.raises(httpx.ConnectError, match="certificate"):
            await ask(transport, f"https://{HOST}:{port}/")
