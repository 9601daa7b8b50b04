"""Writes down what tells why a journey failed: a screenshot and the end of a log."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Collection, Iterable
from contextlib import asynccontextmanager
from pathlib import Path

from flutter_bridge.app import FlutterApp
from flutter_bridge.errors import BridgeError

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
