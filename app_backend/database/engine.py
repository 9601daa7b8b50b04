"""The database: connections, and bringing its tables up to date."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, Engine, event, text
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DisconnectionError, ProgrammingError, SQLAlchemyError
from sqlalchemy.ext.asyncio import (
    AsyncConnection,
    AsyncEngine,
    AsyncSession,
    async_sessionmaker,
    create_async_engine,
)
from sqlalchemy.pool import QueuePool

from app_backend.errors import BackendError
from app_backend.migrations import HEAD, upgrade


class DatabaseOutOfReach(OSError):
    """No connection to the database can be opened; its text is the system's reason."""


def name_refusals(engine: Engine) -> None:
    """Have an engine raise `DatabaseOutOfReach` where a connection can't be opened, and no bare `OSError`."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: Any, arguments: Any, options: Any) -> Any:
        try:
            return dialect.connect(*arguments, **options)
        except OSError as error:
            raise DatabaseOutOfReach(str(error)) from error


MIGRATION_LOCK = 0x61707062
"""The advisory lock under which one process at a time migrates."""

PRODUCTION_MARK = "production_mark"
"""The table by whose being there tests know a database of production, and leave it alone."""

_MARK = (
    f"CREATE TABLE IF NOT EXISTS {PRODUCTION_MARK} (since timestamptz NOT NULL)",
    f"COMMENT ON TABLE {PRODUCTION_MARK} IS 'The backend ran here in production: tests refuse it.'",
    f"INSERT INTO {PRODUCTION_MARK} SELECT now() WHERE NOT EXISTS (SELECT FROM {PRODUCTION_MARK})",  # noqa: S608 - a name from above
)


class Database:
    """A PostgreSQL database: sessions from a pool, and the engine beneath."""

    APPLICATION_NAME = "app_backend pool"
    """How an operator finds the pool's connections in pg_stat_activity."""

    def __init__(self, url: str, *, pool_size: int = 10) -> None:
        self.url = async_url(url)
        self.engine: AsyncEngine = create_async_engine(
            self.url,
            pool_size=pool_size,
            max_overflow=pool_size,
            connect_args={"server_settings": {"application_name": self.APPLICATION_NAME}},
            # What people wrote has no business in the text of an error, which goes to the log.
            hide_parameters=True,
        )
        check_connections(self.engine.sync_engine)
        name_refusals(self.engine.sync_engine)
        self.sessions = async_sessionmaker(self.engine, expire_on_commit=False)
        # Without BEGIN and ROLLBACK, which are two of three ways to the server and back.
        self._autocommit = self.engine.execution_options(isolation_level="AUTOCOMMIT")
        self._reads = async_sessionmaker(self._autocommit, expire_on_commit=False)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Open a session that changes nothing; each of its statements sees what was committed before it."""
        async with self._reads() as session:
            yield session

    @asynccontextmanager
    async def autocommit(self) -> AsyncIterator[AsyncConnection]:
        """Open a connection whose every statement is committed at once, by itself."""
        async with self._autocommit.connect() as connection:
            yield connection

    async def is_reachable(self, *, timeout: float = 2.0) -> bool:
        """Tell whether the database answers within `timeout` seconds."""
        try:
            async with asyncio.timeout(timeout), self.engine.connect() as connection:
                await connection.execute(text("SELECT 1"))
        except (OSError, TimeoutError, SQLAlchemyError):
            return False
        return True

    def connections_in_use(self) -> int:
        """Return how many connections of the pool are at work."""
        pool = self.engine.pool
        return pool.checkedout() if isinstance(pool, QueuePool) else 0

    async def migrate(self) -> None:
        """Bring the tables up to date; several processes may do so at once."""
        try:
            async with self.engine.connect() as connection:
                if await _revision(connection) == HEAD:
                    return
            async with self.engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
                await connection.run_sync(_upgrade)
        except (OSError, SQLAlchemyError) as error:
            raise self._unusable(error) from error

    async def mark_production(self) -> None:
        """Leave the mark of a database of production; several processes may do so at once."""
        try:
            async with self.engine.begin() as connection:
                await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": MIGRATION_LOCK})
                for statement in _MARK:
                    await connection.execute(text(statement))
        except (OSError, SQLAlchemyError) as error:
            raise self._unusable(error) from error

    def _unusable(self, error: Exception) -> BackendError:
        reason = str(getattr(error, "orig", None) or error).splitlines()[0]
        return BackendError(
            f"the database {self.url.render_as_string(hide_password=True)} can't be used: {reason}"
        )

    async def close(self) -> None:
        """Close every connection."""
        await self.engine.dispose()


def async_url(url: str) -> URL:
    """Return the address of a PostgreSQL database in the form that SQLAlchemy's asyncpg dialect takes."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    if parsed is None or parsed.get_backend_name() not in {"postgresql", "postgres"}:
        raise BackendError("the database URL must be of the form postgresql://user:password@host:5432/name")
    return parsed.set(drivername="postgresql+asyncpg")


async def _revision(connection: AsyncConnection) -> str | None:
    """Return the revision that the database stands at, or None where it has no tables yet."""
    try:
        found: str | None = await connection.scalar(text("SELECT version_num FROM alembic_version"))
    except ProgrammingError:
        return None
    return found


def _upgrade(connection: Connection) -> None:
    upgrade(connection)


ASK_AFTER_S = 5.0
"""A connection that nobody used for so long is asked: its server may be gone without a word."""

_USED_AT = "used_at"


def check_connections(engine: Engine) -> None:
    """Have every connection looked at when it is handed out; one that is dead is replaced by a new one.

    That the server has ended a connection is known without asking: asyncpg follows the socket. SQLAlchemy's
    own pre-ping asks at every checkout: three round trips, where most of what follows needs one.
    """

    @event.listens_for(engine, "checkin")
    def note(_connection: Any, record: Any) -> None:
        record.info[_USED_AT] = time.monotonic()

    @event.listens_for(engine, "checkout")
    def look(connection: Any, record: Any, _proxy: Any) -> None:
        if connection.driver_connection.is_closed():
            raise DisconnectionError("the server has ended this connection")
        idle = time.monotonic() - record.info.get(_USED_AT, time.monotonic())
        if idle > ASK_AFTER_S:
            try:
                engine.dialect.do_ping(connection)
            except (engine.dialect.loaded_dbapi.Error, OSError) as error:
                raise DisconnectionError("the server doesn't answer on this connection") from error
