"""Asks a program something and waits for its end alone, whoever else keeps what it prints into open.

Behind a wrapper, or a program that starts a daemon, somebody may keep a pipe open for as long as they live; a
file has no end to wait for.
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

MAX_OUTPUT_BYTES = 16 * 2**20
"""Bytes of what a program prints that are read."""


@dataclass(frozen=True)
class CommandOutput:
    """What a program said: its exit code, and what it printed."""

    code: int
    printed: str
    complaint: str


def run_command(command: Sequence[str | Path], *, timeout: float) -> CommandOutput:
    """Return what a program answers; raises `TimeoutError` where it takes longer, else `OSError`.

    It and what it has started is ended then, but for what has made itself a session of its own.
    """
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complaint:
        process = subprocess.Popen(  # noqa: S603 - a program that was found, and words of ours
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=complaint,
            start_new_session=True,
        )
        try:
            code = process.wait(timeout)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"no answer within {timeout:g} s") from None
        finally:
            if process.returncode is None:
                _end(process.pid)
                process.wait()
        return CommandOutput(code, _read(printed.fileno()), _read(complaint.fileno()))


async def run_command_async(command: Sequence[str | Path], *, timeout: float) -> CommandOutput:
    """Return what a program answers, as `run_command` does, while others go on."""
    with tempfile.TemporaryFile() as printed, tempfile.TemporaryFile() as complaint:
        process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=printed,
            stderr=complaint,
            start_new_session=True,
        )
        try:
            async with asyncio.timeout(timeout):
                code = await process.wait()
        finally:
            if process.returncode is None:
                _end(process.pid)
                await process.wait()
        return CommandOutput(code, _read(printed.fileno()), _read(complaint.fileno()))


def _end(group: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(group, signal.SIGKILL)


def _read(file: int) -> str:
    # By its own position: the program has left the file's at the end.
    return os.pread(file, MAX_OUTPUT_BYTES, 0).decode(errors="replace")
