"""Keeps a picture of the screen for the text of an error."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from pathlib import Path

from flutter_bridge.errors import BridgeError
from flutter_bridge.screenshots import Shoot


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
