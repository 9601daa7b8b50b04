"""What the chat's journeys are played with: its own cast, and its server's word of commits."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest_asyncio

from journeys import CastOptions
from kit import ChatCast, ChatEvents


@pytest_asyncio.fixture(loop_scope="session")
async def cast(cast_options: CastOptions, backend_address: str) -> AsyncIterator[ChatCast]:
    """Gather who takes part."""
    async with ChatCast(cast_options, commits=ChatEvents(backend_address)) as players:
        yield players
