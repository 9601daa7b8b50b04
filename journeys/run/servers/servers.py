"""Starts servers together, waits until they serve, and leaves nothing behind.

    with Servers(configuration, external=configuration.external_addresses(app_url=...)) as servers:
        servers.addresses["app"]        # http://127.0.0.1:PORT
        servers.check()                 # raises once one of them has died

Every server is started at once: ports are picked first, so that one may be told the address of another that
isn't up yet. Each has a process group of its own, so a Ctrl-C in the terminal reaches only us, and a standard
input that stays open as long as we live. Where we are killed, a server ends at the end of its input, and by a
guard (`guard.py`) if it doesn't.
"""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NoReturn, Self
from urllib.parse import urlsplit

import httpx

from flutter_bridge import deep_link
from journeys.configuration import DATA, PLACEHOLDER, Configuration, Server
from journeys.errors import InfrastructureError, UsageError, error_from_system
from journeys.http_answers import is_refused, status
from journeys.run.servers.guard import Guard
from journeys.run.servers.process import (
    LOOPBACK,
    POLL_S,
    PortLost,
    Process,
    free_ports,
    hold_back_interruption,
    is_taken,
    last_lines_of,
)

WATCH_S = 0.2
"""Seconds between two looks at what is running: how late a server's end is noticed at most."""

_GRACE_S = 15.0  # for a clean end, before the group is killed
_PORT_ATTEMPTS = 3


class Servers:
    """The servers of a configuration, started together and stopped together.

    `external` holds the addresses of servers that run elsewhere: those are only asked whether they answer.
    `logs` is the folder for what the servers print (`.journeys/servers` beside the configuration by default).
    `sample` starts them with their sample data.
    """

    def __init__(
        self,
        configuration: Configuration,
        *,
        external: Mapping[str, str] | None = None,
        logs: Path | None = None,
        sample: bool = False,
    ) -> None:
        self.addresses: dict[str, str] = {}
        self.logs = logs or configuration.root / ".journeys" / "servers"
        self._configuration = configuration
        self._external = dict(external or {})
        self._sample = sample
        self._processes: list[Process] = []
        self._guard: Guard | None = None
        self._data: Path | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Mapping[str, str]:
        """Start what isn't external and wait until everything answers; return the addresses by name."""
        self._check_external()
        for attempt in range(1, _PORT_ATTEMPTS + 1):
            try:
                self._start_and_wait()
            except PortLost as lost:
                self.stop()
                if attempt == _PORT_ATTEMPTS:
                    raise InfrastructureError(str(lost)) from lost
            except BaseException:  # Ctrl-C too: nothing that was started may stay
                self.stop()
                raise
            else:
                break
        return dict(self.addresses)

    def check(self) -> None:
        """Raise when a server that was started has ended by itself."""
        for process in self._processes:
            process.check()

    @asynccontextmanager
    async def kill(self, name: str) -> AsyncIterator[None]:
        """Have a server be killed until the context ends; then it is started again where it was, and awaited.

        What it has in memory is lost, what it has in `{data}` is not. It prints to a new log beside the old.
        """
        dead = next((each for each in self._processes if each.server.name == name), None)
        if dead is None:
            raise UsageError(f"server {name!r} can't be killed: this process didn't start it")
        self._processes.remove(dead)
        dead.kill()
        dead.redact_log()
        try:
            yield
        finally:
            with hold_back_interruption():
                again = self._launch(dead.server, dead.port, log=_next_log(dead.log))
                self._processes.append(again)
            try:
                # Beside the loop: apps and their observers go on meanwhile.
                await asyncio.to_thread(self._wait_until_ready, [again])
            except PortLost as lost:
                raise InfrastructureError(str(lost)) from lost

    async def watch(self) -> NoReturn:
        """Wait until a server ends by itself, and raise then; cancel it to stop watching."""
        # A process that wasn't started by the event loop can't be awaited portably: look now and then.
        while True:
            self.check()
            await asyncio.sleep(WATCH_S)

    def stop(self) -> None:
        """Stop everything that was started, and return when it has ended."""
        try:
            for process in self._processes:
                process.ask_to_end()
            deadline = time.monotonic() + _GRACE_S
            for process in self._processes:
                process.wait(deadline)
        finally:  # also when a second Ctrl-C cuts the waiting short
            for process in self._processes:
                process.kill()
                process.redact_log()
            self._processes.clear()
            if self._guard is not None:
                self._guard.close()
                self._guard = None
            self._data = None
            self.addresses.clear()

    def _check_external(self) -> None:
        ready = {server.name: server.ready for server in self._configuration.servers}
        for name, address in self._external.items():
            # Somebody else's server needn't have our readiness path (404), but it mustn't be broken.
            reason = find_fault(deep_link(address, ready.get(name, "/")), below=500, timeout=10.0)
            if reason is not None:
                raise InfrastructureError(
                    f"the {name} at {address} does not answer ({reason}):"
                    " is it running, and is the address right?"
                )

    def _start_and_wait(self) -> None:
        self.addresses = {**self._external}
        try:
            self.logs.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise error_from_system(error, f"the servers' logs can't be written to {self.logs}") from error
        starting = []
        for server in self._configuration.servers:
            if server.name in self._external:
                continue
            if server.port is not None and is_taken(server.port):
                address = f"http://{LOOPBACK}:{server.port}"
                if not server.reuse or find_fault(address + server.ready) is not None:
                    raise InfrastructureError(
                        f"server {server.name!r}: port {server.port} is in use:"
                        " end what uses it, or set another port"
                    )
                self.addresses[server.name] = address
            else:
                starting.append(server)
        ports = free_ports([server.port for server in starting])
        for server, port in zip(starting, ports, strict=True):
            self.addresses[server.name] = f"http://{LOOPBACK}:{port}"
        for server, port in zip(starting, ports, strict=True):
            with hold_back_interruption():
                self._processes.append(self._launch(server, port, log=self.logs / f"{server.name}.log"))
        self._wait_until_ready(self._processes)

    def _launch(self, server: Server, port: int, *, log: Path) -> Process:
        self._guard = guard = self._guard or Guard()
        values = {"python": sys.executable, "port": str(port)}
        values |= {f"{name}.url": address for name, address in self.addresses.items()}

        def value_of(name: str) -> str:
            return str(self._data_folder(guard) / server.name) if name == DATA else values[name]

        def fill(text: str) -> str:
            return PLACEHOLDER.sub(lambda found: value_of(found.group(1)), text)

        command = [fill(part) for part in (*server.command, *(server.sample if self._sample else ()))]
        # Without this a Python server's last words would sit in a buffer when it dies.
        env = {
            "PYTHONUNBUFFERED": "1",
            **os.environ,
            **{key: fill(value) for key, value in server.env.items()},
        }
        return Process(server, port, command, env, log=log, folder=self._configuration.root, guard=guard)

    def _data_folder(self, guard: Guard) -> Path:
        """Return where servers keep what outlives them, for as long as the run lasts."""
        if self._data is None:
            self._data = Path(tempfile.mkdtemp(prefix="journeys-data-")).resolve()
            guard.remove_at_end(self._data)
        return self._data

    def _wait_until_ready(self, processes: Iterable[Process]) -> None:
        started = list(processes)
        waiting = {process: time.monotonic() + process.server.timeout for process in started}
        while True:
            # Those that are ready already may still die while we wait for the others.
            for process in started:
                process.check(starting=True)
            for process, deadline in list(waiting.items()):
                reason = find_fault(process.address + process.server.ready)
                if reason is None:
                    # Somebody else might have answered on a port that was taken from under our server.
                    process.check(starting=True)
                    del waiting[process]
                elif time.monotonic() > deadline:
                    raise InfrastructureError(
                        f"server {process.server.name!r} was not ready within {process.server.timeout:g} s"
                        f" ({process.server.ready}: {reason}){last_lines_of(process.log)}"
                    )
            if not waiting:
                return
            time.sleep(POLL_S)


def _next_log(log: Path) -> Path:
    """Return a file beside a server's log for what it prints after its next start: NAME.2.log, and so on."""
    name, _, number = log.stem.partition(".")
    return log.with_name(f"{name}.{int(number or 1) + 1}.log")


def find_fault(url: str, *, below: int = 400, timeout: float = 2.0) -> str | None:
    """Ask an address once; return None when the answer's status is below the limit, else what is wrong."""
    try:
        # The body isn't read: a readiness path may well be an endless stream.
        code = status(url, seconds=timeout)
    except httpx.ConnectError as error:
        return "connection refused" if is_refused(error) else f"no connection: {error}"
    except httpx.TimeoutException:
        return "no answer in time"
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        return f"no sound HTTP answer: {error}"
    return None if code < below else f"HTTP {code}"


async def watch_addresses(addresses: Mapping[str, str], *, logs: Path | None = None) -> NoReturn:
    """Wait until nothing listens any more at one of the addresses, and raise then.

    For a process that didn't start the servers itself: a worker of pytest-xdist, or one that was given their
    addresses. `logs` is the folder of the servers' logs, where it is known.
    """
    while True:
        for name, address in addresses.items():
            if await _is_refused_at(address):
                words = last_lines_of(logs / f"{name}.log") if logs is not None else ""
                raise InfrastructureError(
                    f"server {name!r} at {address} went away (connection refused){words}"
                )
        await asyncio.sleep(WATCH_S)


async def _is_refused_at(address: str) -> bool:
    parts = urlsplit(address)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        _, writer = await asyncio.open_connection(parts.hostname, port)
    except ConnectionRefusedError:
        return True
    except OSError:
        return False  # a network's hiccup is no proof that the server is gone
    writer.close()
    with suppress(OSError):
        await writer.wait_closed()
    return False
