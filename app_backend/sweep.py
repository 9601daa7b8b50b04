"""Clearing away what nobody needs any more: left-over pictures, and rows whose time is over."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

from sqlalchemy import delete, func, inspect, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from app_backend.avatars import Key, Ledger, folder_of, key_of
from app_backend.database import Base, Database, IdempotencyKey, RateLimit, SignIn, TokenPair, UsedTicket
from app_backend.storage import Storage

Listener = Callable[[str, int | None], None]
"""Hears what was swept and how many of it there were; None where the sweep failed."""

log = logging.getLogger(__name__)


class Sweeper:
    """Sweeps every `every_s` seconds; the whole storage is looked through every `stray_age_s` seconds only.

    Strays, files that no row tells of, are spared until they are so old.
    """

    def __init__(
        self,
        database: Database,
        pictures: PictureSweep,
        *,
        every_s: float,
        stray_age_s: float,
        listener: Listener | None = None,
    ) -> None:
        self._database = database
        self._pictures = pictures
        self._every_s = every_s
        self._stray_age_s = stray_age_s
        self._listener = listener

    async def run(self) -> None:
        """Sweep now, and again and again until cancelled; what fails is logged and tried the next time."""
        strays_due = time.monotonic()
        while True:
            await self._try("left-over pictures", self._pictures.delete_left_over)
            await self._try("expired rows", lambda: delete_expired(self._database))
            if time.monotonic() >= strays_due and await self._try("stray files", self._delete_strays):
                strays_due = time.monotonic() + self._stray_age_s
            # Spread over time, so that many processes don't sweep in one moment.
            await asyncio.sleep(self._every_s * random.uniform(0.8, 1.2))  # noqa: S311 - not a secret

    async def _try(self, what: str, sweep: Callable[[], Awaitable[int]]) -> bool:
        """Sweep, and tell whether that went well."""
        try:
            swept = await sweep()
        except Exception:
            # Whatever it is: who wants to see a picture must not suffer from it.
            log.exception("%s could not be swept: the next sweep tries again", what)
            self._tell(what, None)
            return False
        if swept:
            log.info("%s swept: %d", what, swept)
        self._tell(what, swept)
        return True

    def _tell(self, what: str, swept: int | None) -> None:
        if self._listener is not None:
            self._listener(what, swept)

    async def _delete_strays(self) -> int:
        return await self._pictures.delete_strays(older_than_s=self._stray_age_s)


EXPIRING: tuple[tuple[type[Base], InstrumentedAttribute[object]], ...] = (
    (SignIn, SignIn.expires_at),
    (TokenPair, TokenPair.refresh_expires_at),
    (UsedTicket, UsedTicket.expires_at),
    (IdempotencyKey, IdempotencyKey.expires_at),
    (RateLimit, RateLimit.expires_at),
)
SPARED = timedelta(minutes=5)
"""By so much may the clocks of two machines differ: a used ticket must not become fresh again."""

ROWS_AT_ONCE = 1000


async def delete_expired(database: Database) -> int:
    """Delete what has expired, and return how many rows; several processes may do so at once."""
    return sum([await _delete(database, table, expires_at) for table, expires_at in EXPIRING])


async def _delete(database: Database, table: type[Base], expires_at: InstrumentedAttribute[object]) -> int:
    key = inspect(table).primary_key
    over = select(*key).where(expires_at < func.now() - SPARED).limit(ROWS_AT_ONCE)
    gone = delete(table).where(tuple_(*key).in_(over.with_for_update(skip_locked=True))).returning(*key)
    deleted = 0
    while True:
        async with database.sessions.begin() as session:
            count = len((await session.execute(gone)).all())
        deleted += count
        if count < ROWS_AT_ONCE:
            return deleted


MARK = ("ledger", "id")
"""The folder and the file that tell which database's ledger knows a storage's pictures."""

PICTURES_AT_ONCE = 100
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
        while keys := await self._ledger.find_leaving(after=last, limit=PICTURES_AT_ONCE):
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
            for key in await self._ledger.find_unknown(keys):
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
            if len(keys) == PICTURES_AT_ONCE:
                yield keys
                keys = []
        if keys:
            yield keys
