"""What the backend asks of a place that keeps files."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal, Protocol

SAFE_NAME = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9]+)?")


Operation = Literal["put", "get", "delete", "sweep"]


class StorageUnavailable(OSError):
    """A place that keeps files didn't do as asked: out of reach, too slow, full, or closed to us.

    Asking again later may help. Its text is one line.
    """


@dataclass(frozen=True)
class StoredFolder:
    """A folder with files in it, and when the newest of them was written, in Unix seconds."""

    name: str
    changed_at: float


class Storage(Protocol):
    """Keeps small immutable files in named folders, such as `owner/version`.

    Every operation raises `StorageUnavailable`, an `OSError`, where the place fails, and `ValueError` for
    names that could lead elsewhere. Who adds behaviour (a time limit, a fault) wraps one in another.
    """

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep files in a new folder: afterwards all of them are there, or after an error none.

        While it works, a reader may see some of them: tell nobody the folder's name before. After an error of
        a place that is out of reach, some may stay until `delete` gets through.
        """
        ...

    async def get(self, folder: str, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is no such file."""
        ...

    async def delete(self, folder: str) -> None:
        """Remove a folder and all in it; one that isn't there is no error."""
        ...

    def folders(self) -> AsyncIterator[StoredFolder]:
        """Yield every folder that has files in it, in any order; other calls may go on meanwhile."""
        ...

    async def delete_unfinished(self, *, older_than_s: float) -> int:
        """Remove what calls have left behind whose process was killed; return how many such things.

        Only what is older than `older_than_s` seconds: younger ones may be under way.
        """
        ...


def check_name(name: str) -> str:
    """Return a file's or one folder's name; raises `ValueError` where it could lead elsewhere."""
    if not SAFE_NAME.fullmatch(name):
        raise ValueError(f"not a name for a stored file or folder: {name!r}")
    return name


def check_path(folder: str) -> list[str]:
    """Return the levels of a folder's name, each checked."""
    return [check_name(part) for part in folder.split("/")]


class StorageWrapper:
    """Asks another storage, each time inside `surround`: for those who add behaviour."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage

    @asynccontextmanager
    async def surround(self, operation: Operation) -> AsyncIterator[None]:  # noqa: ARG002 - for others to look at
        """Surround one call of the other storage; `folders` is surrounded before it begins."""
        yield

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep files in a new folder."""
        async with self.surround("put"):
            await self._storage.put(folder, files)

    async def get(self, folder: str, name: str) -> bytes | None:
        """Return a file's bytes, or None where there is no such file."""
        async with self.surround("get"):
            return await self._storage.get(folder, name)

    async def delete(self, folder: str) -> None:
        """Remove a folder and all in it."""
        async with self.surround("delete"):
            await self._storage.delete(folder)

    async def folders(self) -> AsyncIterator[StoredFolder]:
        """Yield every folder that has files in it."""
        async with self.surround("sweep"):
            pass
        async for folder in self._storage.folders():
            yield folder

    async def delete_unfinished(self, *, older_than_s: float) -> int:
        """Remove what killed processes have left behind."""
        async with self.surround("sweep"):
            return await self._storage.delete_unfinished(older_than_s=older_than_s)


class TimeLimit(StorageWrapper):
    """Raises `StorageUnavailable` for what takes longer than `seconds`; it may still happen later."""

    def __init__(self, storage: Storage, *, seconds: float) -> None:
        super().__init__(storage)
        self._seconds = seconds

    @asynccontextmanager
    async def surround(self, operation: Operation) -> AsyncIterator[None]:  # noqa: ARG002 - the same for all
        """Give up in time."""
        try:
            async with asyncio.timeout(self._seconds):
                yield
        except TimeoutError as error:
            raise StorageUnavailable(f"the storage gave no answer within {self._seconds:g} s") from error

    async def folders(self) -> AsyncIterator[StoredFolder]:
        """Yield every folder that has files in it; the limit is for each."""
        found = aiter(self._storage.folders())
        while True:
            async with self.surround("sweep"):
                folder = await anext(found, None)
            if folder is None:
                return
            yield folder
