"""A time limit around a storage, whatever it is: a disk over a network can hang, too."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager

from app_backend.storage.base import Storage, StorageUnavailable, StoredFolder


class TimeLimit:
    """Asks another storage, and raises `StorageUnavailable` for what takes longer than `seconds`.

    What was asked may still happen later.
    """

    def __init__(self, storage: Storage, *, seconds: float) -> None:
        self._storage = storage
        self._seconds = seconds

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep files in a new folder."""
        with self._too_slow():
            async with asyncio.timeout(self._seconds):
                await self._storage.put(folder, files)

    async def get(self, folder: str, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is no such file."""
        with self._too_slow():
            async with asyncio.timeout(self._seconds):
                return await self._storage.get(folder, name)

    async def delete(self, folder: str) -> None:
        """Remove a folder and all in it."""
        with self._too_slow():
            async with asyncio.timeout(self._seconds):
                await self._storage.delete(folder)

    async def folders(self) -> AsyncIterator[StoredFolder]:
        """Yield every folder that has files in it; the limit is for each."""
        found = aiter(self._storage.folders())
        while True:
            try:
                with self._too_slow():
                    async with asyncio.timeout(self._seconds):
                        folder = await anext(found)
            except StopAsyncIteration:
                return
            yield folder

    async def delete_unfinished(self, *, older_than_s: float) -> int:
        """Remove what killed processes have left behind."""
        with self._too_slow():
            async with asyncio.timeout(self._seconds):
                return await self._storage.delete_unfinished(older_than_s=older_than_s)

    @contextmanager
    def _too_slow(self) -> Iterator[None]:
        try:
            yield
        except TimeoutError as error:
            raise StorageUnavailable(f"the storage gave no answer within {self._seconds:g} s") from error
