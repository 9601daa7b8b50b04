"""One started server: its port, its process group, its log, its open input."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from journeys.configuration import Server
from journeys.errors import InfrastructureError, SetupError, error_from_system
from journeys.redaction import redact, redact_files
from journeys.run.servers.guard import Guard, send_signal

LOOPBACK = "127.0.0.1"
"""The only address servers are started on."""

POLL_S = 0.05
"""Seconds between two looks at what is starting or ending."""

_GROUP_GRACE_S = 2.0  # for what a server started itself, once the server has ended
_LAST_LINES = 3
_LAST_CHARACTERS = 400
_LAST_BYTES = 8192


class PortLost(Exception):
    """Somebody took the port between our choosing it and the server's opening it."""


class Process:
    """A started server."""

    def __init__(
        self,
        server: Server,
        port: int,
        command: list[str],
        env: Mapping[str, str],
        *,
        log: Path,
        folder: Path,
        guard: Guard,
    ) -> None:
        self.server = server
        self.address = f"http://{LOOPBACK}:{port}"
        self.log = log
        self.port = port
        self._gone = False
        self._guard = guard
        # A new file, not an emptied one: another run at the same time may still be writing to the old one.
        try:
            log.unlink(missing_ok=True)
            output = log.open("wb")
        except OSError as error:
            raise error_from_system(
                error, f"server {server.name!r}: its log {log} can't be written"
            ) from error
        with output:
            self._log_file = _file_of(os.fstat(output.fileno()))
            try:
                self._popen = subprocess.Popen(  # noqa: S603 - the project's own configuration says what to start
                    command,
                    cwd=folder,
                    env=env,
                    stdin=subprocess.PIPE,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            except OSError as error:
                raise SetupError(
                    f"server {server.name!r}: can't start {command[0]!r} ({error.strerror}):"
                    " look at its command"
                ) from error
        guard.add(self._popen.pid)

    def check(self, *, starting: bool = False) -> None:
        """Raise when the process has ended by itself."""
        code = self._popen.poll()
        if code is None:
            return
        self._end_group()
        name = self.server.name
        how = f"exit code {code}" if code >= 0 else f"signal {signal.Signals(-code).name}"
        message = f"server {name!r} ended by itself ({how}){last_lines_of(self.log)}"
        if starting and self.server.port is None and is_taken(self.port):
            raise PortLost(message)
        raise InfrastructureError(message)

    def ask_to_end(self) -> None:
        """Ask the whole group to end, and close the input it may be watching."""
        if self._popen.poll() is None:
            send_signal(self._popen.pid, signal.SIGTERM)
        self._close_input()

    def wait(self, deadline: float) -> None:
        """Wait for the end, no longer than until the deadline; then for the group's end, a moment."""
        try:
            self._popen.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return
        last = min(deadline, time.monotonic() + _GROUP_GRACE_S)
        # Nothing can be waited on: what a server started is no child of ours, and a group's end is no event.
        while send_signal(self._popen.pid, 0) and time.monotonic() < last:
            time.sleep(POLL_S)
        self._end_group()

    def kill(self) -> None:
        """End whatever of the group is still there."""
        self._end_group()
        self._close_input()
        self._popen.wait()

    def redact_log(self) -> list[str]:
        """Take the secrets out of its log, once it has ended; returns what stands in the way of that."""
        with suppress(FileNotFoundError):
            # Another run, which is writing to it now, may have begun a new one.
            if _file_of(self.log.stat()) == self._log_file:
                return redact_files(self.log)
        return []

    def _end_group(self) -> None:
        # Once only: later the group's number may belong to somebody else.
        if not self._gone:
            send_signal(self._popen.pid, signal.SIGKILL)
            self._guard.remove(self._popen.pid)
            self._gone = True

    def _close_input(self) -> None:
        if self._popen.stdin is not None:
            with suppress(OSError):
                self._popen.stdin.close()


def _file_of(state: os.stat_result) -> tuple[int, int]:
    return state.st_dev, state.st_ino


def free_ports(wanted: list[int | None]) -> list[int]:
    """Return each wanted port, or a free one in place of None, all different."""
    with ExitStack() as held:
        ports = []
        for port in wanted:
            if port is None:
                holder = held.enter_context(socket.socket())
                holder.bind((LOOPBACK, 0))
                port = int(holder.getsockname()[1])  # noqa: PLW2901 - the choice replaces the absent wish
            ports.append(port)
        return ports


def is_taken(port: int) -> bool:
    """Whether somebody listens on a port of this host."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((LOOPBACK, port))
        except OSError as error:
            return error.errno == errno.EADDRINUSE
    return False


def last_lines_of(log: Path) -> str:
    """Return the last lines of a log as the end of an error's sentence."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - _LAST_BYTES))
            end = file.read().decode("utf-8", "replace")
    except OSError:
        end = ""
    # Before it is cut: half a secret is found by nobody.
    lines = [redact(line.strip()) for line in end.splitlines()]
    words = " | ".join([line for line in lines if line][-_LAST_LINES:])
    if not words:
        return f": it printed nothing (log: {log})"
    if len(words) > _LAST_CHARACTERS:
        words = "…" + words[-_LAST_CHARACTERS:]
    return f": {words} (log: {log})"


@contextmanager
def hold_back_interruption() -> Iterator[None]:
    """Hold SIGINT back until the block ends, so that what it starts is known and can be stopped.

    Ctrl-C then does what it would have done. Where no handler of Python's listens, or in another thread than
    the main one, nothing is held back.
    """
    before = signal.getsignal(signal.SIGINT)
    if not callable(before) or threading.current_thread() is not threading.main_thread():
        yield
        return
    came = False

    def note(_signal: int, _frame: object) -> None:
        nonlocal came
        came = True

    # Not by blocking the signal: what is started would be born deaf to it.
    signal.signal(signal.SIGINT, note)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if came:
            signal.raise_signal(signal.SIGINT)
