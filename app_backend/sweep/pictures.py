"""Pictures that are left over: of uploads that broke off, of changes whose last step failed, of nobody."""

from __future__ import annotations

import logging
import time
from collections.abc import AsyncIterator

from app_backend.avatars import Key, Ledger, folder_of, key_of
from app_backend.storage import Storage

log = logging.getLogger(__name__)

MARK = ("ledger", "id")
"""The folder and the file that tell which database's ledger knows a storage's pictures."""

AT_ONCE = 100
MAX_FAILURES = 3
"""After so many the storage is taken to be out of reach, and the rest waits for the next sweep."""


class PictureSweep:
    """Brings files and ledger together again; any number of processes may do so side by side."""

    def __init__(self, storage: Storage, ledger: Ledger) -> None:
        self._storage = storage
        self._ledger = ledger

    async def delete_left_over(self) -> int:
        """Delete the pictures of the ledger that nobody needs, and return how many.

        An upload under way, in whatever process, holds its row and is passed over. Two sweeps may delete the
        same files: that harms nothing. Raises `OSError` where the storage fails.
        """
        await self._ledger.withdraw_abandoned()
        deleted, failures, last = 0, 0, None
        while keys := await self._ledger.leaving(after=last, limit=AT_ONCE):
            last = keys[-1]
            gone: list[Key] = []
            try:
                for key in keys:
                    try:
                        await self._storage.delete(folder_of(key))
                    except OSError as error:
                        failures += 1
                        if failures == MAX_FAILURES:
                            raise
                        log.warning("avatar %s of %s stays until the next sweep: %s", key[1], key[0], error)
                    else:
                        gone.append(key)
            finally:
                await self._ledger.strike_out(gone)
                deleted += len(gone)
        return deleted

    async def delete_strays(self, *, older_than_s: float) -> int:
        """Delete files that no row tells of, and what killed processes left unfinished; return how many.

        Such are left by backends older than the ledger, and by a database that was set back to an earlier
        backup. Only what is older than `older_than_s` seconds, and looks like a picture of ours; and nothing
        at all in a storage that another database has pictures in. Pictures that the ledger takes for shown
        by somebody who is gone are left over from now on. Raises `OSError` where the storage fails.
        """
        await self._ledger.retire_unshown()
        if not await self._is_ours():
            log.warning("the storage belongs to another database: files that this one doesn't know stay")
            return 0
        deleted = await self._storage.delete_unfinished(older_than_s=older_than_s)
        async for keys in self._old_pictures(time.time() - older_than_s):
            # Asked after the files were seen: a row is always there before its files.
            for key in await self._ledger.unknown(keys):
                await self._storage.delete(folder_of(key))
                deleted += 1
        return deleted

    async def _is_ours(self) -> bool:
        """Tell whether our database is the one whose pictures the storage keeps; the first one takes it."""
        ours = (await self._ledger.identity()).encode()
        found = await self._storage.get(*MARK)
        if found is None:
            await self._storage.put(MARK[0], {MARK[1]: ours})
            return True
        return found == ours

    async def _old_pictures(self, before: float) -> AsyncIterator[list[Key]]:
        """Yield, some at a time, the pictures whose files were written before a moment, in Unix seconds."""
        keys: list[Key] = []
        async for folder in self._storage.folders():
            key = key_of(folder.name)
            if key is not None and folder.changed_at < before:
                keys.append(key)
            if len(keys) == AT_ONCE:
                yield keys
                keys = []
        if keys:
            yield keys
