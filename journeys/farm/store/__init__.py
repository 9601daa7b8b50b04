"""Where nights are kept and devices are leased: PostgreSQL, an own one in a folder where none is named."""

from journeys.farm.store.opening import open_store
from journeys.farm.store.store import Store

__all__ = ["Store", "open_store"]
