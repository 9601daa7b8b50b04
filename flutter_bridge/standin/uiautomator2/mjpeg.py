"""The server's stream of pictures, on a port of the phone, as its own MJPEG server sends it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

from flutter_bridge.standin.attached import Service
from flutter_bridge.standin.device import Device

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
            # The answer begins once the client has said something, whatever it is.
            if not await reader.read(REQUEST):
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
