"""What is killed in `_nightly_leases.py`: runners, Appium servers and devices, each a process of its own.

A runner is real where leases are concerned: it opens the store, leases a device, and writes down what became
of a cell before it gives the device back. What it plays stands in for a journey: commands to an Appium
server, which asks the device.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from collections.abc import Awaitable, Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import NamedTuple

from journeys.errors import InfrastructureError
from journeys.nightly.store import open_store

POOL = "phones"
COMMANDS = 3
COMMAND_S = 0.02
ANSWERED_WITHIN_S = 5.0

Answer = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Task(NamedTuple):
    """A cell to play, and the ports by now: of each device's Appium server and of the device itself."""

    journey: str
    casting: str
    ports: dict[str, tuple[int, int]]


class Entry(NamedTuple):
    """A line of a journal: what became of a cell, once."""

    journey: str
    casting: str
    device: str
    error: str


def device(ours: Connection) -> None:
    """Answer commands, and refuse those of a lease that is older than one seen before."""
    newest = 0

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal newest
        with suppress(ConnectionError):
            while (line := await reader.readline()).endswith(b"\n"):  # else whoever wrote it was killed
                term = int(line)
                stale, newest = term < newest, max(term, newest)
                await asyncio.sleep(COMMAND_S)
                writer.write(b"stale\n" if stale else b"done\n")
        writer.close()

    _serve(ours, answer)


def appium(ours: Connection) -> None:
    """Pass commands on to a device: the first line says to which."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_whom = await reader.readline()
            if not to_whom.endswith(b"\n"):
                return  # whoever wrote it was killed
            from_device, to_device = await asyncio.open_connection("127.0.0.1", int(to_whom))
            while line := await reader.readline():
                to_device.write(line)
                writer.write(await from_device.readline() or b"gone\n")
            to_device.close()
        except OSError:
            writer.write(b"gone\n")
        finally:
            writer.close()

    _serve(ours, answer)


def runner(ours: Connection, store: Path, journal: Path, ttl: float) -> None:
    """Play the cells that are sent, one after the other, and answer what became of each: its error."""
    asyncio.run(_run(ours, store, journal, ttl))


async def _run(ours: Connection, folder: Path, journal: Path, ttl: float) -> None:
    async with open_store(None, folder) as store:
        while True:
            try:
                task: Task = await asyncio.to_thread(ours.recv)
            except EOFError:
                return
            error, used = "", ""
            try:
                async with store.leases.lease(
                    POOL, list(task.ports), holder=holder(os.getpid()), ttl=ttl, patience=ANSWERED_WITHIN_S
                ) as lease:
                    used = lease.device
                    error = await _play(lease.term, *task.ports[lease.device])
                    # Still under the lease: what is written down may be relied upon once it is given back.
                    _write(journal, Entry(task.journey, task.casting, used, error))
            except InfrastructureError as problem:
                error = str(problem)
                _write(journal, Entry(task.journey, task.casting, used, error))
            ours.send(error)


def holder(pid: int) -> str:
    """Return in whose name a runner leases devices."""
    return f"runner {pid}"


async def _play(term: int, server: int, port: int) -> str:
    """Send a journey's commands; return what went wrong."""
    try:
        async with asyncio.timeout(ANSWERED_WITHIN_S):
            reader, writer = await asyncio.open_connection("127.0.0.1", server)
            try:
                writer.write(f"{port}\n".encode())
                for _ in range(COMMANDS):
                    writer.write(f"{term}\n".encode())
                    answer = (await reader.readline()).decode().strip()
                    if answer != "done":
                        return answer or "Appium has gone"
            finally:
                writer.close()
    except OSError as error:  # a TimeoutError is one, too
        return f"{type(error).__name__}: {error}"
    return ""


def _write(journal: Path, entry: Entry) -> None:
    with journal.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(entry) + "\n")


def _serve(ours: Connection, answer: Answer) -> None:
    """Serve on a free port, tell it, and end with whoever started us."""
    threading.Thread(target=_end_with, args=(ours,), daemon=True).start()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        ours.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


def _end_with(ours: Connection) -> None:
    try:
        ours.recv()
    except (EOFError, OSError):
        os._exit(0)
