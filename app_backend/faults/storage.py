"""Faults in the storage: it refuses, is slow, is full."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping

from app_backend.faults.armed import Faults
from app_backend.faults.catalogue import Operation, StorageFull, StorageRefuses, StorageSlow
from app_backend.storage import Storage, StorageUnavailable, StoredFolder


class FaultyStorage:
    """Asks another storage, unless a fault strikes."""

    def __init__(self, storage: Storage, faults: Faults) -> None:
        self._storage = storage
        self._faults = faults

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep files in a new folder."""
        await self._suffer("put")
        if self._faults.strike(StorageFull):
            raise StorageUnavailable("the storage is full on purpose")
        await self._storage.put(folder, files)

    async def get(self, folder: str, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is no such file."""
        await self._suffer("get")
        return await self._storage.get(folder, name)

    async def delete(self, folder: str) -> None:
        """Remove a folder and all in it."""
        await self._suffer("delete")
        await self._storage.delete(folder)

    async def folders(self) -> AsyncIterator[StoredFolder]:
        """Yield every folder that has files in it."""
        await self._suffer("sweep")
        async for folder in self._storage.folders():
            yield folder

    async def delete_unfinished(self, *, older_than_s: float) -> int:
        """Remove what killed processes have left behind."""
        await self._suffer("sweep")
        return await self._storage.delete_unfinished(older_than_s=older_than_s)

    async def _suffer(self, operation: Operation) -> None:
        """Wait, or raise `StorageUnavailable`, where a fault strikes this operation."""
        slow = self._faults.strike(StorageSlow, when=lambda fault: operation in fault.operations)
        if slow is not None:
            await asyncio.sleep(slow.delay_ms / 1000)
        if self._faults.strike(StorageRefuses, when=lambda fault: operation in fault.operations):
            raise StorageUnavailable("the storage refuses on purpose")
