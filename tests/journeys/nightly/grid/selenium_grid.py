"""A real Selenium Grid: a hub and nodes, each a Java process of its own, on ports of this host."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import socket
import subprocess
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

VERSION = "4.47.0"
COORDINATES = f"org.seleniumhq.selenium:selenium-grid:{VERSION}"

OLDEST_JAVA = 11

DOWNLOAD = 240.0
"""Seconds Maven is given for some sixty megabytes, the first time."""

PROJECT = f"""<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>journeys</groupId><artifactId>grid</artifactId><version>1</version>
  <dependencies><dependency>
    <groupId>org.seleniumhq.selenium</groupId><artifactId>selenium-grid</artifactId>
    <version>{VERSION}</version>
  </dependency></dependencies>
</project>
"""

# Small and quick to start: a hub and its nodes have little to do here.
JAVA = ("-Xmx192m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto")


def grid_jars() -> Path:
    """Return the folder of the Grid's jars, fetched by Maven into the user's cache once; skips without it."""
    for program in ("java", "mvn"):
        if shutil.which(program) is None:
            pytest.skip(f"no Selenium Grid here: there is no {program}")
    if not new_enough():
        pytest.skip(f"no Selenium Grid here: it needs Java {OLDEST_JAVA} or newer")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "journeys"
    jars = cache / f"selenium-grid-{VERSION}"
    if jars.is_dir():
        return jars
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="selenium-grid-", dir=cache) as folder:
        (Path(folder) / "pom.xml").write_text(PROJECT)
        command = ["mvn", "--batch-mode", "--quiet", "dependency:copy-dependencies", "-DoutputDirectory=jars"]
        try:
            done = subprocess.run(  # noqa: S603 - our own words
                command, cwd=folder, capture_output=True, text=True, timeout=DOWNLOAD, check=False
            )
        except subprocess.TimeoutExpired:
            pytest.skip(f"no Selenium Grid here: Maven didn't fetch {COORDINATES} within {DOWNLOAD:g} s")
        if done.returncode:
            reason = next((line for line in done.stdout.splitlines() if "ERROR" in line), "no reason told")
            pytest.skip(f"no Selenium Grid here: Maven can't fetch {COORDINATES}: {reason}")
        try:
            (Path(folder) / "jars").rename(jars)
        except OSError:
            # Another run was quicker.
            assert jars.is_dir()
    return jars


def new_enough() -> bool:
    """Whether the Java there is can run the Grid; macOS has one that only says where to get another."""
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False)  # noqa: S607 - whichever Java there is
    found = re.search(r'version "(\d+)', said.stderr)
    return said.returncode == 0 and found is not None and int(found[1]) >= OLDEST_JAVA


@dataclass
class Grid:
    """A running Grid; `nodes` are their processes by the port each answers at."""

    url: str
    folder: Path
    jars: Path
    publish: int
    subscribe: int
    nodes: dict[int, asyncio.subprocess.Process] = field(default_factory=dict)

    async def status(self) -> Mapping[str, Any]:
        """Return what the hub says of itself and its nodes."""
        async with httpx.AsyncClient(trust_env=False, timeout=10) as client:
            value = (await client.get(f"{self.url}/status")).json()["value"]
        assert isinstance(value, dict)
        return value

    async def start_node(self, settings: str) -> int:
        """Start a node with some lines of its configuration; return its port once the hub knows it."""
        port = free_port()
        file = self.folder / f"node-{port}.toml"
        file.write_text(
            f'[server]\nhost = "127.0.0.1"\nport = {port}\n{self._events()}'
            f"[node]\ndetect-drivers = false\nheartbeat-period = 1\nregister-cycle = 1\n{settings}"
        )
        self.nodes[port] = await self._java("node", file)
        async with asyncio.timeout(60):
            while port not in await self.up():  # noqa: ASYNC110 - the hub says nothing by itself
                await asyncio.sleep(0.05)
        return port

    async def up(self) -> dict[int, list[str]]:
        """Return the ports of the nodes that are up, each with its sessions."""
        # Without any where the hub itself can't say at the moment.
        nodes = (await self.status()).get("nodes", ())
        return {
            int(node["uri"].rpartition(":")[2]): [
                slot["session"]["sessionId"] for slot in node["slots"] if slot["session"]
            ]
            for node in nodes
            if node["availability"] == "UP"
        }

    async def kill_node(self, port: int) -> None:
        """Kill a node without a word to anybody."""
        process = self.nodes.pop(port)
        process.kill()
        await process.wait()

    async def start_hub(self) -> None:
        """Start the hub; `until_up` says when it is there."""
        port = int(self.url.rpartition(":")[2])
        file = self.folder / "hub.toml"
        file.write_text(
            f'[server]\nhost = "127.0.0.1"\nport = {port}\n{self._events()}'
            "[distributor]\nhealthcheck-interval = 1\n"
        )
        self.nodes[0] = await self._java("hub", file)

    async def until_up(self) -> None:
        """Wait until the hub answers."""
        async with asyncio.timeout(60):
            while True:
                try:
                    await self.status()
                except (httpx.HTTPError, ValueError):
                    assert self.nodes[0].returncode is None, (self.folder / "hub.log").read_text()
                    await asyncio.sleep(0.05)
                else:
                    return

    async def end(self) -> None:
        """End what runs."""
        for process in self.nodes.values():
            if process.returncode is None:
                process.kill()
            await process.wait()

    def _events(self) -> str:
        return (
            f'[events]\npublish = "tcp://127.0.0.1:{self.publish}"\n'
            f'subscribe = "tcp://127.0.0.1:{self.subscribe}"\n'
        )

    async def _java(self, role: str, file: Path) -> asyncio.subprocess.Process:
        with file.with_suffix(".log").open("wb") as log:
            return await asyncio.create_subprocess_exec(
                "java",
                *JAVA,
                *("-cp", f"{self.jars}/*", "org.openqa.selenium.grid.Main", role, "--config", str(file)),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
            )


@asynccontextmanager
async def running_grid(folder: Path) -> AsyncIterator[Grid]:
    """Start a hub without nodes, and end it with all its nodes; wait for it by `until_up`."""
    grid = Grid(f"http://127.0.0.1:{free_port()}", folder, grid_jars(), free_port(), free_port())
    try:
        await grid.start_hub()
        yield grid
    finally:
        await grid.end()


def relay(appium: str, *, platform: str = "Android") -> str:
    """Return a node's lines that relay one session at a time to an Appium server."""
    return (
        f'[relay]\nurl = "{appium}"\nstatus-endpoint = "/status"\n'
        f'configs = ["1", \'{{"platformName": "{platform}"}}\']\n'
    )


def chrome(chromedriver: Path) -> str:
    """Return a node's lines that start one Chrome at a time."""
    return (
        '[[node.driver-configuration]]\ndisplay-name = "chrome"\nmax-sessions = 1\n'
        f'webdriver-executable = "{chromedriver}"\nstereotype = \'{{"browserName": "chrome"}}\'\n'
    )


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])
