"""Passes bytes between a connection and a server that listens elsewhere on this machine."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from fake_android.attached import Service

PIECE = 256 * 2**10


def relay_to(port: int, ended: asyncio.Event, relayed: set[tuple[str, int]]) -> Service:
    """Return what hands a connection on to a port of this machine, until either end hangs up or the event.

    `relayed` are the ends of such connections, by which what listens there tells them from others.
    """

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", port)
        end = back.get_extra_info("sockname")
        relayed.add(end)
        tasks = [
            asyncio.ensure_future(_pass(reader, back)),
            asyncio.ensure_future(_pass(there, writer)),
            asyncio.ensure_future(ended.wait()),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            relayed.discard(end)
            back.close()
            with suppress(ConnectionError):
                await back.wait_closed()

    return relay


async def _pass(source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
    while piece := await source.read(PIECE):
        target.write(piece)
        await target.drain()
