"""Opens the store at an address, or the embedded one in a folder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from embedded_postgres import EmbeddedPostgres, PostgresError, PostgresMissing
from journeys.errors import InfrastructureError, SetupError
from journeys.farm.database import open_database
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
        async with _embedded(folder) as own, open_database(own) as database:
            yield Store(database)


@asynccontextmanager
async def _embedded(folder: Path) -> AsyncIterator[str]:
    """Have a server of our own run on a folder; yields its address."""
    try:
        server = EmbeddedPostgres(folder)
    except PostgresMissing as error:
        raise SetupError(
            f"no store is named, and {error}, or set JOURNEYS_STORE to a server's postgresql:// address"
        ) from error
    except PostgresError as error:
        raise SetupError(f"the store's folder {error}") from error
    try:
        try:
            address = await server.url()
        except PostgresError as error:
            raise InfrastructureError(f"the store's {error}") from error
        yield address
    finally:
        await asyncio.to_thread(server.close, wait=False)
