"""A phone as adb sees it: what listens on its ports, what runs on it, whether it is plugged in."""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from fake_android.device import Device

Service = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
"""What listens on a port of a phone: takes a connection, ends when it does."""

SERVER = "io.appium.uiautomator2.server"
SERVER_TEST = "io.appium.uiautomator2.server.test"
SETTINGS = "io.appium.settings"
HELPERS = {SERVER: 250, SERVER_TEST: 1, SETTINGS: 110}
"""What Appium installs on a phone, with version codes: it is there from the start."""

SERVER_PORT = 6790
MJPEG_PORT = 7810

PATIENCE = 1.0
"""How many seconds a connection waits for a server that is about to be started."""


@dataclass(slots=True)
class Instrumentation:
    """The UiAutomator2 server while it runs; `result` is how `am instrument` ends."""

    ended: asyncio.Event = field(default_factory=asyncio.Event)
    gone: asyncio.Event = field(default_factory=asyncio.Event)
    result: tuple[str, ...] = ("INSTRUMENTATION_CODE: -1",)

    def end(self, *result: str) -> None:
        """Let it end."""
        if result:
            self.result = result
        self.ended.set()


@dataclass(slots=True, eq=False)
class Attached:
    """One phone at the other end of the cable."""

    device: Device
    services: dict[int, Service] = field(default_factory=dict)
    settings: dict[tuple[str, str], str] = field(default_factory=dict)
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

    def processes(self) -> dict[str, int]:
        """Return what runs, with process ids: a process that was started anew has another one."""
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

    async def listening(self, port: int) -> Service | None:
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
        self._server_expected = asyncio.get_running_loop().time() + PATIENCE

    def unplug(self) -> None:
        """Pull the cable: what came through it ends."""
        self.plugged = False
        self.unplugged.set()

    def plug(self) -> None:
        """Put the cable back in."""
        self.plugged = True
        self.unplugged = asyncio.Event()
