"""Has the open apps of a journey that failed write down why, before they are closed."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from flutter_bridge import BridgeError, FlutterApp

KEEPING = 12.0
"""Seconds in which all of them have to be done."""


async def keep_evidence(apps: Sequence[tuple[str, FlutterApp]], folder: Path) -> None:
    """Ask each app, side by side, in files called by its actor; what can't be had in time is left out.

    The journey's own error is what matters: nothing is raised that could come in its place.
    """

    async def keep(app: FlutterApp, name: str) -> None:
        with suppress(BridgeError, OSError):
            await app.keep_evidence(folder, name)

    taken: set[str] = set()
    with suppress(TimeoutError):
        async with asyncio.timeout(KEEPING), asyncio.TaskGroup() as group:
            for actor, app in apps:
                group.create_task(keep(app, _file_name(actor, taken)))


def _file_name(actor: str, taken: set[str]) -> str:
    """Return an actor's name as a file's, another one than those that are taken."""
    plain = name = re.sub(r"\W+", "-", actor).strip("-") or "someone"
    number = 1
    while name in taken:
        number += 1
        name = f"{plain}-{number}"
    taken.add(name)
    return name
