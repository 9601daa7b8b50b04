"""One started server: its process group, its log, its open input."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from journeys.configuration import Server
from journeys.errors import InfrastructureError, SetupError, error_from_system
from journeys.redaction import redact_files
from journeys.servers.guard import Guard
from journeys.servers.log import last_words
from journeys.servers.ports import LOOPBACK, is_taken

POLL = 0.05
"""Seconds between two looks at what is starting or ending."""

_GROUP_GRACE = 2.0  # for what a server started itself, once the server has ended


class PortLost(Exception):
    """Somebody took the port between our choosing it and the server's opening it."""


class Process:
    """A started server: its process group, its log, its open input."""

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
        self._port = port
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
        message = f"server {name!r} ended by itself ({how}){last_words(self.log)}"
        if starting and self.server.port is None and is_taken(self._port):
            raise PortLost(message)
        raise InfrastructureError(message)

    def ask_to_end(self) -> None:
        """Ask the whole group to end, and close the input it may be watching."""
        if self._popen.poll() is None:
            self._signal(signal.SIGTERM)
        self._close_input()

    def wait(self, deadline: float) -> None:
        """Wait for the end, no longer than until the deadline; then for the group's end, a moment."""
        try:
            self._popen.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            return
        last = min(deadline, time.monotonic() + _GROUP_GRACE)
        # Nothing can be waited on: what a server started is no child of ours, and a group's end is no event.
        while self._signal(0) and time.monotonic() < last:
            time.sleep(POLL)
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
            self._signal(signal.SIGKILL)
            self._guard.remove(self._popen.pid)
            self._gone = True

    def _signal(self, number: int) -> bool:
        try:
            os.killpg(self._popen.pid, number)
        except (ProcessLookupError, PermissionError):  # nobody is left; macOS: only zombies are left
            return False
        return True

    def _close_input(self) -> None:
        if self._popen.stdin is not None:
            with suppress(OSError):
                self._popen.stdin.close()


def _file_of(state: os.stat_result) -> tuple[int, int]:
    return state.st_dev, state.st_ino
