"""The server's stream of pictures, on a port of the phone, as its own MJPEG server sends it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from typing import Any

from fake_android.attached import Service
from fake_android.device import Device
from flutter_bridge.serving import HEAD_S, OF_PAGES, is_loopback_host

HEAD = (
    b"HTTP/1.0 200 OK\r\n"
    b"Server: UiAutomator2\r\n"
    b"Connection: close\r\n"
    b"Max-Age: 0\r\n"
    b"Expires: 0\r\n"
    b"Cache-Control: no-store, no-cache, must-revalidate, pre-check=0, post-check=0, max-age=0\r\n"
    b"Pragma: no-cache\r\n"
    b"Content-Type: multipart/x-mixed-replace; boundary=--BoundaryString\r\n\r\n"
)
PART = b"--BoundaryString\r\nContent-type: image/jpg\r\nContent-Length: %d\r\n\r\n"
END = b"\r\n\r\n"
REQUEST = 64 * 2**10


class Stream:
    """Pictures for whoever is connected: taken one after the other, each sent to all."""

    def __init__(self, device: Device, settings: Callable[[], Mapping[str, Any]]) -> None:
        self._device = device
        self._settings = settings
        self._clients: set[asyncio.StreamWriter] = set()
        self._connected = asyncio.Event()

    def service(self, ended: asyncio.Event) -> Service:
        """Return what answers a connection, until the event is set or the client hangs up."""

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            if not await _is_asked(reader):
                return
            # What was sent is out of this process before the next picture is taken.
            writer.transport.set_write_buffer_limits(0)
            writer.write(HEAD)
            self._clients.add(writer)
            self._connected.set()
            hung_up = asyncio.ensure_future(_hung_up(reader))
            stopped = asyncio.ensure_future(ended.wait())
            try:
                await asyncio.wait({hung_up, stopped}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                self._clients.discard(writer)
                hung_up.cancel()
                stopped.cancel()
                await asyncio.gather(hung_up, stopped, return_exceptions=True)

        return serve

    async def run(self) -> None:
        """Take pictures and send them, while there is anybody to send them to."""
        loop = asyncio.get_running_loop()
        while True:
            if not self._clients:
                self._connected.clear()
                await self._connected.wait()
            began = loop.time()
            settings = self._settings()
            picture = await self._device.jpeg(
                quality=settings["mjpegServerScreenshotQuality"],
                scale=settings["mjpegScalingFactor"] / 100,
            )
            await asyncio.gather(
                *(_send(client, PART % len(picture) + picture + END) for client in list(self._clients))
            )
            # Its own rate is from one beginning to the next: what taking and sending took is no pause.
            await asyncio.sleep(max(0.0, 1 / settings["mjpegServerFramerate"] - (loop.time() - began)))


async def _is_asked(reader: asyncio.StreamReader) -> bool:
    """Wait until a client has said something, whatever it is; false for what a page has a browser ask."""
    said = b""
    try:
        async with asyncio.timeout(HEAD_S):
            while piece := await reader.read(REQUEST):
                said += piece
                # Browsers speak HTTP and nothing else, and it is their headers that tell of a page.
                if not _MAYBE_HTTP.match(said):
                    return True
                if b"\r\n\r\n" in said:
                    return _is_of_a_program(said)
                if len(said) > REQUEST:
                    return False
    except TimeoutError:
        return False
    return False


_MAYBE_HTTP = re.compile(rb"[A-Z]{1,8}( |$)")


def _is_of_a_program(head: bytes) -> bool:
    lines = [line.decode("latin-1").partition(":") for line in head.split(b"\r\n")[1:]]
    headers = [(name.strip().lower(), value.strip()) for name, _, value in lines]
    hosts = [value for name, value in headers if name == "host"]
    # Where no host is named nobody was led here by another name.
    return all(map(is_loopback_host, hosts)) and not any(name in OF_PAGES for name, _ in headers)


async def _send(client: asyncio.StreamWriter, part: bytes) -> None:
    try:
        client.write(part)
        await client.drain()
    except ConnectionError:
        # It hung up: its connection's own task takes it off the list.
        return


async def _hung_up(reader: asyncio.StreamReader) -> None:
    try:
        while await reader.read(REQUEST):
            pass
    except ConnectionError:
        return
