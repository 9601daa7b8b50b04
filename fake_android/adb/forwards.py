"""Ports of the host that lead to ports of a phone."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from fake_android.attached import Attached
from fake_android.peers import is_ours


class Forwards:
    """All that `adb forward` set up, for every phone."""

    def __init__(self) -> None:
        self._forwards: dict[int, _Forward] = {}

    def __iter__(self) -> Iterator[tuple[Attached, int, int]]:
        """Yield each forward's phone, port of the host and port of the phone."""
        for port, forward in sorted(self._forwards.items()):
            yield forward.phone, port, forward.target

    async def add(self, phone: Attached, port: int, target: int) -> int:
        """Lead a port of the host (0: any free one) to a port of a phone; raises `OSError` if it is taken."""
        if port in self._forwards:
            await self.remove(port)
        forward = _Forward(phone, target)
        port = await forward.open(port)
        self._forwards[port] = forward
        return port

    async def remove(self, port: int) -> bool:
        """Close a port of the host; false where it leads nowhere."""
        forward = self._forwards.pop(port, None)
        if forward is None:
            return False
        await forward.close()
        return True

    async def remove_all(self, phone: Attached | None = None) -> None:
        """Close every port, or those that lead to one phone."""
        for port in [port for port, each in self._forwards.items() if phone in {None, each.phone}]:
            await self.remove(port)


class _Forward:
    def __init__(self, phone: Attached, target: int) -> None:
        self.phone = phone
        self.target = target
        self._server: asyncio.Server | None = None
        self._connections: set[asyncio.Task[None]] = set()

    async def open(self, port: int) -> int:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", port)
        return int(self._server.sockets[0].getsockname()[1])

    async def close(self) -> None:
        if self._server is not None:
            self._server.close()
        for task in self._connections:
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.ensure_future(self._serve(reader, writer))
        self._connections.add(task)
        task.add_done_callback(self._connections.discard)
        await asyncio.wait({task})

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            # Neither the server nor the stream of pictures asks for a token: nobody else here gets to them.
            service = await self.phone.listening(self.target) if is_ours(writer) else None
            if service is not None:
                await service(reader, writer)
        except ConnectionError:
            # Either end hung up: there is nobody to tell.
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()
