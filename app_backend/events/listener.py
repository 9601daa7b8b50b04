"""Receive the events of all processes on a database: one connection that LISTENs, renewed when it is lost."""

from __future__ import annotations

import asyncio
import json
import logging
import random
import time
from collections.abc import Callable
from typing import Any

import asyncpg  # type: ignore[import-untyped]  # it ships no types
from sqlalchemy.dialects.postgresql.asyncpg import dialect as asyncpg_dialect
from sqlalchemy.engine import URL

from app_backend.events.changes import CHANNEL, CommittedEvent
from app_backend.events.hub import Hub

Deliver = Callable[[CommittedEvent], None]
"""What is done with an event that arrived: `Hub.publish`, or what stands before it."""

log = logging.getLogger(__name__)

LISTENER_NAME = "app_backend events"
"""How an operator finds the connection in pg_stat_activity."""

RETRY_FROM_S = 0.1
RETRY_TO_S = 5.0
CHECK_EVERY_S = 10.0
"""How often a silent connection is asked whether it still lives."""

CONNECTION_ERRORS = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    # What asyncpg says to a statement that comes just as the server ends the connection.
    asyncpg.InternalClientError,
)


async def listen(url: URL, hub: Hub, deliver: Deliver | None = None) -> None:
    """Feed the hub from the database until cancelled, reconnecting with growing pauses.

    `deliver` takes the events in the place of `hub.publish`.
    """
    # The same reading of the address as everywhere else.
    dialect: Any = asyncpg_dialect
    _, connect_options = dialect().create_connect_args(url)
    connect_options.setdefault("server_settings", {})["application_name"] = LISTENER_NAME
    pause = RETRY_FROM_S
    while True:
        try:
            connection = await asyncpg.connect(**connect_options, timeout=10)
        except CONNECTION_ERRORS as error:
            log.warning("events: the database is out of reach (%s), trying again", error)
            # Spread over time, so that many processes don't come back in one moment.
            await asyncio.sleep(pause * random.uniform(0.5, 1))  # noqa: S311 - not a secret
            pause = min(pause * 2, RETRY_TO_S)
            continue
        pause = RETRY_FROM_S
        try:
            await _listen_on(connection, hub, deliver or hub.publish)
        except CONNECTION_ERRORS as error:
            log.warning("events: the connection to the database was lost (%s)", error)
        finally:
            hub.note_disconnected()
            connection.terminate()


async def _listen_on(connection: Any, hub: Hub, deliver: Deliver) -> None:
    """Feed the hub from one connection until that is lost."""
    lost = asyncio.Event()

    def receive(_connection: Any, _pid: int, _channel: str, payload: str) -> None:
        deliver(CommittedEvent.from_json(json.loads(payload), committed_by=round(time.time(), 6)))

    connection.add_termination_listener(lambda _: lost.set())
    await connection.add_listener(CHANNEL, receive)
    hub.note_connected()
    while not lost.is_set():
        try:
            await asyncio.wait_for(lost.wait(), CHECK_EVERY_S)
        except TimeoutError:
            await connection.execute("SELECT 1", timeout=CHECK_EVERY_S)
