"""A TCP proxy on this machine that breaks what passes through it, as it is told."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Self

PIECE = 16 * 1024
_HOST = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Damage:
    """What becomes of connections while it is there.

    `refuses` closes new connections at once; `cuts` ends those that are open when it begins. `holds` lets
    nothing through, and says nothing: what was held goes on at the end. `delay_s` holds back each piece.
    `halves_after` ends a connection in the middle, after so many bytes of the answer. `corrupts_every` turns
    over a bit of each so manieth byte of the answer.
    """

    refuses: bool = False
    cuts: bool = False
    holds: bool = False
    delay_s: float = 0.0
    halves_after: int | None = None
    corrupts_every: int | None = None


NONE = Damage()


class FaultyProxy:
    """Listens on a port of loopback and passes on to another; closed with its context.

    async with FaultyProxy(8000) as proxy:
        async with proxy.damage(Damage(delay_s=0.5)): ...
    """

    def __init__(self, upstream: int, *, port: int = 0) -> None:
        self.port = port
        self._upstream = upstream
        self._damage = NONE
        self._mended = asyncio.Event()
        self._mended.set()
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.Task[None]] = set()

    @property
    def address(self) -> str:
        """Where it listens, as a backend's address."""
        return f"http://{_HOST}:{self.port}"

    @property
    def open_count(self) -> int:
        """How many connections pass through now."""
        return len(self._open)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._serve, _HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._server is not None:
            self._server.close()
        await self._cut()

    @asynccontextmanager
    async def damage(self, damage: Damage) -> AsyncIterator[None]:
        """Break what passes through while the context is open."""
        before, self._damage = self._damage, damage
        if damage.holds:
            self._mended.clear()
        if damage.cuts or damage.refuses:
            await self._cut()
        try:
            yield
        finally:
            self._damage = before
            if not before.holds:
                self._mended.set()

    async def _cut(self) -> None:
        for task in self._open:
            task.cancel()
        if self._open:
            await asyncio.wait(self._open)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        if self._damage.refuses or task is None:
            writer.transport.abort()
            return
        self._open.add(task)
        try:
            await self._pass_both(reader, writer)
        except (OSError, asyncio.CancelledError, ExceptionGroup):
            # Whoever is cut off sees a connection that breaks; nobody is told here.
            pass
        finally:
            self._open.discard(task)
            writer.transport.abort()

    async def _pass_both(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        upstream, onward = await asyncio.open_connection(_HOST, self._upstream)
        try:
            async with asyncio.TaskGroup() as group:
                sending = group.create_task(self._pass(reader, onward, is_answer=False))
                await self._pass(upstream, writer, is_answer=True)
                sending.cancel()
        finally:
            onward.transport.abort()

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        passed = 0
        while piece := await reader.read(PIECE):
            damage = self._damage
            if damage.delay_s:
                await asyncio.sleep(damage.delay_s)  # the time itself is the damage
            await self._mended.wait()
            left = damage.halves_after if is_answer else None
            if is_answer and damage.corrupts_every:
                piece = _corrupt(piece, damage.corrupts_every, passed)
            passed += len(piece)
            if left is not None and passed > left:
                writer.write(piece[: max(0, len(piece) - (passed - left))])
                with suppress(OSError):
                    await writer.drain()
                return
            writer.write(piece)
            await writer.drain()
        if not is_answer and writer.can_write_eof():
            writer.write_eof()


def _corrupt(piece: bytes, every: int, passed: int) -> bytes:
    damaged = bytearray(piece)
    for position in range((-passed - 1) % every, len(damaged), every):
        damaged[position] ^= 0x20
    return bytes(damaged)
