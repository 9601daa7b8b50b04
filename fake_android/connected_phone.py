"""A phone at the end of the cable: what runs and listens on it, and what leads from the host to its ports.

Where a protocol has no place for a token, a connection is let through by whose program is at its other end.
Linux says so of each connection of this machine. Elsewhere nothing does, and everybody here may ask.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import sys
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address
from pathlib import Path

from fake_android.keyboard import KEYBOARD_PACKAGE
from fake_android.phone import Phone

Service = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What listens on a port of a phone: takes a connection, ends when it does."""

SERVER = "io.appium.uiautomator2.server"
SERVER_TEST = "io.appium.uiautomator2.server.test"
SETTINGS = "io.appium.settings"
KEYBOARD = f"{KEYBOARD_PACKAGE}/com.android.inputmethod.latin.LatinIME"
DEFAULT_INPUT_METHOD = ("secure", "default_input_method")
HELPERS = {SERVER: 250, SERVER_TEST: 1, SETTINGS: 110}
"""What Appium installs on a phone, with version codes: it is there from the start."""

SERVER_PORT = 6790
MJPEG_PORT = 7810

SERVER_START_S = 1.0
"""How long a connection waits for a server that is about to be started."""

_PIECE_BYTES = 256 * 2**10
_CONNECTION_TABLES = (Path("/proc/net/tcp"), Path("/proc/net/tcp6"))
_ESTABLISHED = "01"


@dataclass(slots=True)
class Instrumentation:
    """The UiAutomator2 server while it runs; `result` is how `am instrument` ends."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    result: tuple[str, ...] = ("INSTRUMENTATION_CODE: -1",)

    def end(self) -> None:
        """Let it end."""
        self.ended.set()

    def crash(self) -> None:
        """Let it end as a process does that was killed."""
        self.result = "INSTRUMENTATION_RESULT: shortMsg=Process crashed.", "INSTRUMENTATION_CODE: 0"
        self.ended.set()


@dataclass(slots=True, eq=False)
class ConnectedPhone:
    """One phone as adb sees it."""

    device: Phone
    services: dict[int, Service] = field(default_factory=dict)
    settings: dict[tuple[str, str], str] = field(default_factory=lambda: {DEFAULT_INPUT_METHOD: KEYBOARD})
    clipboard: str = ""
    plugged: bool = True
    unplugged: asyncio.Event = field(default_factory=asyncio.Event)
    server: Instrumentation | None = None
    _listening: asyncio.Condition = field(default_factory=asyncio.Condition)
    _server_expected: float = 0.0
    _pids: dict[str, int] = field(default_factory=dict)
    _next_pid: itertools.count[int] = field(default_factory=lambda: itertools.count(4242, 17))

    @property
    def serial(self) -> str:
        """Its name to adb."""
        return self.device.setup.serial

    def installed_versions(self) -> dict[str, int]:
        """Return the version codes of what is installed, by package."""
        return {package: app.version for package, app in self.device.apps.items()} | HELPERS

    def processes(self) -> dict[str, int]:
        """Return what runs, with process ids: a process that was started again has another one."""
        running = {package for package in self.device.apps if self.device.is_running(package)}
        running.add(SETTINGS)
        if self.server is not None:
            running.add(SERVER)
        self._pids = {package: pid for package, pid in self._pids.items() if package in running}
        for package in sorted(running - self._pids.keys()):
            self._pids[package] = next(self._next_pid)
        return dict(sorted(self._pids.items(), key=lambda each: each[1]))

    async def listen(self, services: Mapping[int, Service]) -> None:
        """Have something listen on ports of the phone."""
        async with self._listening:
            self.services.update(services)
            self._listening.notify_all()

    async def service_on(self, port: int) -> Service | None:
        """Return what listens on a port of the phone, if anything does."""
        with suppress(TimeoutError):
            async with asyncio.timeout_at(self._server_expected), self._listening:
                await self._listening.wait_for(lambda: port in self.services)
        return self.services.get(port)

    def expect_server(self) -> None:
        """Take it that the UiAutomator2 server is started next: the driver's way is to stop it before.

        The driver asks the server whether it is there while the adb that starts it is still starting itself,
        and asks again a whole second later. So a connection waits a little for it.
        """
        self._server_expected = asyncio.get_running_loop().time() + SERVER_START_S

    def unplug(self) -> None:
        """Pull the cable: what came through it ends."""
        self.plugged = False
        self.unplugged.set()

    def plug(self) -> None:
        """Put the cable back in."""
        self.plugged = True
        self.unplugged = asyncio.Event()


class Forwards:
    """All that `adb forward` set up, for every phone: ports of the host that lead to ports of a phone."""

    def __init__(self) -> None:
        self._forwards: dict[int, _Forward] = {}

    def __iter__(self) -> Iterator[tuple[ConnectedPhone, int, int]]:
        """Yield each forward's phone, port of the host and port of the phone."""
        for port, forward in sorted(self._forwards.items()):
            yield forward.phone, port, forward.target

    async def add(self, phone: ConnectedPhone, port: int, target: int) -> int:
        """Lead a port of the host (0: any free one) to a port of a phone; raises `OSError` if it is taken."""
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

    async def remove_all(self, phone: ConnectedPhone | None = None) -> None:
        """Close every port, or those that lead to one phone."""
        for port in [port for port, each in self._forwards.items() if phone in {None, each.phone}]:
            await self.remove(port)


class _Forward:
    def __init__(self, phone: ConnectedPhone, target: int) -> None:
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
            service = await self.phone.service_on(self.target) if is_ours(writer) else None
            if service is not None:
                await service(reader, writer)
        except ConnectionError:
            # Either end hung up: there is nobody to tell.
            pass
        finally:
            writer.close()
            with suppress(ConnectionError):
                await writer.wait_closed()


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
    while piece := await source.read(_PIECE_BYTES):
        target.write(piece)
        await target.drain()


# -- whose program is at the other end of a connection


def is_ours(writer: asyncio.StreamWriter) -> bool:
    """Whether the other end of a connection over loopback is our user's, or root's; true where none knows."""
    here, there = writer.get_extra_info("sockname"), writer.get_extra_info("peername")
    if here is None or there is None:
        return False  # it has hung up
    rows = connections()
    near, far = _table_forms(here), _table_forms(there)
    if not any(own in near and other in far for own, other, _, _ in rows):
        return True  # this end isn't in it either: it is no table to go by
    # A connection that is closing belongs to nobody any more, which looks like root.
    return any(
        own in far and other in near and state == _ESTABLISHED and user in {0, os.geteuid()}
        for own, other, state, user in rows
    )


def connections() -> list[tuple[str, str, str, int]]:
    """Return the own end, the other end, the state and the user of every connection."""
    rows = []
    for table in _CONNECTION_TABLES:
        try:
            lines = table.read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        parts = (line.split() for line in lines)
        rows += [(part[1], part[2], part[3], int(part[7])) for part in parts if len(part) > 7]
    return rows


def _table_forms(end: tuple[str, int]) -> set[str]:
    """Return how the tables write an end: words of four bytes, in this machine's order."""
    address, port = ip_address(end[0]), end[1]
    mapped = address if isinstance(address, IPv6Address) else IPv6Address(f"::ffff:{address}")
    return {f"{_words(each.packed)}:{port:04X}" for each in (address, mapped)}


def _words(packed: bytes) -> str:
    words = (packed[at : at + 4] for at in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)
