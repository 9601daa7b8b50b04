"""Keeps what tells why a journey failed: screenshots, and the end of a log."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flutter_bridge.app import FlutterApp
from flutter_bridge.errors import BridgeError
from flutter_bridge.frames import Shoot

_LATEST = 253_402_300_800_000


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One message: `at` is when it was heard, in Unix seconds on the clock of whoever heard it."""

    at: float
    text: str
    level: str = ""

    def __str__(self) -> str:
        moment = datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")
        return f"{moment.removesuffix('+00:00')}Z {self.level:<7} {self.text}"


def read_entries(answered: object) -> list[LogEntry]:
    """Read a driver's answer to the question for a log; what is no message in it is left out."""
    if not isinstance(answered, list):
        return []
    return [entry for each in answered if (entry := _read(each)) is not None]


def last_seconds(
    entries: Sequence[LogEntry], seconds: float, *, clock: float | None = None
) -> list[LogEntry]:
    """Return the messages of the last so many seconds.

    `clock` is what the clock they are stamped by says now, where that is known. Elsewhere the newest stamp
    takes its place, which is never later: so nothing is left out that came in those seconds, and what is
    older reaches back no further than the log was silent at its end.
    """
    if not entries:
        return []
    ends = max(entry.at for entry in entries) if clock is None else clock
    return [entry for entry in entries if entry.at >= ends - seconds]


def _read(each: object) -> LogEntry | None:
    match each:
        # A moment that no clock shows is none: datetime has no year 10000.
        case {"message": str(text), "timestamp": int(at) | float(at), **more} if 0 <= at < _LATEST:
            return LogEntry(at / 1000, text, str(more.get("level", "")).lower())
    return None


PATIENCE = 5.0
"""Seconds that one of the two may take to be had: who waits for it has seen enough already."""

MOST, LONGEST = 5_000, 2_000
"""How many lines of a log are kept, the last ones, and how many characters of each."""

SHORTEST = 5
"""Characters a text must have to be hidden: shorter ones would be found everywhere."""

HIDDEN = "[hidden]"
"""What stands in the place of a text that was typed where nobody can read it."""


@asynccontextmanager
async def starting(app: FlutterApp, folder: Path) -> AsyncIterator[None]:
    """Keep what tells why an app doesn't start, called by its target: nobody else can ask it later."""
    try:
        yield
    except BridgeError:
        await app.keep_evidence(folder, app.target)
        raise


async def keep_screen(folder: Path, name: str, encoded: bytes) -> None:
    """Write a PNG as `NAME-screen.png`."""
    await asyncio.to_thread(_write, folder / f"{name}-screen.png", encoded)


async def keep_log(
    folder: Path, name: str, kind: str, messages: Iterable[str], *, hidden: Collection[str]
) -> None:
    """Write the end of a log as `NAME-KIND.log`, without texts that are `hidden`; none where it is empty."""
    lines = deque((line for message in messages for line in message.splitlines()), maxlen=MOST)
    if not lines:
        return
    # The longest first: one may be part of another.
    secrets = sorted((text for text in hidden if len(text) >= SHORTEST), key=len, reverse=True)
    kept = "".join(f"{_without(line, secrets)[:LONGEST]}\n" for line in lines)
    await asyncio.to_thread(_write, folder / f"{name}-{kind}.log", kept.encode(errors="replace"))


def _without(line: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        line = line.replace(secret, HIDDEN)
    return line


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)


class Evidence:
    """Saves screenshots under names of their own in a folder that several apps may share."""

    def __init__(self, shoot: Shoot, folder: Path, name: str) -> None:
        self._shoot = shoot
        self._folder = folder
        self._name = name

    async def save(self) -> Path | None:
        """Save a screenshot and return where; None where none can be taken any more, or written down."""
        # The error this is for matters more than its picture.
        with suppress(BridgeError, OSError):
            encoded, _ = await self._shoot()
            return await asyncio.to_thread(self._write, encoded)
        return None

    async def told(self) -> str:
        """Save a screenshot and return what to add to an error's text."""
        saved = await self.save()
        return f"; screenshot: {saved}" if saved is not None else ""

    def _write(self, encoded: bytes) -> Path:
        self._folder.mkdir(parents=True, exist_ok=True)
        number = 1
        while True:
            path = self._folder / f"{self._name}-{number}.png"
            with suppress(FileExistsError), path.open("xb") as file:
                file.write(encoded)
                return path
            number += 1
