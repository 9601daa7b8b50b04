"""Opens the store at an address, or the embedded one in a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from journeys.farm.database import embedded_postgres, open_database
from journeys.farm.store.store import Store


@asynccontextmanager
async def open_store(address: str | None, folder: Path) -> AsyncIterator[Store]:
    """Open the store at a PostgreSQL address (`postgresql://…`); None: an embedded server's, in `folder`.

    Several processes may have the same folder open: the server ends with the last of them, however that ends.
    Raises `SetupError` for an address that is none, or a server that refuses, and `InfrastructureError` for
    one that does not answer.
    """
    if address:
        async with open_database(address) as database:
            yield Store(database)
    else:
        async with embedded_postgres(folder) as own, open_database(own) as database:
            yield Store(database)
