"""Remembers which faults are on, in files: one that a killed run left on is found and cleared at start."""

from __future__ import annotations

import os
import uuid
from contextlib import suppress
from pathlib import Path

import httpx
import msgspec

from flutter_bridge import is_loopback
from journeys.documents import UnreadableDocument, decode_json, read_document, write_atomically
from journeys.errors import error_from_system
from journeys.http_answers import send

LEFTOVERS = Path(".journeys", "chaos")
"""Where the faults that are on are noted, in a project's root."""

CLEAR_S = 5.0
"""How long a backend may take to end a fault that was left on."""


class LeftFault(msgspec.Struct, frozen=True):
    """A fault that is on: the process that turned it on, and the request that ends it."""

    fault: str
    pid: int
    method: str
    url: str


class Leftovers:
    """The faults that are on, one file each in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def note(self, fault: str, *, method: str, url: str) -> Path:
        """Keep in a file that a fault is on; whoever ends it removes the file."""
        file = self._folder / f"{uuid.uuid4().hex}.json"
        left = LeftFault(fault=fault, pid=os.getpid(), method=method, url=url)
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            write_atomically(file, msgspec.json.encode(left).decode())
        except OSError as error:
            raise error_from_system(error, f"what is broken on purpose can't be noted in {file}") from error
        return file

    async def clear(self) -> list[str]:
        """End the faults of processes that are gone, and return a line for each.

        A backend that can't be reached any more has taken its faults with it. Only this machine's are asked.
        """
        lines = []
        for file in sorted(self._folder.glob("*.json")) if self._folder.is_dir() else ():
            try:
                left = decode_json(read_document(file), LeftFault)
            except (OSError, UnreadableDocument):
                file.unlink(missing_ok=True)
                continue
            if _is_alive(left.pid):
                continue
            if is_loopback(left.url):
                with suppress(httpx.HTTPError, httpx.InvalidURL):
                    async with httpx.AsyncClient(trust_env=False) as client:
                        await send(client, left.method, left.url, seconds=CLEAR_S)
            file.unlink(missing_ok=True)
            lines.append(f"the fault {left.fault!r} was left on by a run that was killed: cleared")
        return lines


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except (PermissionError, OverflowError):
        return True
    return True
