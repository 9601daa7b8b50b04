"""The store of the nightly job: what it keeps, and the leases of its devices."""

from __future__ import annotations

from journeys.farm.leases import Leases
from journeys.farm.night_record import NightRecord
from journeys.farm.trends.record import TrendsRecord


class Store:
    """A store that is open; made by `open_store`."""

    leases: Leases

    async def keep(self, night: NightRecord) -> None:
        """Keep a night; one that is kept already under this id and these shards is replaced."""
        raise NotImplementedError

    async def durations(self) -> dict[tuple[str, str], float]:
        """Return how many seconds each journey is expected to take on each casting, by (id, casting)."""
        raise NotImplementedError

    async def trends(self, name: str = "", *, branch: str = "", nights: int = 30) -> TrendsRecord:
        """Return what the last `nights` nights say; empty: those of any name, of any branch."""
        raise NotImplementedError
