"""Stale renditions: what a cache that confuses pictures would do to an avatar's new address."""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass

from app_backend.avatars.drawings import draw_default
from app_backend.faults.armed import Faults
from app_backend.faults.catalogue import RenditionsStale
from app_backend.rendering import encode
from app_backend.storage import Storage, StoredFolder

KEPT = 256
"""Of how many people the last picture is remembered."""

Files = Mapping[str, bytes]


@dataclass(frozen=True)
class _Picture:
    folder: str
    files: Files
    previous: Files | None = None
    stale_until: float = 0.0


class StaleRenditions:
    """Asks another storage; a new picture's folder shows the owner's previous one where the fault strikes.

    The previous picture is the one that came by here last; for whom none has, the default avatar.
    """

    def __init__(
        self, storage: Storage, faults: Faults, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._storage = storage
        self._faults = faults
        self._clock = clock
        self._last: OrderedDict[str, _Picture] = OrderedDict()
        self._default: Files | None = None

    async def put(self, folder: str, files: Mapping[str, bytes]) -> None:
        """Keep files in a new folder, which may show others for a while."""
        await self._storage.put(folder, files)
        owner = _owner(folder)
        shown = self._last.pop(owner, None)
        picture = _Picture(folder, dict(files))
        fault = self._faults.armed(RenditionsStale)
        if fault is not None:
            previous = shown.files if shown is not None else await self._default_files()
            picture = _Picture(folder, dict(files), previous, self._clock() + fault.stale_s)
        self._last[owner] = picture
        while len(self._last) > KEPT:
            self._last.popitem(last=False)

    async def get(self, folder: str, name: str) -> bytes | None:
        """Return a file's bytes, or those of the picture before it."""
        picture = self._last.get(_owner(folder))
        if (
            picture is not None
            and picture.folder == folder
            and picture.previous is not None
            and self._clock() < picture.stale_until
            and self._faults.strike(RenditionsStale)
        ):
            return picture.previous.get(name)
        return await self._storage.get(folder, name)

    async def delete(self, folder: str) -> None:
        """Remove a folder and all in it."""
        await self._storage.delete(folder)
        picture = self._last.get(_owner(folder))
        if picture is not None and picture.folder == folder:
            del self._last[_owner(folder)]

    def folders(self) -> AsyncIterator[StoredFolder]:
        """Yield every folder that has files in it."""
        return self._storage.folders()

    async def delete_unfinished(self, *, older_than_s: float) -> int:
        """Remove what killed processes have left behind."""
        return await self._storage.delete_unfinished(older_than_s=older_than_s)

    async def _default_files(self) -> Files:
        if self._default is None:
            drawn = await asyncio.to_thread(lambda: encode(draw_default()))
            self._default = {f"{size}.webp": content for size, content in drawn.items()}
        return self._default


def _owner(folder: str) -> str:
    return folder.partition("/")[0]
