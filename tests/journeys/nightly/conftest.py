"""A store in a database of its own for every test that wants one."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from journeys.nightly.store import Store, open_store


@pytest.fixture
def store_address(own_database: str) -> str:
    return own_database


@pytest.fixture
async def store(store_address: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with open_store(store_address, tmp_path) as opened:
        yield opened
