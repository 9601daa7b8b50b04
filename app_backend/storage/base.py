"""What the backend asks of a place that keeps files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol


class Storage(Protocol):
    """Keeps small immutable files in named folders. Every operation may raise `OSError`."""

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep files in a new folder: afterwards all of them are there, or after an error none."""
        ...

    async def get(self, folder: str, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is no such file."""
        ...

    async def delete(self, folder: str) -> None:
        """Remove a folder and all in it; one that isn't there is no error."""
        ...
