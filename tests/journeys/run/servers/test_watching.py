"""A process that only knows addresses notices too when nothing listens there any more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from journeys.configuration import Configuration, Server
from journeys.errors import InfrastructureError
from journeys.run.servers import Servers, watch_addresses


async def test_a_server_that_went_away_is_named_with_its_last_words(
    server: Callable[..., Server], project: Callable[..., Configuration], tmp_path: Path
) -> None:
    with Servers(project(server("backend", "once"), server("app")), logs=tmp_path) as servers:
        addresses = dict(servers.addresses)
        watching = asyncio.create_task(watch_addresses(addresses, logs=tmp_path))
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(asyncio.shield(watching), 0.5)
    with pytest.raises(InfrastructureError) as gone:
        await watching
    assert str(gone.value) == (
        f"server 'backend' at {addresses['backend']} went away (connection refused): serving once"
        f" (log: {tmp_path / 'backend.log'})"
    )
