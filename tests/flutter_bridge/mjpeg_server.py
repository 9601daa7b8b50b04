"""An MJPEG server that sends what a test tells it to, in the drivers' words or others."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest
from PIL import Image


def drawn(colour: str, size: tuple[int, int] = (40, 80)) -> bytes:
    encoded = io.BytesIO()
    Image.new("RGB", size, colour).save(encoded, "JPEG")
    return encoded.getvalue()


RED, BLUE = drawn("red"), drawn("blue")

# Both drivers' servers send these very bytes; only the server's name differs.
ANSWER = (
    b"HTTP/1.0 200 OK\r\nServer: WDA MJPEG Server\r\nConnection: close\r\nMax-Age: 0\r\nExpires: 0\r\n"
    b"Cache-Control: no-cache, private\r\nPragma: no-cache\r\n"
    b"Content-Type: multipart/x-mixed-replace; boundary=--BoundaryString\r\n\r\n"
)


def part(picture: bytes) -> bytes:
    return b"--BoundaryString\r\nContent-type: image/jpg\r\nContent-Length: %d\r\n\r\n%s\r\n\r\n" % (
        len(picture),
        picture,
    )


DRIVERS = ANSWER + part(RED) + part(BLUE) + part(RED)
HEAD_LATE = part(RED) + ANSWER + part(BLUE) + part(RED)
NO_LENGTHS = (
    b'HTTP/1.1 200 OK\ncontent-type: Multipart/X-Mixed-Replace;boundary="frame"\n\n'
    b"--frame\nCONTENT-TYPE: image/jpeg\n\n" + RED + b"\n--frame\nCONTENT-TYPE: image/jpeg\n\n" + BLUE
) + (b"\r\n--frame\r\n\r\n" + RED + b"\r\n--frame\r\n")
LAYOUTS = pytest.mark.parametrize(
    "sent", [DRIVERS, HEAD_LATE, NO_LENGTHS], ids=["drivers", "head late", "no lengths"]
)


class Server:
    """Says to each client what a test tells it to, once the client has sent something."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = b""
        self.clients = 0
        self.hung_up = asyncio.Event()


Say = Callable[[asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def serving(say: Say, *, hang_up: bool = False) -> AsyncIterator[Server]:
    """Serve on loopback; the server stays silent after what it says, or hangs up."""
    server = Server()

    async def talk(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        server.clients += 1
        try:
            server.asked = await reader.readuntil(b"\r\n\r\n")
            await say(writer)
            if not hang_up:
                await reader.read()
        except OSError:
            pass  # the client may leave whenever it likes
        finally:
            server.hung_up.set()
            writer.close()

    listening = await asyncio.start_server(talk, "127.0.0.1", 0)
    server.url = f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"
    async with listening:
        yield server
        if server.clients:
            async with asyncio.timeout(30):
                await server.hung_up.wait()


def saying(sent: bytes) -> Say:
    async def say(writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        await writer.drain()

    return say
