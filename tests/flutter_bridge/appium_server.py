"""The real Appium server, as `package.json` pins it, on a free port."""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from flutter_bridge.appium.installation import find_appium
from journeys.run.servers.guard import Guard
from local_server import free_port

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class AppiumServer:
    """A running server."""

    address: str
    process: asyncio.subprocess.Process

    async def end(self) -> None:
        """End it, whether it still runs or not."""
        if self.process.returncode is None:
            self.process.terminate()
        await self.process.wait()


@asynccontextmanager
async def running_appium(
    *drivers: str, environment: Mapping[str, str] | None = None
) -> AsyncIterator[AppiumServer]:
    """Run the server with some of its drivers, and end it at the end, or when this process ends otherwise."""
    with closing(Guard()) as guard:
        async with _running_appium(guard, *drivers, environment=environment) as server:
            yield server


@asynccontextmanager
async def _running_appium(
    guard: Guard, *drivers: str, environment: Mapping[str, str] | None
) -> AsyncIterator[AppiumServer]:
    installation = find_appium(ROOT)
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        *installation.command(port, drivers=drivers),
        env=os.environ | installation.environment() | dict(environment or {}),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        # With the drivers' own programs, such as chromedriver.
        process_group=0,
    )
    guard.add(process.pid)
    assert process.stdout is not None
    server = AppiumServer(f"http://127.0.0.1:{port}", process)
    said: list[bytes] = []
    reading = None
    try:
        async with asyncio.timeout(60):
            while not (said and b"listener started on" in said[-1]):
                line = await process.stdout.readline()
                assert line, b"".join(said).decode()
                said.append(line)
        # What it says later has to go somewhere.
        reading = asyncio.create_task(process.stdout.read())
        yield server
    finally:
        await server.end()
        guard.remove(process.pid)
        if reading is not None:
            await reading
