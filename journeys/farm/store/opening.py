"""Opens the store at an address, or the embedded one in a folder."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from journeys.farm.store.store import Store


@asynccontextmanager
async def open_store(address: str | None, folder: Path) -> AsyncIterator[Store]:
    """Open the store at a PostgreSQL address (`postgresql://…`); None: an embedded server's, in `folder`.

    Several processes may have the same folder open: the server ends with the last of them, however that ends.
    Raises `SetupError` for an address that is none, or a server that refuses, and `InfrastructureError` for
    one that does not answer.
    """
    raise NotImplementedError(address, folder)
    yield
