"""Serves tests what a browser asks for: one page, or a site with its paths, redirects, cookies and forms."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True)
class Request:
    """What a browser asked for; `form` has the fields that were sent, `cookies` what it kept.

    `login` is the name and the password that it signed in with, joined by a colon.
    """

    method: str
    path: str
    query: str
    form: dict[str, str]
    cookies: dict[str, str]
    login: str = ""


@dataclass(frozen=True)
class Answer:
    """What it is answered."""

    body: str = ""
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)


def redirect(to: str, **headers: str) -> Answer:
    """Send the browser elsewhere; `Set_Cookie` is a header, too."""
    return Answer(
        status=302,
        headers={"Location": to} | {name.replace("_", "-"): value for name, value in headers.items()},
    )


Site = Callable[[Request], Answer]


@asynccontextmanager
async def site_server() -> AsyncIterator[Callable[[Site], Awaitable[str]]]:
    """Serve sites while the context is open, each by a function that returns its address."""
    servers: list[asyncio.Server] = []

    async def serve(site: Site) -> str:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            try:
                writer.write(_encoded(site(await _read(reader))))
                await writer.drain()
            except (asyncio.IncompleteReadError, ConnectionError):
                pass  # a browser that opened a connection for later
            finally:
                writer.close()

        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        servers.append(server)
        return f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"

    try:
        yield serve
    finally:
        for server in servers:
            server.close()
            await server.wait_closed()


@asynccontextmanager
async def page_server() -> AsyncIterator[Callable[..., Awaitable[str]]]:
    """Serve pages while the context is open, each at every path of an address that a function returns.

    With a `login`, a name and a password, one is shown to nobody else.
    """
    refusal = Answer(status=401, headers={"WWW-Authenticate": "Basic realm=app"})
    async with site_server() as serve_site:

        async def serve(html: str, login: tuple[str, str] | None = None) -> str:
            wanted = ":".join(login or ())
            return await serve_site(
                lambda request: Answer(html) if wanted in {"", request.login} else refusal
            )

        yield serve


async def _read(reader: asyncio.StreamReader) -> Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.splitlines()
    method, target, _ = first.split(" ")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    body = (await reader.readexactly(int(headers.get("content-length", 0)))).decode()
    cookies = dict(pair.strip().split("=", 1) for pair in headers.get("cookie", "").split(";") if "=" in pair)
    parts = urlsplit(target)
    form = {name: values[0] for name, values in parse_qs(body, keep_blank_values=True).items()}
    login = base64.b64decode(headers.get("authorization", "").removeprefix("Basic ")).decode()
    return Request(method, parts.path, parts.query, form, cookies, login)


def _encoded(answer: Answer) -> bytes:
    body = answer.body.encode()
    headers = {
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **answer.headers,
    }
    lines = [f"HTTP/1.1 {answer.status} Answered", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join([*lines, "", ""]).encode() + body
