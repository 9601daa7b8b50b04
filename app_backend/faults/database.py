"""Faults of the database: it ends connections, for real, by `pg_terminate_backend`."""

from __future__ import annotations

from typing import Any, Literal

from sqlalchemy import Connection, event, text
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool
from sqlalchemy.util import await_only

from app_backend.database import Database
from app_backend.events import LISTENER_NAME
from app_backend.faults.armed import Faults
from app_backend.faults.catalogue import ConnectionsDropped, DatabaseDropped

END_S = 5
"""How long a connection's server process may take to end."""

OF_PROCESS = text("SELECT pg_terminate_backend(:pid, :milliseconds)")
OF_NAME = text(
    "SELECT pg_terminate_backend(pid, :milliseconds) FROM pg_stat_activity"
    " WHERE application_name = :name AND datname = current_database()"
)


class ConnectionFaults:
    """Has PostgreSQL end connections of a database where a fault strikes."""

    def __init__(self, database: Database, faults: Faults) -> None:
        self._faults = faults
        # Connections of its own, which no fault ends.
        self._engine = create_async_engine(database.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        faults.at_once(ConnectionsDropped, self._drop_all)
        engine = database.engine.sync_engine

        @event.listens_for(engine, "before_cursor_execute")
        def before_statement(connection: Connection, *_: Any) -> None:
            self._drop(connection, "statement")

        @event.listens_for(engine, "commit")
        def before_commit(connection: Connection) -> None:
            self._drop(connection, "commit")

    def _drop(self, connection: Connection, at: Literal["statement", "commit"]) -> None:
        if self._faults.strike(DatabaseDropped, when=lambda fault: fault.at == at):
            driver: Any = connection.connection.driver_connection
            # Waits until it has ended: what comes next fails for certain.
            await_only(self._end(OF_PROCESS, pid=driver.get_server_pid()))

    async def _drop_all(self, fault: ConnectionsDropped) -> None:
        await self._end(OF_NAME, name=Database.APPLICATION_NAME if fault.of == "pool" else LISTENER_NAME)

    async def _end(self, statement: Any, **values: str | int) -> None:
        async with self._engine.connect() as connection:
            await connection.execute(statement, {**values, "milliseconds": END_S * 1000})
