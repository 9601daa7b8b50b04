"""The sweep of one process: at its start, and from then on."""

from __future__ import annotations

import asyncio
import logging
import random
import time
from collections.abc import Awaitable, Callable

from app_backend.database import Database
from app_backend.sweep.expired import delete_expired
from app_backend.sweep.pictures import PictureSweep

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
