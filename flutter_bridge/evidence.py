"""Keeps what tells why a journey failed: screenshots, and the end of a log."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from flutter_bridge.clock import Interval
from flutter_bridge.errors import BridgeError
from flutter_bridge.frames import Shoot

EVIDENCE_TIMEOUT_S = 5.0
"""How long a screenshot or a log may take to be had: who waits for it has seen enough already."""

MAX_LOG_LINES, MAX_LINE_LENGTH = 5_000, 2_000
"""How many lines of a log are kept, the last ones, and how many characters of each."""

MIN_SECRET_LENGTH = 5
"""Characters a text must have to be hidden: shorter ones would be found everywhere."""

HIDDEN = "[hidden]"
"""What stands in the place of a text that was typed where nobody can read it."""

_LATEST_MS = 253_402_300_800_000


class FailureScreenshots:
    """Saves screenshots for the texts of errors, in a folder that several apps may share."""

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

    async def mention(self) -> str:
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


async def write_screen(folder: Path, name: str, encoded: bytes) -> None:
    """Write a PNG as `NAME-screen.png`."""
    await asyncio.to_thread(_write, folder / f"{name}-screen.png", encoded)


async def write_log(
    folder: Path, name: str, kind: str, messages: Iterable[str], *, hidden: Collection[str]
) -> None:
    """Write the end of a log as `NAME-KIND.log`, without texts that are `hidden`; none where it is empty."""
    lines = deque((line for message in messages for line in message.splitlines()), maxlen=MAX_LOG_LINES)
    if not lines:
        return
    # The longest first: one may be part of another.
    secrets = sorted((text for text in hidden if len(text) >= MIN_SECRET_LENGTH), key=len, reverse=True)
    content = "".join(f"{_hide_secrets(line, secrets)[:MAX_LINE_LENGTH]}\n" for line in lines)
    await asyncio.to_thread(_write, folder / f"{name}-{kind}.log", content.encode(errors="replace"))


@dataclass(frozen=True, slots=True)
class AppRequest:
    """What an app asked a server for: `address` is a path where that is its own, and has no secrets in it.

    `status` is that of the answer, None where there was none; `taken` is from the asking to the answer's
    first byte.
    """

    method: str
    address: str
    status: int | None
    taken: Interval


@dataclass(frozen=True, slots=True)
class LogEntry:
    """One message of a log: `at` is when it was heard, in Unix seconds on the clock of whoever heard it."""

    at: float
    text: str
    level: str = ""

    def __str__(self) -> str:
        moment = datetime.fromtimestamp(self.at, UTC).isoformat(timespec="milliseconds")
        return f"{moment.removesuffix('+00:00')}Z {self.level:<7} {self.text}"


def read_entries(answer: object) -> list[LogEntry]:
    """Read a driver's answer to the question for a log; what is no message in it is left out."""
    if not isinstance(answer, list):
        return []
    return [entry for each in answer if (entry := _entry(each)) is not None]


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


def _entry(message: object) -> LogEntry | None:
    match message:
        # A moment that no clock shows is none: datetime has no year 10000.
        case {"message": str(text), "timestamp": int(at) | float(at), **more} if 0 <= at < _LATEST_MS:
            return LogEntry(at / 1000, text, str(more.get("level", "")).lower())
    return None


def _hide_secrets(line: str, secrets: Iterable[str]) -> str:
    for secret in secrets:
        line = line.replace(secret, HIDDEN)
    return line


def _write(file: Path, content: bytes) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
