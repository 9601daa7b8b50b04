"""The store of the nightly job: what it keeps, and the leases of its devices."""

from __future__ import annotations

import asyncio

from journeys.farm.database import Database
from journeys.farm.history import (
    expected_durations,
    forget_nights,
    keep_night,
    names_and_branches,
    read_window,
)
from journeys.farm.leases import Leases
from journeys.farm.night_record import NightRecord
from journeys.farm.trends import TrendsRecord, trends_of


class Store:
    """A store that is open; made by `open_store`. All times in it are its database's."""

    leases: Leases
    """Who has which device."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self.leases = Leases(database)

    async def keep(self, night: NightRecord) -> None:
        """Keep a night, or a shard of it; the same one again changes nothing.

        Cells that are kept already are replaced, but a cell that was played by none that was not run.
        """
        await keep_night(self._database, night)

    async def durations(self, before: str = "") -> dict[tuple[str, str], float]:
        """Return how many seconds each journey is expected to take on each casting, by (id, casting).

        That is the median of its durations in the newest ten nights of each name, those spoiled by the
        infrastructure left out; a cell without any isn't there. Where a shard of the night `before` is kept
        already, what came later is left out: all shards of a night have to know the same past.
        """
        return await expected_durations(self._database, before)

    async def kept(self) -> list[tuple[str, str]]:
        """Return the names and branches of the nights that are kept."""
        return await names_and_branches(self._database)

    async def forget(
        self, keep: int, *, name: str = "", branch: str = "", only_look: bool = False
    ) -> list[str]:
        """Forget all nights but the newest `keep` of each name and branch; return their ids, oldest first.

        Empty: those of any name, of any branch; `only_look` tells what would go.
        """
        return await forget_nights(self._database, keep, name=name, branch=branch, only_look=only_look)

    async def trends(self, name: str = "", *, branch: str = "", nights: int = 30) -> TrendsRecord:
        """Return what the last `nights` nights say; empty: those of any name, of any branch."""
        window = await read_window(self._database, name=name, branch=branch, nights=nights)
        # A while of arithmetic, during which heartbeats have to go on.
        return await asyncio.to_thread(trends_of, window)
